// What the sites of the source tool's further rules do in a run: transfers, limits, delays, chances of their
// own.
#include "recorder.h"

#include <squall/catalog.h>
#include <squall/run.h>

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <set>
#include <string>
#include <vector>

SQUALL_SITE(51d0000000000001, 64, 1, 6, "short-io\0kinds.cpp\0reads()\0read(n)\0")
SQUALL_SITE(51d0000000000002, 64, 2, 5, "capacity\0kinds.cpp\0\0max_batch\0")
SQUALL_SITE(51d0000000000003, 64, 3, 5, "knob\0kinds.cpp\0\0level\0")
SQUALL_SITE(51d0000000000004, 64, 4, 7, "delay\0kinds.cpp\0waits()\0co_await\0")
SQUALL_SITE(51d0000000000005, 64, 5, 18, "sometimes\0kinds.cpp\0fails()\0log is full\0")
SQUALL_SITE_FIRING(51d0000000000006, 64, 6, 1, 655, "error-return\0kinds.cpp\0seldom()\0return\0")
SQUALL_SITE(51d0000000000007, 64, 7, 11, "allocation\0kinds.cpp\0makes()\0new int\0")

namespace {

using namespace std::chrono_literals;

struct on_a_server : bound_run {
    explicit on_a_server(squall::run_options options) : bound_run(std::move(options)) {
        run.enter_process(0, squall::stream_key("server/0"));
    }
};

squall::run_options always(std::uint64_t seed) {
    return {.seed = seed, .activation = 1, .firing = 1};
}

// Fails if a transfer becomes empty or longer, is another one in a second run, or none is cut.
TEST(SiteKinds, TransfersAreCutToOneByteOrMore) {
    std::set<int> seen;
    std::vector<int> first;
    for (int again = 0; again < 2; ++again) {
        on_a_server t(always(7));
        std::vector<int> all;
        for (int i = 0; i < 200; ++i)
            all.push_back(squall::fewer(squall_site_51d0000000000001.head, 10));
        seen.insert(all.begin(), all.end());
        if (again == 1) {
            EXPECT_EQ(all, first);
        }
        first = all;
        EXPECT_EQ(squall::fewer(squall_site_51d0000000000001.head, 1), 1);
        EXPECT_EQ(squall::fewer(squall_site_51d0000000000001.head, ~0ull), ~0ull) << "no number of bytes";
        EXPECT_EQ(t.seen.faults.size(), 200u);
        EXPECT_EQ(t.seen.faults.front().kind, "short-io");
    }
    EXPECT_EQ(*seen.begin(), 1);
    EXPECT_EQ(*seen.rbegin(), 9);
    EXPECT_EQ(seen.size(), 9u);
}

// Fails if a limit changes within a run, grows, or is always cut to about the same.
TEST(SiteKinds, LimitsAreSmallerAndOneThroughoutARun) {
    std::set<unsigned> values;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        on_a_server t(always(seed));
        t.run.set_sites_on(false);  // configuration knows no phases
        unsigned value =
            0;  // not initialised by the hook: a const would be a constant, where hooks do nothing
        value = squall::capacity(squall_site_51d0000000000002.head, 1024u);
        values.insert(value);
        for (int i = 0; i < 10; ++i)
            ASSERT_EQ(squall::capacity(squall_site_51d0000000000002.head, 1024u), value);
        ASSERT_EQ(t.seen.faults.size(), 1u);
    }
    EXPECT_EQ(*values.begin(), 1u);
    EXPECT_EQ(*values.rbegin(), 512u);
    EXPECT_EQ(values.size(), 10u) << "each halving";
}

