// The order of a campaign: every seed of the shard once for each simulation, nothing else.
#include "schedule.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

namespace squall::cli {
namespace {

std::vector<std::pair<std::uint32_t, std::uint64_t>> all_of(const schedule& order,
                                                            std::size_t limit = 100'000) {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> result;
    for (auto at = order.first(); at && result.size() < limit; at = order.after(*at)) {
        result.emplace_back(at->simulation, order.seed(*at));
    }
    return result;
}

TEST(Schedule, EachSimulationGetsEachSeedOnceAndInOrder) {
    const schedule order({10, 5000, 0, 1}, {{}, {}, {}});
    std::map<std::uint32_t, std::uint64_t> next = {{0, 10}, {1, 10}, {2, 10}};
    for (const auto& [simulation, seed] : all_of(order)) {
        EXPECT_EQ(seed, next[simulation]++);
    }
    for (const auto& [simulation, seed] : next) {
        EXPECT_EQ(seed, 5010u) << simulation;
    }
    EXPECT_EQ(order.total(), 15'000u);
}

TEST(Schedule, ShardsPartTheSeedsBetweenThem) {
    std::map<std::uint64_t, int> seen;
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const schedule order({1, 100, i, 3}, {{}});
        total += *order.total();
        for (const auto& [simulation, seed] : all_of(order)) {
            ++seen[seed];
        }
    }
    EXPECT_EQ(seen.size(), 100u);
    EXPECT_EQ(seen.begin()->first, 1u);
    EXPECT_EQ(seen.rbegin()->first, 100u);
    EXPECT_EQ(total, 100u);
}

TEST(Schedule, LeavesOutWhatIsDone) {
    const schedule order({1, 5, 0, 1}, {{1, 3}});
    EXPECT_EQ(all_of(order), (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{0, 2}, {0, 4}, {0, 5}}));
}

TEST(Schedule, EndsWithTheLastSeedThereIs) {
    const std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    const schedule order({last - 1, std::nullopt, 0, 1}, {{}});
    EXPECT_EQ(all_of(order),
              (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{0, last - 1}, {0, last}}));
}

TEST(Schedule, WhatIsGivenBackComesFirst) {
    schedule order({1, 10, 0, 1}, {{}});
    const position first = *order.peek(0);
    order.take(first);
    order.take(*order.peek(0));
    order.give_back(first);
    EXPECT_EQ(order.seed(*order.peek(0)), 1u);
    order.take(first);
    EXPECT_EQ(order.seed(*order.peek(0)), 3u);
}

TEST(Schedule, HandsOutExactlyWhatTheOrderNames) {
    schedule order({1, 300, 0, 1}, {{5}, {}});
    std::vector<std::pair<std::uint32_t, std::uint64_t>> handed;
    while (const auto lowest = order.lowest()) {
        order.take(*lowest);
        handed.emplace_back(lowest->simulation, order.seed(*lowest));
    }
    EXPECT_EQ(handed, all_of(order));
    EXPECT_EQ(handed.size(), 599u);
}

}  // namespace
}  // namespace squall::cli
