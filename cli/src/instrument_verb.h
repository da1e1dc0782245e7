// The verbs that read C++ source: squall instrument writes a copy that carries sites, squall cc compiles one,
// squall lint looks for what breaks simulation.
#ifndef SQUALL_CLI_INSTRUMENT_VERB_H
#define SQUALL_CLI_INSTRUMENT_VERB_H

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace squall::cli {

// Adds the verb to the command line. If it is the one that is called, parsing the command line does all of
// its work and puts its exit code (squall/instrument.h) into `exit_code`, which must outlive the parse.
void add_instrument_verb(CLI::App& app, int& exit_code);
// And the one that undoes it where it was done in place.
void add_revert_verb(CLI::App& app, int& exit_code);
// The same for squall/launch.h; `command` is what stands after "--".
void add_cc_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code);

// The same for squall/lint.h.
void add_lint_verb(CLI::App& app, int& exit_code);

// The source_parser of verbs.h. What did not parse is told on stderr.
void instrument_for_listing(const std::string& source, const std::string& build,
                            const std::vector<std::string>& rules, const std::string& out);

}  // namespace squall::cli

#endif  // SQUALL_CLI_INSTRUMENT_VERB_H
