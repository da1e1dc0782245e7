// What a run and a campaign came to, and how it is told: as text for people, as JSON and JUnit XML for
// programs.
#ifndef SQUALL_REPORT_H
#define SQUALL_REPORT_H

#include <squall/recorded_event.h>
#include <squall/run.h>
#include <squall/site.h>
#include <squall/world.h>

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {

// What workloads and programs measured under one name: process_context::measure().
struct metric {
    std::uint64_t count = 0;
    double sum = 0;
    double least = 0;
    double most = 0;

    void add(double value);
    void merge(const metric& other);
    double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
    bool operator==(const metric&) const = default;
};

// What one seed came to.
struct run_result {
    std::uint64_t seed = 0;
    outcome ended;
    nanoseconds virtual_time{0};
    std::uint64_t events = 0;
    std::uint64_t digest = 0;
    std::string options;  // the faults drawn, as text: fault_text.h reads them back
    std::vector<std::pair<std::string, std::uint64_t>> faults;
    std::vector<site_tally> sites;
    std::vector<assertion_tally> assertions;
    std::vector<each_tally> each;
    std::vector<std::uint32_t> coverage;
    std::vector<std::string> tail;
    // (events, digest by then), as of world::checkpoints().
    std::vector<std::pair<std::uint64_t, std::uint64_t>> checkpoints;
    std::vector<recorded_event> record;      // with keep_log: every event
    std::vector<happened_fault> fault_list;  // with keep_log: each of the faults, in order
    std::string exhausted = {};              // of an exhaustive run: the override that it was made with
    std::map<std::string, metric> metrics = {};

    bool passed() const { return ended.how == verdict::passed; }
};

// Why a campaign ended.
enum class stop_reason : std::uint8_t {
    all_seeds,          // every seed that was asked for has run
    first_failure,      // simulation::until_first_failure()
    sometimes_reached,  // simulation::until_sometimes(): all of them came true
    coverage_stable,    // simulation::until_coverage_stable()
    wall_time,          // simulation::time_limit()
};
std::string_view to_string(stop_reason why) noexcept;

// A place of the catalog, and what all runs of a campaign made of it.
struct assertion_row {
    std::uint32_t index = 0;  // in the catalog
    std::uint64_t runs = 0;   // that evaluated it
    std::uint64_t times_true = 0;
    std::uint64_t times_false = 0;
    std::uint64_t runs_true = 0;   // in which it was true at least once
    std::uint64_t first_true = 0;  // the first seed of these; meaningless without one
    bool operator==(const assertion_row&) const = default;
};
struct site_row {
    std::uint32_t index = 0;
    std::uint64_t runs = 0;  // that evaluated it
    std::uint64_t evaluated = 0;
    std::uint64_t activated = 0;  // runs in which it was active
    std::uint64_t fired = 0;
    bool operator==(const site_row&) const = default;
};

// What a call of simulation::run() came to.
struct report {
    std::string simulation;
    std::string test;                  // GoogleTest's Suite.Name, where known
    std::vector<run_result> failures;  // by seed; of those beyond the first hundred without their events
    std::uint64_t runs = 0;            // more than seeds in the exhaustive mode
    std::uint64_t first_seed = 0;
    stop_reason stopped = stop_reason::all_seeds;
    std::string stopped_because;                  // in words
    std::vector<assertion_row> assertions;        // all of the binary's, evaluated or not, by index
    std::vector<site_row> sites;                  // the same
    std::map<std::string, std::uint64_t> faults;  // that happened, by kind
    std::map<std::string, metric> metrics;
    std::size_t places_covered = 0;  // coverage marks and compiler's edges reached, of
    std::size_t places = 0;          // so many; 0: the program has none
    nanoseconds virtual_time{0};     // of all runs
    nanoseconds wall_time{0};        // of the campaign
    std::uint64_t events = 0;
    unsigned threads = 1;
    std::vector<std::string> catalog_errors;
    std::vector<std::string> never_true;  // sometimes-assertions evaluated but never true in any run
    std::vector<std::string> notes;
    bool skipped = false;  // under `squall run`, which wanted another test

    bool ok() const { return failures.empty() && catalog_errors.empty(); }
    // Throws std::runtime_error with the report as its text, if not ok().
    void throw_if_failed() const;
};

// With `colour`, verdicts are coloured by ANSI escapes.
std::string to_text(const report& all, bool colour = false);
// As to_text(), coloured where `out` is a terminal's stdout or stderr and NO_COLOR is not set.
std::ostream& operator<<(std::ostream& out, const report& all);
// One object; described in docs/reference/report.md. Without the wall time it is equal for equal campaigns.
std::string to_json(const report& all);
// A testsuite element of one testcase a failing seed, and one for all the others.
std::string to_junit(const report& all);
// The one command that makes a failing run again.
std::string reproduction(const report& all, const run_result& failed);

}  // namespace squall

#endif  // SQUALL_REPORT_H
