// Which run of a seed is meant: options, command line, campaign file and recipe put together.
#ifndef SQUALL_CLI_REPLAY_PLAN_H
#define SQUALL_CLI_REPLAY_PLAN_H

#include "protocol.h"
#include "tally.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

// What replay and minimize have in common.
struct replay_source {
    std::vector<std::string> positional;
    std::string seed;
    std::vector<std::string> veto;
    std::string profile;
    std::vector<std::string> overrides;
    std::vector<std::string> faults;
    std::string simulation;
    std::string campaign;
    std::string recipe;
    std::string hang_timeout = "30s";
    std::string memory_limit = {};
};

void add_source_options(CLI::App& verb, replay_source& source);

struct replay_plan {
    std::vector<std::string> command;
    simulation_name simulation;  // no test: still to be found by choose_simulation()
    run_request request;
    std::string overrides;      // as the workers have them
    std::string fault_changes;  // likewise
    std::optional<run_result> recorded;
    std::string expected_digest;
    bool from_recipe = false;  // then vetoes are part of what was recorded
};

// Also puts overrides and fault changes into the environment that workers inherit. Throws error.
replay_plan make_plan(const replay_source& source, std::vector<std::string> command);

// Fills in the simulation, by asking the binary where the filter does not name one test. Needs a
// signal_watch. Throws error where several fit.
void choose_simulation(replay_plan& plan, const std::string& wanted, std::chrono::milliseconds hang_timeout);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_PLAN_H
