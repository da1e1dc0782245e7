// Assertions: what they evaluate, count and throw, and whose run they end.
#include <squall/assertions.h>

#include "recorder.h"

#include <squall/catalog.h>
#include <squall/results.h>
#include <squall/run.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using squall::assertion_tally;
using squall::assertion_violation;
using testing::HasSubstr;

std::optional<assertion_tally> tally_of(const squall::run& run, std::string_view message) {
    for (const auto& entry : squall::catalog())
        if (entry.detail == message)
            for (const auto& tally : run.assertion_tallies())
                if (tally.index == entry.index)
                    return tally;
    return std::nullopt;
}

struct printed {
    int* times;
    friend std::ostream& operator<<(std::ostream& out, const printed& p) {
        ++*p.times;
        return out << "seven";
    }
};

// Fails if a condition is left out with no run about, or if a violation then throws.
TEST(Assertions, WithoutARunOnlyEvaluateTheirCondition) {
    int evaluated = 0;
    int built = 0;
    SQUALL_ALWAYS((++evaluated, false), "without a run nothing throws", "detail", printed{&built});
    SQUALL_SOMETIMES(++evaluated > 100, "without a run nothing counts");
    SQUALL_UNREACHABLE("without a run even this is passed");
    EXPECT_EQ(evaluated, 2);
    EXPECT_EQ(built, 0);
}

// Fails if another thread's run makes the assertions of a thread without one throw or count.
TEST(Assertions, OfAThreadWithoutARunAreNobodys) {
    recorder seen;
    squall::run run({.seed = 1}, &seen);
    const squall::run_scope scope(run);
    std::thread([] { SQUALL_ALWAYS(false, "a thread without a run violates nothing"); }).join();
    EXPECT_TRUE(seen.violations.empty());
    EXPECT_FALSE(run.violated());
    EXPECT_TRUE(run.assertion_tallies().empty());
}

// Fails if details are printed for assertions that hold, more than once, or not at all.
TEST(Assertions, BuildDetailsOnlyWhenViolated) {
    recorder seen;
    squall::run run({.seed = 1}, &seen);
    const squall::run_scope scope(run);
    int built = 0;
    for (int i = 0; i < 10; ++i)
        SQUALL_ALWAYS(true, "this always holds", "detail", printed{&built});
    EXPECT_EQ(built, 0);
    try {
        SQUALL_ALWAYS(1 > 2, "one is more than two", "seven", printed{&built}, "yes", true, "n", 5);
        FAIL() << "nothing was thrown";
    } catch (const assertion_violation& violated) {
        EXPECT_STREQ(violated.what(), "one is more than two (seven=seven yes=true n=5)");
    }
    EXPECT_EQ(built, 1);
    ASSERT_EQ(seen.violations.size(), 1u);
    EXPECT_EQ(seen.violations[0].message, "one is more than two");
    EXPECT_EQ(seen.violations[0].details, "seven=seven yes=true n=5");
    EXPECT_THAT(seen.violations[0].place, HasSubstr("assertions_test.cpp:"));
    EXPECT_TRUE(run.violated());
}

void all_kinds(int n) {
    SQUALL_ALWAYS(n != 5, "n is never five");
    SQUALL_ALWAYS_OR_UNREACHABLE(n != 6, "n is never six");
    SQUALL_SOMETIMES(n == 3, "n is three at times");
    if (n == 2)
        SQUALL_REACHABLE("n was two");
    if (n == 7)
        SQUALL_UNREACHABLE("n was seven", "n", n);
}

