// Seeds in order, on as many threads as there are, until a rule stops them.
#include "campaign.h"

#include "exhaustive.h"
#include "in_order.h"

#include <squall/catalog.h>
#include <squall/coverage.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace squall::simulator {
namespace {

constexpr std::size_t failures_kept_whole = 100;

struct of_one_seed {
    std::vector<run_result> runs;
    bool complete = true;
};

// The numbers of the seeds to run, by their place in the campaign.
class seed_list {
public:
    explicit seed_list(const simulation::plan& plan) : plan_(plan) {
        const std::uint64_t all = plan.given_seeds.empty() ? plan.seeds : plan.given_seeds.size();
        const std::uint64_t of_this = all / plan.shard_count;
        size_ = of_this + (plan.shard_index < all % plan.shard_count ? 1 : 0);
    }
    std::uint64_t size() const { return size_; }
    std::uint64_t operator[](std::uint64_t i) const {
        const std::uint64_t place = i * plan_.shard_count + plan_.shard_index;
        return plan_.given_seeds.empty() ? plan_.first_seed + place : plan_.given_seeds[place];
    }

private:
    const simulation::plan& plan_;
    std::uint64_t size_;
};

// All that runs add up to.
class totals {
public:
    explicit totals(report& all) : all_(all) {
        for (const catalog_entry& e : catalog()) {
            if (is_assertion(e.kind))
                assertions_[e.index].index = e.index;
            else if (is_fault_site(e.kind))
                sites_[e.index].index = e.index;
        }
    }

    // Whether it brought something that no run before it had: an assertion, a combination of a
    // sometimes-each, or a site evaluated, fired, true or false for the first time.
    bool add(const run_result& r) {
        ++all_.runs;
        all_.virtual_time += r.virtual_time;
        all_.events += r.events;
        for (const auto& [kind, count] : r.faults)
            all_.faults[kind] += count;
        for (const auto& [name, values] : r.metrics)
            all_.metrics[name].merge(values);
        bool fresh = false;
        for (const assertion_tally& a : r.assertions) {
            assertion_row& row = assertions_[a.index];
            row.index = a.index;
            fresh |= row.runs == 0 || (row.times_true == 0 && a.times_true > 0) ||
                     (row.times_false == 0 && a.times_false > 0);
            if (a.times_true > 0 && row.runs_true++ == 0)
                row.first_true = r.seed;
            ++row.runs;
            row.times_true += a.times_true;
            row.times_false += a.times_false;
        }
        for (const site_tally& s : r.sites) {
            site_row& row = sites_[s.index];
            row.index = s.index;
            fresh |= row.runs == 0 || (row.fired == 0 && s.fired > 0);
            row.runs += s.evaluated > 0 ? 1 : 0;
            row.evaluated += s.evaluated;
            row.activated += s.activated ? 1 : 0;
            row.fired += s.fired;
        }
        for (const each_tally& e : r.each)
            fresh |= each_.emplace(e.index, e.values).second;
        return fresh;
    }

    // Whether each sometimes-assertion and reachable of the binary has been true; false if there is none.
    bool all_sometimes() const {
        bool any = false;
        for (const auto& [index, row] : assertions_) {
            const site_kind kind = catalog_at(index).kind;
            if (kind != site_kind::sometimes && kind != site_kind::reachable)
                continue;
            any = true;
            if (row.times_true == 0)
                return false;
        }
        return any;
    }

