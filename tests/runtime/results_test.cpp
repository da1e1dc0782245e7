// Results of runs: kept as text, merged in any order; and the exhaustive mode.
#include <squall/results.h>

#include <squall/assertions.h>
#include <squall/buggify.h>
#include <squall/catalog.h>
#include <squall/exhaust.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using testing::HasSubstr;

// One run's worth of sites and assertions, different for each seed.
squall::results results_of(std::uint64_t seed) {
    squall::run run(
        {.seed = seed, .activation = 0.5, .firing = 0.5, .on_violation = squall::violation_policy::records});
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    for (std::uint64_t i = 0; i < 20 + seed; ++i) {
        const bool fired = SQUALL_BUGGIFY_NAMED("results");
        SQUALL_SOMETIMES(fired, "the site of results fires");
        SQUALL_ALWAYS(i != 30, "no loop has thirty turns", "i", i);
        SQUALL_SOMETIMES_EACH("each remainder was seen", "remainder", i % (seed + 1), "fired", fired);
    }
    squall::results one;
    one.add(run, {{seed, static_cast<std::uint8_t>(seed)}, {77, 3}});
    return one;
}

bool equal(const squall::results& a, const squall::results& b) {
    return to_string(a) == to_string(b);
}

// Fails if the text loses or changes anything, line ends in values included.
TEST(Results, SurviveTheirText) {
    squall::results all = results_of(5);
    all.each[{9, "a=1\nb=\\2"}] = 3;
    const squall::results again = squall::parse_results(to_string(all));
    EXPECT_TRUE(equal(again, all)) << to_string(again);
    EXPECT_EQ(again.each, all.each);
    EXPECT_EQ(again.sites, all.sites);
    EXPECT_EQ(again.assertions, all.assertions);
    EXPECT_EQ(again.coverage.classes(), all.coverage.classes());
    EXPECT_EQ(again.runs, 1u);
}

// Fails if the order or grouping of merges shows, or a sum is lost.
TEST(Results, MergeInAnyOrder) {
    std::vector<squall::results> ones;
    for (std::uint64_t seed = 1; seed <= 12; ++seed)
        ones.push_back(results_of(seed));
    squall::results forwards;
    squall::results backwards;
    squall::results halves[2];
    for (std::size_t i = 0; i < ones.size(); ++i) {
        forwards.merge(ones[i]);
        backwards.merge(ones[ones.size() - 1 - i]);
        halves[i % 2].merge(ones[i]);
    }
    halves[1].merge(halves[0]);
    EXPECT_TRUE(equal(forwards, backwards));
    EXPECT_TRUE(equal(forwards, halves[1]));
    EXPECT_EQ(forwards.runs, 12u);
    EXPECT_EQ(forwards.violated, 2u) << "seeds 11 and 12 have a thirtieth turn";
    EXPECT_EQ(forwards.coverage.edges(), 13u);
    for (const auto& [id, assertion] : forwards.assertions)
        if (squall::catalog_at(squall::catalog_find(id)).detail == "no loop has thirty turns") {
            EXPECT_EQ(assertion.first_false, 11u);
            EXPECT_EQ(assertion.times_false, 2u);
            EXPECT_EQ(assertion.first_true, 1u);
        }
}

// Fails if bad text is taken for results, or the error names another line.
TEST(Results, BadTextNamesItsLine) {
    const auto error_of = [](const std::string& text) {
        try {
            squall::parse_results(text);
        } catch (const squall::results_error& error) {
            return std::to_string(error.line()) + ": " + error.what();
        }
        return std::string("accepted");
    };
    EXPECT_THAT(error_of(""), HasSubstr("1: "));
    EXPECT_THAT(error_of("{}"), HasSubstr("not squall's results"));
    EXPECT_THAT(error_of("squall-results 2\nruns 1 0\n"), HasSubstr("another version"));
    EXPECT_THAT(error_of("squall-results 1\nruns 1\n"), HasSubstr("2: results, line 2: a field is missing"));
    EXPECT_THAT(error_of("squall-results 1\nruns 1 0\nsite xyz 1 1 1 1\n"), HasSubstr("3: "));
    EXPECT_THAT(error_of("squall-results 1\nruns 1 0 0\n"), HasSubstr("more fields"));
    EXPECT_THAT(error_of("squall-results 1\nruns -1 0\n"), HasSubstr("not a number"));
    EXPECT_THAT(error_of("squall-results 1\nedge 1 256\n"), HasSubstr("1 to 255"));
    EXPECT_THAT(error_of("squall-results 1\nfoo 1\n"), HasSubstr("'foo'"));
}

// A store of three writes, the second of which forgets to look at its result.
bool write_ok() {
    return !SQUALL_BUGGIFY_NAMED("write fails");
}
int acknowledged_but_lost() {
    int lost = 0;
    if (!write_ok())
        return 0;
    if (!write_ok())
        ++lost;
    if (!write_ok())
        return 0;
    return lost;
}

// Fails if an evaluation is left out, failed twice, or the end is not noticed.
TEST(Exhaust, FailsEachEvaluationOnceAndStopsWhenUntouched) {
    std::vector<std::uint64_t> fired;
    const auto done = squall::exhaust("name:write fails", {.seed = 1}, [&](squall::run& run) {
        for (std::uint64_t i = 0; i < 5; ++i)
            if (!write_ok())
                fired.push_back(i);
        EXPECT_EQ(squall::current_run(), &run);
    });
    EXPECT_EQ(fired, (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(done.evaluations, 5u);
    EXPECT_TRUE(done.complete);
}

// Fails if the failing evaluation cannot be told.
TEST(Exhaust, SaysWhichEvaluationItWas) {
    std::uint64_t nth = 99;
    EXPECT_THROW(squall::exhaust(
                     "name:write fails", {.seed = 1},
                     [](squall::run&) {
                         if (acknowledged_but_lost() != 0)
                             throw std::runtime_error("lost");
                     },
                     100, &nth),
                 std::runtime_error);
    EXPECT_EQ(nth, 1u);
}

// Fails if a site without end, or none at all, makes it go on for ever or pass in silence.
TEST(Exhaust, HasALimitAndWantsASite) {
    const auto endless = [](squall::run&) {
        while (write_ok()) {
        }
    };
    const auto done = squall::exhaust("name:write fails", {.seed = 1}, endless, 10);
    EXPECT_EQ(done.evaluations, 10u);
    EXPECT_FALSE(done.complete);
    EXPECT_THROW(squall::exhaust("name:nobody", {.seed = 1}, endless), std::invalid_argument);
    EXPECT_THROW(squall::exhaust("a=fire;b", {.seed = 1}, endless), squall::override_error);
}

}  // namespace
