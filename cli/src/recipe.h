// A recipe: one run of one seed, written down in a file that `squall replay --recipe` takes.
// docs/reference/cli.md documents it.
#ifndef SQUALL_CLI_RECIPE_H
#define SQUALL_CLI_RECIPE_H

#include "protocol.h"
#include "tally.h"

#include <cstdint>
#include <string>
#include <vector>

namespace squall::cli {

inline constexpr int recipe_version = 1;

struct recipe {
    std::vector<std::string> command;
    simulation_name simulation;
    std::uint64_t seed = 0;
    std::string profile = own_profile;
    std::string overrides;
    std::string fault_changes;
    std::vector<std::string> veto;  // ids of decisions that must not happen
    cli::verdict verdict = cli::verdict::passed;
    std::string message;
    std::string digest;  // empty where the run did not live to one
};

// One line of JSON.
std::string to_text(const recipe& r);

// Both throw error.
void write_recipe(const recipe& r, const std::string& file);
recipe read_recipe(const std::string& file);

}  // namespace squall::cli

#endif  // SQUALL_CLI_RECIPE_H
