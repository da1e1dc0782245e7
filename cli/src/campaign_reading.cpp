// The campaign file read back: for `sites`, `replay` and `run --resume`.
#include "campaign_file.h"
#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace squall::cli {

namespace {

std::optional<run_name> run_at(const statement& row, int column) {
    if (row.is_null(column)) {
        return std::nullopt;
    }
    return run_name{static_cast<std::uint32_t>(row.integer(column)), row.natural(column + 1)};
}

// A JSON array of texts that this program wrote; an empty one if it is damaged.
std::vector<std::string> texts(const std::string& stored) {
    const auto value = nlohmann::json::parse(stored, nullptr, false);
    std::vector<std::string> result;
    if (value.is_array()) {
        for (const auto& entry : value) {
            if (entry.is_string()) {
                result.push_back(entry.get<std::string>());
            }
        }
    }
    return result;
}

// Likewise an array of [number, text].
std::vector<std::pair<std::uint64_t, std::string>> checkpoints_of(const std::string& stored) {
    const auto value = nlohmann::json::parse(stored, nullptr, false);
    std::vector<std::pair<std::uint64_t, std::string>> result;
    if (value.is_array()) {
        for (const auto& entry : value) {
            if (entry.is_array() && entry.size() == 2 && entry[0].is_number_unsigned() &&
                entry[1].is_string()) {
                result.emplace_back(entry[0].get<std::uint64_t>(), entry[1].get<std::string>());
            }
        }
    }
    return result;
}

verdict stored_verdict(const std::string& path, const std::string& text) {
    try {
        return parse_verdict(text);
    } catch (const std::invalid_argument& problem) {
        throw error(fmt::format("campaign file {}: {}", printable(path), printable(problem.what())));
    }
}

}  // namespace

campaign_info campaign_file::info() {
    statement query(
        *db_,
        "SELECT command, profile, first_seed, seed_count, shard_index, shard_count, overrides, fault_changes "
        "FROM campaign");
    if (!query.step()) {
        throw error(fmt::format("campaign file {}: the table campaign is empty", printable(path_)));
    }
    campaign_info result;
    result.command = texts(query.text(0));
    result.profile = query.text(1);
    result.first_seed = query.natural(2);
    if (!query.is_null(3)) {
        result.seed_count = query.natural(3);
    }
    result.shard_index = query.natural(4);
    result.shard_count = query.natural(5);
    result.overrides = query.text(6);
    result.fault_changes = query.text(7);
    return result;
}

std::vector<simulation_name> campaign_file::simulations() {
    std::vector<simulation_name> result;
    statement query(*db_, "SELECT test, name FROM simulation ORDER BY id");
    while (query.step()) {
        result.push_back({query.text(0), query.text(1)});
    }
    return result;
}

std::vector<place> campaign_file::places() {
    std::vector<place> result;
    statement query(
        *db_,
        "SELECT c.id, c.kind, c.rule, c.file, c.line, c.function, c.detail,"
        " coalesce(s.runs, a.runs, v.runs, 0), coalesce(s.evaluated, 0), coalesce(s.activated, 0),"
        " coalesce(s.fired, 0), coalesce(s.fired_runs, 0), coalesce(a.times_true, 0), "
        "coalesce(a.times_false, 0),"
        " coalesce(a.true_runs, 0), coalesce(a.false_runs, 0),"
        " coalesce(s.first_simulation, a.first_simulation, v.first_simulation),"
        " coalesce(s.first_seed, a.first_seed, v.first_seed), a.first_false_simulation, a.first_false_seed "
        "FROM catalog c LEFT JOIN site s ON s.id = c.id LEFT JOIN assertion a ON a.id = c.id"
        " LEFT JOIN coverage v ON v.id = c.id ORDER BY c.file, c.line, c.id");
    while (query.step()) {
        place p;
        p.what.id = query.text(0);
        p.what.kind = query.text(1);
        p.what.rule = query.text(2);
        p.what.file = query.text(3);
        p.what.line = static_cast<std::uint32_t>(query.integer(4));
        p.what.function = query.text(5);
        p.what.detail = query.text(6);
        p.runs = query.natural(7);
        p.evaluated = query.natural(8);
        p.activated = query.natural(9);
        p.fired = query.natural(10);
        p.fired_runs = query.natural(11);
        p.times_true = query.natural(12);
        p.times_false = query.natural(13);
        p.true_runs = query.natural(14);
        p.false_runs = query.natural(15);
        p.first = run_at(query, 16);
        p.first_false = run_at(query, 18);
        result.push_back(std::move(p));
    }
    statement each(*db_, "SELECT id, vals, times, runs, first_simulation, first_seed FROM combination");
    std::map<std::string, std::map<std::string, combination>> combinations;
    while (each.step()) {
        combinations[each.text(0)][each.text(1)] = {each.natural(2), each.natural(3),
                                                    run_at(each, 4).value_or(run_name{})};
    }
    for (place& p : result) {
        if (const auto found = combinations.find(p.what.id); found != combinations.end()) {
            p.each = std::move(found->second);
        }
    }
    return result;
}

