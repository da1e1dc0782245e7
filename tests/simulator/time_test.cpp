// Time and schedule: clocks, timers, and the order of what is ready.
#include "support.h"

#include <squall/random.h>

#include <boost/asio/defer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace squall {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

// Fails if a timer without faults fires at any other time than its expiry, or out of order.
TEST(Time, TimersFireAtTheirExpiry) {
    small_world w;
    std::vector<nanoseconds> fired;
    for (const nanoseconds after :
         {nanoseconds(5s), nanoseconds(1s), nanoseconds(3s), 1ns, 0ns, nanoseconds(1s)})
        w.spawn(w.a, [&, after]() -> asio::awaitable<void> {
            co_await sleep(w.a.executor(), after);
            EXPECT_EQ(w.world.now(), after);
            EXPECT_EQ(steady_clock::now(w.a.executor()).time_since_epoch(), after);
            fired.push_back(after);
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(fired, (std::vector<nanoseconds>{0ns, 1ns, 1s, 1s, 3s, 5s}));
}

// Fails if a late timer is early, later than said, or as punctual as the others.
TEST(Time, LateTimersAreLateWithinTheirBound) {
    faults f;
    f.time.late_timer = 0.3;
    f.time.late_by = 2s;
    small_world w(f);
    std::vector<nanoseconds> late;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 500; ++i) {
            const auto due = w.world.now() + 1s;
            co_await sleep(w.a.executor(), 1s);
            if (w.world.now() != due)
                late.push_back(w.world.now() - due);
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_THAT(late, Each(AllOf(Ge(1ns), Le(2s))));
    EXPECT_NEAR(static_cast<double>(late.size()), 150, 5 * std::sqrt(500 * 0.3 * 0.7));
    EXPECT_EQ(w.faults_of("late-timer"), late.size());
    EXPECT_GT(*std::max_element(late.begin(), late.end()), 1800ms);
}

// Fails if a fault is recorded of a timer that never fires, which nobody can see late or early.
TEST(Time, ATimerThatNeverFiresIsNeitherLateNorEarly) {
    faults f;
    f.time.late_timer = f.time.early_timer = 1;
    small_world w(f);
    timer never(w.a.executor());
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        never.expires_at(timer::time_point::max());
        const auto [ec] = co_await never.async_wait(as_result);
        EXPECT_EQ(ec, asio::error::operation_aborted);
    });
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        never.cancel();
        co_return;
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(w.faults_of("late-timer") + w.faults_of("early-timer"), 0u);
}

// Fails if an early timer is late, earlier than said, before it was set, or as punctual as the others.
TEST(Time, EarlyTimersAreEarlyWithinTheirBound) {
    faults f;
    f.time.early_timer = 0.3;
    f.time.early_by = 20ms;
    small_world w(f);
    std::vector<nanoseconds> early;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 500; ++i) {
            const auto set = w.world.now();
            const auto due = set + (i % 2 == 0 ? 10ms : 1000ms);
            co_await sleep(w.a.executor(), due - set);
            EXPECT_GE(w.world.now(), set);
            if (w.world.now() != due)
                early.push_back(due - w.world.now());
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_THAT(early, Each(AllOf(Ge(1ns), Le(20ms))));
    EXPECT_NEAR(static_cast<double>(early.size()), 150, 5 * std::sqrt(500 * 0.3 * 0.7));
    EXPECT_EQ(w.faults_of("early-timer"), early.size());
    EXPECT_GT(*std::max_element(early.begin(), early.end()), 18ms);
}

