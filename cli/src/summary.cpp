// What `squall run` says at the end.
#include "summary.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t seeds_shown_max = 10;
constexpr std::size_t causes_shown_max = 20;
constexpr std::size_t places_shown_max = 20;
constexpr std::size_t output_lines_shown = 12;

std::string where(const catalog_record& what) {
    return fmt::format("{}:{}", printable(what.file), what.line);
}

std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
    std::string text = seeds.size() == 1 ? "seed" : "seeds";
    for (std::size_t i = 0; i < std::min(seeds.size(), seeds_shown_max); ++i) {
        text += fmt::format("{} {}", i == 0 ? "" : ",", seeds[i]);
    }
    if (seeds.size() > seeds_shown_max) {
        text += fmt::format(" and {} more", grouped(seeds.size() - seeds_shown_max));
    }
    return text;
}

std::string stop_text(const summary_input& input) {
    switch (input.report.stopped) {
        case stop_reason::failure:
            return "a seed failed (--keep-going to go on past it)";
        case stop_reason::nondeterminism:
            return "a seed was not deterministic (--keep-going to go on past it)";
        case stop_reason::sometimes:
            return "all that should sometimes happen has";
        case stop_reason::count:
            return "all seeds were run";
        case stop_reason::time:
            return "the time was up";
        case stop_reason::interrupted:
            return "interrupted; squall run --resume goes on";
    }
    return "";
}

// Of the first of its seeds. One that is not deterministic is worth two runs.
std::vector<std::string> command_for(const summary_input& input, const failure_group& group) {
    std::vector<std::string> words =
        replay_command(input.command, input.profile, input.overrides, input.fault_changes, input.simulations,
                       group.simulation, group.seeds.front());
    if (group.verdict == verdict::nondeterminism) {
        words.insert(words.begin() + 2, "--twice");
    }
    return words;
}

void add_causes(std::string& text, const summary_input& input) {
    const std::vector<failure_group>& groups = input.counts.groups();
    for (std::size_t i = 0; i < std::min(groups.size(), causes_shown_max); ++i) {
        const failure_group& group = groups[i];
        text += fmt::format("\n{}: {}\n", name(group.verdict),
                            printable(group.message.empty() ? "no message" : group.message));
        std::string at;
        if (!group.place.empty()) {
            at += fmt::format("at {}  ", printable(group.place));
        }
        if (!group.process.empty()) {
            at += fmt::format("in process {}  ", printable(group.process));
        }
        if (input.simulations.size() > 1) {
            at += fmt::format("of {}", printable(input.simulations[group.simulation].test));
        }
        if (!at.empty()) {
            text += fmt::format("    {}\n", at.substr(0, at.find_last_not_of(' ') + 1));
        }
        text += fmt::format("    {}\n", seeds_text(group.seeds));
        for (const std::string& line : last_lines(group.output, output_lines_shown)) {
            text += fmt::format("    | {}\n", printable(line));
        }
        text += fmt::format("    {}\n", command_line(command_for(input, group)));
    }
    if (groups.size() > causes_shown_max) {
        text += fmt::format("\n{} more: sqlite3 {} 'SELECT * FROM failure'\n",
                            counted(groups.size() - causes_shown_max, "cause", "causes"),
                            printable(input.campaign));
    }
}

std::vector<const place*> unreached(const tally& counts) {
    std::vector<const place*> result;
    for (const place& p : counts.places()) {
        if (must_be_reached(p.what.kind) && !p.reached()) {
            result.push_back(&p);
        }
    }
    std::sort(result.begin(), result.end(), [](const place* a, const place* b) {
        return std::tie(a->what.file, a->what.line, a->what.id) <
               std::tie(b->what.file, b->what.line, b->what.id);
    });
    return result;
}

void add_unreached(std::string& text, const summary_input& input) {
    const std::vector<const place*> open = unreached(input.counts);
    if (input.counts.must_reach() == 0) {
        return;
    }
    if (open.empty()) {
        text += fmt::format("\nsometimes: all {} reached\n", grouped(input.counts.must_reach()));
        return;
    }
    text += fmt::format("\nsometimes: {} of {} never reached\n", grouped(open.size()),
                        grouped(input.counts.must_reach()));
    std::vector<std::vector<std::string>> rows;
    for (const place* p : open) {
        if (rows.size() == places_shown_max) {
            break;
        }
        rows.push_back({p->times_false > 0 ? "never true" : "never evaluated", where(p->what),
                        printable(p->what.detail)});
    }
    text += table(rows, "    ");
    if (open.size() > places_shown_max) {
        text += fmt::format("    and {} more: squall sites {} --unreached\n",
                            grouped(open.size() - places_shown_max), command_line({input.campaign}));
    }
}