std::vector<std::unordered_set<std::uint64_t>> campaign_file::seeds_done(std::size_t simulations) {
    std::vector<std::unordered_set<std::uint64_t>> result(simulations);
    statement query(*db_, "SELECT simulation, seed FROM run");
    while (query.step()) {
        const std::uint64_t simulation = query.natural(0);
        if (simulation < simulations) {
            result[simulation].insert(query.natural(1));
        }
    }
    statement pruned(*db_, "SELECT simulation, first_seed, last_seed, runs FROM pruned");
    while (pruned.step()) {
        const std::uint64_t simulation = pruned.natural(0);
        const std::uint64_t runs = pruned.natural(3);
        if (simulation >= simulations || runs == 0) {
            continue;
        }
        const std::uint64_t first = pruned.natural(1);
        const std::uint64_t apart = runs == 1 ? 0 : (pruned.natural(2) - first) / (runs - 1);
        for (std::uint64_t i = 0; i < runs; ++i) {
            result[simulation].insert(first + i * apart);
        }
    }
    return result;
}

void campaign_file::restore(tally& counts) {
    for (place& p : places()) {
        counts.restore_place(std::move(p));
    }
    std::map<std::string, std::uint64_t> faults;
    statement by_kind(*db_, "SELECT kind, times FROM fault");
    while (by_kind.step()) {
        faults[by_kind.text(0)] = by_kind.natural(1);
    }
    restore_totals(counts, std::move(faults));
    restore_failures(counts);
}

void campaign_file::restore_totals(tally& counts, std::map<std::string, std::uint64_t> faults) {
    // One pass over the runs; the index of those that failed tells the rest.
    statement totals(
        *db_,
        "SELECT n + coalesce(sum(runs), 0), e + coalesce(sum(events), 0), v + coalesce(sum(virtual_ns), 0) "
        "FROM (SELECT count(*) n, coalesce(sum(events), 0) e, coalesce(sum(virtual_ns), 0) v FROM run) "
        "LEFT JOIN pruned");
    totals.step();
    const std::uint64_t runs = totals.natural(0);
    std::map<verdict, std::uint64_t> verdicts;
    std::uint64_t failing = 0;
    statement by_verdict(*db_,
                         "SELECT verdict, count(*) FROM run WHERE verdict <> 'passed' GROUP BY verdict");
    while (by_verdict.step()) {
        verdicts[stored_verdict(path_, by_verdict.text(0))] = by_verdict.natural(1);
        failing += by_verdict.natural(1);
    }
    if (runs > failing) {
        verdicts[verdict::passed] = runs - failing;
    }
    counts.restore_totals(runs, totals.natural(1), totals.integer(2), std::move(verdicts), std::move(faults));
}

void campaign_file::restore_failures(tally& counts) {
    statement failing(
        *db_,
        "SELECT run.simulation, run.seed, run.verdict, message, process, place, tail, output, recheck.same "
        "FROM run INDEXED BY run_failing LEFT JOIN recheck ON recheck.simulation = run.simulation AND "
        "recheck.seed = run.seed "
        "WHERE run.verdict <> 'passed' ORDER BY run.id");
    while (failing.step()) {
        run_result result;
        result.seed = failing.natural(1);
        result.verdict = stored_verdict(path_, failing.text(2));
        result.message = failing.text(3);
        result.process = failing.text(4);
        result.place = failing.text(5);
        result.tail = texts(failing.text(6));
        result.output = failing.text(7);
        const auto simulation = static_cast<std::uint32_t>(failing.integer(0));
        counts.restore_failure(simulation, result);
        if (result.verdict != verdict::nondeterminism && !failing.is_null(8) && failing.integer(8) == 0) {
            result.verdict = verdict::nondeterminism;
            counts.restore_failure(simulation, result);
        }
    }
}

std::vector<stored_run> campaign_file::runs_of(std::uint64_t seed) {
    std::vector<stored_run> result;
    statement query(
        *db_,
        "SELECT test, name, verdict, message, process, place, virtual_ns, events, digest, checkpoints "
        "FROM run JOIN simulation ON simulation.id = run.simulation WHERE seed = ? ORDER BY simulation.id");
    query.bind(seed);
    while (query.step()) {
        stored_run& run = result.emplace_back();
        run.simulation = {query.text(0), query.text(1)};
        run.result.seed = seed;
        run.result.verdict = stored_verdict(path_, query.text(2));
        run.result.message = query.text(3);
        run.result.process = query.text(4);
        run.result.place = query.text(5);
        run.result.virtual_ns = query.integer(6);
        run.result.events = query.natural(7);
        run.result.digest = query.text(8);
        run.result.checkpoints = checkpoints_of(query.text(9));
    }
    return result;
}

}  // namespace squall::cli
