// Sites in a run: who fires, how often, and that nobody's luck depends on anybody else.
#include "recorder.h"

#include <squall/catalog.h>
#include <squall/run.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <thread>
#include <vector>

SQUALL_SITE(51b0000000000001, 64, 1, 1, "error-return\0site_test.cpp\0first()\0\0")
SQUALL_SITE(51b0000000000002, 64, 2, 1, "error-return\0site_test.cpp\0second()\0\0")
SQUALL_SITE(51b0000000000003, 64, 3, 2, "duration\0site_test.cpp\0waits()\0\0")
SQUALL_COVERAGE_SITE(51b0000000000004, 64, 4, 3, "coverage\0site_test.cpp\0waits()\0\0")

namespace {

using namespace std::chrono_literals;
using squall::fault_record;
using squall::site_record;

site_record& first = squall_site_51b0000000000001.head;
site_record& second = squall_site_51b0000000000002.head;
site_record& wait_time = squall_site_51b0000000000003.head;
constexpr std::uint64_t server = squall::stream_key("server/0");
constexpr std::uint64_t client = squall::stream_key("client/0");

// Evaluates a site some times in a run of its own; which of them fired.
struct trial {
    explicit trial(squall::run_options options) : run(std::move(options), &seen) {
        run.set_sites_on(true);
        run.enter_process(0, server);
    }
    std::vector<bool> fires(site_record& site, int times) {
        const squall::run_scope scope(run);
        std::vector<bool> all;
        for (int i = 0; i < times; ++i)
            all.push_back(squall::fire(site));
        return all;
    }
    recorder seen;
    squall::run run;
};

// A seed under which all three sites are active.
std::uint64_t lively_seed() {
    for (std::uint64_t seed = 1;; ++seed) {
        trial t({.seed = seed});
        bool all = true;
        t.fires(first, 64);
        t.fires(second, 64);
        const squall::run_scope scope(t.run);
        for (int i = 0; i < 64; ++i)
            squall::duration(wait_time, 1s);
        for (const auto& tally : t.run.site_tallies())
            all = all && tally.activated;
        if (all)
            return seed;
    }
}

// Fails if a site acts on a thread without a run, whatever runs elsewhere.
TEST(Sites, DoNothingWithoutARun) {
    trial elsewhere({.seed = 1, .activation = 1, .firing = 1});
    EXPECT_FALSE(squall::fire(first)) << "the gate is shut";
    const squall::run_scope open(elsewhere.run);
    ASSERT_TRUE(squall::fire(first));
    std::thread([] {
        EXPECT_TRUE(squall::gate_open());
        EXPECT_FALSE(squall::fire(first));
        EXPECT_EQ(squall::duration(wait_time, 5ms), 5ms);
        EXPECT_EQ(squall::current_run(), nullptr);
    }).join();
}

// Fails if a site fires before chaos begins or after it ended, or if evaluations then move later ones.
TEST(Sites, FireOnlyWhileSitesAreOn) {
    const auto seed = lively_seed();
    trial t({.seed = seed});
    t.run.set_sites_on(false);
    for (const bool fired : t.fires(first, 200))
        EXPECT_FALSE(fired);
    EXPECT_TRUE(t.seen.faults.empty());
    t.run.set_sites_on(true);
    EXPECT_EQ(t.fires(first, 50), trial({.seed = seed}).fires(first, 50)) << "the n-th of the chaos phase";
    const auto tallies = t.run.site_tallies();
    ASSERT_EQ(tallies.size(), 1u);
    EXPECT_EQ(tallies[0].index, first.index);
    EXPECT_EQ(tallies[0].evaluated, 250u) << "counted either way";
}

// Fails if activation is not per run, or either rate is off. Thresholds: five standard deviations.
TEST(Sites, ActivateAndFireAtTheirRates) {
    constexpr int seeds = 20000;
    constexpr int evaluations = 40;
    int active = 0;
    int fired = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        trial t({.seed = static_cast<std::uint64_t>(seed)});
        int here = 0;
        for (const bool f : t.fires(first, evaluations))
            here += f ? 1 : 0;
        const auto tally = t.run.site_tallies().at(0);
        EXPECT_EQ(tally.fired, static_cast<std::uint64_t>(here));
        EXPECT_EQ(t.seen.faults.size(), static_cast<std::size_t>(here));
        active += tally.activated ? 1 : 0;
        EXPECT_TRUE(tally.activated || here == 0);
        fired += here;
    }
    EXPECT_NEAR(active, seeds * 0.25, 5 * std::sqrt(seeds * 0.25 * 0.75));
    const double drawn = active * static_cast<double>(evaluations);
    EXPECT_NEAR(fired, drawn * 0.25, 5 * std::sqrt(drawn * 0.25 * 0.75));
}

