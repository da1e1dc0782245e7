// Faults of the schedule and of the program itself.
#include "families.h"

#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace squall::family_tests {
namespace {

asio::awaitable<void> yield(process_context& self, int times) {
    for (int i = 0; i < times; ++i)
        co_await asio::post(self.executor(), asio::use_awaitable);
}

// schedule, yields: two tasks find the last seat free, and between finding and taking it there is a yield.
// The first is done with it before the second begins, unless it is held up.
simulation::plan last_seat(bool fixed) {
    simulation::plan plan;
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (int i = 0; i < 8; ++i) {
            struct hall {
                int seats = 1;
                int done = 0;
            };
            const auto here = std::make_shared<hall>();
            const auto book = [=, &self](int yields_before) -> asio::awaitable<void> {
                co_await yield(self, yields_before);
                if (here->seats > 0) {
                    co_await yield(self, 1);
                    if (!fixed || here->seats > 0)
                        --here->seats;
                }
                SQUALL_ALWAYS(here->seats >= 0, "no seat is sold twice");
                ++here->done;
            };
            asio::co_spawn(self.executor(), book(0), rethrow{});
            asio::co_spawn(self.executor(), book(3), rethrow{});
            while (here->done < 2)
                co_await sleep(self, 5ms);
        }
    }));
    return plan;
}

// program: a step that failed after it had its effect is made again, and has it twice.
class upload {
public:
    explicit upload(bool fixed) : fixed_(fixed) {}
    bool send(std::uint64_t part) {
        if (!fixed_ || part == next_) {
            ++received_;
            next_ = part + 1;
        }
        return !SQUALL_BUGGIFY_NAMED("the answer to a part is lost");
    }
    std::uint64_t received() const { return received_; }

private:
    bool fixed_;
    std::uint64_t next_ = 0, received_ = 0;
};
simulation::plan resumed_upload(bool fixed) {
    simulation::plan plan;
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        constexpr std::uint64_t parts = 8;
        upload one(fixed);
        for (std::uint64_t part = 0; part < parts; ++part)
            while (!one.send(part))
                co_await sleep(self, 1ms);
        SQUALL_ALWAYS(one.received() == parts, "each part is received once");
    }));
    return plan;
}

void keep_schedule(faults& all, const faults& drawn, schedule_policy policy) {
    all.schedule = drawn.schedule;
    all.schedule.policy = policy;
    all.schedule.task_delay = 0;
}

INSTANTIATE_TEST_SUITE_P(
    Program, Family,
    testing::Values(
        family_case{
            "schedule_window",
            [](faults& all, const faults& drawn) { keep_schedule(all, drawn, schedule_policy::window); },
            last_seat, "no seat is sold twice", 15},
        family_case{"schedule_pos",
                    [](faults& all, const faults& drawn) { keep_schedule(all, drawn, schedule_policy::pos); },
                    last_seat, "no seat is sold twice", 10},
        family_case{"schedule_pct",
                    [](faults& all, const faults& drawn) { keep_schedule(all, drawn, schedule_policy::pct); },
                    last_seat, "no seat is sold twice", 10},
        family_case{"yields",
                    [](faults& all, const faults& drawn) {
                        all.schedule.task_delay = drawn.schedule.task_delay;
                        all.schedule.task_delay_time = drawn.schedule.task_delay_time;
                    },
                    last_seat, "no seat is sold twice", 30},
        family_case{"program", [](faults& all, const faults& drawn) { all.program = drawn.program; },
                    resumed_upload, "each part is received once", 30}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
