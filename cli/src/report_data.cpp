// A campaign file summed up for a report.
#include "report_data.h"

#include "error.h"
#include "summary.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace squall::cli {

namespace {

void read_campaign(database& db, report_data& data) {
    statement query(db, "SELECT squall_version, stopped, exit_code, wall_ms FROM campaign");
    query.step();
    data.squall_version = query.text(0);
    data.stopped = query.text(1);
    if (!query.is_null(2)) {
        data.exit_code = static_cast<int>(query.integer(2));
    }
    data.wall_ms = query.integer(3);
}

// Adds the sums of a query: simulation, runs, failing runs, virtual milliseconds, events, wall microseconds.
void add_sums(report_data& data, statement query) {
    while (query.step()) {
        report_simulation& simulation = data.simulations.at(query.natural(0));
        simulation.runs += query.natural(1);
        simulation.failing += query.natural(2);
        simulation.wall_seconds += static_cast<double>(query.integer(5)) / 1e6;
        data.runs += query.natural(1);
        data.failing += query.natural(2);
        data.virtual_seconds += static_cast<double>(query.integer(3)) / 1e3;
        data.events += query.natural(4);
    }
}

void read_runs(database& db, report_data& data) {
    // The plus keeps SQLite from taking an index's order, which would read the rows all over the file.
    add_sums(data, statement(db,
                             "SELECT simulation, count(*), sum(verdict <> 'passed'),"
                             " CAST(total(virtual_ns) / 1e6 AS INTEGER), CAST(total(events) AS INTEGER),"
                             " CAST(total(wall_us) AS INTEGER) FROM run GROUP BY +simulation"));
    // Passing runs whose rows squall prune took away.
    if (db.number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'pruned'") > 0) {
        add_sums(data, statement(db,
                                 "SELECT simulation, sum(runs), 0, CAST(total(virtual_ns) / 1e6 AS INTEGER),"
                                 " CAST(total(events) AS INTEGER), CAST(total(wall_us) AS INTEGER)"
                                 " FROM pruned GROUP BY simulation"));
    }
    statement verdicts(db, "SELECT verdict, count(*) FROM run WHERE verdict <> 'passed' GROUP BY verdict");
    while (verdicts.step()) {
        data.verdicts[verdicts.text(0)] = verdicts.natural(1);
    }
    if (data.runs > data.failing) {
        data.verdicts["passed"] = data.runs - data.failing;
    }
    statement faults(db, "SELECT kind, times FROM fault");
    while (faults.step()) {
        data.faults[faults.text(0)] = faults.natural(1);
    }
    statement rechecks(db, "SELECT count(*), count(CASE WHEN same = 0 THEN 1 END) FROM recheck");
    rechecks.step();
    data.rechecked = rechecks.natural(0);
    data.rechecked_different = rechecks.natural(1);
}

// At most report_curve_points_max points, the last among them.
curve thinned(const curve& all) {
    if (all.size() <= report_curve_points_max) {
        return all;
    }
    curve result;
    for (std::size_t i = 0; i < report_curve_points_max; ++i) {
        result.push_back(all[(i + 1) * all.size() / report_curve_points_max - 1]);
    }
    return result;
}

// One more at each of these positions.
curve growing(std::vector<std::uint64_t> positions) {
    std::sort(positions.begin(), positions.end());
    curve all;
    std::uint64_t count = 0;
    for (const std::uint64_t at : positions) {
        ++count;
        if (!all.empty() && all.back().runs == at) {
            all.back().count = count;
        } else {
            all.push_back({at, count});
        }
    }
    return thinned(all);
}

// The place of a run in the campaign, from 1: the id of its row. Where the row was pruned it is counted on
// from the last one kept before it, which is exact for a campaign of one simulation.
class positions {
public:
    positions(database& db, const report_data& data)
        : every_seed_(data.simulations.size() == 1 && data.info.shard_count == 1),
          first_seed_(data.info.first_seed),
          runs_(data.runs),
          at_or_before_(
              db, "SELECT id, seed FROM run WHERE simulation = ? AND seed <= ? ORDER BY seed DESC LIMIT 1") {}

