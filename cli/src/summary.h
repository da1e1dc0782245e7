// What `squall run` says at the end: as text, and as JSON.
#ifndef SQUALL_CLI_SUMMARY_H
#define SQUALL_CLI_SUMMARY_H

#include "engine.h"
#include "tally.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace squall::cli {

struct summary_input {
    const std::vector<std::string>& command;
    const std::string& profile;
    const std::vector<std::string>& overrides;
    const std::string& fault_changes;  // plain text (faults_option.h)
    const std::vector<simulation_name>& simulations;
    const std::string& campaign;
    const seed_plan& seeds;
    const tally& counts;
    const engine_report& report;
    bool until_sometimes;
    std::uint64_t runs_before;  // of the parts of the campaign before this one
    int exit_code;
};

// passed, failed, nondeterminism, unmet or interrupted.
int exit_code_of(const tally& counts, const engine_report& report, bool until_sometimes);

std::string_view name(stop_reason reason);

std::string summary_text(const summary_input& input);
nlohmann::ordered_json summary_json(const summary_input& input);

// `squall replay ...` for a seed.
std::vector<std::string> replay_command(const std::vector<std::string>& command, const std::string& profile,
                                        const std::vector<std::string>& overrides,
                                        const std::string& fault_changes,
                                        const std::vector<simulation_name>& simulations,
                                        std::uint32_t simulation, std::uint64_t seed);

}  // namespace squall::cli

#endif  // SQUALL_CLI_SUMMARY_H
