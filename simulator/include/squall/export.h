// Records of runs for other programs to show: text, JSON Lines, Chrome's trace format (Perfetto,
// chrome://tracing) and ShiViz. docs/reference/record.md.
//
//   auto result = squall::run_seed(plan, {.seed = 17, .keep_log = true});
//   squall::write_record("run.shiviz", result.record);
//
// Equal records give equal bytes.
#ifndef SQUALL_EXPORT_H
#define SQUALL_EXPORT_H

#include <squall/record_format.h>
#include <squall/recorded_event.h>

#include <iosfwd>
#include <span>
#include <string>

namespace squall {

// A line for each event, as in a report.
void export_text(std::ostream& out, std::span<const recorded_event> events);
// An object for each event, one a line.
void export_json_lines(std::ostream& out, std::span<const recorded_event> events);
// Chrome's trace event format: processes with their boots, pauses and messages, arrows from what was sent to
// where it arrived, partitions beside them.
void export_trace(std::ostream& out, std::span<const recorded_event> events);
// ShiViz's: the parser's regular expression, an empty delimiter, then two lines for each event, with its
// vector clock.
void export_shiviz(std::ostream& out, std::span<const recorded_event> events);

void export_record(std::ostream& out, record_format format, std::span<const recorded_event> events);

// By the file's extension: .txt, .jsonl, .json (trace) or .shiviz. Throws std::invalid_argument, which names
// them, for any other.
record_format record_format_of(const std::string& path);
// Writes over what is there. Throws std::invalid_argument as above, std::runtime_error where it cannot write.
void write_record(const std::string& path, std::span<const recorded_event> events);

}  // namespace squall

#endif  // SQUALL_EXPORT_H
