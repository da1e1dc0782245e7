// squall replay: one seed again, in a worker process, with what happened told in full.
#include "discovery.h"
#include "error.h"
#include "help.h"
#include "output.h"
#include "replay_compare.h"
#include "replay_gdb.h"
#include "replay_plan.h"
#include "replay_run.h"
#include "replay_trace.h"
#include "signals.h"
#include "text.h"
#include "verbs.h"
#include "worker_options.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

struct replay_options : replay_source {
    std::string digest;
    std::string record;
    std::string trace;
    bool twice = false;
    bool gdb = false;
    bool log = false;
    bool json = false;
};

// 17.250 s, with as many digits as there are.
std::string virtual_time(std::int64_t ns) {
    std::string text = fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
    while (text.ends_with('0') && text[text.size() - 2] != '.') {
        text.pop_back();
    }
    return text + " s";
}

std::string as_text(const replay_plan& plan, const replay_outcome& outcome, const std::string& difference,
                    bool with_log) {
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
    if (!r.digest.empty() || r.virtual_ns > 0) {
        rows.push_back({"virtual time", virtual_time(r.virtual_ns)});
    }
    if (!r.digest.empty()) {
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
    // One line for each family of faults.
    std::istringstream families(r.options);
    for (std::string line, label = "options"; std::getline(families, line); label.clear()) {
        rows.push_back({label, printable(line)});
    }
    add("digest", r.digest);
    std::string text;
    if (!with_log && !r.tail.empty()) {
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
        return fmt::format("the digest is {}, recorded was {}{}",
                           result.digest.empty() ? "missing" : result.digest, plan.expected_digest,
                           plan.request.veto.empty() || plan.from_recipe ? "" : " (as --veto would have it)");
    }
    if (plan.recorded && plan.recorded->verdict != result.verdict &&
        plan.recorded->verdict != verdict::nondeterminism) {
        return fmt::format("the verdict is {}, recorded was {}", name(result.verdict),
                           name(plan.recorded->verdict));
    }
    return "";
}

void take_digest(const replay_options& options, replay_plan& plan) {
    if (!options.digest.empty()) {
        if (options.digest.size() != 16 ||
            options.digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
            throw error(fmt::format("--digest: '{}' is not a digest (16 hexadecimal digits)",
                                    printable(options.digest)));
        }
        plan.expected_digest = options.digest;
    }
}

// What --record or --trace asks for.
std::optional<trace_request> trace_of(const replay_options& options, const replay_plan& plan) {
    if (!options.record.empty() && !options.trace.empty()) {
        throw error("--record and --trace both write the record: say one of them");
    }
    if (!options.record.empty()) {
        return trace_by_extension(options.record);
    }
    if (!options.trace.empty()) {
        return trace_by_name(options.trace, plan.request.seed);
    }
    return std::nullopt;
}

int replay_twice(const replay_options& options, const replay_plan& plan, const replay_run& run) {
    const run_comparison compared = compare_two_runs(run);
    if (options.json) {
        write_json({{"version", 1},
                    {"command", plan.command},
                    {"test", plan.simulation.test},
                    {"simulation", plan.simulation.simulation},
                    {"seed", plan.request.seed},
                    {"same", compared.same},
                    {"difference", compared.difference},
                    {"line", compared.line},
                    {"first", compared.first},
                    {"second", compared.second}});
    } else {
        write_out(as_text(compared, plan.request.seed));
    }
    return compared.same ? exit_code::passed : exit_code::nondeterminism;
}

int replay(const replay_options& options, const std::vector<std::string>& command) {
    replay_plan plan = make_plan(options, command);
    take_digest(options, plan);
    replay_run run;
    run.hang_timeout = parse_duration(options.hang_timeout, "--hang-timeout");
    run.memory_limit_bytes = memory_limit_of(options.memory_limit, jobs_of(""));
    const std::optional<trace_request> trace = trace_of(options, plan);
    if (options.gdb && (options.twice || options.log || trace)) {
        throw error("--gdb goes with neither --twice, --log, --record nor --trace");
    }
    if (options.log && trace && trace->file.empty()) {
        throw error("--log and a trace to - are both for stdout: write the trace to a file");
    }
    if (options.gdb) {
        return replay_in_gdb(plan, options.simulation, run);
    }
    const signal_watch signals;
    choose_simulation(plan, options.simulation, run.hang_timeout);
    run.command = plan.command;
    run.simulation = plan.simulation;
    run.request = plan.request;
    // Told as they happen: of a run that takes its process down nothing else is left.
    run.request.log = true;
    run.request.faults = true;
    run.keep_events = trace.has_value();
    if (options.twice) {
        return replay_twice(options, plan, run);
    }
    if (options.log) {
        run.output = worker_process::output_use::pass_through;
        run.on_log = [](const std::string& line) { write_out(printable(line) + "\n"); };
    }
    if (trace) {
        prepare_trace(*trace);
    }
    const replay_outcome outcome = run_once(run);
    // What is told of the run must not get into a trace on stdout.
    const bool to_stderr = trace && trace->file.empty();
    if (trace) {
        write_trace(*trace, outcome.events);
    }
    std::string difference = difference_of(plan, outcome.result);
    const bool as_asked = plan.request.veto.empty() || plan.from_recipe;
    if (!difference.empty() && as_asked) {
        difference += explain_difference(plan.recorded, run);
    }
    if (options.json) {
        write_json(as_json(plan, outcome, difference));
    } else if (to_stderr) {
        std::fputs(as_text(plan, outcome, difference, options.log).c_str(), stderr);
    } else {
        write_out(as_text(plan, outcome, difference, options.log));
    }
    if (!difference.empty() && as_asked) {
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
              "       squall replay [OPTIONS] --campaign FILE SEED [-- TEST_BINARY [ARGUMENTS...]]\n"
              "       squall replay [OPTIONS] --recipe FILE [-- TEST_BINARY [ARGUMENTS...]]");
    add_source_options(*verb, *options);
    verb->add_flag("--log", options->log,
                   "Print every event to stdout; what the program itself prints goes to stderr");
    verb->add_option("--digest", options->digest, "Compare with this digest; another one is exit code 3")
        ->type_name("HEX");
    verb->add_option("--trace", options->trace,
                     "Write the whole record as perfetto, shiviz, jsonl or text, to seed-SEED.* or to =FILE "
                     "(=- is stdout)")
        ->type_name("FORMAT[=FILE]");
    verb->add_option("--record", options->record,
                     "The same by extension: .txt, .jsonl, .json (for Perfetto) or .shiviz")
        ->type_name("FILE");
    verb->add_flag("--gdb", options->gdb, "Run it in gdb, which stops where the run fails");
    verb->add_flag("--twice", options->twice,
                   "Run it in two processes and name the first event that differs; exit 3 if one does");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall replay --seed 17 -- ./kv_sim_test --gtest_filter=Kv.SurvivesFaults
  squall replay --seed 17 --log -- ./kv_sim_test > log.txt
  squall replay --seed 17 --gdb -- ./kv_sim_test
  squall replay --seed 17 --trace perfetto=run.json -- ./kv_sim_test
  squall replay --seed 17 --trace jsonl=- -- ./kv_sim_test | jq .kind
  squall replay --seed 17 --faults 'network.flip_bit=0' -- ./kv_sim_test
  squall replay --campaign squall-campaign.db 17
  squall replay --recipe seed-17.recipe.json

Exit codes: 0 the seed passed, 1 it failed, 2 usage or environment, 3 not the execution that was recorded,
or with --twice two executions, 130 interrupted.)");
    verb->callback([options, &command, &exit_code] { exit_code = replay(*options, command); });
}

}  // namespace squall::cli
