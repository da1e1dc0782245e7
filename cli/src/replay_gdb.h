// A seed in gdb, which stops where the run fails.
#ifndef SQUALL_CLI_REPLAY_GDB_H
#define SQUALL_CLI_REPLAY_GDB_H

#include "replay_plan.h"

#include <chrono>
#include <string>

namespace squall::cli {

// Runs the seed once without gdb to see how it ends, then in gdb with a stop where that happens: the failed
// assertion, the last exception thrown before a failure by one, the signal of a crash. gdb has the terminal
// until the user leaves it; without a terminal it prints the stack and ends. Returns the exit code of the
// first run. Throws error, also where there is no gdb.
int replay_in_gdb(replay_plan& plan, const std::string& simulation, std::chrono::milliseconds hang_timeout);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_GDB_H
