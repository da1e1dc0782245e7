// Hand-written sites and knobs: who they are, when they fire, and what they give.
#include <squall/buggify.h>

#include "recorder.h"

#include <squall/assertions.h>
#include <squall/catalog.h>
#include <squall/run.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

squall::run_options all_active(double firing, std::uint64_t seed = 1) {
    return {.seed = seed, .activation = 1, .firing = firing};
}
squall::run_options overridden(const char* overrides) {
    return {.seed = 1, .activation = 0, .overrides = squall::parse_overrides(overrides)};
}

squall::catalog_entry entry_at(unsigned line) {
    for (const auto& entry : squall::catalog())
        if (entry.line == line && entry.file.ends_with("buggify_test.cpp"))
            return entry;
    return {};
}

bool two_sites(bool second) {
    if (!second)
        return SQUALL_BUGGIFY();
    return SQUALL_BUGGIFY();
}
constexpr unsigned two_sites_line = __LINE__ - 3;

template <class T>
bool templated(T) {
    return SQUALL_BUGGIFY();
}
constexpr unsigned templated_line = __LINE__ - 2;

bool named() {
    return SQUALL_BUGGIFY_NAMED("slow directory");
}
bool with_probability(double p) {
    return SQUALL_BUGGIFY_P(p);
}
template <class T>
T knob(T otherwise, T low, T high) {
    return SQUALL_KNOB(otherwise, low, high);
}
int batch_size() {
    return SQUALL_KNOB_NAMED("batch", 1024, 1, 64);
}
int jitter() {
    return SQUALL_KNOB_EACH_NAMED("jitter", -1, 0, 9);
}

// Fails if a site or knob acts where no run is.
TEST(Buggify, DoesNothingWithoutARun) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(SQUALL_BUGGIFY());
        EXPECT_FALSE(SQUALL_BUGGIFY_P(1.0));
        EXPECT_EQ(SQUALL_KNOB(5, 6, 7), 5);
    }
}

// Fails if the id of a place without a name depends on its line, on its instantiation, or is another's.
TEST(Buggify, APlaceWithoutANameIsKnownByItsFunctionAndNumber) {
    const auto first = entry_at(two_sites_line);
    const auto second = entry_at(two_sites_line + 1);
    EXPECT_EQ(first.function, "two_sites");
    EXPECT_EQ(first.detail, "#1");
    EXPECT_EQ(second.detail, "#2");
    EXPECT_NE(first.id, second.id);
    EXPECT_EQ(first.id, squall::text_hash({"buggify\0tests/runtime/buggify_test.cpp\0two_sites\0#1\0", 52}));
    EXPECT_EQ(entry_at(templated_line).function, "templated");
    const bound_run bound(all_active(1));
    EXPECT_TRUE(templated(1) && templated(2.5) && two_sites(false) && two_sites(true));
    for (const auto& tally : bound.run.site_tallies())
        if (squall::catalog_at(tally.index).line == templated_line) {
            EXPECT_EQ(tally.evaluated, 2u) << "both instantiations are one place";
        }
}

// Fails if activation or firing is not two-phase at the given chances: 0.25 of runs, 0.25 of evaluations.
TEST(Buggify, IsTwoPhase) {
    int active_runs = 0;
    std::uint64_t fired = 0;
    constexpr int runs = 4000;
    constexpr int evaluations = 64;
    for (std::uint64_t seed = 0; seed < runs; ++seed) {
        bound_run bound({.seed = seed});
        std::uint64_t here = 0;
        for (int i = 0; i < evaluations; ++i)
            here += named() ? 1 : 0;
        active_runs += here != 0 ? 1 : 0;
        fired += here;
    }
    EXPECT_NEAR(active_runs, runs * 0.25, 5 * std::sqrt(runs * 0.25 * 0.75));
    EXPECT_NEAR(static_cast<double>(fired), active_runs * evaluations * 0.25,
                5 * std::sqrt(active_runs * evaluations * 0.25 * 0.75));
}

