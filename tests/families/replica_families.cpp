// Faults that make processes disagree on who holds what, or what was last: of links, of whole processes, of
// clocks.
#include "families.h"

#include <squall/clock.h>
#include <squall/timer.h>

#include <algorithm>
#include <vector>

namespace squall::family_tests {
namespace {

// clogs, slow-messages, pauses: two holders take turns by a lease, and add one to a counter in a store. What
// a holder writes once its lease has run out overwrites what the next one wrote.
struct lease {
    nanoseconds length;  // a holder computes for a quarter of it
    int rounds;
};
simulation::plan leased_counter(lease terms, bool fixed) {
    struct shared {
        std::uint64_t token = 0, owner = 0;
        nanoseconds expiry{0};
        std::uint64_t value = 0, newest = 0;  // the store's: the newest token that it has seen
        std::uint64_t acknowledged = 0;
        int at_work = 2;
    };
    const auto state = std::make_shared<shared>();
    const auto lock = [=](process_context& self) {
        return serve(self, [=, &self](message m) -> asio::awaitable<std::optional<message>> {
            const bool held = self.now() < state->expiry;
            if (m.what == verb::release && m.id == state->token)
                state->expiry = self.now();
            if (m.what != verb::acquire || (held && state->owner != m.key)) {
                m.id = 0;
                co_return m;
            }
            state->owner = m.key;
            state->expiry = self.now() + terms.length;
            m.id = ++state->token;
            co_return m;
        });
    };
    const auto store = [=](process_context& self) {
        return serve(self, [=](message m) -> asio::awaitable<std::optional<message>> {
            if (fixed && m.id < state->newest)
                co_return std::nullopt;
            state->newest = std::max(state->newest, m.id);
            if (m.what == verb::put)
                state->value = m.value;
            m.value = state->value;
            co_return m;
        });
    };
    const auto holder = [=](process_context& self) -> asio::awaitable<void> {
        const auto to_lock = self.peers("lock")[0];
        const auto to_store = self.peers("store")[0];
        const auto me = static_cast<std::uint32_t>(self.index()) + 1;
        for (int round = 0; round < terms.rounds;) {
            const nanoseconds end = self.now() + terms.length;
            const auto grant = co_await call(self, to_lock, message{verb::acquire, me}, terms.length);
            if (!grant || grant->id == 0) {
                co_await sleep(self, terms.length / 4);
                continue;
            }
            ++round;
            const auto found = co_await call(self, to_store, message{verb::get, 0, grant->id}, terms.length);
            if (found && self.now() < end) {
                co_await sleep(self, terms.length / 4);
                const message sum{verb::put, 0, grant->id, found->value + 1};
                const auto written = co_await call(self, to_store, sum, 5s);
                state->acknowledged += written ? 1 : 0;
            }
            co_await call(self, to_lock, message{verb::release, me, grant->id}, terms.length);
            co_await sleep(self, self.random().exponential(terms.length / 4));
        }
        --state->at_work;
        co_await self.stop_requested();
    };
    simulation::plan plan;
    plan.groups.push_back({"lock", 1, lock});
    plan.groups.push_back({"store", 1, store});
    plan.groups.push_back({"holder", 2, holder});
    plan.workloads.push_back(one_client(
        [=](workload_context& self) -> asio::awaitable<void> {
            while (state->at_work > 0)
                co_await sleep(self, 100ms);
        },
        [=](workload_context&) -> asio::awaitable<void> {
            SQUALL_ALWAYS_GE(state->value, state->acknowledged, "no increment is lost");
            co_return;
        }));
    return plan;
}

// partitions, swizzle: of the replicas of a register too few have a write when it is acknowledged.
struct quorum {
    int replicas;
    int to_read, to_write;
    bool one_client;  // that writes and reads; else one for each
    nanoseconds interval;
    std::uint64_t rounds;
};
class replicated_register {
public:
    explicit replicated_register(quorum q) : q_(q), replicas_(static_cast<std::size_t>(q.replicas)) {}

    static simulation::plan make(quorum q) {
        const auto state = std::make_shared<replicated_register>(q);
        const auto writer = [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint64_t version = 1; version <= q.rounds; ++version) {
                co_await state->write(self, version);
                co_await sleep(self, q.interval);
                if (q.one_client)
                    co_await state->read(self);
            }
        };
        const auto reader = [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint64_t round = 0; round < q.rounds; ++round) {
                co_await state->read(self);
                co_await sleep(self, q.interval);
            }
        };
        simulation::plan plan;
        plan.groups.push_back(
            {"replica", q.replicas, [=](process_context& self) { return state->replica(self); }});
        plan.workloads.push_back({"writer", 1, [=] { return std::make_unique<client>(writer); }});
        if (!q.one_client)
            plan.workloads.push_back({"reader", 1, [=] { return std::make_unique<client>(reader); }});
        return plan;
    }

private:
    asio::awaitable<void> replica(process_context& self) {
        std::uint64_t& mine = replicas_[static_cast<std::size_t>(self.index())];
        return serve(self, [&mine](message m) -> asio::awaitable<std::optional<message>> {
            if (m.what == verb::put)
                mine = std::max(mine, m.value);
            m.value = mine;
            co_return m;
        });
    }
    asio::awaitable<void> write(process_context& self, std::uint64_t version) {
        const message request{verb::put, 0, 0, version};
        const auto replies = co_await call_all(self, self.peers("replica"), request, patience);
        if (replied(replies) >= q_.to_write)
            acknowledged_ = version;
    }
    asio::awaitable<void> read(process_context& self) {
        const std::uint64_t before = acknowledged_;
        const auto replies = co_await call_all(self, self.peers("replica"), message{verb::get}, patience);
        if (replied(replies) < q_.to_read)
            co_return;
        std::uint64_t newest = 0;
        for (const auto& r : replies)
            newest = std::max(newest, r ? r->value : 0);
        SQUALL_ALWAYS(newest >= before, "a read sees what was acknowledged before it", "read", newest,
                      "acknowledged", before);
    }
    static std::ptrdiff_t replied(const std::vector<std::optional<message>>& replies) {
        return std::ranges::count_if(replies, [](const auto& r) { return r.has_value(); });
    }

