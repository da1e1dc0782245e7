// Conservation, deliveries, unique ids.
#include <squall/oracles.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace squall {
namespace {

using testing::ElementsAre;

TEST(Conservation, TellsTheDifference) {
    conservation total(1000);
    total.add("alice", 1010);
    total.add("bob", -20);
    EXPECT_FALSE(total.holds());
    EXPECT_EQ(total.difference(), -10);
    EXPECT_EQ(total.text(),
              "the balances should come to 1000 and there is 10 too little: alice 1010, bob -20");
    EXPECT_EQ(total.text(1),
              "the balances should come to 1000 and there is 10 too little: alice 1010, 1 more");
    total.add("ca\x1b[31mrol", 10);
    EXPECT_TRUE(total.holds());
    EXPECT_EQ(total.difference(), 0);
    EXPECT_EQ(total.text(),
              "the balances should come to 1000 and do: alice 1010, bob -20, ca\\x1b[31mrol 10");
}

// Fails if the sum wraps around: these come to 0 modulo 2^64.
TEST(Conservation, SumsAreExact) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    conservation total(0);
    for (int i = 0; i < 2; ++i)
        total.add("debt", least);
    EXPECT_FALSE(total.holds());
    EXPECT_EQ(total.difference(), least);
    for (int i = 0; i < 2; ++i)
        total.add("wealth", most);
    EXPECT_EQ(total.difference(), -2);
    total.add("rest", 2);
    EXPECT_TRUE(total.holds());
    for (int i = 0; i < 3; ++i)
        total.add("wealth", most);
    EXPECT_EQ(total.difference(), most);
    conservation kept(least);
    kept.add("debt", least);
    EXPECT_TRUE(kept.holds());
    // A difference whose lower half is 0.
    conservation shifted(0);
    shifted.add("one", std::int64_t{1} << 32);
    EXPECT_FALSE(shifted.holds());
    EXPECT_EQ(shifted.difference(), std::int64_t{1} << 32);
}

std::vector<std::pair<int, std::uint64_t>> pairs(const std::vector<deliveries<int>::surplus>& all) {
    std::vector<std::pair<int, std::uint64_t>> made;
    for (const auto& each : all)
        made.emplace_back(each.id, each.times);
    return made;
}

TEST(Deliveries, AreComparedAsMultisets) {
    deliveries<int> all;
    all.sent(1);
    all.sent(2);
    all.sent(2);
    all.received(2);
    all.received(1);
    EXPECT_FALSE(all.exactly_once());
    EXPECT_TRUE(all.at_most_once());
    all.received(2);
    EXPECT_TRUE(all.exactly_once());
    EXPECT_EQ(all.text(), "");
    for (int i = 0; i < 2; ++i)
        all.received(1);
    all.received(9);
    all.sent(5);
    EXPECT_FALSE(all.at_most_once());
    EXPECT_FALSE(all.at_least_once());
    EXPECT_THAT(pairs(all.lost()), ElementsAre(std::pair(5, 1u)));
    EXPECT_THAT(pairs(all.duplicated()), ElementsAre(std::pair(1, 2u)));
    EXPECT_THAT(pairs(all.invented()), ElementsAre(std::pair(9, 1u)));
    EXPECT_EQ(all.text(), "lost 1: 5\nduplicated 1: 1 x2\ninvented 1: 9\n");
}

// Fails if what may have been sent is taken for sent, or for not sent.
TEST(Deliveries, OfUnknownOutcomeMayComeOrNot) {
    deliveries<int> all;
    all.maybe_sent(1);
    all.maybe_sent(2);
    all.received(2);
    EXPECT_TRUE(all.exactly_once());
    all.received(2);
    EXPECT_THAT(pairs(all.duplicated()), ElementsAre(std::pair(2, 1u)));
    EXPECT_TRUE(all.invented().empty());
    EXPECT_TRUE(all.at_least_once());
    // Sent surely once, and perhaps once more.
    deliveries<int> again;
    again.sent(3);
    again.maybe_sent(3);
    again.received(3);
    EXPECT_TRUE(again.exactly_once());
    again.received(3);
    EXPECT_TRUE(again.exactly_once());
    again.received(3);
    EXPECT_FALSE(again.exactly_once());
}

TEST(Deliveries, ListsAreLimited) {
    deliveries<std::string> all;
    for (char c = 'a'; c <= 'z'; ++c)
        all.sent(std::string(1, c));
    EXPECT_EQ(all.text(2), "lost 26: \"a\", \"b\", ...\n");
}

TEST(UniqueIds, RepeatedOnesAreNamed) {
    unique_ids<int> seen;
    EXPECT_TRUE(seen.add(4));
    EXPECT_TRUE(seen.add(3));
    EXPECT_TRUE(seen.unique());
    EXPECT_EQ(seen.text(), "");
    EXPECT_FALSE(seen.add(4));
    EXPECT_FALSE(seen.add(3));
    EXPECT_FALSE(seen.add(4));
    EXPECT_FALSE(seen.unique());
    EXPECT_THAT(seen.repeated(), ElementsAre(3, 4));
    EXPECT_EQ(seen.text(), "repeated 2: 3 x2, 4 x3\n");
    EXPECT_EQ(seen.text(1), "repeated 2: 3 x2, ...\n");
}

}  // namespace
}  // namespace squall