    std::uint64_t of(const run_name& run) {
        at_or_before_.bind(run.simulation).bind(run.seed);
        std::uint64_t id = 0;
        std::uint64_t seed = first_seed_ - 1;
        while (at_or_before_.step()) {  // to the end, so that it can be bound again
            id = at_or_before_.natural(0);
            seed = at_or_before_.natural(1);
        }
        if (seed == run.seed) {
            return id;
        }
        const std::uint64_t counted = id + (every_seed_ ? run.seed - seed : 1);
        return std::clamp<std::uint64_t>(counted, 1, std::max<std::uint64_t>(runs_, 1));
    }

private:
    bool every_seed_;
    std::uint64_t first_seed_;
    std::uint64_t runs_;
    statement at_or_before_;
};

struct cause_found {
    report_cause cause;
    std::int64_t first_id = 0;
};

void add_failing_run(std::unordered_map<std::string, std::size_t>& of_key, std::vector<cause_found>& causes,
                     const statement& row, const std::string& verdict_name) {
    const auto id = row.integer(0);
    std::string key = fmt::format("{}\t{}\t{}\t", row.integer(1), verdict_name, row.text(4));
    key += row.text(5);
    const auto [found, is_new] = of_key.try_emplace(std::move(key), causes.size());
    if (is_new) {
        cause_found& made = causes.emplace_back();
        made.first_id = id;
        made.cause.verdict = parse_verdict(verdict_name);
        made.cause.place = row.text(4);
        made.cause.message = row.text(5);
        made.cause.simulation = static_cast<std::uint32_t>(row.integer(1));
        made.cause.first_position = static_cast<std::uint64_t>(id);
    }
    report_cause& cause = causes[found->second].cause;
    ++cause.runs;
    if (cause.seeds.size() < report_seeds_max) {
        cause.seeds.push_back(row.natural(2));
    }
}

void read_first_run(database& db, const report_data& data, cause_found& found) {
    statement query(
        db, "SELECT process, virtual_ns, events, digest, options, tail, output FROM run WHERE id = ?");
    query.bind(found.first_id);
    if (!query.step()) {
        return;
    }
    report_cause& cause = found.cause;
    cause.process = query.text(0);
    cause.virtual_ns = query.integer(1);
    cause.events = query.natural(2);
    cause.digest = query.text(3);
    cause.options = query.text(4);
    const auto tail = nlohmann::json::parse(query.text(5), nullptr, false);
    if (tail.is_array()) {
        for (const auto& line : tail) {
            if (line.is_string()) {
                cause.tail.push_back(line.get<std::string>());
            }
        }
    }
    cause.output = query.text(6);
    std::vector<simulation_name> names;
    for (const report_simulation& simulation : data.simulations) {
        names.push_back(simulation.name);
    }
    std::vector<std::string> overrides;
    if (!data.info.overrides.empty()) {
        overrides.push_back(data.info.overrides);
    }
    cause.replay = replay_command(data.info.command, data.info.profile, overrides, data.info.fault_changes,
                                  names, cause.simulation, cause.seeds.front());
}

void read_causes(database& db, report_data& data) {
    std::unordered_map<std::string, std::size_t> of_key;
    std::vector<cause_found> causes;
    std::vector<std::uint64_t> failing;
    statement query(
        db,
        "SELECT run.id, run.simulation, run.seed, run.verdict, place, message, recheck.same "
        "FROM run LEFT JOIN recheck ON recheck.simulation = run.simulation AND recheck.seed = run.seed "
        "WHERE run.verdict <> 'passed' ORDER BY run.id");
    const std::string nondeterminism(name(verdict::nondeterminism));
    while (query.step()) {
        const std::string verdict_name = query.text(3);
        failing.push_back(query.natural(0));
        add_failing_run(of_key, causes, query, verdict_name);
        // A seed that failed, and did otherwise when run again, is two things to look at.
        if (verdict_name != nondeterminism && !query.is_null(6) && query.integer(6) == 0) {
            add_failing_run(of_key, causes, query, nondeterminism);
        }
    }
    data.failing_curve = growing(std::move(failing));
    std::vector<std::uint64_t> firsts;
    std::vector<std::uint64_t> counts;
    for (const cause_found& found : causes) {
        firsts.push_back(found.cause.first_position);
        counts.push_back(found.cause.runs);
    }
    data.causes_curve = growing(std::move(firsts));
    data.causes_left = estimate_discovery(data.runs, counts);
    data.causes_total = causes.size();
    std::sort(causes.begin(), causes.end(), [](const cause_found& a, const cause_found& b) {
        return std::tuple(b.cause.runs, a.first_id, a.cause.verdict) <
               std::tuple(a.cause.runs, b.first_id, b.cause.verdict);
    });
    causes.resize(std::min(causes.size(), report_causes_max));
    for (cause_found& found : causes) {
        read_first_run(db, data, found);
        data.causes.push_back(std::move(found.cause));
    }
}

// What was found when, of one class of places.
struct findings {
    std::vector<std::uint64_t> found_at;
    std::vector<std::uint64_t> runs_of_each;

