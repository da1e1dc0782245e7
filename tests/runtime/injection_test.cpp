// Overrides in a running program: what sites do, who is parked, and what is counted.
#include "injection_support.h"

#include <squall/buggify.h>
#include <squall/decisions.h>
#include <squall/run.h>
#include <squall/wait_point.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

SQUALL_SITE(1b1ec70000000001, 64, 1, 1, "error-return\0inj.cpp\0store::sync()\0\0")
SQUALL_SITE(1b1ec70000000002, 64, 2, 1, "error-return\0inj.cpp\0store::open()\0\0")
SQUALL_SITE(1b1ec70000000003, 64, 3, 2, "duration\0inj.cpp\0store::poll()\0\0")

namespace {

using namespace std::chrono_literals;
using squall::site_record;
using testing::HasSubstr;
namespace injection = squall::injection;

site_record& sync_site = squall_site_1b1ec70000000001.head;
site_record& open_site = squall_site_1b1ec70000000002.head;
site_record& poll_site = squall_site_1b1ec70000000003.head;

class Injection : public injection_fixture {};

std::vector<bool> fires(site_record& site, int times) {
    std::vector<bool> all(static_cast<std::size_t>(times));
    for (auto&& one : all)
        one = squall::fire(site);
    return all;
}

bool parks() {
    return SQUALL_WAIT_POINT("parks");
}
bool parks_too() {
    return SQUALL_WAIT_POINT("parks too");
}
int batch() {
    return SQUALL_KNOB_NAMED("injected batch", 8, 1, 64);
}
int other_batch() {
    return SQUALL_KNOB_EACH_NAMED("other injected batch", 8, 1, 64);
}
double ratio() {
    return SQUALL_KNOB_NAMED("injected ratio", 0.5, 0.0, 1.0);
}

injection::site_state counts_of(std::string_view pattern) {
    const auto found = injection::counts(pattern);
    return found.size() == 1 ? found.front() : injection::site_state{};
}

struct mistake {
    std::string what;
    std::size_t position;
};
mistake mistake_in(const char* text) {
    try {
        injection::set_overrides(text);
    } catch (const squall::override_error& error) {
        return {error.what(), error.position()};
    }
    ADD_FAILURE() << "'" << text << "' was accepted";
    return {};
}

// Fails if a site does not do as it is told on a thread without a run, or if its neighbour does.
TEST_F(Injection, ASiteObeysAndItsNeighbourDoesNot) {
    EXPECT_EQ(fires(sync_site, 3), std::vector<bool>(3, false));
    injection::set_overrides("function:store::sync()=fire");
    EXPECT_EQ(fires(sync_site, 3), std::vector<bool>(3, true));
    EXPECT_EQ(fires(open_site, 3), std::vector<bool>(3, false));
    injection::set_overrides("store::open()=nth(1); store::sync()=2*fire->off");
    EXPECT_EQ(fires(open_site, 4), (std::vector{false, true, false, false}));
    EXPECT_EQ(fires(sync_site, 4), (std::vector{true, true, false, false}));
}

// Fails if the gate stays open, so that all sites go on paying, or closed, so that none obeys.
TEST_F(Injection, TheGateIsOpenWhileThereIsAnOverride) {
    EXPECT_FALSE(squall::gate_open());
    injection::set_overrides("store::sync()=fire");
    EXPECT_TRUE(squall::gate_open());
    injection::add_overrides("store::open()=fire");
    EXPECT_TRUE(squall::gate_open());
    injection::set_overrides("store::open()=off");
    EXPECT_TRUE(squall::gate_open());
    injection::clear_overrides();
    EXPECT_FALSE(squall::gate_open());
    injection::clear_overrides();
    EXPECT_FALSE(squall::gate_open());
}

// Fails if a value does not reach the knob or the duration, or leaves the range of its type.
TEST_F(Injection, ValuesReachKnobsAndDurations) {
    injection::set_overrides("injected*=return(3); function:store::poll()=return(7)");
    EXPECT_EQ(batch(), 3);
    EXPECT_EQ(other_batch(), 8);
    EXPECT_EQ(ratio(), 3.0);
    EXPECT_EQ(squall::duration(poll_site, 250ms), 7ms);
    EXPECT_EQ(squall::duration(poll_site, std::chrono::duration<double>(0.25)).count(), 7.0);

    injection::set_overrides("injected batch=return(1e300); function:store::poll()=return(-1e300)");
    EXPECT_EQ(batch(), std::numeric_limits<int>::max());
    EXPECT_LT(squall::duration(poll_site, 250ms), 0ms);

    injection::set_overrides("injected batch=1*return(3)->off");
    EXPECT_EQ(batch(), 3);
    EXPECT_EQ(batch(), 8);
    EXPECT_EQ(ratio(), 0.5);
}

// Fails if a mistake of any kind is taken, is not told with its place, or disturbs what was there.
TEST_F(Injection, AMistakeChangesNothing) {
    injection::set_overrides("store::sync()=fire");
    const std::string before = injection::overrides();
    EXPECT_EQ(mistake_in("store::open()=explode").position, 14u);
    EXPECT_EQ(mistake_in("store::open()=fire; store::sync()").position, 33u);
    EXPECT_EQ(mistake_in("store::open()=wait(3)").position, 20u);

    const mistake unmatched = mistake_in("store::open()=fire;  store::opn()=fire");
    EXPECT_EQ(unmatched.position, 21u);
    EXPECT_THAT(unmatched.what, HasSubstr("store::opn()"));
    EXPECT_THAT(unmatched.what, HasSubstr("position 21"));
    EXPECT_EQ(mistake_in("rule:error-return=return(3)").position, 0u);
    EXPECT_THAT(mistake_in("injected batch=5%fire").what, HasSubstr("return(value)"));

    EXPECT_EQ(injection::overrides(), before);
    EXPECT_EQ(fires(open_site, 1), std::vector{false});
    EXPECT_EQ(fires(sync_site, 1), std::vector{true});
    EXPECT_THROW(injection::release("a=off;b"), squall::override_error);
    EXPECT_THROW(injection::waiting("\"a"), squall::override_error);
}

// Fails if what is in force cannot be read back, or if adding does more or less than it says.
TEST_F(Injection, AddingKeepsTheOthersAndReplacesTheSamePattern) {
    injection::set_overrides("store::sync()=fire; store::open()=fire");
    injection::add_overrides("store::open()=off; injected batch=return(2)");
    const std::string now = injection::overrides();
    EXPECT_EQ(now, "\"store::sync()\"=fire; \"store::open()\"=off; \"injected batch\"=return(2)");
    EXPECT_EQ(fires(sync_site, 1), std::vector{true});
    EXPECT_EQ(fires(open_site, 1), std::vector{false});
    injection::set_overrides(now);
    EXPECT_EQ(injection::overrides(), now);
    injection::add_overrides("*=off");  // the last one that matches holds
    EXPECT_EQ(fires(sync_site, 1), std::vector{false});
    EXPECT_EQ(batch(), 8);
}

// Fails if adding one override sets back how far the others got.
TEST_F(Injection, AddingDoesNotDisturbWhatGoesOn) {
    injection::set_overrides("store::sync()=2*fire->off");
    EXPECT_EQ(fires(sync_site, 1), std::vector{true});
    injection::add_overrides("store::open()=fire");
    EXPECT_EQ(fires(sync_site, 2), (std::vector{true, false}));
    injection::set_overrides("store::sync()=2*fire->off");
    EXPECT_EQ(fires(sync_site, 3), (std::vector{true, true, false}));
}

// Fails if counts are lost, are of another site, or outlive a reset.
TEST_F(Injection, CountsAreOfOverriddenSitesSinceTheLastReset) {
    fires(sync_site, 3);
    EXPECT_TRUE(injection::counts().empty());
    injection::set_overrides("store::sync()=2*fire->off");
    fires(sync_site, 5);
    fires(open_site, 5);
    const auto all = injection::counts();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].id, 0x1b1ec70000000001u);
    EXPECT_EQ(all[0].index, sync_site.index);
    EXPECT_EQ(all[0].rule, "error-return");
    EXPECT_EQ(all[0].function, "store::sync()");
    EXPECT_EQ(all[0].file, "inj.cpp");
    EXPECT_EQ(all[0].line, 1u);
    EXPECT_EQ(all[0].override, "\"store::sync()\"=2*fire->off");
    EXPECT_EQ(all[0].evaluated, 5u);
    EXPECT_EQ(all[0].acted, 2u);

    injection::clear_overrides();
    EXPECT_EQ(counts_of("store::sync()").evaluated, 5u);
    EXPECT_EQ(counts_of("store::sync()").override, "");
    EXPECT_TRUE(injection::counts("store::open()").empty());
    injection::reset_counts();
    EXPECT_TRUE(injection::counts().empty());
}

