// The events of a failing seed, for the space-time diagram: had by running the seed again with a full record.
#ifndef SQUALL_CLI_REPORT_DIAGRAM_H
#define SQUALL_CLI_REPORT_DIAGRAM_H

#include "report_data.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace squall::cli {

// Of a longer record the last ones are kept: a failure is at its end.
inline constexpr std::size_t report_events_max = 200'000;

struct diagram_request {
    std::vector<std::string> command;  // in place of the campaign's, if not empty
    std::string hang_timeout;
};

// Runs the first seed of the cause again, by `squall replay`, and packs its record as diagram_json() does. If
// there is none, {"cause", "seed", "missing"} says why: no binary, another build, a run that did not end.
nlohmann::ordered_json replay_diagram(const report_data& data, std::size_t cause,
                                      const diagram_request& request);

// Packs a record in JSON Lines (docs/reference/record.md) into columns with one entry an event: `t` (ns since
// the event before), `k`, `p`, `q`, `x` (kind, process, peer and text, as indices into `kinds`, `processes`
// and `texts`; -1: none), `b` (bytes) and `m` (the event at the other end of the message, -1: none). Lines
// that are no events are left out and counted in `damaged`.
nlohmann::ordered_json diagram_json(std::istream& record, std::size_t events_max = report_events_max);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_DIAGRAM_H