    static constexpr nanoseconds patience = 100ms;
    quorum q_;
    std::vector<std::uint64_t> replicas_;
    std::uint64_t acknowledged_ = 0;
};
simulation::plan majorities(bool fixed) {
    return replicated_register::make({3, 2, fixed ? 2 : 1, false, 400ms, 25});
}
simulation::plan write_all_read_one(bool fixed) {
    return replicated_register::make({2, 1, fixed ? 2 : 1, true, 200ms, 60});
}

// clocks, clock-steps: two servers stamp what they are given with their own wall clock, and the last one
// wins.
simulation::plan last_writer_wins(nanoseconds interval, std::uint64_t rounds, bool fixed) {
    struct shared {
        std::int64_t stamp = 0;
        std::uint64_t value = 0;
    };
    const auto state = std::make_shared<shared>();
    const auto front = [=](process_context& self) {
        return serve(self, [=, &self](message m) -> asio::awaitable<std::optional<message>> {
            const std::int64_t stamp =
                fixed ? state->stamp + 1 : wall_clock::now(self.executor()).time_since_epoch().count();
            if (stamp > state->stamp)
                *state = {stamp, m.value};
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"front", 2, front});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (std::uint64_t i = 1; i <= rounds; ++i) {
            co_await insist(self, self.peers("front")[i % 2], message{verb::put, 0, 0, i}, 1s);
            SQUALL_ALWAYS(state->value == i, "the last write wins");
            co_await sleep(self, interval);
        }
    }));
    return plan;
}

// early-timers: a lease goes to the next one when a timer fires, which is too early.
simulation::plan handed_on_by_timer(bool fixed) {
    simulation::plan plan;
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (int i = 0; i < 40; ++i) {
            const nanoseconds expiry = self.now() + 10ms;
            do
                co_await sleep(self, expiry - self.now());
            while (fixed && self.now() < expiry);
            SQUALL_ALWAYS(self.now() >= expiry, "nobody is given what another one holds");
        }
    }));
    return plan;
}

// clocks: a holder takes itself for one until its timer fires, which is too late.
simulation::plan given_up_by_timer(bool fixed) {
    simulation::plan plan;
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (int i = 0; i < 40; ++i) {
            bool ended = false;
            const nanoseconds expiry = self.now() + 10ms;
            timer lease(self.executor(), 10ms);
            lease.async_wait([&ended](error_code ec) { ended = ended || !ec; });
            co_await sleep(self, 11ms);  // the one that grants it keeps a margin
            const bool held = fixed ? self.now() < expiry : !ended;
            SQUALL_ALWAYS(!held, "a lease that another one is given is held no more");
            while (!ended)
                co_await sleep(self, 10ms);
        }
    }));
    return plan;
}

INSTANTIATE_TEST_SUITE_P(
    Links, Family,
    testing::Values(
        family_case{"clogs",
                    [](faults& all, const faults& drawn) {
                        all.network.clog = drawn.network.clog;
                        all.network.clog_time = drawn.network.clog_time;
                    },
                    [](bool fixed) { return leased_counter({100ms, 8}, fixed); }, "no increment is lost", 30},
        family_case{"slow_messages",
                    [](faults& all, const faults& drawn) {
                        all.network.slow_message = drawn.network.slow_message;
                        all.network.slow_latency = drawn.network.slow_latency;
                    },
                    [](bool fixed) { return leased_counter({100ms, 8}, fixed); }, "no increment is lost", 25},
        family_case{"partitions", [](faults& all, const faults& drawn) { all.partitions = drawn.partitions; },
                    majorities, "a read sees what was acknowledged before it", 75},
        family_case{"swizzle", [](faults& all, const faults& drawn) { all.clogging = drawn.clogging; },
                    write_all_read_one, "a read sees what was acknowledged before it", 125}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Time, Family,
    testing::Values(
        family_case{"pauses", [](faults& all, const faults& drawn) { all.pauses = drawn.pauses; },
                    [](bool fixed) { return leased_counter({1s, 8}, fixed); }, "no increment is lost", 75},
        family_case{"clock_skew",
                    [](faults& all, const faults& drawn) {
                        all.time.wall_skew_max = drawn.time.wall_skew_max;
                        all.time.wall_drift_max = drawn.time.wall_drift_max;
                    },
                    [](bool fixed) { return last_writer_wins(10ms, 4, fixed); }, "the last write wins", 5},
        family_case{"clock_steps",
                    [](faults& all, const faults& drawn) { all.clock_trouble = drawn.clock_trouble; },
                    [](bool fixed) { return last_writer_wins(200ms, 40, fixed); }, "the last write wins", 10},
        family_case{"early_timers",
                    [](faults& all, const faults& drawn) {
                        all.time.early_timer = drawn.time.early_timer;
                        all.time.early_by = drawn.time.early_by;
                    },
                    handed_on_by_timer, "nobody is given what another one holds", 10},
        family_case{"late_timers",
                    [](faults& all, const faults& drawn) {
                        all.time.late_timer = drawn.time.late_timer;
                        all.time.late_by = drawn.time.late_by;
                    },
                    given_up_by_timer, "a lease that another one is given is held no more", 10}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
