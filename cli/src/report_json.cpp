// The report as one JSON object: for programs, and for the page.
#include "report_data.h"
#include "text.h"

#include <nlohmann/json.hpp>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

json seed_json(std::uint64_t seed, bool as_text) {
    return as_text ? json(std::to_string(seed)) : json(seed);
}

json run_json(const report_data& data, const std::optional<run_name>& run, bool as_text) {
    if (!run || run->simulation >= data.simulations.size()) {
        return nullptr;
    }
    const simulation_name& name = data.simulations[run->simulation].name;
    return {{"test", name.test}, {"simulation", name.simulation}, {"seed", seed_json(run->seed, as_text)}};
}

json curve_json(const curve& points) {
    json out = json::array();
    for (const curve_point& point : points) {
        out.push_back({point.runs, point.count});
    }
    return out;
}

json estimate_json(const discovery_estimate& left) {
    return {{"observed", left.observed}, {"once", left.once},         {"twice", left.twice},
            {"total", left.total},       {"next_run", left.next_run}, {"runs", left.runs}};
}

json cause_json(const report_data& data, const report_cause& cause, bool as_text) {
    const simulation_name& name = data.simulations[cause.simulation].name;
    json seeds = json::array();
    for (const std::uint64_t seed : cause.seeds) {
        seeds.push_back(seed_json(seed, as_text));
    }
    return {{"verdict", cli::name(cause.verdict)},
            {"message", cause.message},
            {"place", cause.place},
            {"test", name.test},
            {"simulation", name.simulation},
            {"runs", cause.runs},
            {"seeds", std::move(seeds)},
            {"first_position", cause.first_position},
            {"process", cause.process},
            {"virtual_ns", cause.virtual_ns},
            {"events", cause.events},
            {"digest", cause.digest},
            {"options", cause.options},
            {"tail", cause.tail},
            {"output", last_lines(cause.output, 100)},
            {"replay", command_line(cause.replay)}};
}

json place_json(const report_data& data, const place& p, bool as_text) {
    json out = {{"id", p.what.id},     {"kind", p.what.kind},         {"file", p.what.file},
                {"line", p.what.line}, {"function", p.what.function}, {"detail", p.what.detail},
                {"runs", p.runs}};
    switch (classify(p.what.kind)) {
        case place_class::site:
            out["rule"] = p.what.rule;
            out["evaluated"] = p.evaluated;
            out["activated"] = p.activated;
            out["fired"] = p.fired;
            out["fired_runs"] = p.fired_runs;
            out["first_fired"] = run_json(data, p.first, as_text);
            break;
        case place_class::assertion: {
            out["times_true"] = p.times_true;
            out["times_false"] = p.times_false;
            out["true_runs"] = p.true_runs;
            out["false_runs"] = p.false_runs;
            out["first_true"] = run_json(data, p.first, as_text);
            out["first_false"] = run_json(data, p.first_false, as_text);
            out["must"] = must_be_reached(p.what.kind);
            out["combinations"] = p.each.size();
            break;
        }
        case place_class::coverage:
            out["first"] = run_json(data, p.first, as_text);
            break;
    }
    return out;
}

}  // namespace

json report_json(const report_data& data, bool seeds_as_text) {
    const place_totals t = totals_of(data.places);
    json simulations = json::array();
    for (const report_simulation& simulation : data.simulations) {
        simulations.push_back({{"test", simulation.name.test},
                               {"simulation", simulation.name.simulation},
                               {"runs", simulation.runs},
                               {"failing", simulation.failing}});
    }
    json causes = json::array();
    for (const report_cause& cause : data.causes) {
        causes.push_back(cause_json(data, cause, seeds_as_text));
    }
    json lists[3] = {json::array(), json::array(), json::array()};
    for (const place& p : data.places) {
        json& list = lists[static_cast<std::size_t>(classify(p.what.kind))];
        if (list.size() < report_places_max) {
            list.push_back(place_json(data, p, seeds_as_text));
        }
    }
    const campaign_info& info = data.info;
    json campaign = {{"file", data.campaign},
                     {"command", info.command},
                     {"profile", info.profile},
                     {"overrides", info.overrides},
                     {"fault_changes", info.fault_changes},
                     {"first_seed", seed_json(info.first_seed, seeds_as_text)},
                     {"seed_count", info.seed_count ? json(*info.seed_count) : json(nullptr)},
                     {"shard", {{"index", info.shard_index}, {"count", info.shard_count}}},
                     {"stopped", data.stopped.empty() ? json(nullptr) : json(data.stopped)},
                     {"exit_code", data.exit_code ? json(*data.exit_code) : json(nullptr)},
                     {"wall_ms", data.wall_ms}};
    json totals = {{"runs", data.runs},
                   {"failing", data.failing},
                   {"causes", data.causes_total},
                   {"virtual_seconds", data.virtual_seconds},
                   {"events", data.events},
                   {"sites",
                    {{"total", t.sites},
                     {"evaluated", t.sites_evaluated},
                     {"activated", t.sites_activated},
                     {"fired", t.sites_fired}}},
                   {"assertions", {{"total", t.assertions}, {"evaluated", t.assertions_evaluated}}},
                   {"sometimes", {{"total", t.must}, {"reached", t.must_reached}}},
                   {"coverage", {{"total", t.marks}, {"reached", t.marks_reached}}}};
    return {{"version", 1},
            {"squall_version", data.squall_version},
            {"verdict", data.outcome()},
            {"campaign", std::move(campaign)},
            {"totals", std::move(totals)},
            {"verdicts", data.verdicts},
            {"faults", data.faults},
            {"determinism", {{"checked", data.rechecked}, {"different", data.rechecked_different}}},
            {"simulations", std::move(simulations)},
            {"causes", std::move(causes)},
            {"assertions", std::move(lists[static_cast<std::size_t>(place_class::assertion)])},
            {"sites", std::move(lists[static_cast<std::size_t>(place_class::site)])},
            {"coverage", std::move(lists[static_cast<std::size_t>(place_class::coverage)])},
            {"curves",
             {{"coverage", curve_json(data.coverage_curve)},
              {"sites", curve_json(data.sites_curve)},
              {"sometimes", curve_json(data.sometimes_curve)},
              {"causes", curve_json(data.causes_curve)},
              {"failing", curve_json(data.failing_curve)}}},
            {"estimates",
             {{"coverage", estimate_json(data.coverage_left)},
              {"sites", estimate_json(data.sites_left)},
              {"sometimes", estimate_json(data.sometimes_left)},
              {"causes", estimate_json(data.causes_left)}}}};
}

}  // namespace squall::cli