// Fails if an evaluation is not counted, counted on the wrong side, or not under its own place.
TEST(Assertions, CountTrueAndFalse) {
    squall::run run({.seed = 1});
    const squall::run_scope scope(run);
    for (int n = 0; n < 5; ++n)
        all_kinds(n);
    for (int n = 5; n < 8; ++n)
        EXPECT_THROW(all_kinds(n), assertion_violation);
    const auto expect = [&](const char* message, std::uint64_t times_true, std::uint64_t times_false) {
        const auto tally = tally_of(run, message);
        ASSERT_TRUE(tally) << message;
        EXPECT_EQ(tally->times_true, times_true) << message;
        EXPECT_EQ(tally->times_false, times_false) << message;
    };
    expect("n is never five", 7, 1);
    expect("n is never six", 6, 1);
    expect("n is three at times", 1, 5);
    expect("n was two", 1, 0);
    expect("n was seven", 0, 1);
}

// Fails if the catalog has no entry for an assertion that no run came near.
TEST(Assertions, AreInTheCatalogUnevaluated) {
    if (squall::catalog_size() == 0) {  // never; the compiler does not know
        SQUALL_SOMETIMES(true, "nobody ever comes here");
    }
    std::vector<squall::site_kind> kinds;
    for (const auto& entry : squall::catalog())
        if (entry.detail == "nobody ever comes here")
            kinds.push_back(entry.kind);
    EXPECT_EQ(kinds, std::vector{squall::site_kind::sometimes});
}

// Fails if two runs on two threads share counts or verdicts.
TEST(Assertions, OfTwoThreadsDoNotSeeEachOther) {
    const auto evaluate = [](squall::run& run, int times, bool fail) {
        const squall::run_scope scope(run);
        for (int i = 0; i < times; ++i)
            all_kinds(2);
        if (fail) {
            EXPECT_THROW(all_kinds(5), assertion_violation);
        }
    };
    squall::run a({.seed = 1});
    squall::run b({.seed = 2});
    std::thread here([&] { evaluate(a, 1000, true); });
    std::thread there([&] { evaluate(b, 3000, false); });
    here.join();
    there.join();
    EXPECT_TRUE(a.violated());
    EXPECT_FALSE(b.violated());
    EXPECT_EQ(tally_of(a, "n was two")->times_true, 1000u);
    EXPECT_EQ(tally_of(b, "n was two")->times_true, 3000u);
    EXPECT_EQ(tally_of(b, "n is never five")->times_false, 0u);
}

// Fails if conditions cannot be what they are in an `if`: explicit conversions, commas in braces, pointers.
TEST(Assertions, TakeWhateverIsTrueOrFalse) {
    squall::run run({.seed = 1});
    const squall::run_scope scope(run);
    const std::optional<int> something = 3;
    const int* pointer = &*something;
    SQUALL_ALWAYS(something, "an optional is a condition");
    SQUALL_ALWAYS(pointer, "a pointer is a condition");
    SQUALL_ALWAYS((std::pair{1, 2}.second == 2), "braces and commas in parentheses");
    EXPECT_EQ(tally_of(run, "a pointer is a condition")->times_true, 1u);
}

// Fails if the policy is not the run's: going on where it should throw, or the other way round.
TEST(Assertions, DoWhatTheirRunSays) {
    recorder seen;
    squall::run run({.seed = 1, .on_violation = squall::violation_policy::records}, &seen);
    const squall::run_scope scope(run);
    for (int i = 0; i < 3; ++i)
        SQUALL_ALWAYS(i != 1 && i != 2, "i is neither one nor two", "i", i);
    ASSERT_EQ(seen.violations.size(), 2u);
    EXPECT_EQ(seen.violations[1].details, "i=2");
    EXPECT_TRUE(run.violated());
    EXPECT_EQ(tally_of(run, "i is neither one nor two")->times_false, 2u);
}
TEST(AssertionsDeathTest, AbortIfTheRunSaysSo) {
    const auto violate = [] {
        squall::run run({.seed = 1, .on_violation = squall::violation_policy::aborts});
        const squall::run_scope scope(run);
        SQUALL_ALWAYS(squall::catalog_size() == 0, "there are no assertions", "but", 1);
    };
    EXPECT_EXIT(violate(), testing::KilledBySignal(SIGABRT),
                "assertions_test.cpp:[0-9]+: violated: there are no assertions .but=1.");
}

