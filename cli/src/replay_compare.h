// Two runs of one seed compared: whether they are one execution, and if not, where they part.
#ifndef SQUALL_CLI_REPLAY_COMPARE_H
#define SQUALL_CLI_REPLAY_COMPARE_H

#include "protocol.h"
#include "replay_run.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

struct run_comparison {
    bool same = true;
    std::string difference;           // in a sentence; empty if they are the same
    std::uint64_t line = 0;           // of the logs, from 1: the first that differs; 0 if none does
    std::vector<std::string> first;   // some lines before that one and itself, in the first run
    std::vector<std::string> second;  // and in the second
};

run_comparison compare(const replay_outcome& first, const replay_outcome& second);

// Runs it in two processes, which have different address layouts, with every event logged.
run_comparison compare_two_runs(const replay_run& run);

std::string as_text(const run_comparison& compared, std::uint64_t seed);

// Of a run that is not the recorded one: between which events they part, as far as both have checkpoints, and
// whether two runs of today differ as well. Begins with "; " or is empty.
std::string explain_difference(const std::optional<run_result>& recorded, const replay_run& run);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_COMPARE_H