// Fails if sites of one run are active together more or less often than by chance.
TEST(Sites, ActivateIndependentlyOfEachOther) {
    constexpr int seeds = 20000;
    int both = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        trial t({.seed = static_cast<std::uint64_t>(seed)});
        t.fires(first, 1);
        t.fires(second, 1);
        const auto tallies = t.run.site_tallies();
        both += tallies.at(0).activated && tallies.at(1).activated ? 1 : 0;
    }
    EXPECT_NEAR(both, seeds / 16.0, 5 * std::sqrt(seeds / 16.0));
}

// Fails if probabilities of zero or one are not exact.
TEST(Sites, TakeTheEndsOfTheirProbabilitiesExactly) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        EXPECT_EQ(trial({.seed = seed, .activation = 1, .firing = 1}).fires(first, 20),
                  std::vector<bool>(20, true));
        EXPECT_EQ(trial({.seed = seed, .activation = 0, .firing = 1}).fires(first, 20),
                  std::vector<bool>(20, false));
        EXPECT_EQ(trial({.seed = seed, .activation = 1, .firing = 0}).fires(first, 20),
                  std::vector<bool>(20, false));
    }
}

// Fails if sites share a tape: another site's evaluations, or another process's, would then move these.
TEST(Sites, KeepTheirLuckWhateverElseIsEvaluated) {
    const auto seed = lively_seed();
    const auto alone = trial({.seed = seed}).fires(first, 200);
    EXPECT_NE(std::set<bool>(alone.begin(), alone.end()).size(), 1u);
    trial busy({.seed = seed});
    std::vector<bool> among_others;
    for (int i = 0; i < 200; ++i) {
        busy.fires(second, i % 3);
        busy.run.enter_process(1, client);
        busy.fires(first, i % 2);
        busy.run.enter_process(0, server);
        among_others.push_back(busy.fires(first, 1).at(0));
    }
    EXPECT_EQ(among_others, alone);
}

// Fails if the number of a process, which depends on who else is there, takes part in its decisions.
TEST(Sites, KnowAProcessByItsNameAlone) {
    const auto seed = lively_seed();
    trial low({.seed = seed});
    trial high({.seed = seed});
    high.run.enter_process(17, server);
    EXPECT_EQ(low.fires(first, 100), high.fires(first, 100));
    trial other({.seed = seed});
    other.run.enter_process(0, client);
    EXPECT_NE(low.fires(first, 100), other.fires(first, 100)) << "each process has its own luck";
}

// Fails if a vetoed decision still happens, or if it moves another one.
TEST(Sites, AVetoTakesOutOneFiringAndNoOther) {
    const auto seed = lively_seed();
    trial before({.seed = seed});
    const auto all = before.fires(first, 100);
    ASSERT_GT(before.seen.faults.size(), 10u);
    for (std::size_t k = 0; k < before.seen.faults.size(); ++k) {
        const auto id = before.seen.faults[k].decision;
        trial after({.seed = seed, .vetoed = {~id, id, 3, 1}});
        const auto now = after.fires(first, 100);
        std::size_t nth = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(now[i], all[i] && nth != k) << "evaluation " << i;
            nth += all[i] ? 1 : 0;
        }
        EXPECT_EQ(after.seen.faults.size() + 1, before.seen.faults.size());
    }
}

// Fails if decisions do not have names of their own, or the names depend on the seed.
TEST(Sites, NameEachFiringOnce) {
    trial one({.seed = 1, .activation = 1, .firing = 1});
    trial two({.seed = 2, .activation = 1, .firing = 1});
    for (auto* t : {&one, &two}) {
        t->fires(first, 100);
        t->fires(second, 100);
        t->run.enter_process(1, client);
        t->fires(first, 100);
    }
    std::set<std::uint64_t> names;
    for (std::size_t i = 0; i < one.seen.faults.size(); ++i) {
        EXPECT_EQ(one.seen.faults[i].decision, two.seen.faults[i].decision);
        EXPECT_EQ(one.seen.faults[i].kind, "error-return");
        names.insert(one.seen.faults[i].decision);
    }
    EXPECT_EQ(names.size(), 300u);
}

