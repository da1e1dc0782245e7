// Assertions on numbers: operands of any types, evaluated once, shown when they fail.
#include "recorder.h"

#include <squall/assertions.h>
#include <squall/run.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace {

// Fails if an operand is converted on the way: -1 is less than 1u, and 2^63 is not negative.
TEST(NumericAssertions, MixedIntegersCompareByValue) {
    const bound_run bound;
    EXPECT_NO_THROW(SQUALL_ALWAYS_LT(-1, 1u, "minus one is less than one unsigned"));
    EXPECT_NO_THROW(
        SQUALL_ALWAYS_GT(std::uint64_t{1} << 63, std::int64_t{-1}, "2^63 is more than minus one"));
    EXPECT_THROW(
        SQUALL_ALWAYS_LE(std::numeric_limits<std::uint64_t>::max(), -1, "2^64 - 1 is at most minus one"),
        squall::assertion_violation);
    EXPECT_THROW(SQUALL_ALWAYS_GE(-1, 0u, "minus one is at least zero unsigned"),
                 squall::assertion_violation);
}

// Fails if doubles are cut to integers, or a NaN satisfies anything.
TEST(NumericAssertions, DoublesAreNotCut) {
    const bound_run bound;
    EXPECT_NO_THROW(SQUALL_ALWAYS_LT(0.5, 1, "a half is less than one"));
    EXPECT_NO_THROW(SQUALL_ALWAYS_GT(1, 0.5, "one is more than a half"));
    EXPECT_NO_THROW(
        SQUALL_ALWAYS_GT((std::int64_t{1} << 53) + 1, 9007199254740992.0, "2^53 + 1 is more than 2^53"));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(SQUALL_ALWAYS_LE(nan, 1.0, "a NaN is at most one"), squall::assertion_violation);
    EXPECT_THROW(SQUALL_ALWAYS_GE(nan, 1.0, "a NaN is at least one"), squall::assertion_violation);
}

// Fails if equality is on the wrong side of a form.
TEST(NumericAssertions, EqualOperandsSatisfyOnlyTheWeakForms) {
    const bound_run bound;
    EXPECT_NO_THROW(SQUALL_ALWAYS_LE(2, 2L, "two is at most two"));
    EXPECT_NO_THROW(SQUALL_ALWAYS_GE(2, 2.0, "two is at least two"));
    EXPECT_THROW(SQUALL_ALWAYS_LT(2, 2, "two is less than two"), squall::assertion_violation);
    EXPECT_THROW(SQUALL_ALWAYS_GT(2, 2, "two is more than two"), squall::assertion_violation);
}

// Fails if an operand is evaluated again for the details, or not shown in them.
TEST(NumericAssertions, OperandsAreEvaluatedOnceAndShown) {
    const bound_run bound;
    int calls = 0;
    const auto next = [&] { return ++calls; };
    try {
        SQUALL_ALWAYS_GT(next(), 10, "a counter is past ten", "unit", "calls");
        FAIL() << "no violation";
    } catch (const squall::assertion_violation& violated) {
        EXPECT_STREQ(violated.what(), "a counter is past ten (left=1 right=10 unit=calls)");
    }
    EXPECT_EQ(calls, 1);
}

// Fails if a numeric SOMETIMES counts the wrong way round.
TEST(NumericAssertions, SometimesCountsBothOutcomes) {
    const bound_run bound;
    for (int i = 0; i < 10; ++i)
        SQUALL_SOMETIMES_GE(i, 7u, "a number of seven or more was seen");
    const auto tallies = bound.run.assertion_tallies();
    ASSERT_EQ(tallies.size(), 1u);
    EXPECT_EQ(tallies[0].times_true, 3u);
    EXPECT_EQ(tallies[0].times_false, 7u);
}

}  // namespace
