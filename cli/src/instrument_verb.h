// squall instrument: writes a copy of C++ source that carries sites.
#ifndef SQUALL_CLI_INSTRUMENT_VERB_H
#define SQUALL_CLI_INSTRUMENT_VERB_H

namespace CLI {
class App;
}

namespace squall::cli {

// Adds the verb to the command line. If it is the one that is called, parsing the command line does all of
// its work and puts its exit code (squall/instrument.h) into `exit_code`, which must outlive the parse.
void add_instrument_verb(CLI::App& app, int& exit_code);

}  // namespace squall::cli

#endif  // SQUALL_CLI_INSTRUMENT_VERB_H
