// Results count in the order of the campaign, whatever order they come in.
#include "ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace squall::cli {
namespace {

run_result result_of(std::uint64_t seed, verdict v) {
    run_result result;
    result.seed = seed;
    result.verdict = v;
    return result;
}

TEST(Ledger, TheFirstFailureInOrderEndsTheCampaignWhateverComesFirst) {
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        const schedule order({1, 40, 0, 1}, {{}});
        std::vector<position> positions;
        for (auto at = order.first(); at; at = order.after(*at)) {
            positions.push_back(*at);
        }
        std::shuffle(positions.begin(), positions.end(), random);
        std::vector<std::uint64_t> committed;
        ledger book(order, true, [&](const position&, run_result& result) {
            committed.push_back(result.seed);
            return result.verdict != verdict::passed;
        });
        for (const position& at : positions) {
            const std::uint64_t seed = order.seed(at);
            book.add(at, result_of(seed, seed == 17 || seed == 30 ? verdict::check : verdict::passed));
        }
        EXPECT_TRUE(book.stopped());
        ASSERT_EQ(committed.size(), 17u);
        EXPECT_TRUE(std::is_sorted(committed.begin(), committed.end()));
    }
}

TEST(Ledger, FlushCommitsPastGapsInOrder) {
    const schedule order({1, 10, 0, 1}, {{}});
    std::vector<std::uint64_t> committed;
    ledger book(order, true, [&](const position&, run_result& result) {
        committed.push_back(result.seed);
        return false;
    });
    book.add({0, 0, 7}, result_of(8, verdict::passed));
    book.add({0, 0, 0}, result_of(1, verdict::passed));
    book.add({0, 0, 3}, result_of(4, verdict::passed));
    EXPECT_EQ(committed, (std::vector<std::uint64_t>{1}));
    EXPECT_GT(book.waiting_bytes(), 0u);
    book.flush();
    EXPECT_EQ(committed, (std::vector<std::uint64_t>{1, 4, 8}));
    EXPECT_FALSE(book.complete());
}

TEST(Ledger, IsCompleteOnceEverythingIsThere) {
    const schedule order({1, 2, 0, 1}, {{}, {}});
    ledger book(order, false, [](const position&, run_result&) { return false; });
    for (auto at = order.first(); at; at = order.after(*at)) {
        EXPECT_FALSE(book.complete());
        book.add(*at, result_of(order.seed(*at), verdict::crash));
    }
    EXPECT_TRUE(book.complete());
    EXPECT_EQ(book.waiting_bytes(), 0u);
}

}  // namespace
}  // namespace squall::cli
