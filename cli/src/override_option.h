// --override of the verbs that run a test binary.
#ifndef SQUALL_CLI_OVERRIDE_OPTION_H
#define SQUALL_CLI_OVERRIDE_OPTION_H

#include <string>
#include <vector>

namespace squall::cli {

// Puts the overrides of this process's SQUALL_OVERRIDES and then those given into SQUALL_OVERRIDES, which
// workers inherit, and returns them in canonical form. Throws error where one is none, naming the position.
std::string apply_overrides(const std::vector<std::string>& given);

// These and no others.
void set_overrides(const std::string& text);

}  // namespace squall::cli

#endif  // SQUALL_CLI_OVERRIDE_OPTION_H