// Fails if a setting leaves its range, below zero too, or if it is turned where knobs are off.
TEST(SiteKinds, SettingsStayInTheirRange) {
    std::set<int> values;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        on_a_server t(always(seed));
        values.insert(squall::setting(squall_site_51d0000000000003.head, 100, -2, 3));
    }
    EXPECT_EQ(values, (std::set<int>{-2, -1, 0, 1, 2, 3}));
    auto without = always(1);
    without.knobs = false;
    on_a_server t(without);
    EXPECT_EQ(squall::setting(squall_site_51d0000000000003.head, 100, -2, 3), 100);
    EXPECT_EQ(squall::capacity(squall_site_51d0000000000002.head, 8), 8);
}

// Fails if nobody stands still, or if a vetoed delay happens all the same.
TEST(SiteKinds, DelaysAreTheObserversAndCanBeVetoed) {
    std::uint64_t decision = 0;
    {
        on_a_server t(always(3));
        squall::delay(squall_site_51d0000000000004.head);
        ASSERT_EQ(t.seen.delays.size(), 1u);
        EXPECT_GE(t.seen.delays.front(), 20us);
        EXPECT_LE(t.seen.delays.front(), 1s);
        ASSERT_EQ(t.seen.faults.size(), 1u);
        EXPECT_EQ(t.seen.faults.front().kind, "delay");
        decision = t.seen.faults.front().decision;
    }
    auto vetoed = always(3);
    vetoed.vetoed = {decision};
    on_a_server t(vetoed);
    squall::delay(squall_site_51d0000000000004.head);
    EXPECT_TRUE(t.seen.delays.empty());
    squall::delay(squall_site_51d0000000000004.head);
    EXPECT_EQ(t.seen.delays.size(), 1u);
}

// Fails if a place that was reached does not count as true, or counts while sites are off only.
TEST(SiteKinds, ReachedPlacesAreAssertionsThatHeld) {
    on_a_server t({.seed = 1});
    EXPECT_TRUE(squall::sometimes_if(squall_site_51d0000000000005.head, true));
    EXPECT_FALSE(squall::sometimes_if(squall_site_51d0000000000005.head, false));
    squall::sometimes(squall_site_51d0000000000005.head);
    bool found = false;
    for (const auto& tally : t.run.assertion_tallies())
        if (squall::catalog_at(tally.index).detail == "log is full") {
            found = true;
            EXPECT_EQ(tally.times_true, 2u);
            EXPECT_EQ(tally.times_false, 0u);
        }
    EXPECT_TRUE(found);
}

// Fails if the record's chance is passed over for the run's.
TEST(SiteKinds, ASitesOwnChanceGoesAheadOfTheRuns) {
    on_a_server t(always(5));
    int fired = 0;
    for (int i = 0; i < 20000; ++i)
        fired += squall::fire(squall_site_51d0000000000006.head) ? 1 : 0;
    EXPECT_NEAR(fired, 200, 60);
}

// Fails if memory runs out with no exception, and errno is not what it was set to.
TEST(SiteKinds, NoMemoryIsBadAllocAndErrnoIsSet) {
    on_a_server t(always(5));
    EXPECT_THROW(squall::need_memory(squall_site_51d0000000000007.head), std::bad_alloc);
    errno = 0;
    squall::set_errno(5);
    EXPECT_EQ(errno, 5);
}

// Fails if one of them does anything in a run that leaves sites alone.
TEST(SiteKinds, QuietIsQuiet) {
    on_a_server t({.seed = 1, .activation = 0, .firing = 0});
    EXPECT_EQ(squall::fewer(squall_site_51d0000000000001.head, 10), 10);
    EXPECT_EQ(squall::capacity(squall_site_51d0000000000002.head, 10), 10);
    EXPECT_EQ(squall::setting(squall_site_51d0000000000003.head, 10, 1, 2), 10);
    squall::delay(squall_site_51d0000000000004.head);
    EXPECT_FALSE(squall::fire(squall_site_51d0000000000006.head));
    EXPECT_NO_THROW(squall::need_memory(squall_site_51d0000000000007.head));
    EXPECT_TRUE(t.seen.faults.empty());
    EXPECT_TRUE(t.seen.delays.empty());
}

}  // namespace
