// The layout of --help: our own usage line, and descriptions that are wrapped.
#ifndef SQUALL_CLI_HELP_H
#define SQUALL_CLI_HELP_H

#include <CLI/CLI.hpp>

#include <string>

namespace squall::cli {

// Makes the help of this verb begin with `usage` (lines after the first are other forms).
void set_usage(CLI::App& verb, const std::string& usage);

}  // namespace squall::cli

#endif  // SQUALL_CLI_HELP_H