enum class color { red, green };
enum old_color { blue = 3 };

// Fails if a type of detail does not compile, or is shown otherwise than people would write it.
TEST(Assertions, ShowDetailsOfAllKinds) {
    using namespace std::chrono_literals;
    recorder seen;
    squall::run run({.seed = 1, .on_violation = squall::violation_policy::records}, &seen);
    const squall::run_scope scope(run);
    const std::string text = "two words";
    SQUALL_ALWAYS(false, "details are shown", "n", -5, "big", ~std::uint64_t{0}, "x", 2.5F, "c", 'c', "text",
                  text, "view", std::string_view("v"), "array", "abc", "flag", false, "time", 1500ms, "color",
                  color::green, "old", blue, "small", static_cast<unsigned char>(200));
    ASSERT_EQ(seen.violations.size(), 1u);
    EXPECT_EQ(seen.violations[0].details,
              "n=-5 big=18446744073709551615 x=2.5 c=c text=two words view=v array=abc flag=false time=1.5s "
              "color=1 "
              "old=3 small=200");
}

// Fails if a combination is lost, counted under another, or kept without bound.
TEST(Assertions, SometimesEachKeepsEachCombination) {
    squall::run run({.seed = 1});
    const squall::run_scope scope(run);
    for (int i = 0; i < 12; ++i)
        SQUALL_SOMETIMES_EACH("each pair", "parity", i % 2 == 0 ? "even" : "odd", "third", i % 3 == 0);
    const auto pairs = run.each_tallies();
    ASSERT_EQ(pairs.size(), 4u);
    EXPECT_EQ(pairs[0].values, "parity=even third=false");
    EXPECT_EQ(pairs[0].times, 4u);
    EXPECT_EQ(pairs[3].values, "parity=odd third=true");
    EXPECT_EQ(pairs[3].times, 2u);
    for (int i = 0; i < 5000; ++i)
        SQUALL_SOMETIMES_EACH("too many values", "i", i);
    const auto many = run.each_tallies();
    ASSERT_EQ(many.size(), 4u + 4096u + 1u);
    EXPECT_EQ(many.back().values, "...");
    EXPECT_EQ(many.back().times, 904u);
}

// Fails if combinations are told apart, or thrown together, by anything but the text that is kept of them.
TEST(Assertions, SometimesEachGoesByTheTextOfTheValues) {
    squall::run run({.seed = 1});
    const squall::run_scope scope(run);
    // One text with six decimals: 0.000000 all.
    for (const double tiny : {1e-9, 2e-9, 1e-9})
        SQUALL_SOMETIMES_EACH("each tiny real", "x", tiny);
    // Two texts with six decimals, one with six digits.
    for (const double large : {1234567.1, 1234567.2})
        SQUALL_SOMETIMES_EACH("each large real", "x", large);
    std::map<std::string, std::uint64_t> times;
    for (const squall::each_tally& one : run.each_tallies())
        EXPECT_TRUE(times.emplace(one.values, one.times).second) << one.values << " stands twice";
    EXPECT_EQ(times,
              (std::map<std::string, std::uint64_t>{{"x=1e-09", 2}, {"x=2e-09", 1}, {"x=1.23457e+06", 2}}));
    squall::results kept;
    kept.add(run, {});
    std::uint64_t sum = 0;
    for (const auto& [key, count] : kept.each)
        sum += count;
    EXPECT_EQ(sum, 5u);
}

// Fails if an assertion has no function, or its id depends on one.
TEST(Assertions, KnowTheirFunction) {
    for (const auto& entry : squall::catalog())
        if (entry.detail == "n is never five") {
            EXPECT_EQ(entry.function, "all_kinds");
        }
}

}  // namespace
