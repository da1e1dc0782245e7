// Coverage: both sources of counters, and maps of edges.
#include <squall/coverage.h>

#include <squall/catalog.h>
#include <squall/site.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

SQUALL_COVERAGE_SITE(c0fe000000000001, 64, 1, 3, "coverage\0coverage_test.cpp\0first()\0\0")
SQUALL_COVERAGE_SITE(c0fe000000000002, 64, 2, 3, "coverage\0coverage_test.cpp\0second()\0\0")

namespace {

using squall::coverage_map;
using squall::edge_count;

void reach_first(int times) {
    for (int i = 0; i < times; ++i)
        squall::reached(squall_count_c0fe000000000001);
}

std::vector<edge_count> counts_of_marks() {
    auto all = squall::coverage_counts();
    std::erase_if(all, [](const edge_count& e) { return e.edge >> 8 != 0xc0fe0000000000u; });
    return all;
}

// Fails if a count wraps: a place reached 256 times would be one that was not.
TEST(Coverage, CountsAndSaturates) {
    for (const auto& [times, expected] : {std::pair{1, 1}, {3, 3}, {255, 255}, {256, 255}, {1000, 255}}) {
        squall::coverage_reset();
        reach_first(times);
        const auto counts = counts_of_marks();
        ASSERT_EQ(counts.size(), 1u) << times;
        EXPECT_EQ(counts[0].edge, 0xc0fe000000000001u);
        EXPECT_EQ(counts[0].count, expected) << times;
    }
    squall::coverage_reset();
    EXPECT_TRUE(counts_of_marks().empty());
    EXPECT_FALSE(squall::taken(squall_count_c0fe000000000002, false));
    EXPECT_TRUE(counts_of_marks().empty()) << "a branch not taken is not reached";
    EXPECT_TRUE(squall::taken(squall_count_c0fe000000000002, true));
    EXPECT_EQ(counts_of_marks().size(), 1u);
}

// Fails if the compiler's counters are not read, not reset, counted twice, or mixed up with another module's.
TEST(Coverage, ReadsTheCompilersCounters) {
    static std::array<unsigned char, 37> one{};
    static std::array<unsigned char, 5> other{};
    const auto before = squall::coverage_counters();
    squall_register_counters(one.data(), one.data() + one.size());
    squall_register_counters(one.data(), one.data() + one.size());
    squall_register_counters(other.data(), other.data() + other.size());
    EXPECT_EQ(squall::coverage_counters().compiler_edges, before.compiler_edges + 42);
    squall::coverage_reset();
    EXPECT_TRUE(squall::coverage_counts().empty());
    one[0] = 1;
    one[36] = 200;
    other[0] = 1;
    const auto counts = squall::coverage_counts();
    ASSERT_EQ(counts.size(), 3u);
    EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end(),
                               [](const edge_count& a, const edge_count& b) { return a.edge < b.edge; }));
    EXPECT_TRUE(
        std::any_of(counts.begin(), counts.end(), [](const edge_count& e) { return e.count == 200; }));
    squall::coverage_reset();
    EXPECT_EQ(one[36], 0);
}

// Fails if news are counted twice or missed: an edge, and a class of counts of an old one.
TEST(CoverageMap, TellsWhatARunAdds) {
    coverage_map campaign;
    auto news = campaign.add({{1, 1}, {2, 5}});
    EXPECT_EQ(news.edges, 2u);
    EXPECT_EQ(news.classes, 0u);
    EXPECT_FALSE(campaign.add({{1, 1}, {2, 7}}).any()) << "4 to 7 are one class";
    news = campaign.would_add({{1, 2}, {2, 8}, {3, 255}});
    EXPECT_EQ(news.edges, 1u);
    EXPECT_EQ(news.classes, 2u);
    EXPECT_FALSE(campaign.contains(3)) << "would_add() adds nothing";
    EXPECT_EQ(campaign.edges(), 2u);
}

// Fails if two of the eight classes are one.
TEST(CoverageMap, HasEightClassesOfCounts) {
    coverage_map campaign;
    for (const std::uint8_t count : {1, 2, 3, 4, 8, 16, 32, 128})
        EXPECT_TRUE(campaign.add({{1, count}}).any()) << int{count};
    for (int count = 1; count < 256; ++count)
        EXPECT_FALSE(campaign.add({{1, static_cast<std::uint8_t>(count)}}).any()) << count;
    EXPECT_EQ(campaign.classes().at(1), 0xff);
}

// Fails if merging loses an edge or a class, or tells other news than adding.
TEST(CoverageMap, MergesAsIfAdded) {
    coverage_map a;
    coverage_map b;
    a.add({{1, 1}, {2, 2}});
    b.add({{2, 3}, {3, 1}});
    coverage_map sum = a;
    const auto news = sum.merge(b);
    EXPECT_EQ(news.edges, 1u);
    EXPECT_EQ(news.classes, 1u);
    coverage_map other_way = b;
    other_way.merge(a);
    EXPECT_EQ(sum.classes(), other_way.classes());
    EXPECT_EQ(sum.edges(), 3u);
}

}  // namespace
