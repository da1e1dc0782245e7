// The order of ready tasks: a queue, a window, POS and PCT.
#include "support.h"

#include <set>

namespace {

using namespace squall::testing_support;

squall::faults with(squall::schedule_faults schedule) {
    squall::faults f;
    f.schedule = schedule;
    return f;
}

// The order in which tasks of a and b, posted in turns, ran: "abab...".
std::string order_of(squall::schedule_faults schedule, std::uint64_t seed, int tasks = 6) {
    small_world w(with(schedule), seed);
    std::string order;
    w.at(1ms, [&] {
        for (int i = 0; i < tasks; ++i) {
            asio::post(w.a.executor(), [&, i] { order += static_cast<char>('a' + i); });
            asio::post(w.b.executor(), [&, i] { order += static_cast<char>('A' + i); });
        }
    });
    w.run();
    return order;
}

std::set<std::string> orders_of(squall::schedule_faults schedule, int tasks, std::uint64_t seeds) {
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
        all.insert(order_of(schedule, seed, tasks));
    return all;
}

// Fails if tasks overtake each other where no schedule was asked for.
TEST(Schedule, IsAQueueUnlessSaid) {
    EXPECT_EQ(orders_of({}, 6, 20), std::set<std::string>{"aAbBcCdDeEfF"});
}

// Fails if a task is lost or runs twice, or a seed has two orders.
TEST(Schedule, RunsEveryTaskOnceAndASeedsOrderIsOne) {
    for (const auto policy :
         {squall::schedule_policy::window, squall::schedule_policy::pos, squall::schedule_policy::pct})
        for (std::uint64_t seed = 1; seed <= 30; ++seed) {
            const squall::schedule_faults schedule{policy, 4, 3, 20};
            std::string order = order_of(schedule, seed);
            EXPECT_EQ(order, order_of(schedule, seed));
            std::sort(order.begin(), order.end());
            EXPECT_EQ(order, "ABCDEFabcdef");
        }
}

// Fails if POS leaves an order out: of three tasks each there are 720 orders, drawn alike.
TEST(Schedule, PosReachesEveryOrder) {
    EXPECT_EQ(orders_of({squall::schedule_policy::pos, 0, 0, 0}, 2, 2000).size(), 24u);
}

// Each task of a chain makes the next one ready, so that the run's events go on while others wait.
std::string order_of_chains(squall::schedule_faults schedule, std::uint64_t seed, bool in_one_process) {
    small_world w(with(schedule), seed);
    std::string order;
    const auto chain = [&](squall::process& where, char name) -> asio::awaitable<void> {
        for (int i = 0; i < 6; ++i) {
            order += name;
            co_await asio::post(where.executor(), asio::use_awaitable);
        }
    };
    squall::process& second = in_one_process ? w.a : w.b;
    w.at(1ms, [&] {
        w.spawn(w.a, [&] { return chain(w.a, 'a'); });
        w.spawn(second, [&] { return chain(second, 'b'); });
    });
    w.run();
    return order;
}

// Fails if PCT mixes chains without a change point, in one process or over two, or knows one order only; or
// if change points change nothing: a chain of high priority must be overtaken at some seeds, in its midst.
TEST(Schedule, PctGivesPrioritiesToChainsOfTasks) {
    for (const bool in_one_process : {false, true}) {
        std::set<std::string> one;
        std::set<std::string> more;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            one.insert(order_of_chains({squall::schedule_policy::pct, 0, 1, 12}, seed, in_one_process));
            more.insert(order_of_chains({squall::schedule_policy::pct, 0, 3, 12}, seed, in_one_process));
        }
        EXPECT_GE(one.size(), 2u);
        EXPECT_LE(one.size(), 4u) << "their first tasks aside, one runs to its end before the other";
        for (const std::string& order : one)
            EXPECT_LE(std::abs(static_cast<int>(order.rfind('a')) - static_cast<int>(order.rfind('b'))), 7);
        EXPECT_GT(more.size(), one.size());
    }
}

// A lost update: two processes read, and write a moment later. What a test of schedules must find.
bool loses_an_update(squall::schedule_faults schedule, std::uint64_t seed, bool in_one_process) {
    small_world w(with(schedule), seed);
    int value = 0;
    const auto increment = [&](squall::process& where) -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            const int seen = value;
            co_await asio::post(where.executor(), asio::use_awaitable);
            value = seen + 1;
        }
    };
    w.at(1ms, [&] {
        w.spawn(w.a, [&] { return increment(w.a); });
        squall::process& second = in_one_process ? w.a : w.b;
        w.spawn(second, [&] { return increment(second); });
    });
    w.run();
    return value != 6;
}

// Fails if POS or PCT cannot do what they are for: find both a run with the race and one without.
TEST(Schedule, FindsARaceAndItsAbsence) {
    for (const auto policy : {squall::schedule_policy::pos, squall::schedule_policy::pct}) {
        for (const bool in_one_process : {false, true}) {
            int lost = 0;
            for (std::uint64_t seed = 1; seed <= 200; ++seed)
                lost += loses_an_update({policy, 0, 2, 12}, seed, in_one_process) ? 1 : 0;
            EXPECT_GT(lost, 0);
            EXPECT_LT(lost, 200);
        }
    }
}

}  // namespace
