// squall minimize: which faults a failing seed needs.
#include "error.h"
#include "help.h"
#include "minimize.h"
#include "output.h"
#include "recipe.h"
#include "replay_plan.h"
#include "signals.h"
#include "text.h"
#include "verbs.h"
#include "worker_options.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <unistd.h>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

struct minimize_options : replay_source {
    std::string jobs;
    std::string runs = "2000";
    std::string out;
    bool quiet = false;
    bool json = false;
};

constexpr std::size_t faults_shown_max = 40;
constexpr std::size_t short_recipe_max = 400;

// How far it is, on a terminal.
class line_on_terminal {
public:
    explicit line_on_terminal(bool quiet) : live_(!quiet && isatty(STDERR_FILENO) != 0) {}
    ~line_on_terminal() {
        if (shown_) {
            std::fputs("\r\x1b[K", stderr);
        }
    }
    void show(const std::string& text) {
        if (live_) {
            std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
            std::fflush(stderr);
            shown_ = true;
        }
    }

private:
    bool live_;
    bool shown_ = false;
};

std::string fault_line(const fault_message& fault) {
    return fmt::format("{:>14.6f} s  {:<14} {}{}{}  [{}]", static_cast<double>(fault.time_ns) * 1e-9,
                       fault.process.empty() ? "-" : printable(fault.process), printable(fault.kind),
                       fault.detail.empty() ? "" : " ", printable(fault.detail), fault.id);
}

std::string as_text(const minimized& found, const recipe& written, const std::string& file,
                    std::uint64_t runs) {
    const run_result& r = found.result;
    std::string text = fmt::format("seed {}: {}{}{}\n", r.seed, name(r.verdict),
                                   r.message.empty() ? "" : ": ", printable(r.message));
    if (!r.place.empty()) {
        text += fmt::format("    at {}{}{}\n", printable(r.place), r.process.empty() ? "" : "  in process ",
                            printable(r.process));
    }
    if (found.faults_before == 0) {
        text += "\nno fault happens in this run: there is nothing to leave out\n";
    } else if (found.faults.empty()) {
        text += fmt::format("\nit fails without any of its {} ({})\n",
                            counted(found.faults_before, "fault", "faults"), counted(runs, "run", "runs"));
    } else {
        text += fmt::format(
            "\n{} of {} {} ({}{}):\n", grouped(found.faults.size()),
            counted(found.faults_before, "fault", "faults"),
            found.faults.size() == 1 ? "is enough" : "are enough", counted(runs, "run", "runs"),
            found.complete ? "; none of them can be left out" : "; cut short, so that there may be fewer");
        for (std::size_t i = 0; i < std::min(found.faults.size(), faults_shown_max); ++i) {
            text += "    " + fault_line(found.faults[i]) + "\n";
        }
        if (found.faults.size() > faults_shown_max) {
            text += fmt::format("    and {} more\n", grouped(found.faults.size() - faults_shown_max));
        }
    }
    const std::string line = to_text(written);
    text += fmt::format("\nrecipe: {}\n    {}\n", printable(file),
                        command_line({"squall", "replay", "--recipe", file}));
    if (line.size() <= short_recipe_max) {
        text += fmt::format("    {}\n", printable(line));
    }
    return text;
}

json as_json(const minimized& found, const recipe& written, const std::string& file, std::uint64_t runs) {
    json faults = json::array();
    for (const fault_message& fault : found.faults) {
        faults.push_back({{"id", fault.id},
                          {"kind", fault.kind},
                          {"process", fault.process},
                          {"time_ns", fault.time_ns},
                          {"detail", fault.detail}});
    }
    return {{"version", 1},
            {"command", written.command},
            {"test", written.simulation.test},
            {"simulation", written.simulation.simulation},
            {"seed", written.seed},
            {"verdict", name(found.result.verdict)},
            {"message", found.result.message},
            {"place", found.result.place},
            {"faults_before", found.faults_before},
            {"faults", std::move(faults)},
            {"veto", found.veto},
            {"complete", found.complete},
            {"runs", runs},
            {"digest", found.result.digest},
            {"recipe", file}};
}

