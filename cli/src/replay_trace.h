// The record of a replayed run, in the place and format that were asked for.
#ifndef SQUALL_CLI_REPLAY_TRACE_H
#define SQUALL_CLI_REPLAY_TRACE_H

#include <squall/record_format.h>
#include <squall/recorded_event.h>

#include <cstdint>
#include <span>
#include <string>

namespace squall::cli {

struct trace_request {
    std::string file;  // empty: stdout
    squall::record_format format;
};

// --record FILE. Throws error, as below, where no format is named.
trace_request trace_by_extension(const std::string& file);

// --trace FORMAT[=FILE].
trace_request trace_by_name(const std::string& text, std::uint64_t seed);

// Before the run: what was in the file goes away, so that a record of another run is not taken for one of
// this. Throws error where it cannot be written.
void prepare_trace(const trace_request& trace);

// Throws error. Says on stderr, and leaves no file, where there are no events.
void write_trace(const trace_request& trace, std::span<const squall::recorded_event> events);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_TRACE_H
