// Processes: their clocks, how they stop, their disks, where they stand, and what they publish.
#include "support.h"

#include <squall/clock.h>
#include <squall/simulation.h>

namespace {

using namespace squall::testing_support;

nanoseconds wall_of(squall::process& p) {
    return squall::wall_clock::now(p.executor()).time_since_epoch();
}

// Fails if a step reaches another process, or timers.
TEST(ProcessClock, StepsForwardAndBack) {
    small_world w;
    nanoseconds before{};
    nanoseconds after{};
    nanoseconds back{};
    nanoseconds waited{};
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        before = wall_of(w.a);
        w.a.step_clock(5s);
        after = wall_of(w.a);
        w.a.step_clock(-8s);
        back = wall_of(w.a);
        co_await sleep(w.a.executor(), 1s);
        waited = w.world.now();
    });
    w.run();
    EXPECT_EQ(after - before, 5s);
    EXPECT_EQ(back - before, -3s);
    EXPECT_EQ(waited, 1s);
    EXPECT_EQ(wall_of(w.b) - wall_of(w.a), 3s);
}

// Fails if drift is none, more than said, the same for all, or not proportional to time.
TEST(ProcessClock, DriftsWithinItsBound) {
    squall::faults f;
    f.time.wall_drift_max = 0.001;
    small_world w(f);
    std::map<std::string, nanoseconds> start;
    for (auto* p : {&w.a, &w.b})
        start[p->name()] = wall_of(*p);
    w.run_until(1000s);
    std::vector<double> drifts;
    for (auto* p : {&w.a, &w.b}) {
        const double drift = static_cast<double>((wall_of(*p) - start[p->name()] - 1000s).count()) / 1000e9;
        EXPECT_LE(std::abs(drift), 0.001);
        EXPECT_NE(drift, 0);
        drifts.push_back(drift);
    }
    EXPECT_NE(drifts[0], drifts[1]);
    w.run_until(2000s);
    EXPECT_NEAR(static_cast<double>((wall_of(w.a) - start["a"] - 2000s).count()) / 2000e9, drifts[0], 1e-12);
}

asio::awaitable<void> stoppable(squall::process_context& self, std::vector<std::string>& log,
                                nanoseconds clean_up) {
    log.push_back("up");
    co_await self.stop_requested();
    log.push_back(self.stopping() ? "asked" : "not asked");
    squall::timer wait(self.executor(), clean_up);
    co_await wait.async_wait(as_result);
    log.push_back("clean");
}

class stopper : public squall::workload {
public:
    explicit stopper(squall::process*& target) : target_(target) {}
    asio::awaitable<void> run(squall::workload_context& self) override {
        co_await sleep(self.executor(), 100ms);
        target_->stop(1s);
        co_await sleep(self.executor(), 10s);
    }

private:
    squall::process*& target_;
};

// Fails if a graceful stop is not noticed, gives no time, or too much of it.
TEST(ProcessStop, IsGracefulAndThenNot) {
    for (const auto clean_up : {nanoseconds(500ms), nanoseconds(5s)}) {
        std::vector<std::string> log;
        squall::process* server = nullptr;
        squall::simulation s("stopping");
        s.processes("server", 1, [&](squall::process_context& self) {
            server = &self.process();
            return stoppable(self, log, clean_up);
        });
        s.workload("client", 1, [&] { return std::make_unique<stopper>(server); });
        const auto report = s.chaos(squall::profile::calm).seeds(1).run();
        EXPECT_TRUE(report.ok()) << report;
        ASSERT_GE(log.size(), 2u);
        EXPECT_EQ(log[1], "asked");
        EXPECT_EQ(std::count(log.begin(), log.end(), "clean"), clean_up < 1s ? 1 : 0);
    }
}

// Fails if a wiped disk has anything left, or a disk can go from under a process that is up.
TEST(ProcessDisk, CanBeWiped) {
    small_world w;
    std::vector<bool> found;
    w.a.set_program([&](squall::process& self) -> asio::awaitable<void> {
        squall::file f(self.executor());
        const auto [missing] = co_await f.async_open("data", squall::open_mode::read, as_result);
        found.push_back(!missing);
        if (missing) {
            co_await f.async_open(
                "data", squall::open_mode::read | squall::open_mode::write | squall::open_mode::create,
                as_result);
            co_await f.async_write_some_at(0, asio::buffer("x", 1), as_result);
            co_await f.async_sync(as_result);
            co_await squall::async_sync_directory(self.executor(), ".", as_result);
        }
        co_await sleep(self.executor(), 1h);
    });
    w.a.start();
    w.at(1s, [&] {
        EXPECT_THROW(w.a.wipe(), std::logic_error);
        w.a.crash();
        w.a.start();
    });
    w.at(2s, [&] {
        w.a.crash();
        w.a.wipe();
        w.a.start();
    });
    w.run_until(3s);
    EXPECT_EQ(found, (std::vector<bool>{false, true, false}));
}

// Fails if a place or tag is another's, or lost at a restart.
TEST(ProcessPlace, StaysThroughItsLife) {
    small_world w;
    w.a.set_location({"rack1/m1", "zone-a", "east"});
    w.a.set_tag("role", "leader");
    w.a.start();
    w.a.crash();
    w.a.start();
    EXPECT_EQ(w.a.where(), (squall::location{"rack1/m1", "zone-a", "east"}));
    EXPECT_EQ(w.a.tags().at("role"), "leader");
    EXPECT_TRUE(w.b.tags().empty());
}

struct view {
    int value;
};

// Fails if an invariant is not checked after the event that breaks it, or sees what a dead process published.
TEST(Invariants, AreCheckedOverWhatProcessesPublish) {
    for (const std::uint64_t every : {1u, 3u}) {
        small_world w;
        std::vector<int> seen;
        w.world.add_invariant(
            "values stay below three",
            [&](const squall::blackboard& all) {
                if (const auto* v = all.of<view>("a")) {
                    seen.push_back(v->value);
                    SQUALL_ALWAYS(v->value < 3, "a value is below three", "value", v->value);
                }
            },
            every);
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 10; ++i) {
                w.world.published().put("a", view{i});
                co_await sleep(w.a.executor(), 1ms);
            }
        });
        const auto& ended = w.run();
        EXPECT_EQ(ended.how, squall::verdict::assertion);
        EXPECT_EQ(ended.message, "a value is below three");
        EXPECT_GE(seen.back(), 3);
        EXPECT_LE(w.world.now(), 3ms * static_cast<int>(every) + 3ms);
    }
}
TEST(Invariants, ForgetTheDead) {
    small_world w;
    w.a.start();
    w.world.published().put("a", view{1});
    w.world.published().put("b", view{2});
    EXPECT_EQ(w.world.published().every<view>().size(), 2u);
    w.a.crash();
    EXPECT_EQ(w.world.published().of<view>("a"), nullptr);
    EXPECT_EQ(w.world.published().of<view>("b")->value, 2);
    EXPECT_EQ(w.world.published().of<int>("b"), nullptr) << "typed";
}

// Fails if an invariant that throws is taken for the program's failure, or for none.
TEST(Invariants, MayThrow) {
    small_world w;
    w.world.add_invariant("never", [](const squall::blackboard&) { throw std::runtime_error("broken"); });
    w.spawn(w.a, [&]() -> asio::awaitable<void> { co_await sleep(w.a.executor(), 1ms); });
    const auto& ended = w.run();
    EXPECT_EQ(ended.how, squall::verdict::check);
    EXPECT_EQ(ended.message, "invariant 'never': broken");
}

}  // namespace