int minimize_seed(const minimize_options& options, const std::vector<std::string>& command) {
    replay_plan plan = make_plan(options, command);
    const auto most = parse_unsigned(options.runs);
    if (!most || *most == 0) {
        throw error(fmt::format("--runs: '{}' is not a number of runs", printable(options.runs)));
    }
    trial_pool::options setup;
    setup.jobs = jobs_of(options.jobs);
    setup.memory_limit_bytes = memory_limit_of(options.memory_limit, setup.jobs);
    setup.hang_timeout = parse_duration(options.hang_timeout, "--hang-timeout");
    const signal_watch signals;
    choose_simulation(plan, options.simulation, setup.hang_timeout);
    setup.command = plan.command;
    setup.simulation = plan.simulation;
    setup.seed = plan.request.seed;
    setup.profile = plan.request.profile;
    trial_pool pool(setup);
    const auto any = [](const trial&) { return true; };
    trial first = std::move(pool.run({plan.request.veto}, any)->what);
    if (first.result.verdict == verdict::passed) {
        throw error(fmt::format("seed {} passes: there is nothing to minimize", plan.request.seed));
    }

    line_on_terminal line(options.quiet);
    const std::size_t faults_before = first.faults.size();
    const minimized found = minimize(
        std::move(first), plan.request.veto,
        [&](const auto& vetoes, const auto& good) { return pool.run(vetoes, good); },
        [&](std::size_t faults) {
            line.show(fmt::format("{} of {} left, {}", grouped(faults),
                                  counted(faults_before, "fault", "faults"),
                                  counted(pool.runs(), "run", "runs")));
            return pool.runs() < *most;
        });
    line.show("");

    recipe written;
    written.command = plan.command;
    written.simulation = plan.simulation;
    written.seed = plan.request.seed;
    written.profile = plan.request.profile;
    written.overrides = plan.overrides;
    written.fault_changes = plan.fault_changes;
    written.veto = found.veto;
    written.verdict = found.result.verdict;
    written.message = found.result.message;
    written.digest = found.result.digest;
    const std::string file =
        options.out.empty() ? fmt::format("seed-{}.recipe.json", plan.request.seed) : options.out;
    write_recipe(written, file);
    if (options.json) {
        write_json(as_json(found, written, file, pool.runs()));
    } else {
        write_out(as_text(found, written, file, pool.runs()));
    }
    return exit_code::passed;
}

}  // namespace

void add_minimize_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code) {
    auto options = std::make_shared<minimize_options>();
    CLI::App* verb = app.add_subcommand("minimize", "Find the few faults that a failing seed needs");
    set_usage(*verb,
              "squall minimize [OPTIONS] --seed SEED -- TEST_BINARY [ARGUMENTS...]\n"
              "       squall minimize [OPTIONS] --campaign FILE SEED [-- TEST_BINARY [ARGUMENTS...]]");
    add_source_options(*verb, *options);
    verb->add_option("--out", options->out, "Where the recipe goes (default seed-SEED.recipe.json)")
        ->type_name("FILE");
    verb->add_option("--runs", options->runs, "Stop after so many runs with what was found by then")
        ->capture_default_str()
        ->type_name("N");
    verb->add_option("--jobs,-j", options->jobs, "Worker processes (default: one for each core)")
        ->type_name("N");
    verb->add_flag("--quiet,-q", options->quiet, "No progress");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall minimize --seed 17 -- ./kv_sim_test --gtest_filter=Kv.SurvivesFaults
  squall minimize --campaign squall-campaign.db 17
  squall replay --recipe seed-17.recipe.json --trace perfetto

The run that is left fails by the same cause (verdict, message and place) and has only the faults that are listed.

Exit codes: 0 minimized, 2 usage or environment, or the seed passes, 130 interrupted.)");
    verb->callback([options, &command, &exit_code] { exit_code = minimize_seed(*options, command); });
}

}  // namespace squall::cli