// Fails if a reset of the counts sets back the override too.
TEST_F(Injection, AResetLeavesTheOverrideWhereItStands) {
    injection::set_overrides("store::sync()=2*fire->off");
    fires(sync_site, 2);
    injection::reset_counts();
    EXPECT_EQ(fires(sync_site, 2), std::vector<bool>(2, false));
    EXPECT_EQ(counts_of("store::sync()").evaluated, 2u);
    EXPECT_EQ(counts_of("store::sync()").acted, 0u);
}

// Fails if the list lacks a fault site, or has an assertion or a mark in it.
TEST_F(Injection, SitesAreAllFaultSites) {
    const auto all = injection::sites();
    std::size_t fault_sites = 0;
    for (const auto& entry : squall::catalog())
        fault_sites += squall::is_fault_site(entry.kind) ? 1u : 0u;
    EXPECT_EQ(all.size(), fault_sites);
    EXPECT_EQ(injection::sites("file:inj.cpp").size(), 3u);
    EXPECT_EQ(injection::sites("name:parks").size(), 1u);
    EXPECT_TRUE(injection::sites("nothing of this name").empty());
}

// Fails if probabilities depend on anything but seed, site and the number of the evaluation.
TEST_F(Injection, ProbabilitiesAreRepeatable) {
    const auto stream = squall::stream_key(0x1b1ec70000000001u, squall::stream_key("squall.injection"));
    std::vector<bool> expected(200);
    for (std::uint64_t n = 0; n < 200; ++n)
        expected[n] = squall::chance(squall::mix(1, stream, n), 0.3);
    for (int round = 0; round < 2; ++round) {
        injection::set_overrides("store::*=30%fire");
        fires(open_site, 7);  // another site's evaluations are its own
        EXPECT_EQ(fires(sync_site, 200), expected);
    }
    injection::set_seed(2);
    EXPECT_NE(fires(sync_site, 200), expected);
    injection::set_seed(1);
    EXPECT_EQ(fires(sync_site, 200), expected);
}

