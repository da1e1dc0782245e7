// What a report is made of: a campaign file summed up, with every list capped and its whole length told.
#ifndef SQUALL_CLI_REPORT_DATA_H
#define SQUALL_CLI_REPORT_DATA_H

#include "campaign_file.h"
#include "protocol.h"
#include "report_estimate.h"
#include "tally.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

inline constexpr std::size_t report_causes_max = 200;
inline constexpr std::size_t report_seeds_max = 100;          // of a cause
inline constexpr std::size_t report_places_max = 20'000;      // of each class
inline constexpr std::size_t report_curve_points_max = 1000;  // of each curve

// Failing runs with one verdict, message, place and simulation.
struct report_cause {
    cli::verdict verdict = verdict::assertion;
    std::string message;
    std::string place;
    std::uint32_t simulation = 0;
    std::uint64_t runs = 0;
    std::uint64_t first_position = 0;  // of the first of these runs, counted from 1
    std::vector<std::uint64_t> seeds;  // in the order of the campaign, at most report_seeds_max
    // Of the first run.
    std::string process;
    std::int64_t virtual_ns = 0;
    std::uint64_t events = 0;
    std::string digest;
    std::string options;
    std::vector<std::string> tail;
    std::string output;
    std::vector<std::string> replay;  // the command
};

struct curve_point {
    std::uint64_t runs = 0;   // so many runs in
    std::uint64_t count = 0;  // there were so many
};
using curve = std::vector<curve_point>;

struct report_simulation {
    simulation_name name;
    std::uint64_t runs = 0;
    std::uint64_t failing = 0;
    double wall_seconds = 0;
};

struct report_data {
    std::string campaign;  // the file
    std::string squall_version;
    campaign_info info;
    std::string stopped;           // empty: it goes on, or was killed
    std::optional<int> exit_code;  // of the campaign
    std::int64_t wall_ms = 0;

    std::vector<report_simulation> simulations;
    std::uint64_t runs = 0;
    std::uint64_t failing = 0;
    double virtual_seconds = 0;
    std::uint64_t events = 0;
    std::map<std::string, std::uint64_t> verdicts;
    std::map<std::string, std::uint64_t> faults;
    std::uint64_t rechecked = 0;
    std::uint64_t rechecked_different = 0;

    std::vector<report_cause> causes;  // most runs first
    std::uint64_t causes_total = 0;
    std::vector<place> places;  // all of the catalog

    curve coverage_curve;
    curve sites_curve;      // that fired
    curve sometimes_curve;  // sometimes and reachable that came true
    curve causes_curve;
    curve failing_curve;
    discovery_estimate coverage_left;
    discovery_estimate sites_left;
    discovery_estimate sometimes_left;
    discovery_estimate causes_left;

    // "passed", "failed", "nondeterministic", "passed, coverage unmet", "interrupted" or "unfinished".
    std::string outcome() const;
};

// Throws error where the file is no campaign.
report_data read_report(const std::string& path);

// `squall report --json`, docs/report.md. With `seeds_as_text` for readers whose numbers end at
// 2^53.
nlohmann::ordered_json report_json(const report_data& data, bool seeds_as_text);

// The sometimes and reachable that never came true, by file and line.
std::vector<const place*> unmet(const report_data& data);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_DATA_H
