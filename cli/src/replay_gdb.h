// A seed in gdb, which stops where the run fails.
#ifndef SQUALL_CLI_REPLAY_GDB_H
#define SQUALL_CLI_REPLAY_GDB_H

#include "replay_plan.h"
#include "replay_run.h"

#include <string>

namespace squall::cli {

// Runs the seed once without gdb to see how it ends, then in gdb with a stop where that happens: the failed
// assertion, the last exception thrown before a failure by one, the signal of a crash, an exit. gdb has the
// terminal until the user leaves it; without a terminal it prints the stack and ends. `limits` are those of
// the first run, whose exit code is returned. Throws error, also where there is no gdb, and where there is
// nobody to interrupt a run that does not end.
int replay_in_gdb(replay_plan& plan, const std::string& simulation, const replay_run& limits);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_GDB_H