// Fails if a site of a run's thread listens to the process's overrides.
TEST_F(Injection, ARunIsNotTouched) {
    injection::set_overrides("store::sync()=fire; parks=wait");
    squall::run run({.seed = 1, .activation = 0});
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    EXPECT_EQ(fires(sync_site, 50), std::vector<bool>(50, false));
    EXPECT_FALSE(parks());
    EXPECT_TRUE(injection::counts("store::sync()").size() == 1 && counts_of("store::sync()").evaluated == 0);
}

// Fails if a wait point fires by chance in a simulation.
TEST_F(Injection, AWaitPointDoesNotFireByChance) {
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
        squall::run run({.seed = seed, .activation = 1, .firing = 1});
        const squall::run_scope bound(run);
        run.set_sites_on(true);
        EXPECT_FALSE(parks());
    }
}

// Fails if a thread is not held, is not counted while it is, or a release misses it or lets others go.
TEST_F(Injection, AThreadWaitsUntilItIsReleased) {
    injection::set_overrides("name:parks*=wait");
    std::atomic<int> through{0};
    std::thread first([&] { through += parks() ? 100 : 1; });
    std::thread second([&] { through += parks() ? 100 : 1; });
    std::thread third([&] { through += parks_too() ? 1000 : 10; });
    EXPECT_TRUE(eventually([] { return injection::waiting() == 3; }));
    EXPECT_EQ(injection::waiting("name:parks"), 2u);
    EXPECT_EQ(counts_of("name:parks").waiting, 2u);
    EXPECT_EQ(through, 0);

    EXPECT_EQ(injection::release("name:nobody"), 0u);
    EXPECT_EQ(injection::release("name:parks"), 2u);
    EXPECT_EQ(injection::waiting(), 1u);
    first.join();
    second.join();
    EXPECT_EQ(through, 2);

    std::thread again([&] { through += parks() ? 100 : 1; });
    EXPECT_TRUE(eventually([] { return injection::waiting() == 2; }));
    EXPECT_EQ(injection::release(), 2u);
    again.join();
    third.join();
    EXPECT_EQ(through, 13);
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(injection::release(), 0u);
}

