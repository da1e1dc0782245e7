// Which run of a seed is meant.
#include "replay_plan.h"

#include "campaign_file.h"
#include "discovery.h"
#include "error.h"
#include "faults_option.h"
#include "override_option.h"
#include "recipe.h"
#include "text.h"
#include "worker_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace squall::cli {

namespace {

// The test that the filter names, if it is one test and not a pattern.
std::optional<std::string> single_test(const std::vector<std::string>& command) {
    std::optional<std::string> test;
    for (const std::string& argument : command) {
        if (argument.starts_with("--gtest_filter=")) {
            test = argument.substr(argument.find('=') + 1);
        }
    }
    const bool plain =
        test && test->find('.') != std::string::npos && test->find_first_of("*?:-") == std::string::npos;
    return plain ? test : std::nullopt;
}

simulation_name choose(const std::vector<simulation_name>& candidates, const std::string& wanted,
                       const std::string& where) {
    std::vector<simulation_name> fitting;
    std::string names;
    for (const simulation_name& candidate : candidates) {
        names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", printable(candidate.test),
                             printable(candidate.simulation));
        if (wanted.empty() || candidate.simulation == wanted) {
            fitting.push_back(candidate);
        }
    }
    if (fitting.empty()) {
        throw error(fmt::format("no simulation '{}' in {}; there are {}", printable(wanted), where, names));
    }
    if (fitting.size() > 1) {
        throw error(fmt::format(
            "which simulation of {}? There are {} (say --gtest_filter=Suite.Name after the binary, and "
            "--simulation NAME if a test has several)",
            where, names));
    }
    return fitting.front();
}

void plan_from_campaign(const replay_source& options, std::uint64_t seed, replay_plan& plan) {
    const auto file = campaign_file::read(options.campaign);
    const campaign_info info = file->info();
    if (plan.command.empty()) {
        plan.command = info.command;
    }
    plan.request.profile = options.profile.empty() ? info.profile : options.profile;
    if (options.overrides.empty() && !info.overrides.empty()) {
        set_overrides(info.overrides);
        plan.overrides = info.overrides;
    }
    if (options.faults.empty() && !info.fault_changes.empty()) {
        set_fault_changes(info.fault_changes);
    }
    std::vector<stored_run> runs = file->runs_of(seed);
    if (const auto test = single_test(plan.command)) {
        std::erase_if(runs, [&](const stored_run& run) { return run.simulation.test != *test; });
    }
    if (std::any_of(runs.begin(), runs.end(),
                    [](const stored_run& run) { return run.result.verdict != verdict::passed; })) {
        std::erase_if(runs, [](const stored_run& run) { return run.result.verdict == verdict::passed; });
    }
    if (runs.empty()) {
        throw error(fmt::format("the campaign {} has no run of seed {}", printable(options.campaign), seed));
    }
    std::vector<simulation_name> names;
    for (const stored_run& run : runs) {
        names.push_back(run.simulation);
    }
    plan.simulation = choose(names, options.simulation, printable(options.campaign));
    for (stored_run& run : runs) {
        if (run.simulation == plan.simulation) {
            plan.recorded = std::move(run.result);
            break;
        }
    }
    plan.expected_digest = plan.recorded->digest;
}

void plan_from_recipe(const replay_source& options, replay_plan& plan) {
    const recipe known = read_recipe(options.recipe);
    if (plan.command.empty()) {
        plan.command = known.command;
    }
    plan.simulation = known.simulation;
    plan.request.seed = known.seed;
    plan.request.veto.insert(plan.request.veto.end(), known.veto.begin(), known.veto.end());
    plan.request.profile = options.profile.empty() ? known.profile : options.profile;
    if (options.overrides.empty() && !known.overrides.empty()) {
        set_overrides(known.overrides);
        plan.overrides = known.overrides;
    }
    if (options.faults.empty() && !known.fault_changes.empty()) {
        set_fault_changes(known.fault_changes);
    }
    plan.from_recipe = options.veto.empty();
    plan.recorded.emplace();
    plan.recorded->seed = known.seed;
    plan.recorded->verdict = known.verdict;
    plan.recorded->message = known.message;
    plan.expected_digest = plan.recorded->digest = known.digest;
}

}  // namespace

