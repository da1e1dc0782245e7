// The events of a run in columns, as the page of a report draws them.
#ifndef SQUALL_CLI_REPORT_EVENTS_H
#define SQUALL_CLI_REPORT_EVENTS_H

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <istream>
#include <string>

namespace squall::cli {

// Of a longer record the last ones are kept: a failure is at its end.
inline constexpr std::size_t report_events_max = 200'000;

// Packs a record in JSON Lines (docs/reference/record.md) into columns with one entry an event: `t` (ns since
// the event before), `k`, `p`, `q`, `x` (kind, process, peer and text, as indices into `kinds`, `processes`
// and `texts`; -1: none), `b` (bytes) and `m` (the event at the other end of the message, -1: none). Lines
// that are no events are left out and counted in `damaged`.
nlohmann::ordered_json events_of_record(std::istream& record, std::size_t events_max = report_events_max);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_EVENTS_H