// Fails if a duration that fires is not changed, becomes zero, or is not the same again.
TEST(Sites, ChangeDurationsWithinBounds) {
    std::set<std::chrono::milliseconds> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        trial t({.seed = seed, .activation = 1, .firing = 1});
        const squall::run_scope scope(t.run);
        const auto changed = squall::duration(wait_time, 1000ms);
        EXPECT_GE(changed, 1ms);
        EXPECT_LE(changed, 4000ms);
        EXPECT_NE(changed, 1000ms);
        seen.insert(changed);
        EXPECT_GE(squall::duration(wait_time, 1ns), 1ns) << "never nothing";
        EXPECT_EQ(squall::duration(wait_time, 0ms), 0ms);
        EXPECT_EQ(squall::duration(wait_time, -3ms), -3ms);
        EXPECT_EQ(squall::duration(wait_time, std::chrono::nanoseconds::max()) > 0ns, true) << "no overflow";
        const std::chrono::duration<double> real =
            squall::duration(wait_time, std::chrono::duration<double>(2.0));
        EXPECT_GT(real.count(), 0);
        EXPECT_NE(real.count(), 2.0);
    }
    EXPECT_EQ(seen.size(), 8u) << "eight factors";
    trial a({.seed = 5, .activation = 1, .firing = 1});
    trial b({.seed = 5, .activation = 1, .firing = 1});
    for (int i = 0; i < 50; ++i) {
        std::chrono::nanoseconds x, y;
        {
            const squall::run_scope scope(a.run);
            x = squall::duration(wait_time, 1s);
        }
        {
            const squall::run_scope scope(b.run);
            y = squall::duration(wait_time, 1s);
        }
        EXPECT_EQ(x, y);
    }
}

// Fails if a count that fires leaves its type, becomes negative or nothing, or if what is no time is changed.
TEST(Sites, ChangeCountsOfTimeWithinTheirType) {
    bool longer = false;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        trial t({.seed = seed, .activation = 1, .firing = 1});
        const squall::run_scope scope(t.run);
        int changed = squall::duration_count<int>(wait_time, 1000);  // a const int would be a constant
        EXPECT_GE(changed, 1);
        EXPECT_LE(changed, 4000);
        EXPECT_NE(changed, 1000);
        longer = longer || changed > 1000;
        EXPECT_GE(squall::duration_count<unsigned>(wait_time, 1), 1u) << "never nothing";
        EXPECT_EQ(squall::duration_count<int>(wait_time, 0), 0);
        EXPECT_EQ(squall::duration_count<int>(wait_time, -1), -1) << "often means: for ever";
        EXPECT_GT(squall::duration_count<short>(wait_time, 32000), 0) << "no overflow";
        EXPECT_GT(squall::duration_count<unsigned short>(wait_time, 65000), 0);
        EXPECT_GT(squall::duration_count<int>(wait_time, 2'000'000'000), 0);
        EXPECT_GT(squall::duration_count<long long>(wait_time, std::numeric_limits<long long>::max()), 0);
        EXPECT_EQ(squall::duration_count<unsigned long long>(wait_time, ~0ull), ~0ull);
    }
    EXPECT_TRUE(longer);
}

// Fails if scopes do not nest, or the gate stays open behind them.
TEST(Sites, ScopesNestAndShutTheGate) {
    const int before = squall_gate;
    trial outer({.seed = 1});
    trial inner({.seed = 2});
    {
        const squall::run_scope a(outer.run);
        {
            const squall::run_scope b(inner.run);
            EXPECT_EQ(squall::current_run(), &inner.run);
        }
        EXPECT_EQ(squall::current_run(), &outer.run);
        EXPECT_TRUE(squall::gate_open());
    }
    EXPECT_EQ(squall::current_run(), nullptr);
    EXPECT_EQ(squall_gate, before);
}

// Fails if runs on threads of one process see each other's seeds, counts or faults.
TEST(Sites, RunsOnTwoThreadsDoNotSeeEachOther) {
    const auto seed = lively_seed();
    const auto alone = trial({.seed = seed}).fires(first, 2000);
    const auto other_alone = trial({.seed = seed, .activation = 1, .firing = 0.5}).fires(first, 2000);
    std::vector<bool> here;
    std::vector<bool> there;
    std::thread a([&] { here = trial({.seed = seed}).fires(first, 2000); });
    std::thread b([&] { there = trial({.seed = seed, .activation = 1, .firing = 0.5}).fires(first, 2000); });
    a.join();
    b.join();
    EXPECT_EQ(here, alone);
    EXPECT_EQ(there, other_alone);
}

constexpr int in_a_constant_expression() {
    return squall::fire(first) ? 1 : 2;
}
// Fails to compile if a hook makes a constexpr function none.
TEST(Sites, LeaveConstantExpressionsAlone) {
    static_assert(in_a_constant_expression() == 2);
    static_assert(squall::duration(wait_time, 3ms) == 3ms);
    static_assert(squall::duration_count<unsigned>(wait_time, 3) == 3);
    static_assert(squall::taken(squall_count_51b0000000000004, true));
}

}  // namespace