// Fails if a site's own probability is not kept, or replaces activation too.
TEST(Buggify, TakesAProbabilityOfItsOwn) {
    bound_run bound(all_active(0.25));
    int fired = 0;
    for (int i = 0; i < 10000; ++i)
        fired += with_probability(0.01) ? 1 : 0;
    EXPECT_NEAR(fired, 100, 50);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(with_probability(0));
        EXPECT_TRUE(with_probability(1));
    }
    const bound_run inactive({.seed = 1, .activation = 0});
    EXPECT_FALSE(with_probability(1));
}

// Fails if a probability that is none passes in silence.
TEST(Buggify, AProbabilityOutsideOfItsRangeIsAViolation) {
    for (const double p : {1.5, -0.5, std::numeric_limits<double>::quiet_NaN()}) {
        bound_run bound(all_active(0.25));
        EXPECT_THROW(with_probability(p), squall::assertion_violation) << p;
        ASSERT_EQ(bound.seen.violations.size(), 1u);
        EXPECT_THAT(bound.seen.violations[0].place, HasSubstr("buggify_test.cpp:"));
    }
    EXPECT_THROW(squall::run({.seed = 1, .activation = 1.01}), std::invalid_argument);
    EXPECT_THROW(squall::run({.seed = 1, .firing = -0.01}), std::invalid_argument);
}

// Fails if a name in an override does not reach the site, or the fault's record does not name the place.
TEST(Buggify, ObeysOverridesByName) {
    bound_run bound(overridden("name:slow*=nth(2)"));
    EXPECT_FALSE(named());
    EXPECT_FALSE(named());
    EXPECT_TRUE(named());
    EXPECT_FALSE(named());
    ASSERT_EQ(bound.seen.faults.size(), 1u);
    EXPECT_EQ(bound.seen.faults[0].kind, "buggify");
    EXPECT_THAT(bound.seen.faults[0].detail,
                HasSubstr("named slow directory (tests/runtime/buggify_test.cpp:"));
}

// Fails if a delay fires the site, or does not reach who is to wait.
TEST(Buggify, ADelayIsHandedToTheObserver) {
    bound_run bound(overridden("name:slow*=2*delay(1.5ms)"));
    for (int i = 0; i < 5; ++i)
        EXPECT_FALSE(named());
    EXPECT_EQ(bound.seen.delays, (std::vector<std::chrono::nanoseconds>{1500us, 1500us}));
}

// Fails if the process survives, or does not say where it died.
TEST(BuggifyDeathTest, PanicAborts) {
    const auto panic = [] {
        const bound_run bound(overridden("name:slow*=panic"));
        named();
    };
    EXPECT_EXIT(panic(), testing::KilledBySignal(SIGABRT), "panic.*slow directory");
}

// Fails if a knob leaves its range, is not the same throughout a run, or gives few of its values.
TEST(Knobs, AreUniformInTheirRangeAndConstantInARun) {
    std::set<int> values;
    int turned = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const bound_run bound({.seed = seed});
        const int value = batch_size();
        for (int i = 0; i < 3; ++i)
            ASSERT_EQ(batch_size(), value);
        if (value == 1024)
            continue;
        ASSERT_GE(value, 1);
        ASSERT_LE(value, 64);
        values.insert(value);
        ++turned;
        ASSERT_EQ(bound.seen.faults.size(), 1u) << "told once";
    }
    EXPECT_EQ(values.size(), 64u);
    EXPECT_NEAR(turned, 1000, 5 * std::sqrt(750));
}

// Fails if a knob waits for the phase of faults: configuration is read at start.
TEST(Knobs, HoldWhileSitesAreOff) {
    bound_run bound(all_active(1));
    bound.run.set_sites_on(false);
    EXPECT_NE(batch_size(), 1024);
    EXPECT_EQ(jitter(), -1) << "one of each evaluation is a fault";
    squall::run_options calm = all_active(1);
    calm.knobs = false;
    const bound_run without(calm);
    EXPECT_EQ(batch_size(), 1024);
}

