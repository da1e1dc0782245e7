// The verbs of the command, one file each. Each declares its options and, when the command line is parsed,
// runs and sets the exit code; problems are thrown as squall::cli::error.
#ifndef SQUALL_CLI_VERBS_H
#define SQUALL_CLI_VERBS_H

#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

namespace squall::cli {

// `command` is what stands after "--" on the command line: the test binary and its arguments.
void add_run_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code);
void add_replay_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code);
void add_report_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code);

// Makes `out` an output directory of squall instrument over `source`, a file or directory, with the
// compilation database in `build`. Throws error.
using source_parser = std::function<void(const std::string& source, const std::string& build,
                                         const std::vector<std::string>& rules, const std::string& out)>;
// Without a parser source cannot be listed, and is an error that says so.
void add_sites_verb(CLI::App& app, int& exit_code, source_parser parser = {});

void add_merge_verb(CLI::App& app, int& exit_code);
void add_prune_verb(CLI::App& app, int& exit_code);
void add_minimize_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code);
void add_completion_verb(CLI::App& app, int& exit_code);

}  // namespace squall::cli

#endif  // SQUALL_CLI_VERBS_H
