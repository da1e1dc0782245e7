// What a campaign knows so far: verdicts, failing seeds by cause, and the counts of every site, assertion and
// coverage mark.
#ifndef SQUALL_CLI_TALLY_H
#define SQUALL_CLI_TALLY_H

#include "protocol.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace squall::cli {

// A simulation of the test binary: its name within the GoogleTest that runs it.
struct simulation_name {
    std::string test;
    std::string simulation;
    bool operator==(const simulation_name&) const = default;
};

enum class place_class { site, assertion, coverage };
place_class classify(std::string_view kind);

// Whether a campaign is expected to make it true at least once.
bool must_be_reached(std::string_view kind);

// Whether nothing is wrong where no run comes near it.
bool may_stay_unreached(std::string_view kind);

struct run_name {
    std::uint32_t simulation = 0;
    std::uint64_t seed = 0;
};

// A combination of values of a sometimes-each, over the campaign.
struct combination {
    std::uint64_t times = 0;
    std::uint64_t runs = 0;
    run_name first;
};

// A catalog entry and its counts over the campaign. `what.index` is not used.
struct place {
    catalog_record what;
    std::uint64_t runs = 0;  // in which it was evaluated, or for coverage reached
    std::uint64_t evaluated = 0;
    std::uint64_t activated = 0;
    std::uint64_t fired = 0;
    std::uint64_t fired_runs = 0;
    std::uint64_t times_true = 0;
    std::uint64_t times_false = 0;
    std::uint64_t true_runs = 0;
    std::uint64_t false_runs = 0;
    std::optional<run_name>
        first;  // first run that fired the site, made the assertion true, or reached the mark
    std::optional<run_name> first_false;      // assertions
    std::map<std::string, combination> each;  // of a sometimes-each: by values
    bool changed = true;                      // since the campaign file last took it

    bool reached() const { return classify(what.kind) == place_class::assertion ? times_true > 0 : runs > 0; }
};

// Failing runs with one cause.
struct failure_group {
    cli::verdict verdict;
    std::string message;
    std::string place;
    std::uint32_t simulation;
    std::string process;               // of the first
    std::vector<std::string> tail;     // of the first
    std::string output;                // of the first
    std::vector<std::uint64_t> seeds;  // in the order of the campaign
};

class tally {
public:
    // The number under which the place is counted here; the same for the same id. Throws error where one id
    // has two texts.
    std::uint32_t intern(const catalog_record& record);

    // Adds a run whose indices are numbers of intern().
    void add(std::uint32_t simulation, const run_result& result);

    // Notes that the seed of a run that was added with the verdict `first` had another digest when run again.
    void add_nondeterminism(std::uint32_t simulation, const run_result& described, verdict first);

    std::uint64_t runs() const { return runs_; }
    std::uint64_t failures() const { return failures_; }
    std::uint64_t nondeterministic() const { return nondeterministic_; }
    std::uint64_t events() const { return events_; }
    std::int64_t virtual_ns() const { return virtual_ns_; }
    std::uint64_t must_reach() const { return must_reach_; }
    std::uint64_t must_reach_open() const { return must_reach_ - must_reach_done_; }
    std::uint64_t covered() const { return covered_; }
    const std::map<verdict, std::uint64_t>& verdicts() const { return verdicts_; }
    const std::map<std::string, std::uint64_t>& faults() const { return faults_; }
    const std::vector<failure_group>& groups() const { return groups_; }
    std::vector<place>& places() { return places_; }
    const std::vector<place>& places() const { return places_; }

    // For a campaign that goes on: what its file holds.
    void restore_place(place stored);

    // Adds the counts of a place of another campaign. The first run of all is the one with the least seed.
    void merge_place(const place& other);
    void restore_totals(std::uint64_t runs, std::uint64_t events, std::int64_t virtual_ns,
                        std::map<verdict, std::uint64_t> verdicts,
                        std::map<std::string, std::uint64_t> faults);
    void restore_failure(std::uint32_t simulation, const run_result& result);

private:
    void add_failure(std::uint32_t simulation, const run_result& result);
    void count_if_reached(const place& p, bool before);

    std::vector<place> places_;
    std::unordered_map<std::string, std::uint32_t> place_of_id_;
    std::vector<failure_group> groups_;
    std::map<std::string, std::size_t> group_of_cause_;
    std::map<verdict, std::uint64_t> verdicts_;
    std::map<std::string, std::uint64_t> faults_;
    std::uint64_t runs_ = 0;
    std::uint64_t failures_ = 0;
    std::uint64_t nondeterministic_ = 0;
    std::uint64_t events_ = 0;
    std::int64_t virtual_ns_ = 0;
    std::uint64_t must_reach_ = 0;
    std::uint64_t must_reach_done_ = 0;
    std::uint64_t covered_ = 0;
};

// How many there are of each class, and how many of them the campaign came to; `must` are those that
// must_be_reached().
struct place_totals {
    std::uint64_t sites = 0, sites_evaluated = 0, sites_activated = 0, sites_fired = 0;
    std::uint64_t assertions = 0, assertions_evaluated = 0, must = 0, must_reached = 0;
    std::uint64_t marks = 0, marks_reached = 0;
};
place_totals totals_of(const std::vector<place>& places);

}  // namespace squall::cli

#endif  // SQUALL_CLI_TALLY_H
