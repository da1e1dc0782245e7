// The failpoint grammar: what it says, where it is wrong, and that sites obey.
#include <squall/overrides.h>

#include <squall/run.h>

#include <gtest/gtest.h>

#include <vector>

SQUALL_SITE(0b1d000000000001, 64, 1, 1, "error-return\0wal.cpp\0wal::sync()\0\0")
SQUALL_SITE(0b1d000000000002, 64, 2, 1, "error-return\0wal.cpp\0wal::open()\0\0")

namespace {

squall::site_record& sync_site = squall_site_0b1d000000000001.head;
squall::site_record& open_site = squall_site_0b1d000000000002.head;

// Which of so many evaluations fire, under these overrides and a seed.
std::vector<bool> fires(const char* overrides, squall::site_record& site, int times, std::uint64_t seed = 1,
                        std::vector<std::uint64_t> vetoed = {}) {
    squall::run run(
        {.seed = seed, .vetoed = std::move(vetoed), .overrides = squall::parse_overrides(overrides)});
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    std::vector<bool> all;
    for (int i = 0; i < times; ++i)
        all.push_back(squall::fire(site));
    return all;
}

std::vector<bool> only(int times, std::initializer_list<int> which) {
    std::vector<bool> all(static_cast<std::size_t>(times));
    for (int i : which)
        all[static_cast<std::size_t>(i)] = true;
    return all;
}

std::size_t error_position(const char* text) {
    try {
        squall::parse_overrides(text);
    } catch (const squall::override_error& error) {
        return error.position();
    }
    ADD_FAILURE() << "'" << text << "' was accepted";
    return 0;
}

// Fails if a form of the grammar is lost on the way through its own canonical text.
TEST(Overrides, CanonicalTextParsesToItself) {
    for (const char* text : {"x=off", "rule:timeout=off; name:\"a b\"=5%2*fire->off", "id:00ab*=nth(3)",
                             "*=50%return()", "file:*.cpp=12.5%fire ;function:a::b=3*fire->nth(9)->off;",
                             "k=return(2.5)->25%delay(10ms)->2*wait->panic"}) {
        const std::string once = squall::to_string(squall::parse_overrides(text));
        EXPECT_EQ(squall::to_string(squall::parse_overrides(once)), once) << text;
        EXPECT_FALSE(once.empty());
    }
    EXPECT_TRUE(squall::parse_overrides("  ").empty());
}

// Fails if bad text is taken, or if the error points elsewhere than at what is wrong.
TEST(Overrides, ErrorsNameThePosition) {
    EXPECT_EQ(error_position("x"), 1u);
    EXPECT_EQ(error_position("=off"), 0u);
    EXPECT_EQ(error_position("x=explode"), 2u);
    EXPECT_EQ(error_position("x=101%fire"), 2u);
    EXPECT_EQ(error_position("x=-1%fire"), 2u);
    EXPECT_EQ(error_position("x=nth(a)"), 6u);
    EXPECT_EQ(error_position("x=0*fire"), 2u);
    EXPECT_EQ(error_position("x=2*3*fire"), 4u);
    EXPECT_EQ(error_position("x=off y=off"), 6u);
    EXPECT_EQ(error_position("name:\"open"), 6u);
    EXPECT_EQ(error_position("x=fire->"), 8u);
    EXPECT_EQ(error_position("x=return(5"), 9u);
    EXPECT_EQ(error_position("x=return(inf)"), 9u);
    EXPECT_EQ(error_position("x=delay(5)"), 9u);
    EXPECT_EQ(error_position("x=delay(-5ms)"), 8u);
    EXPECT_EQ(error_position("x=delay(5ms"), 11u);
}

// Fails if an override does not reach its site, or reaches another.
TEST(Overrides, ASiteObeysAndItsNeighbourDoesNot) {
    EXPECT_EQ(fires("function:wal::sync*=fire", sync_site, 4), std::vector<bool>(4, true));
    EXPECT_EQ(fires("function:wal::open*=fire; function:wal::sync*=off", sync_site, 40),
              std::vector<bool>(40));
    EXPECT_EQ(fires("function:wal::sync*=fire", open_site, 100, 3), fires("", open_site, 100, 3));
}

// Fails if the first of several matching overrides wins.
TEST(Overrides, TheLastMatchHolds) {
    EXPECT_EQ(fires("*=fire; id:0b1d000000000001=off", sync_site, 5), std::vector<bool>(5));
    EXPECT_EQ(fires("*=fire; id:0b1d000000000001=off", open_site, 5), std::vector<bool>(5, true));
}

// Fails if nth is off by one, or fires again.
TEST(Overrides, NthFiresOnce) {
    EXPECT_EQ(fires("wal::sync()=nth(0)", sync_site, 5), only(5, {0}));
    EXPECT_EQ(fires("wal::sync()=nth(3)", sync_site, 9), only(9, {3}));
}

// Fails if a count does not hand over, or hands over too late.
TEST(Overrides, ACountHandsOverToTheNextTerm) {
    EXPECT_EQ(fires("error-return=2*fire->off", sync_site, 6), only(6, {0, 1}));
    EXPECT_EQ(fires("error-return=1*fire->nth(4)", sync_site, 8), only(8, {0, 4}));
}

// Fails if the probability is ignored, or is not a function of the seed.
TEST(Overrides, AProbabilityIsKeptAndRepeatable) {
    const auto some = fires("*=30%fire", sync_site, 2000, 7);
    const auto count = std::count(some.begin(), some.end(), true);
    EXPECT_GT(count, 500);
    EXPECT_LT(count, 700);
    EXPECT_EQ(some, fires("*=30%fire", sync_site, 2000, 7));
    EXPECT_NE(some, fires("*=30%fire", sync_site, 2000, 8));
}

// Fails if an overridden firing has no decision id, or cannot be vetoed.
TEST(Overrides, AnOverriddenFiringCanBeVetoed) {
    const std::uint64_t stream = squall::stream_key(sync_site.id, 0);
    EXPECT_EQ(fires("*=fire", sync_site, 3, 1, {squall::run::decision_id(stream, 1)}), only(3, {0, 2}));
}

// Fails if a misspelt pattern is passed over in silence.
TEST(Overrides, PatternsWithoutASiteAreNamed) {
    EXPECT_EQ(
        squall::override_problems(squall::parse_overrides("function:wal::sink*=off; rule:error-return=off")),
        std::vector<std::string>{"override: no site of this program matches 'wal::sink*'"});
}

// Fails if '*' does not backtrack.
TEST(Overrides, GlobsMatchAsFileNamesDo) {
    EXPECT_TRUE(squall::glob_matches("*b*c", "abxbbc"));
    EXPECT_TRUE(squall::glob_matches("a?c", "abc"));
    EXPECT_FALSE(squall::glob_matches("a?c", "ac"));
    EXPECT_FALSE(squall::glob_matches("*b", "abc"));
    EXPECT_TRUE(squall::glob_matches("", ""));
    EXPECT_FALSE(squall::glob_matches("", "a"));
}

}  // namespace