// Fails if a knob of each evaluation gives one value, or is not turned at the chance of firing.
TEST(Knobs, OfEachEvaluationAreDrawnAnew) {
    bound_run bound(all_active(0.25));
    std::set<int> values;
    int turned = 0;
    for (int i = 0; i < 4000; ++i) {
        const int value = jitter();
        if (value == -1)
            continue;
        ASSERT_GE(value, 0);
        ASSERT_LE(value, 9);
        values.insert(value);
        ++turned;
    }
    EXPECT_EQ(values.size(), 10u);
    EXPECT_NEAR(turned, 1000, 5 * std::sqrt(750));
}

// Fails if a type's range is left on the way through 64 bits, or a type is not taken.
TEST(Knobs, TakeIntegersRealsAndDurations) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const bound_run bound(all_active(1, seed));
        const auto within = [](auto value, auto low, auto high) { return value >= low && value <= high; };
        EXPECT_TRUE(within(knob<std::int8_t>(0, -128, -100), -128, -100));
        EXPECT_TRUE(within(knob<std::uint64_t>(0, std::uint64_t{1} << 63, ~std::uint64_t{0}),
                           std::uint64_t{1} << 63, ~std::uint64_t{0}));
        EXPECT_TRUE(within(knob<std::int64_t>(0, std::numeric_limits<std::int64_t>::min(), -5),
                           std::numeric_limits<std::int64_t>::min(), std::int64_t{-5}));
        EXPECT_TRUE(within(knob(0.5, 1.0, 2.0), 1.0, 2.0));
        EXPECT_TRUE(within(knob(0.5F, -2.0F, -1.0F), -2.0F, -1.0F));
        EXPECT_TRUE(within(knob<std::chrono::milliseconds>(10ms, 1ms, 2s), 1ms, 2000ms));
        EXPECT_TRUE(within(knob(std::chrono::duration<double>(1), std::chrono::duration<double>(2),
                                std::chrono::duration<double>(3))
                               .count(),
                           2.0, 3.0));
        EXPECT_TRUE(knob(false, true, true));
        EXPECT_EQ(knob(1, 7, 7), 7);
    }
    EXPECT_EQ(SQUALL_KNOB(10ms, 1ms, 2s), 10ms) << "the ends are converted to the default's type";
}

// Fails if an override's value does not arrive, or wraps on its way into a smaller type.
TEST(Knobs, TakeTheirValueFromAnOverride) {
    const bound_run bound(overridden("function:knob=return(300.7); name:batch=2*return(3)->off"));
    EXPECT_EQ(batch_size(), 3);
    EXPECT_EQ(batch_size(), 3);
    EXPECT_EQ(batch_size(), 1024);
    EXPECT_EQ(knob(1, 2, 3), 300);
    EXPECT_EQ(knob<std::int8_t>(1, 2, 3), 127);
    EXPECT_EQ(knob<std::uint8_t>(1, 2, 3), 255);
    EXPECT_EQ(knob(1.0, 2.0, 3.0), 300.7);
    EXPECT_EQ(knob<std::chrono::milliseconds>(1ms, 2ms, 3ms), 300ms);
    EXPECT_THAT(squall::override_problems(squall::parse_overrides("name:slow*=return(5)")),
                testing::ElementsAre(HasSubstr("'slow*'")));
}

// Fails if a veto does not put a knob back, or moves another.
TEST(Knobs, CanBeVetoed) {
    std::uint64_t decision = 0;
    int turned = 0;
    {
        const bound_run bound(all_active(1));
        turned = knob(1, 2, 1000);
        EXPECT_NE(batch_size(), 1024);
        decision = bound.seen.faults.at(1).decision;
    }
    squall::run_options options = all_active(1);
    options.vetoed = {decision};
    const bound_run bound(options);
    EXPECT_EQ(batch_size(), 1024);
    EXPECT_EQ(knob(1, 2, 1000), turned);
}

}  // namespace
