// What a worker process died of, in the words that its runtime left behind.
#ifndef SQUALL_CLI_CRASH_CAUSE_H
#define SQUALL_CLI_CRASH_CAUSE_H

#include "protocol.h"

#include <string>
#include <string_view>

namespace squall::cli {

struct cause {
    cli::verdict verdict;
    std::string message;
    std::string place;  // "file:line" or "file:line in function" where the output tells it
};

// `status` is the wait status of a process that ended by itself, `output` the last of its stdout and stderr:
// looks there for the summary of a sanitizer, a failed assert() and the report of an exception that nobody
// caught.
cause cause_of_end(int status, std::string_view output);

// "exit code 3", "signal 11 (segmentation fault)".
std::string status_text(int status);

}  // namespace squall::cli

#endif  // SQUALL_CLI_CRASH_CAUSE_H