replay_plan make_plan(const replay_source& options, std::vector<std::string> command) {
    replay_plan plan;
    std::string seed = options.seed;
    if (seed.empty() && !options.campaign.empty() && !options.positional.empty()) {
        seed = options.positional.front();  // replay --campaign FILE SEED
        if (options.positional.size() > 1) {
            throw error(
                fmt::format("'{}': the test binary stands after --", printable(options.positional[1])));
        }
    } else if (!options.positional.empty()) {
        if (!command.empty()) {
            throw error(
                fmt::format("'{}' before --: is it an option, or the test binary? Put the binary after --",
                            printable(options.positional.front())));
        }
        command = options.positional;
    }
    if (!options.recipe.empty() && (!seed.empty() || !options.campaign.empty())) {
        throw error("--recipe says which seed of which program (leave --seed and --campaign out)");
    }
    if (seed.empty() && options.recipe.empty()) {
        throw error("which seed? As in: --seed 123 -- ./my_test, or --campaign FILE 123");
    }
    if (!seed.empty()) {
        plan.request.seed = parse_seed(seed, "--seed");
    }
    plan.request.profile = options.profile.empty() ? std::string(own_profile) : options.profile;
    for (const std::string& id : options.veto) {
        if (id.size() != 16 || id.find_first_not_of("0123456789abcdef") != std::string::npos) {
            throw error(fmt::format("--veto: '{}' is not the id of a decision (16 hexadecimal digits)",
                                    printable(id)));
        }
        plan.request.veto.push_back(id);
    }
    plan.command = std::move(command);
    if (!options.campaign.empty()) {
        plan_from_campaign(options, plan.request.seed, plan);
    }
    if (!options.recipe.empty()) {
        plan_from_recipe(options, plan);
    }
    if (!options.overrides.empty()) {
        plan.overrides = apply_overrides(options.overrides);
    }
    plan.fault_changes = apply_fault_changes(options.faults);
    check_command(plan.command);
    return plan;
}

void choose_simulation(replay_plan& plan, const std::string& wanted, std::chrono::milliseconds hang_timeout) {
    if (!plan.simulation.test.empty()) {
        return;
    }
    if (const auto test = single_test(plan.command)) {
        plan.simulation = {*test, wanted};
        return;
    }
    plan.simulation =
        choose(discover(plan.command, std::max(hang_timeout, std::chrono::milliseconds(30'000))).simulations,
               wanted, printable(plan.command.front()));
}

void add_source_options(CLI::App& verb, replay_source& source) {
    verb.add_option("command", source.positional,
                    "The GoogleTest binary and its arguments; best put after --")
        ->type_name("");
    verb.add_option("--seed", source.seed, "Which seed")->type_name("SEED");
    verb.add_option("--campaign", source.campaign,
                    "Take command, profile, overrides, faults and expected digest from this campaign")
        ->type_name("FILE");
    verb.add_option("--recipe", source.recipe,
                    "Take all that and the seed from a recipe (squall minimize writes them)")
        ->type_name("FILE");
    verb.add_option("--veto", source.veto,
                    "Decisions that must not happen this time, by id, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("ID,...");
    verb.add_option("--override", source.overrides,
                    "What sites do instead of their chance (see squall run); may be repeated; default: the "
                    "campaign's")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb.add_option("--faults", source.faults,
                    "Changes of single fault values (see squall run); may be repeated; default: the "
                    "campaign's")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb.add_option("--profile", source.profile,
                    "As in the campaign: own (the default), calm, swarm or hostile")
        ->check(CLI::IsMember({"own", "calm", "swarm", "hostile"}).description(""))
        ->type_name("NAME");
    verb.add_option("--simulation", source.simulation, "Which simulation, where a test has several")
        ->type_name("NAME");
    verb.add_option("--hang-timeout", source.hang_timeout, "Give up after so long without a result")
        ->capture_default_str()
        ->type_name("TIME");
    verb.add_option(
            "--memory-limit", source.memory_limit,
            "Resident memory of one worker: 512M, 2G, none (default: its share of 3/4 of the machine)")
        ->type_name("SIZE");
}

}  // namespace squall::cli