// Fails if whoever waits stays behind when the override that holds them is changed or removed.
TEST_F(Injection, AChangeLetsTheWaitingGo) {
    const std::vector<void (*)()> changes = {
        [] { injection::set_overrides("name:parks=off"); },
        [] { injection::set_overrides("name:parks=wait"); },  // the same text, and still another override
        [] { injection::add_overrides("name:parks=off"); },
        [] { injection::clear_overrides(); },
        [] { injection::set_seed(77); },
    };
    for (const auto& change : changes) {
        injection::set_overrides("name:parks=wait");
        std::thread parked(parks);
        ASSERT_TRUE(eventually([] { return injection::waiting() == 1; }));
        change();
        EXPECT_EQ(injection::waiting(), 0u);
        parked.join();
    }
}

// Fails if a change of another site's override wakes those who wait here.
TEST_F(Injection, AnotherSitesChangeLetsNobodyGo) {
    injection::set_overrides("name:parks=wait");
    std::thread parked(parks);
    ASSERT_TRUE(eventually([] { return injection::waiting() == 1; }));
    injection::add_overrides("store::sync()=fire");
    EXPECT_EQ(injection::waiting(), 1u);
    EXPECT_EQ(injection::release(), 1u);
    parked.join();
}

// Fails if the limit of a wait does not end it.
TEST_F(Injection, AWaitWithALimitEndsByItself) {
    injection::set_overrides("name:parks=wait(1ms)");
    EXPECT_EQ(injection::overrides(), "name:\"parks\"=wait(1000000ns)");
    EXPECT_FALSE(parks());
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(counts_of("name:parks").acted, 1u);
}

// Fails if a sleeping thread blocks its own end, or a delay of more than the clock's range ends at once.
TEST_F(Injection, AChangeCutsASleepShort) {
    injection::set_overrides("store::sync()=delay(100000000m)");
    std::atomic<bool> through{false};
    std::thread sleeper([&] {
        EXPECT_FALSE(squall::fire(sync_site));
        through = true;
    });
    ASSERT_TRUE(eventually([] { return counts_of("store::sync()").acted == 1; }));
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(injection::release(), 0u);  // it waits for nobody
    injection::add_overrides("store::open()=fire");
    EXPECT_FALSE(through);
    injection::clear_overrides();
    sleeper.join();
    EXPECT_TRUE(through);
}

// Fails if a sleeping thread keeps others from the same site.
TEST_F(Injection, ASleeperBlocksNobody) {
    injection::set_overrides("store::sync()=1*delay(100000000m)->fire");
    std::thread sleeper([] { squall::fire(sync_site); });
    ASSERT_TRUE(eventually([] { return counts_of("store::sync()").acted == 1; }));
    EXPECT_TRUE(squall::fire(sync_site));
    injection::clear_overrides();
    sleeper.join();
}