// Fails if delayed tasks are not delayed, are delayed for too long, or lost.
TEST(Schedule, TasksAreDelayedWithinTheirBound) {
    faults f;
    f.schedule.task_delay = 0.2;
    f.schedule.task_delay_time = 5ms;
    small_world w(f);
    std::vector<nanoseconds> late;
    int ran = 0;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 1000; ++i) {
            const auto before = w.world.now();
            co_await asio::post(w.a.executor(), asio::use_awaitable);
            ++ran;
            if (w.world.now() != before)
                late.push_back(w.world.now() - before);
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(ran, 1000);
    EXPECT_THAT(late, Each(AllOf(Ge(1ns), Le(5ms))));
    EXPECT_GE(w.faults_of("task-delay"), late.size());
    EXPECT_NEAR(static_cast<double>(late.size()), 200, 5 * std::sqrt(1000 * 0.2 * 0.8));
    EXPECT_GT(*std::max_element(late.begin(), late.end()), 4500us);
    small_world calm;
    calm.spawn(calm.a, [&]() -> asio::awaitable<void> {
        co_await asio::post(calm.a.executor(), asio::use_awaitable);
    });
    calm.run();
    EXPECT_EQ(calm.world.now(), 0ns);
}

// Fails if another process's timers make this one's late.
TEST(Time, LatenessIsOfTheProcess) {
    const auto run = [](bool busy) {
        faults f;
        f.time.late_timer = 0.5;
        small_world w(f);
        std::vector<nanoseconds> fired;
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 50; ++i) {
                co_await sleep(w.a.executor(), 1s);
                fired.push_back(w.world.now());
            }
        });
        if (busy)
            w.spawn(w.b, [&]() -> asio::awaitable<void> {
                for (int i = 0; i < 500; ++i)
                    co_await sleep(w.b.executor(), 10ms);
            });
        w.run();
        return fired;
    };
    EXPECT_EQ(run(false), run(true));
}

// Fails if wall clocks agree though they should not, are off by more than allowed, or drag the steady one
// along.
TEST(Time, WallClocksAreSkewedPerProcess) {
    const auto epoch = std::chrono::seconds(1'704'067'200);
    std::set<nanoseconds> skews;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        faults f;
        f.time.wall_skew_max = 5s;
        small_world w(f, seed);
        std::map<std::string, nanoseconds> read;
        for (process* p : {&w.a, &w.b})
            w.spawn(*p, [&read, p]() -> asio::awaitable<void> {
                co_await sleep(p->executor(), 10s);
                read[p->name()] = wall_clock::now(p->executor()).time_since_epoch();
                EXPECT_EQ(steady_clock::now(p->executor()).time_since_epoch(), 10s);
            });
        w.run();
        EXPECT_NE(read["a"], read["b"]);
        for (const auto& [name, time] : read) {
            const nanoseconds skew = time - epoch - 10s;
            EXPECT_TRUE(skew >= -5s && skew <= 5s);
            skews.insert(skew);
        }
    }
    EXPECT_LT(*skews.begin(), -4s);
    EXPECT_GT(*skews.rbegin(), 4s);
    small_world calm;
    EXPECT_EQ(wall_clock::now(calm.a.executor()).time_since_epoch(), epoch);
}

// The order in which tasks 0 to n-1, posted at once, run.
std::vector<int> order_of(std::uint32_t window, std::uint64_t seed, int n = 40) {
    faults f;
    f.schedule.reorder_window = window;
    small_world w(f, seed);
    std::vector<int> ran;
    for (int i = 0; i < n; ++i)
        asio::post(w.a.executor(), [&ran, i] { ran.push_back(i); });
    w.run();
    return ran;
}

// Fails if ready tasks keep their order under a window, overtake beyond it, or are lost.
TEST(Schedule, AReorderWindowLetsTasksOvertakeWithinIt) {
    std::vector<int> in_order(40);
    std::iota(in_order.begin(), in_order.end(), 0);
    int reordered = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        EXPECT_EQ(order_of(0, seed), in_order);
        const auto ran = order_of(5, seed);
        ASSERT_TRUE(std::is_permutation(ran.begin(), ran.end(), in_order.begin(), in_order.end()));
        reordered += ran == in_order ? 0 : 1;
        for (std::size_t at = 0; at < ran.size(); ++at) {
            int overtaken_by = 0;
            for (std::size_t before = 0; before < at; ++before)
                overtaken_by += ran[before] > ran[at] ? 1 : 0;
            EXPECT_LE(overtaken_by, 5);
        }
        EXPECT_EQ(order_of(5, seed), ran);
    }
    EXPECT_EQ(reordered, 50);
    EXPECT_NE(order_of(5, 1), order_of(5, 2));
}