double rate(const summary_input& input) {
    const double seconds = static_cast<double>(std::max<std::int64_t>(input.report.wall.count(), 1)) / 1000;
    return static_cast<double>(input.counts.runs() - input.runs_before) / seconds;
}

std::size_t combinations(const tally& counts) {
    std::size_t sum = 0;
    for (const place& p : counts.places()) {
        sum += p.each.size();
    }
    return sum;
}

}  // namespace

std::vector<std::string> replay_command(const std::vector<std::string>& command, const std::string& profile,
                                        const std::vector<std::string>& overrides,
                                        const std::string& fault_changes,
                                        const std::vector<simulation_name>& simulations,
                                        std::uint32_t simulation, std::uint64_t seed) {
    std::vector<std::string> result = {"squall", "replay", "--seed", std::to_string(seed)};
    if (profile != own_profile) {
        result.insert(result.end(), {"--profile", profile});
    }
    for (const std::string& text : overrides) {
        result.insert(result.end(), {"--override", text});
    }
    if (!fault_changes.empty()) {
        result.insert(result.end(), {"--faults", fault_changes});
    }
    const simulation_name& wanted = simulations[simulation];
    if (std::count_if(simulations.begin(), simulations.end(),
                      [&](const simulation_name& other) { return other.test == wanted.test; }) > 1) {
        result.insert(result.end(), {"--simulation", wanted.simulation});
    }
    result.emplace_back("--");
    for (const std::string& argument : command) {
        if (!argument.starts_with("--gtest_filter=")) {
            result.push_back(argument);
        }
    }
    result.push_back("--gtest_filter=" + wanted.test);
    return result;
}

int exit_code_of(const tally& counts, const engine_report& report, bool until_sometimes) {
    if (report.stopped == stop_reason::interrupted) {
        return exit_code::interrupted;
    }
    // Before a failing seed: one that is not deterministic makes the others doubtful.
    if (counts.nondeterministic() > 0) {
        return exit_code::nondeterminism;
    }
    if (counts.failures() > 0) {
        return exit_code::failed;
    }
    return until_sometimes && counts.must_reach_open() > 0 ? exit_code::unmet : exit_code::passed;
}

std::string_view name(stop_reason reason) {
    switch (reason) {
        case stop_reason::failure:
            return "failure";
        case stop_reason::nondeterminism:
            return "nondeterminism";
        case stop_reason::sometimes:
            return "sometimes";
        case stop_reason::count:
            return "count";
        case stop_reason::time:
            return "time";
        case stop_reason::interrupted:
            return "interrupted";
    }
    return "";
}

