// --faults of the verbs that run a test binary.
#ifndef SQUALL_CLI_FAULTS_OPTION_H
#define SQUALL_CLI_FAULTS_OPTION_H

#include <string>
#include <string_view>
#include <vector>

namespace squall::cli {

// The changes in the text (simulator/include/squall/fault_text.h) in one line, "name=value; name=value": what
// stands in files comes in place of @FILE, JSON is flattened, comments go. Whether there are such values only
// the worker knows. Throws error, which begins with `origin`, for a file that cannot be read or names
// another, for what is not JSON though it begins so, and for a text with control characters or too long.
std::string plain_fault_changes(std::string_view text, std::string_view origin);

// Puts the changes of this process's SQUALL_FAULTS and then those given into SQUALL_FAULTS, which workers
// inherit, and returns them, plain; empty if there are none.
std::string apply_fault_changes(const std::vector<std::string>& given);

// These and no others.
void set_fault_changes(const std::string& text);

}  // namespace squall::cli

#endif  // SQUALL_CLI_FAULTS_OPTION_H