    void finish() {
        for (const auto& [index, row] : assertions_) {
            all_.assertions.push_back(row);
            const catalog_entry e = catalog_at(index);
            if (e.kind == site_kind::sometimes && row.runs > 0 && row.times_true == 0)
                all_.never_true.push_back(std::string(e.detail) + " (" + std::string(e.file) + ":" +
                                          std::to_string(e.line) + ")");
        }
        for (const auto& [index, row] : sites_)
            all_.sites.push_back(row);
        const coverage_size size = coverage_counters();
        all_.places = size.marks + size.compiler_edges;
    }

private:
    report& all_;
    std::map<std::uint32_t, assertion_row> assertions_;
    std::map<std::uint32_t, site_row> sites_;
    std::set<std::pair<std::uint32_t, std::string>> each_;
};

unsigned threads_for(const simulation::plan& plan) {
    // The counters of coverage are the process's: what one run adds is to be told from the next.
    if (plan.coverage_stable_for != 0)
        return 1;
    return plan.threads != 0 ? plan.threads : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

void run_campaign(const simulation::plan& plan, report& all,
                  const std::function<void(const run_result&)>& each) {
    const seed_list seeds(plan);
    totals sum(all);
    coverage_map covered;
    std::uint64_t quiet_seeds = 0;
    // Wall time decides how many seeds run, never what one does.
    const auto start = std::chrono::steady_clock::now();
    const auto passed = [&] {
        return std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now() - start);
    };
    all.threads = static_cast<unsigned>(
        std::min<std::uint64_t>(threads_for(plan), std::max<std::uint64_t>(1, seeds.size())));
    all.first_seed = seeds.size() > 0 ? seeds[0] : plan.first_seed;

    const auto make = [&](std::uint64_t i) {
        of_one_seed result;
        if (plan.coverage_stable_for != 0)
            coverage_reset();
        run_request request{.seed = seeds[i], .chosen = plan.chosen, .keep_log = plan.keep_log};
        // Nobody is shown them.
        constexpr passing_words none{.options = false, .tail = false};
        result.complete = run_all_of_seed(plan, request, none, [&](run_result one) {
            result.runs.push_back(std::move(one));
            return true;
        });
        return result;
    };
    const auto stop = [&](stop_reason why, std::string because) {
        all.stopped = why;
        all.stopped_because = std::move(because);
        return false;
    };
    std::uint64_t seeds_run = 0;
    const auto take = [&](std::uint64_t i, of_one_seed result) {
        ++seeds_run;
        bool fresh = false;
        bool failed = false;
        for (run_result& r : result.runs) {
            fresh |= sum.add(r);
            each(r);
            if (r.passed())
                continue;
            failed = true;
            if (all.failures.size() >= failures_kept_whole) {
                r.tail.clear();
                r.record.clear();
                r.checkpoints.clear();
            }
            all.failures.push_back(std::move(r));
        }
        if (!result.complete)
            all.notes.push_back("seed " + std::to_string(seeds[i]) + ": '" + plan.exhaust +
                                "' still fails after " + std::to_string(plan.exhaust_limit) +
                                " runs, the limit");
        if (failed && plan.until_first_failure)
            return stop(stop_reason::first_failure, "seed " + std::to_string(seeds[i]) + " failed");
        if (plan.until_sometimes && sum.all_sometimes())
            return stop(
                stop_reason::sometimes_reached,
                "every sometimes and reachable assertion was true by seed " + std::to_string(seeds[i]));
        if (plan.coverage_stable_for != 0) {
            fresh |= covered.add(coverage_counts()).edges != 0;
            quiet_seeds = fresh ? 0 : quiet_seeds + 1;
            if (quiet_seeds >= plan.coverage_stable_for)
                return stop(stop_reason::coverage_stable,
                            std::to_string(quiet_seeds) + " seeds brought nothing new (assertions, sites" +
                                (covered.edges() > 0 ? ", coverage marks and edges)" : ")"));
        }
        if (plan.time_limit > 0ns && passed() >= plan.time_limit)
            return stop(stop_reason::wall_time, "the wall time is used up");
        return true;
    };
    all.stopped_because = "all seeds have run";
    in_order(seeds.size(), all.threads, make, take);
    if (plan.coverage_stable_for == 0)
        covered.add(coverage_counts());
    all.places_covered = covered.edges();
    all.wall_time = passed();
    sum.finish();
    if (plan.until_sometimes && all.stopped == stop_reason::all_seeds && !sum.all_sometimes())
        all.notes.emplace_back("not every sometimes and reachable assertion was true after " +
                               std::to_string(seeds_run) + " seeds, the cap");
}

}  // namespace squall::simulator
