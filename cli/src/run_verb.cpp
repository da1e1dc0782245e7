// squall run: a campaign of one test binary over many seeds.
#include "campaign_file.h"
#include "discovery.h"
#include "engine.h"
#include "error.h"
#include "faults_option.h"
#include "help.h"
#include "output.h"
#include "override_option.h"
#include "progress.h"
#include "shard.h"
#include "signals.h"
#include "summary.h"
#include "text.h"
#include "verbs.h"
#include "worker_options.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <memory>

#include <unistd.h>

namespace squall::cli {

namespace {

constexpr const char* default_time = "60s";

struct run_options {
    std::vector<std::string> positional;
    std::string seeds;
    std::string from;
    std::string time;
    std::string jobs;
    bool keep_going = false;
    bool until_sometimes = false;
    std::string campaign = "squall-campaign.db";
    bool resume = false;
    bool overwrite = false;
    std::string hang_timeout = "30s";
    std::string memory_limit;
    std::string recycle = "10000";
    std::string profile = own_profile;
    std::vector<std::string> overrides;
    std::vector<std::string> faults;
    double check_determinism = 0.05;
    std::string shard;
    bool json = false;
    bool quiet = false;
};

std::uint64_t recycle_of(const std::string& text) {
    if (text == "none") {
        return 0;
    }
    const auto value = parse_unsigned(text);
    if (!value || *value == 0) {
        throw error(
            fmt::format("--recycle: '{}' is not a number of seeds (none is no limit)", printable(text)));
    }
    return *value;
}

seed_plan plan_of(const run_options& options) {
    seed_plan plan;
    if (!options.seeds.empty()) {
        const seed_range range = parse_seeds(options.seeds);
        if (range.first && !options.from.empty()) {
            throw error("--seeds A..B says where to begin already (leave --from out)");
        }
        plan.first = range.first.value_or(plan.first);
        plan.count = range.count;
    }
    if (!options.from.empty()) {
        plan.first = parse_seed(options.from, "--from");
    }
    return plan;
}

std::optional<std::chrono::milliseconds> time_of(const run_options& options, const seed_plan& plan) {
    if (options.time == "none" || (options.time.empty() && plan.count)) {
        return std::nullopt;
    }
    const auto time = parse_duration(options.time.empty() ? default_time : options.time, "--time");
    if (time.count() == 0) {
        throw error("--time: 0 leaves no time for a seed (none is no limit)");
    }
    return time;
}

if_campaign_exists existing_of(const run_options& options) {
    if (options.resume && options.overwrite) {
        throw error("--resume keeps the campaign and --overwrite replaces it: say one of them");
    }
    return options.resume      ? if_campaign_exists::resume
           : options.overwrite ? if_campaign_exists::overwrite
                               : if_campaign_exists::fail;
}

int run_campaign(const run_options& options, const std::vector<std::string>& command) {
    check_command(command);
    const std::string overrides = apply_overrides(options.overrides);
    const std::string fault_changes = apply_fault_changes(options.faults);
    engine_options engine_setup;
    engine_setup.command = command;
    engine_setup.profile = options.profile;
    engine_setup.jobs = jobs_of(options.jobs);
    engine_setup.keep_going = options.keep_going;
    engine_setup.until_sometimes = options.until_sometimes;
    engine_setup.hang_timeout = parse_duration(options.hang_timeout, "--hang-timeout");
    engine_setup.memory_limit_bytes = memory_limit_of(options.memory_limit, engine_setup.jobs);
    engine_setup.runs_per_worker = recycle_of(options.recycle);
    engine_setup.check_fraction = options.check_determinism;
    seed_plan plan = plan_of(options);
    engine_setup.time = time_of(options, plan);
    const shard share = find_shard(options.shard, [](const char* name) -> std::optional<std::string> {
        const char* value = std::getenv(name);
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    });
    plan.shard_index = share.index;
    plan.shard_count = share.count;
    const if_campaign_exists existing = existing_of(options);
    campaign_file::check_path(options.campaign, existing);

    const signal_watch signals;
    const bool quiet = options.quiet;
    progress shown(quiet);
    const discovery found =
        discover(command, std::max(engine_setup.hang_timeout, std::chrono::milliseconds(30'000)));
    for (const std::string& note : found.notes) {
        shown.note("note: " + note);
    }

    const campaign_info info{command,    options.profile, overrides,        fault_changes,
                             plan.first, plan.count,      plan.shard_index, plan.shard_count};
    const auto file = existing == if_campaign_exists::resume
                          ? campaign_file::resume(options.campaign, info)
                          : campaign_file::create(options.campaign, info, existing);
    // The numbers of simulations are those of the file, which may know more than the binary has today.
    std::vector<simulation_name> simulations = file->simulations();
    for (const simulation_name& simulation : found.simulations) {
        file->add_simulation(simulation);
    }
    simulations = file->simulations();
    for (const simulation_name& simulation : simulations) {
        if (std::find(found.simulations.begin(), found.simulations.end(), simulation) ==
            found.simulations.end()) {
            throw error(fmt::format(
                "{} has runs of {}, which {} no longer has (start another with --campaign FILE)",
                printable(options.campaign), printable(simulation.test), printable(command.front())));
        }
    }
    tally counts;
    std::vector<std::unordered_set<std::uint64_t>> done(simulations.size());
    if (existing == if_campaign_exists::resume) {
        file->restore(counts);
        done = file->seeds_done(simulations.size());
    }
    const std::uint64_t runs_before = counts.runs();
    shown.note(fmt::format("{} in {}, {}{}{}", counted(simulations.size(), "simulation", "simulations"),
                           printable(command.front()), counted(engine_setup.jobs, "worker", "workers"),
                           engine_setup.time ? ", at most " + duration_text(*engine_setup.time) : "",
                           share.count > 1 ? fmt::format(", shard {}/{}{}", share.index + 1, share.count,
                                                         share.from.empty() ? "" : " by " + share.from)
                                           : ""));
    schedule order(plan, std::move(done));
    engine machine(engine_setup, simulations, order, counts, *file, shown);
    engine_report report = machine.run();
    shown.clear();
    report.notes.insert(report.notes.begin(), found.notes.begin(), found.notes.end());
    if (options.until_sometimes && counts.must_reach() == 0) {
        report.notes.emplace_back(
            "--until-sometimes: the test binary has no sometimes or reachable assertion");
    }

    const int code = exit_code_of(counts, report, options.until_sometimes);
    file->finish(std::string(name(report.stopped)), code, report.wall.count());
    const summary_input summary{
        command, options.profile, options.overrides,       fault_changes, simulations, options.campaign, plan,
        counts,  report,          options.until_sometimes, runs_before,   code};
    if (options.json) {
        write_json(summary_json(summary));
    } else {
        write_out(summary_text(summary));
    }
    return code;
}

}  // namespace

void add_run_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code) {
    auto options = std::make_shared<run_options>();
    CLI::App* verb =
        app.add_subcommand("run", "Run a test binary's simulations over many seeds, in worker processes");
    set_usage(*verb, "squall run [OPTIONS] -- TEST_BINARY [ARGUMENTS...]");
    verb->add_option("command", options->positional,
                     "The GoogleTest binary and its arguments; best put after --")
        ->type_name("");
    verb->add_option("--seeds", options->seeds,
                     "How many seeds, or which: 2000, 1..2000, 5000.. (each simulation gets them all)")
        ->type_name("N|A..B");
    verb->add_option("--from", options->from, "First seed (default 1)")->type_name("SEED");
    verb->add_option("--time", options->time,
                     "Stop after this long: 30s, 10m, 2h, none (default 60s, none with a number of seeds)")
        ->type_name("TIME");
    verb->add_flag("--keep-going", options->keep_going,
                   "Go on past failing seeds; else the first one ends the campaign");
    verb->add_flag(
        "--until-sometimes", options->until_sometimes,
        "Stop when every sometimes and reachable assertion came true; exit 4 if that never happens");
    verb->add_option("--jobs,-j", options->jobs, "Worker processes (default: one for each core)")
        ->type_name("N");
    verb->add_option("--profile", options->profile,
                     "Which faults: calm, swarm, hostile, or what each simulation says itself: own")
        ->capture_default_str()
        ->check(CLI::IsMember({"own", "calm", "swarm", "hostile"}).description(""))
        ->type_name("NAME");
    verb->add_option(
            "--override", options->overrides,
            "What sites do instead of their chance, as in 'name:flush=5%fire' or 'rule:timeout=off'; may "
            "be repeated (after SQUALL_OVERRIDES)")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb->add_option(
            "--faults", options->faults,
            "Changes of single fault values, as in 'network.flip_bit=0.01, attrition.every=2s', "
            "'partitions=off', calm, or @FILE with such lines or JSON; may be repeated (after SQUALL_FAULTS)")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb->add_option("--campaign", options->campaign, "File for the results")
        ->capture_default_str()
        ->type_name("FILE");
    verb->add_flag("--resume", options->resume, "Go on with an existing campaign file");
    verb->add_flag("--overwrite", options->overwrite, "Replace an existing campaign file");
    verb->add_option("--check-determinism", options->check_determinism,
                     "Share of the seeds that is run again in another process to compare")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0).description(""))
        ->type_name("0..1");
    verb->add_option("--hang-timeout", options->hang_timeout, "A seed without a result for so long is a hang")
        ->capture_default_str()
        ->type_name("TIME");
    verb->add_option(
            "--memory-limit", options->memory_limit,
            "Resident memory of one worker: 512M, 2G, none (default: its share of 3/4 of the machine)")
        ->type_name("SIZE");
    verb->add_option("--recycle", options->recycle,
                     "Replace a worker by a fresh one after so many seeds (none: never), and when it holds "
                     "half of its "
                     "memory")
        ->capture_default_str()
        ->type_name("N");
    verb->add_option(
            "--shard", options->shard,
            "Run the i-th of n shares: 1/4; /4 takes i from the scheduler (GTEST_*, SLURM_ARRAY_TASK_*, "
            "JOB_COMPLETION_INDEX)")
        ->type_name("i/n");
    verb->add_flag("--json", options->json, "Print the summary as JSON");
    verb->add_flag("--quiet,-q", options->quiet, "No progress, only the summary");
    verb->footer(R"(Examples:
  squall run -- ./kv_sim_test                           until a seed fails, or for a minute
  squall run --seeds 1..2000 --keep-going -- ./kv_sim_test
  squall run --time 10m --until-sometimes --campaign nightly.db -- ./kv_sim_test --gtest_filter=Kv.*
  squall run --profile hostile --faults 'network.flip_bit=0.01, partitions=off' -- ./kv_sim_test
  squall run --resume --time 1h -- ./kv_sim_test        go on with squall-campaign.db

Exit codes: 0 passed, 1 failing seeds, 2 usage or environment, 3 a seed was not deterministic,
4 passed but --until-sometimes was not met, 130 interrupted (results kept).)");
    verb->callback([options, &command, &exit_code] {
        if (!options->positional.empty() && !command.empty()) {
            throw error(
                fmt::format("'{}' before --: is it an option, or the test binary? Put the binary after --",
                            printable(options->positional.front())));
        }
        exit_code = run_campaign(*options, command.empty() ? options->positional : command);
    });
}

}  // namespace squall::cli
