// squall replay: one seed again, in a worker process, with what happened told in full.
#include "campaign_file.h"
#include "crash_cause.h"
#include "discovery.h"
#include "error.h"
#include "faults_option.h"
#include "help.h"
#include "output.h"
#include "override_option.h"
#include "signals.h"
#include "text.h"
#include "verbs.h"
#include "worker.h"

#include <squall/record_format.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;
using clock = std::chrono::steady_clock;

struct replay_options {
    std::vector<std::string> positional;
    std::string seed;
    std::vector<std::string> veto;
    std::string profile;
    std::vector<std::string> overrides;
    std::vector<std::string> faults;
    std::string simulation;
    std::string campaign;
    std::string digest;
    std::string record;
    std::string hang_timeout = "30s";
    bool log = false;
    bool json = false;
};

// What to run, once options, command line and campaign file are put together.
struct replay_plan {
    std::vector<std::string> command;
    simulation_name simulation;
    run_request request;
    std::optional<run_result> recorded;
    std::string expected_digest;
};

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

void plan_from_campaign(const replay_options& options, std::uint64_t seed, replay_plan& plan) {
    const auto file = campaign_file::read(options.campaign);
    const campaign_info info = file->info();
    if (plan.command.empty()) {
        plan.command = info.command;
    }
    plan.request.profile = options.profile.empty() ? info.profile : options.profile;
    if (options.overrides.empty() && !info.overrides.empty()) {
        set_overrides(info.overrides);
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

replay_plan make_plan(const replay_options& options, std::vector<std::string> command) {
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
    if (seed.empty()) {
        throw error("which seed? As in: squall replay --seed 123 -- ./my_test");
    }
    plan.request.seed = parse_seed(seed, "--seed");
    plan.request.log = options.log;
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
    if (!options.overrides.empty()) {
        apply_overrides(options.overrides);
    }
    apply_fault_changes(options.faults);
    check_command(plan.command);
    if (!options.digest.empty()) {
        if (options.digest.size() != 16 ||
            options.digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
            throw error(fmt::format("--digest: '{}' is not a digest (16 hexadecimal digits)",
                                    printable(options.digest)));
        }
        plan.expected_digest = options.digest;
    }
    return plan;
}

// The worker writes the record, and knows of it by its environment. What was there goes away first, so that a
// run that does not come to its end leaves no record of another.
void ask_for_record(const std::string& file) {
    const std::filesystem::path path(file);
    if (!record_format_named(path.extension().string())) {
        throw error(fmt::format("--record: the extension of '{}' names no format; there are {}",
                                printable(file), record_formats));
    }
    std::error_code problem;
    if (std::filesystem::is_regular_file(path, problem)) {
        std::filesystem::remove(path, problem);
    }
    setenv("SQUALL_RECORD", file.c_str(), 1);
}

// What came of the run, and what the process printed if it did not survive.
struct replay_outcome {
    run_result result;
    std::string output;
};

replay_outcome run_once(const replay_plan& plan, std::chrono::milliseconds hang_timeout) {
    worker_process process(
        pinned_command(plan.command, plan.simulation),
        plan.request.log ? worker_process::output_use::pass_through : worker_process::output_use::keep_tail);
    conversation talk(process);
    const std::string shown = printable(plan.command.front());
    bool asked = false;
    bool wanted = false;  // the simulation that said hello last
    bool started = false;
    bool logged = false;
    clock::time_point deadline = clock::now() + hang_timeout;
    replay_outcome outcome;
    outcome.result.seed = plan.request.seed;
    for (;;) {
        std::optional<worker_event> event;
        try {
            event = talk.next(deadline);
        } catch (const protocol_error& problem) {
            outcome.result.verdict = verdict::protocol;
            outcome.result.message = fmt::format("the worker sent what is no message: {}", problem.what());
            return outcome;
        }
        if (std::holds_alternative<interruption>(*event)) {
            throw error("interrupted", exit_code::interrupted);
        }
        if (auto* message = std::get_if<worker_message>(&*event)) {
            deadline = clock::now() + hang_timeout;
            if (const auto* hello = std::get_if<hello_message>(message)) {
                wanted =
                    !asked && hello->test == plan.simulation.test &&
                    (plan.simulation.simulation.empty() || hello->simulation == plan.simulation.simulation);
                process.send(wanted ? std::string_view(to_line(plan.request)) : skip_line);
                asked = asked || wanted;
            } else if (const auto* catalog = std::get_if<catalog_message>(message)) {
                if (wanted) {
                    check_overrides(*catalog);
                }
            } else if (const auto* line = std::get_if<log_message>(message)) {
                write_out(printable(line->text) + "\n");
                logged = true;
            } else if (std::holds_alternative<start_message>(*message)) {
                started = true;
            } else if (auto* result = std::get_if<run_result>(message)) {
                outcome.result = std::move(*result);
                if (plan.request.log && !logged) {
                    // A worker may send its log as the tail, all in one.
                    for (const std::string& event_line : outcome.result.tail) {
                        write_out(printable(event_line) + "\n");
                    }
                }
                return outcome;
            }
            continue;
        }
        outcome.output = process.output();
        if (const auto* end = std::get_if<process_end>(&*event)) {
            if (!started) {
                throw error(fmt::format("no simulation began: {} ended with {} (is {} the right test?)",
                                        shown, status_text(end->status), printable(plan.simulation.test)));
            }
            const cause why = cause_of_end(end->status, outcome.output);
            outcome.result.verdict = why.verdict;
            outcome.result.message = why.message;
            outcome.result.place = why.place;
            return outcome;
        }
        outcome.result.verdict = verdict::hang;
        outcome.result.message =
            fmt::format("no result within {} of wall-clock time", duration_text(hang_timeout));
        return outcome;
    }
}

// 17.250 s, with as many digits as there are.
std::string virtual_time(std::int64_t ns) {
    std::string text = fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
    while (text.ends_with('0') && text[text.size() - 2] != '.') {
        text.pop_back();
    }
    return text + " s";
}

std::string as_text(const replay_plan& plan, const replay_outcome& outcome, const std::string& difference) {
    const run_result& r = outcome.result;
    std::vector<std::vector<std::string>> rows = {{"seed", std::to_string(r.seed)},
                                                  {"test", printable(plan.simulation.test)},
                                                  {"verdict", std::string(name(r.verdict))}};
    const auto add = [&](const char* label, const std::string& value) {
        if (!value.empty()) {
            rows.push_back({label, printable(value)});
        }
    };
    add("message", r.message);
    add("place", r.place);
    add("process", r.process);
    if (!r.digest.empty()) {
        rows.push_back({"virtual time", virtual_time(r.virtual_ns)});
        rows.push_back({"events", grouped(r.events)});
    }
    std::string faults;
    for (const auto& [kind, count] : r.faults) {
        if (count == 0) {
            continue;
        }
        faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", kind, grouped(count));
    }
    add("faults", faults);
    add("options", r.options);
    add("digest", r.digest);
    std::string text;
    if (!plan.request.log && !r.tail.empty()) {
        text += fmt::format("the last {} (--log for all):\n", counted(r.tail.size(), "event", "events"));
        for (const std::string& line : r.tail) {
            text += fmt::format("    {}\n", printable(line));
        }
        text += '\n';
    }
    if (!outcome.output.empty()) {
        text += "what the process printed last:\n";
        for (const std::string& line : last_lines(outcome.output, 40)) {
            text += fmt::format("    | {}\n", printable(line));
        }
        text += '\n';
    }
    text += table(rows);
    if (!difference.empty()) {
        text += fmt::format("\nnot the same execution: {}\n", difference);
    } else if (!plan.expected_digest.empty() || plan.recorded) {
        text += "\nthe same execution as recorded\n";
    }
    return text;
}

json as_json(const replay_plan& plan, const replay_outcome& outcome, const std::string& difference) {
    const run_result& r = outcome.result;
    return {
        {"version", 1},
        {"command", plan.command},
        {"test", plan.simulation.test},
        {"simulation", plan.simulation.simulation},
        {"seed", r.seed},
        {"profile", plan.request.profile},
        {"veto", plan.request.veto},
        {"verdict", name(r.verdict)},
        {"message", r.message},
        {"place", r.place},
        {"process", r.process},
        {"virtual_ns", r.virtual_ns},
        {"events", r.events},
        {"digest", r.digest},
        {"faults", r.faults},
        {"options", r.options},
        {"tail", r.tail},
        {"output", last_lines(outcome.output, 40)},
        {"same", plan.expected_digest.empty() && !plan.recorded ? json(nullptr) : json(difference.empty())},
        {"difference", difference}};
}

// Empty if the run is the recorded one, as far as can be told.
std::string difference_of(const replay_plan& plan, const run_result& result) {
    if (!plan.expected_digest.empty() && result.digest != plan.expected_digest) {
        return fmt::format(
            "the digest is {}, recorded was {}{}", result.digest.empty() ? "missing" : result.digest,
            plan.expected_digest,
            plan.request.veto.empty() ? " (has the program been built anew?)" : " (as --veto would have it)");
    }
    if (plan.recorded && plan.recorded->verdict != result.verdict &&
        plan.recorded->verdict != verdict::nondeterminism) {
        return fmt::format("the verdict is {}, recorded was {}", name(result.verdict),
                           name(plan.recorded->verdict));
    }
    return "";
}

int replay(const replay_options& options, const std::vector<std::string>& command) {
    replay_plan plan = make_plan(options, command);
    const auto hang_timeout = parse_duration(options.hang_timeout, "--hang-timeout");
    const signal_watch signals;
    if (plan.simulation.test.empty()) {
        const auto test = single_test(plan.command);
        if (test) {
            plan.simulation = {*test, options.simulation};
        } else {
            plan.simulation = choose(
                discover(plan.command, std::max(hang_timeout, std::chrono::milliseconds(30'000))).simulations,
                options.simulation, printable(plan.command.front()));
        }
    }
    if (!options.record.empty()) {
        ask_for_record(options.record);
    }
    replay_outcome outcome = run_once(plan, hang_timeout);
    if (!options.record.empty() && !std::filesystem::exists(options.record)) {
        fmt::print(stderr, "squall: no record was written to {}: the run did not come to its end\n",
                   printable(options.record));
    }
    const std::string difference = difference_of(plan, outcome.result);
    if (options.json) {
        write_json(as_json(plan, outcome, difference));
    } else {
        write_out(as_text(plan, outcome, difference));
    }
    if (!difference.empty() && plan.request.veto.empty()) {
        return exit_code::nondeterminism;
    }
    return outcome.result.verdict == verdict::passed ? exit_code::passed : exit_code::failed;
}

}  // namespace

void add_replay_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code) {
    auto options = std::make_shared<replay_options>();
    CLI::App* verb = app.add_subcommand("replay", "Run one seed again and tell what happens");
    set_usage(*verb,
              "squall replay [OPTIONS] --seed SEED -- TEST_BINARY [ARGUMENTS...]\n"
              "       squall replay [OPTIONS] --campaign FILE SEED [-- TEST_BINARY [ARGUMENTS...]]");
    verb->add_option("command", options->positional,
                     "The GoogleTest binary and its arguments; best put after --")
        ->type_name("");
    verb->add_option("--seed", options->seed, "Which seed")->type_name("SEED");
    verb->add_option("--veto", options->veto,
                     "Decisions that must not happen this time, by id, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("ID,...");
    verb->add_flag("--log", options->log,
                   "Print every event to stdout; what the program itself prints goes to stderr");
    verb->add_option("--override", options->overrides,
                     "What sites do instead of their chance (see squall run); may be repeated; default: the "
                     "campaign's")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb->add_option("--faults", options->faults,
                     "Changes of single fault values (see squall run); may be repeated; default: the "
                     "campaign's")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    verb->add_option("--profile", options->profile,
                     "As in the campaign: own (the default), calm, swarm or hostile")
        ->check(CLI::IsMember({"own", "calm", "swarm", "hostile"}).description(""))
        ->type_name("NAME");
    verb->add_option("--simulation", options->simulation, "Which simulation, where a test has several")
        ->type_name("NAME");
    verb->add_option("--campaign", options->campaign,
                     "Take command, profile and expected digest from this campaign")
        ->type_name("FILE");
    verb->add_option("--digest", options->digest, "Compare with this digest; another one is exit code 3")
        ->type_name("HEX");
    verb->add_option("--record", options->record,
                     "Write the whole record: .txt, .jsonl, .json (for Perfetto) or .shiviz")
        ->type_name("FILE");
    verb->add_option("--hang-timeout", options->hang_timeout, "Give up after so long without a result")
        ->capture_default_str()
        ->type_name("TIME");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall replay --seed 17 -- ./kv_sim_test --gtest_filter=Kv.SurvivesFaults
  squall replay --seed 17 --log -- ./kv_sim_test > log.txt
  squall replay --seed 17 --record run.shiviz -- ./kv_sim_test
  squall replay --seed 17 --faults 'network.flip_bit=0' -- ./kv_sim_test
  squall replay --campaign squall-campaign.db 17

Exit codes: 0 the seed passed, 1 it failed, 2 usage or environment, 3 not the execution that was recorded.)");
    verb->callback([options, &command, &exit_code] { exit_code = replay(*options, command); });
}

}  // namespace squall::cli