// Fails if tasks with nothing between them are always run in one of their two orders when their draws tie.
TEST(Schedule, ReachesBothOrdersOfTwoTasks) {
    int swapped = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        swapped += order_of(1, seed, 2) == std::vector{1, 0} ? 1 : 0;
    EXPECT_GT(swapped, 20);
    EXPECT_LT(swapped, 180);
}

// Fails if the order of events depends on what lies in the heap beside them: far timers, here.
TEST(Schedule, DoesNotDependOnWhatComesLater) {
    const auto run = [](int sleepers) {
        faults f;
        f.schedule.reorder_window = 3;
        small_world w(f, 11);
        std::vector<int> ran;
        for (int i = 0; i < sleepers; ++i)
            w.spawn(w.b,
                    [&w, i]() -> asio::awaitable<void> { co_await sleep(w.b.executor(), 100s + i * 1s); });
        w.at(1s, [&] {
            for (int i = 0; i < 60; ++i)
                asio::post(w.a.executor(), [&ran, i] { ran.push_back(i); });
        });
        w.run();
        return ran;
    };
    const auto alone = run(0);
    for (int sleepers : {1, 2, 3, 7, 50})
        EXPECT_EQ(run(sleepers), alone) << sleepers;
}

// Fails if time stands still, runs back, or passes while somebody is ready.
TEST(Schedule, RunsAllThatIsReadyBeforeTimePasses) {
    small_world w;
    int ran = 0;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        co_await sleep(w.a.executor(), 1ns);
        EXPECT_EQ(ran, 1000);
    });
    std::function<void()> again = [&] {
        if (++ran < 1000)
            asio::post(w.b.executor(), again);
    };
    asio::post(w.b.executor(), again);
    EXPECT_EQ(w.run().how, verdict::passed);
}

// Fails if random bits repeat over processes or boots, or are not the seed's.
TEST(Random, BitsAreOfTheSeedTheProcessAndTheBoot) {
    const auto draw = [](std::uint64_t seed, bool other_first) {
        small_world w({}, seed);
        std::vector<std::uint64_t> bits;
        if (other_first)
            for (int i = 0; i < 10; ++i)
                random_source(w.c.executor())();
        for (process* p : {&w.a, &w.b})
            for (int i = 0; i < 5; ++i)
                bits.push_back(random_source(p->executor())());
        w.a.crash();
        w.a.start();
        for (int i = 0; i < 5; ++i)
            bits.push_back(random_source(w.a.executor())());
        return bits;
    };
    const auto bits = draw(1, false);
    EXPECT_EQ(std::set<std::uint64_t>(bits.begin(), bits.end()).size(), 15u);
    EXPECT_EQ(draw(1, true), bits);
    EXPECT_NE(draw(2, false), bits);
}

// Fails if a timer that waits for ever (the usual condition variable of Asio programs) keeps a run from its
// end, or cannot be cancelled.
TEST(Time, ATimerForEverIsNothingToWaitFor) {
    small_world w;
    timer never(w.a.executor());
    never.expires_at(timer::time_point::max());
    int woken = 0;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (;;) {
            const auto [error] = co_await never.async_wait(as_result);
            EXPECT_EQ(error, asio::error::operation_aborted);
            ++woken;
        }
    });
    w.at(1s, [&] { EXPECT_EQ(never.cancel(), 1u); });
    w.at(2s, [&] { EXPECT_EQ(never.cancel(), 1u); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(w.world.now(), 2s);
    for (int i = 0; i < 1000; ++i)  // slots are used again
        never.async_wait([](error_code) {});
    EXPECT_GE(never.cancel(), 1000u);
    w.run();
}

}  // namespace
}  // namespace squall