std::string summary_text(const summary_input& input) {
    const tally& counts = input.counts;
    std::string text;
    add_causes(text, input);
    add_unreached(text, input);
    const place_totals t = totals_of(counts.places());
    text += '\n';
    if (t.sites > 0) {
        text += fmt::format("sites: {}, {} evaluated, {} activated, {} fired\n", grouped(t.sites),
                            grouped(t.sites_evaluated), grouped(t.sites_activated), grouped(t.sites_fired));
    }
    if (t.assertions > 0) {
        text += fmt::format("assertions: {} of {} evaluated\n", grouped(t.assertions_evaluated),
                            grouped(t.assertions));
    }
    if (const std::size_t seen = combinations(counts); seen > 0) {
        text += fmt::format("sometimes-each: {} seen\n", counted(seen, "combination", "combinations"));
    }
    if (t.marks > 0) {
        text += fmt::format("coverage: {} of {} marks reached\n", grouped(t.marks_reached), grouped(t.marks));
    }
    std::string faults;
    for (const auto& [kind, times] : counts.faults()) {
        if (times > 0) {
            faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", printable(kind), grouped(times));
        }
    }
    if (!faults.empty()) {
        text += fmt::format("faults: {}\n", faults);
    }
    if (!text.ends_with("\n\n")) {
        text += '\n';
    }
    text += fmt::format("{} in {} ({}/s){}", counted(counts.runs(), "seed", "seeds"),
                        duration_text(input.report.wall),
                        rate(input) < 10 ? fmt::format("{:.1f}", rate(input))
                                         : grouped(static_cast<std::uint64_t>(rate(input))),
                        input.profile == own_profile ? "" : ", profile " + input.profile);
    if (input.runs_before > 0) {
        text += fmt::format(", {} of them before", grouped(input.runs_before));
    }
    if (input.seeds.shard_count > 1) {
        text += fmt::format(", shard {}/{}", input.seeds.shard_index + 1, input.seeds.shard_count);
    }
    text += fmt::format("; {} checked for determinism\n", grouped(input.report.rechecks_done));
    if (input.report.rechecks_left > 0) {
        text += fmt::format("not checked for want of time: {}\n",
                            counted(input.report.rechecks_left, "seed", "seeds"));
    }
    for (const std::string& note : input.report.notes) {
        text += fmt::format("note: {}\n", note);
    }
    std::string verdicts;
    for (const auto& [v, count] : counts.verdicts()) {
        if (count > 0) {
            verdicts += fmt::format("{}{} {}", verdicts.empty() ? "" : ", ", grouped(count), name(v));
        }
    }
    text += fmt::format("verdicts: {}\n", verdicts.empty() ? "none" : verdicts);
    text += fmt::format("stopped: {}\n", stop_text(input));
    text += fmt::format("campaign: {}\n", printable(input.campaign));
    return text.starts_with('\n') ? text.substr(1) : text;
}

json summary_json(const summary_input& input) {
    const tally& counts = input.counts;
    json out = {{"version", 1},
                {"command", input.command},
                {"campaign", input.campaign},
                {"profile", input.profile},
                {"overrides", input.overrides},
                {"fault_changes", input.fault_changes},
                {"shard", {{"index", input.seeds.shard_index + 1}, {"count", input.seeds.shard_count}}},
                {"exit_code", input.exit_code},
                {"stopped", name(input.report.stopped)},
                {"seeds", counts.runs()}};
    json simulations = json::array();
    for (const simulation_name& simulation : input.simulations) {
        simulations.push_back({{"test", simulation.test}, {"simulation", simulation.simulation}});
    }
    out["simulations"] = std::move(simulations);
    json verdicts = json::object();
    for (const auto& [v, count] : counts.verdicts()) {
        if (count > 0) {
            verdicts[std::string(name(v))] = count;
        }
    }
    out["verdicts"] = std::move(verdicts);
    json causes = json::array();
    for (const failure_group& group : counts.groups()) {
        const simulation_name& simulation = input.simulations[group.simulation];
        causes.push_back({{"verdict", name(group.verdict)},
                          {"message", group.message},
                          {"place", group.place},
                          {"process", group.process},
                          {"test", simulation.test},
                          {"simulation", simulation.simulation},
                          {"seeds", group.seeds},
                          {"tail", group.tail},
                          {"output", last_lines(group.output, output_lines_shown)},
                          {"replay", command_line(command_for(input, group))}});
    }
    out["causes"] = std::move(causes);
    json open = json::array();
    for (const place* p : unreached(counts)) {
        open.push_back({{"id", p->what.id},
                        {"file", p->what.file},
                        {"line", p->what.line},
                        {"detail", p->what.detail},
                        {"evaluated", p->times_false > 0}});
    }
    out["sometimes"] = {{"total", counts.must_reach()}, {"unreached", std::move(open)}};
    const place_totals t = totals_of(counts.places());
    out["sites"] = {{"total", t.sites},
                    {"evaluated", t.sites_evaluated},
                    {"activated", t.sites_activated},
                    {"fired", t.sites_fired}};
    out["assertions"] = {{"total", t.assertions}, {"evaluated", t.assertions_evaluated}};
    out["coverage"] = {{"total", t.marks}, {"reached", t.marks_reached}};
    out["faults"] = counts.faults();
    out["virtual_ns"] = counts.virtual_ns();
    out["events"] = counts.events();
    out["determinism"] = {{"checked", input.report.rechecks_done},
                          {"not_checked", input.report.rechecks_left}};
    out["notes"] = input.report.notes;
    // All that may differ between two runs of the same campaign stands here.
    out["timing"] = {{"wall_ms", input.report.wall.count()}, {"seeds_per_second", rate(input)}};
    return out;
}

}  // namespace squall::cli
