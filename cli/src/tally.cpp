// What a campaign knows so far.
#include "tally.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>

#include <utility>

namespace squall::cli {

place_class classify(std::string_view kind) {
    if (kind == "coverage") {
        return place_class::coverage;
    }
    for (const std::string_view prefix : {"always", "sometimes", "reachable", "unreachable"}) {
        if (kind.starts_with(prefix)) {
            return place_class::assertion;
        }
    }
    return place_class::site;
}

bool must_be_reached(std::string_view kind) {
    return kind.starts_with("sometimes") || kind == "reachable";
}

bool may_stay_unreached(std::string_view kind) {
    return kind == "unreachable" || kind == "always-or-unreachable";
}

std::uint32_t tally::intern(const catalog_record& record) {
    const auto [found, is_new] =
        place_of_id_.try_emplace(record.id, static_cast<std::uint32_t>(places_.size()));
    if (is_new) {
        places_.emplace_back().what = record;
        must_reach_ += must_be_reached(record.kind) ? 1 : 0;
    } else {
        const catalog_record& had = places_[found->second].what;
        if (had.rule != record.rule || had.file != record.file || had.function != record.function ||
            had.detail != record.detail) {
            throw error(fmt::format(
                "two different sites have the id {}: {} at {}:{} in {}, and {} at {}:{} in {} (a campaign of "
                "another "
                "build? start a new one with --campaign or --overwrite)",
                record.id, printable(had.rule), printable(had.file), had.line, printable(had.function),
                printable(record.rule), printable(record.file), record.line, printable(record.function)));
        }
    }
    return found->second;
}

void tally::count_if_reached(const place& p, bool before) {
    if (before || !p.reached()) {
        return;
    }
    must_reach_done_ += must_be_reached(p.what.kind) ? 1 : 0;
    covered_ += classify(p.what.kind) == place_class::coverage ? 1 : 0;
}

void tally::add(std::uint32_t simulation, const run_result& result) {
    const run_name run{simulation, result.seed};
    ++runs_;
    events_ += result.events;
    virtual_ns_ += result.virtual_ns;
    ++verdicts_[result.verdict];
    for (const auto& [kind, count] : result.faults) {
        faults_[kind] += count;
    }
    for (const site_count& count : result.sites) {
        place& p = places_[count.index];
        const bool before = p.reached();
        p.evaluated += count.evaluated;
        p.activated += count.activated;
        p.fired += count.fired;
        p.runs += count.evaluated > 0 ? 1 : 0;
        p.fired_runs += count.fired > 0 ? 1 : 0;
        if (count.fired > 0 && !p.first) {
            p.first = run;
        }
        p.changed = true;
        count_if_reached(p, before);
    }
    for (const assertion_count& count : result.assertions) {
        place& p = places_[count.index];
        const bool before = p.reached();
        p.times_true += count.times_true;
        p.times_false += count.times_false;
        p.runs += count.times_true + count.times_false > 0 ? 1 : 0;
        p.true_runs += count.times_true > 0 ? 1 : 0;
        p.false_runs += count.times_false > 0 ? 1 : 0;
        if (count.times_true > 0 && !p.first) {
            p.first = run;
        }
        if (count.times_false > 0 && !p.first_false) {
            p.first_false = run;
        }
        p.changed = true;
        count_if_reached(p, before);
    }
    for (const each_count& count : result.each) {
        place& p = places_[count.index];
        const auto [found, is_new] = p.each.try_emplace(count.values, combination{0, 0, run});
        found->second.times += count.times;
        ++found->second.runs;
        p.changed = true;
    }
    for (const std::uint32_t index : result.coverage) {
        place& p = places_[index];
        const bool before = p.reached();
        ++p.runs;
        if (!p.first) {
            p.first = run;
        }
        p.changed = true;
        count_if_reached(p, before);
    }
    if (result.verdict != verdict::passed) {
        ++failures_;
        add_failure(simulation, result);
    }
}

void tally::add_nondeterminism(std::uint32_t simulation, const run_result& described, verdict first) {
    ++nondeterministic_;
    if (first == verdict::passed) {
        --verdicts_[verdict::passed];
        ++verdicts_[verdict::nondeterminism];
    }
    add_failure(simulation, described);
}

void tally::add_failure(std::uint32_t simulation, const run_result& result) {
    // Two runs that differ have nothing in common to group them by but that.
    const std::string message = result.verdict == verdict::nondeterminism
                                    ? "the same seed gave another digest in another process"
                                    : result.message;
    std::string key =
        fmt::format("{}\n{}\n{}\n{}", simulation, static_cast<int>(result.verdict), result.place, message);
    const auto [found, is_new] = group_of_cause_.try_emplace(std::move(key), groups_.size());
    if (is_new) {
        groups_.push_back({result.verdict,
                           message,
                           result.place,
                           simulation,
                           result.process,
                           result.tail,
                           result.output,
                           {}});
    }
    groups_[found->second].seeds.push_back(result.seed);
}

void tally::restore_place(place stored) {
    place& p = places_[intern(stored.what)];
    stored.changed = false;
    p = std::move(stored);
    count_if_reached(p, false);
}

void tally::merge_place(const place& other) {
    place& p = places_[intern(other.what)];
    const bool before = p.reached();
    const auto earlier = [](const run_name& a, const run_name& b) {
        return std::pair(a.seed, a.simulation) < std::pair(b.seed, b.simulation);
    };
    const auto first_of_both = [&](std::optional<run_name>& mine, const std::optional<run_name>& theirs) {
        if (theirs && (!mine || earlier(*theirs, *mine))) {
            mine = theirs;
        }
    };
    p.runs += other.runs;
    p.evaluated += other.evaluated;
    p.activated += other.activated;
    p.fired += other.fired;
    p.fired_runs += other.fired_runs;
    p.times_true += other.times_true;
    p.times_false += other.times_false;
    p.true_runs += other.true_runs;
    p.false_runs += other.false_runs;
    first_of_both(p.first, other.first);
    first_of_both(p.first_false, other.first_false);
    for (const auto& [values, theirs] : other.each) {
        const auto [found, is_new] = p.each.try_emplace(values, theirs);
        if (!is_new) {
            combination& mine = found->second;
            mine.times += theirs.times;
            mine.runs += theirs.runs;
            mine.first = earlier(theirs.first, mine.first) ? theirs.first : mine.first;
        }
    }
    p.changed = true;
    count_if_reached(p, before);
}

void tally::restore_totals(std::uint64_t runs, std::uint64_t events, std::int64_t virtual_ns,
                           std::map<verdict, std::uint64_t> verdicts,
                           std::map<std::string, std::uint64_t> faults) {
    runs_ = runs;
    events_ = events;
    virtual_ns_ = virtual_ns;
    verdicts_ = std::move(verdicts);
    faults_ = std::move(faults);
}

void tally::restore_failure(std::uint32_t simulation, const run_result& result) {
    if (result.verdict == verdict::nondeterminism) {
        ++nondeterministic_;
    } else {
        ++failures_;
    }
    add_failure(simulation, result);
}

place_totals totals_of(const std::vector<place>& places) {
    place_totals t;
    for (const place& p : places) {
        switch (classify(p.what.kind)) {
            case place_class::site:
                ++t.sites;
                t.sites_evaluated += p.evaluated > 0 ? 1 : 0;
                t.sites_activated += p.activated > 0 ? 1 : 0;
                t.sites_fired += p.fired > 0 ? 1 : 0;
                break;
            case place_class::coverage:
                ++t.marks;
                t.marks_reached += p.runs > 0 ? 1 : 0;
                break;
            case place_class::assertion:
                ++t.assertions;
                t.assertions_evaluated += p.runs > 0 ? 1 : 0;
                if (must_be_reached(p.what.kind)) {
                    ++t.must;
                    t.must_reached += p.reached() ? 1 : 0;
                }
                break;
        }
    }
    return t;
}

}  // namespace squall::cli
