// The record of a replayed run, which the worker writes, in the place and format that were asked for.
#ifndef SQUALL_CLI_REPLAY_TRACE_H
#define SQUALL_CLI_REPLAY_TRACE_H

#include <cstdint>
#include <string>

namespace squall::cli {

struct trace_request {
    std::string file;    // what the worker writes; its extension is the format
    std::string wanted;  // where that goes then; the same as `file` unless the extension is another
    bool to_stdout = false;
};

// --record FILE. Throws error, as below, where no format is named.
trace_request trace_by_extension(const std::string& file);

// --trace FORMAT[=FILE].
trace_request trace_by_name(const std::string& text, std::uint64_t seed);

// Lets workers know. What was in the file goes away, so that a run that does not come to its end leaves no
// record of another.
void ask_for_trace(const trace_request& trace);

// Brings the file to its place; says on stderr that there is none.
void finish_trace(const trace_request& trace);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_TRACE_H