    void add(const place& p, std::uint64_t runs, positions& where) {
        runs_of_each.push_back(runs);
        if (runs > 0 && p.first) {
            found_at.push_back(where.of(*p.first));
        }
    }
    void finish(std::uint64_t runs, curve& points, discovery_estimate& left) {
        points = growing(std::move(found_at));
        left = estimate_discovery(runs, runs_of_each);
    }
};

void read_discoveries(report_data& data, positions& where) {
    findings coverage;
    findings sites;
    findings sometimes;
    for (const place& p : data.places) {
        switch (classify(p.what.kind)) {
            case place_class::coverage:
                coverage.add(p, p.runs, where);
                break;
            case place_class::site:
                sites.add(p, p.fired_runs, where);
                break;
            case place_class::assertion:
                if (must_be_reached(p.what.kind)) {
                    sometimes.add(p, p.true_runs, where);
                }
                break;
        }
    }
    coverage.finish(data.runs, data.coverage_curve, data.coverage_left);
    sites.finish(data.runs, data.sites_curve, data.sites_left);
    sometimes.finish(data.runs, data.sometimes_curve, data.sometimes_left);
}

}  // namespace

std::string report_data::outcome() const {
    if (rechecked_different > 0 || verdicts.contains(std::string(name(verdict::nondeterminism)))) {
        return "nondeterministic";
    }
    if (failing > 0) {
        return "failed";
    }
    if (!exit_code) {
        return "unfinished";
    }
    if (*exit_code == exit_code::interrupted) {
        return "interrupted";
    }
    return *exit_code == exit_code::unmet ? "passed, coverage unmet" : "passed";
}

report_data read_report(const std::string& path) {
    const auto file = campaign_file::read(path);
    report_data data;
    data.campaign = path;
    data.info = file->info();
    for (simulation_name& simulation : file->simulations()) {
        data.simulations.push_back({std::move(simulation)});
    }
    data.places = file->places();
    database db(path, database::mode::read_only);
    // One state of the file, though its campaign may go on meanwhile.
    db.execute("BEGIN");
    read_campaign(db, data);
    read_runs(db, data);
    read_causes(db, data);
    positions where(db, data);
    read_discoveries(data, where);
    return data;
}

std::vector<const place*> unmet(const report_data& data) {
    std::vector<const place*> result;
    for (const place& p : data.places) {
        if (must_be_reached(p.what.kind) && !p.reached()) {
            result.push_back(&p);
        }
    }
    return result;  // places() are by file, line and id
}

}  // namespace squall::cli