// Fails if a panic is survived, or does not say where it was.
TEST_F(Injection, APanicEndsTheProcessAndSaysWhere) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            injection::set_overrides("store::sync()=1*off->panic; store::open()=panic");
            squall::fire(open_site);
        },
        "panic.*store::open.*inj.cpp:2");
}

// Fails if sites of a module that is loaded while overrides are in force do not obey them.
TEST_F(Injection, SitesOfALaterModuleObey) {
    static squall::site_entry<64> later[] = {
        {{0x1b1ec70000000004u, 96, 9, 0, squall::site_kind::error_return, 1, 0, nullptr},
         "error-return\0later.cpp\0store::later()\0\0"}};
    injection::set_overrides("store::sync()=fire; function:store::*=fire; store::open()=2*fire->off");
    EXPECT_EQ(fires(open_site, 1), std::vector{true});
    squall_register(&later[0].head, &later[0].head + 3);
    ASSERT_NE(later[0].head.index, 0u);
    EXPECT_EQ(fires(later[0].head, 2), std::vector<bool>(2, true));
    EXPECT_EQ(counts_of("store::later()").evaluated, 2u);
    EXPECT_EQ(fires(open_site, 2), (std::vector{true, false}));  // and the others were not disturbed
    injection::clear_overrides();
    EXPECT_EQ(fires(later[0].head, 1), std::vector{false});
}

// Fails if a thread sees some of a new set of overrides and afterwards some of an older one.
TEST_F(Injection, AllOfATextTakesEffectTogether) {
    std::atomic<bool> done{false};
    injection::set_overrides("injected batch=return(0); other injected batch=return(0)");
    std::vector<std::thread> readers;
    readers.reserve(3);
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            while (!done) {
                const int before = batch();
                EXPECT_LE(before, other_batch());
            }
        });
    for (int value = 1; value < 1000; ++value) {
        const std::string both = "=return(" + std::to_string(value) + ")";
        std::string text = "injected batch";
        text += both;
        text += "; other injected batch";
        text += both;
        injection::set_overrides(text);
    }
    done = true;
    for (std::thread& reader : readers)
        reader.join();
}

// Fails if changes and evaluations disturb each other: a crash, a hang, a count lost (or what a sanitizer
// finds).
TEST_F(Injection, EightThreadsEvaluateWhileOverridesChange) {
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            while (!done) {
                squall::fire(sync_site);
                squall::fire(open_site);
                parks();
                const int size = batch();
                EXPECT_TRUE(size == 8 || size == 5) << size;
            }
        });
    const char* const texts[] = {"store::*=50%fire; injected batch=return(5)",
                                 "name:parks=wait",
                                 "store::sync()=delay(1m); injected batch=3*return(5)->off",
                                 "",
                                 "store::*=1us; ",
                                 "*=off",
                                 "name:parks=10%wait(1us)->1*fire"};
    int mistakes = 0;
    for (int round = 0; round < 300; ++round) {
        for (const char* text : texts) {
            try {
                injection::set_overrides(text);
            } catch (const squall::override_error&) {
                ++mistakes;
            }
            injection::release();
        }
        injection::counts();
        injection::reset_counts();
    }
    injection::clear_overrides();
    done = true;
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(mistakes, 300);  // one text is not sound
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_FALSE(squall::gate_open());
}

// Fails if an evaluation is lost between threads: each acts once, or not at all.
TEST_F(Injection, ACountIsExactAmongThreads) {
    injection::set_overrides("store::sync()=1000*fire->off");
    std::atomic<int> fired{0};
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 500; ++n)
                fired += squall::fire(sync_site) ? 1 : 0;
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(fired, 1000);
    EXPECT_EQ(counts_of("store::sync()").evaluated, 4000u);
    EXPECT_EQ(counts_of("store::sync()").acted, 1000u);
}

}  // namespace
