// squall sites: the places in a program where squall does or watches something.
#include "error.h"
#include "help.h"
#include "output.h"
#include "site_source.h"
#include "text.h"
#include "verbs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

struct sites_options {
    std::string target;
    std::vector<std::string> kinds;
    std::string rule;
    std::string file;
    bool unreached = false;
    bool json = false;
};

bool is_wanted(const place& p, const sites_options& options) {
    const auto same_kind = [&](std::string kind) {
        std::replace(kind.begin(), kind.end(), '_', '-');
        return kind == p.what.kind;
    };
    return (options.kinds.empty() || std::any_of(options.kinds.begin(), options.kinds.end(), same_kind)) &&
           (options.rule.empty() || glob_match(options.rule, p.what.rule)) &&
           (options.file.empty() || glob_match(options.file, p.what.file)) &&
           (!options.unreached || !p.reached());
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : printable(text);
}

// "never evaluated", "evaluated 12, activated 3, fired 1", "true 4, false 0", "in 7 runs".
std::string counts_text(const place& p) {
    switch (classify(p.what.kind)) {
        case place_class::site:
            return p.evaluated == 0 ? "never evaluated"
                                    : fmt::format("evaluated {}, activated {}, fired {}", p.evaluated,
                                                  p.activated, p.fired);
        case place_class::assertion:
            return p.runs == 0 ? "never evaluated"
                   : !p.each.empty()
                       ? fmt::format("{}", counted(p.each.size(), "combination", "combinations"))
                       : fmt::format("true {}, false {}", p.times_true, p.times_false);
        case place_class::coverage:
            return p.runs == 0 ? "never reached" : fmt::format("in {}", counted(p.runs, "run", "runs"));
    }
    return "";
}

std::string as_text(const site_listing& listing, const std::vector<const place*>& shown) {
    std::vector<std::vector<std::string>> rows = {{"id", "kind", "rule", "place"}};
    if (listing.has_counts) {
        rows[0].emplace_back("counts");
    }
    rows[0].insert(rows[0].end(), {"function", "detail"});
    std::map<std::string, std::uint64_t> by_kind;
    for (const place* p : shown) {
        const catalog_record& what = p->what;
        ++by_kind[what.kind];
        std::vector<std::string> row = {what.id, printable(what.kind), or_dash(what.rule),
                                        fmt::format("{}:{}", printable(what.file), what.line)};
        if (listing.has_counts) {
            row.push_back(counts_text(*p));
        }
        row.insert(row.end(), {or_dash(what.function), printable(what.detail)});
        rows.push_back(std::move(row));
    }
    std::string totals;
    for (const auto& [kind, count] : by_kind) {
        totals += fmt::format("{}{} {}", totals.empty() ? ": " : ", ", grouped(count), printable(kind));
    }
    const std::string of =
        shown.size() == listing.places.size() ? "" : fmt::format(" of {}", grouped(listing.places.size()));
    return (shown.empty() ? "" : table(rows) + "\n") +
           fmt::format("{}{} {}{}\n", grouped(shown.size()), of,
                       listing.places.size() == 1 ? "site" : "sites", totals);
}

json run_json(const std::optional<run_name>& run, const site_listing& listing) {
    if (!run || run->simulation >= listing.simulations.size()) {
        return nullptr;
    }
    const simulation_name& simulation = listing.simulations[run->simulation];
    return {{"test", simulation.test}, {"simulation", simulation.simulation}, {"seed", run->seed}};
}

json as_json(const sites_options& options, const site_listing& listing,
             const std::vector<const place*>& shown) {
    json sites = json::array();
    for (const place* p : shown) {
        const catalog_record& what = p->what;
        json entry = {{"id", what.id},        {"kind", what.kind}, {"rule", what.rule},
                      {"file", what.file},    {"line", what.line}, {"function", what.function},
                      {"detail", what.detail}};
        if (listing.has_counts) {
            entry["runs"] = p->runs;
            switch (classify(what.kind)) {
                case place_class::site:
                    entry["evaluated"] = p->evaluated;
                    entry["activated"] = p->activated;
                    entry["fired"] = p->fired;
                    entry["fired_runs"] = p->fired_runs;
                    entry["first_fired"] = run_json(p->first, listing);
                    break;
                case place_class::assertion:
                    entry["times_true"] = p->times_true;
                    entry["times_false"] = p->times_false;
                    entry["true_runs"] = p->true_runs;
                    entry["false_runs"] = p->false_runs;
                    for (const auto& [values, seen] : p->each) {
                        entry["combinations"].push_back({{"values", values},
                                                         {"times", seen.times},
                                                         {"runs", seen.runs},
                                                         {"first", run_json(seen.first, listing)}});
                    }
                    entry["first_true"] = run_json(p->first, listing);
                    entry["first_false"] = run_json(p->first_false, listing);
                    break;
                case place_class::coverage:
                    entry["first"] = run_json(p->first, listing);
                    break;
            }
        }
        sites.push_back(std::move(entry));
    }
    return {{"version", 1},
            {"target", options.target},
            {"total", listing.places.size()},
            {"sites", std::move(sites)}};
}

void list_sites(const sites_options& options) {
    const site_listing listing = read_sites(options.target);
    if (options.unreached && !listing.has_counts) {
        throw error(fmt::format(
            "--unreached: {} says what sites there are, not what runs reached (name a campaign file)",
            printable(options.target)));
    }
    std::vector<const place*> shown;
    for (const place& p : listing.places) {
        if (is_wanted(p, options)) {
            shown.push_back(&p);
        }
    }
    if (options.json) {
        write_json(as_json(options, listing, shown));
    } else {
        write_out(as_text(listing, shown));
    }
}

}  // namespace

void add_sites_verb(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<sites_options>();
    CLI::App* verb = app.add_subcommand("sites", "List fault sites, assertions and coverage marks");
    set_usage(*verb, "squall sites [OPTIONS] TARGET");
    verb->add_option("TARGET", options->target,
                     "A binary, object file, archive or shared library (read, not run); a campaign file, "
                     "which adds counts; or an "
                     "output directory of squall instrument")
        ->required()
        ->type_name("");
    verb->add_option("--kind", options->kinds,
                     "Only these kinds, separated by commas: error-return, coverage, sometimes, ...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("KIND,...");
    verb->add_option("--rule", options->rule, "Only rules that match the pattern (* and ?)")
        ->type_name("GLOB");
    verb->add_option("--file", options->file, "Only files that match the pattern")->type_name("GLOB");
    verb->add_flag("--unreached", options->unreached,
                   "Of a campaign: only sites never evaluated, assertions never true, marks never reached");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall sites ./kv_sim_test
  squall sites ./kv_sim_test --kind error-return --file '*/log.cpp'
  squall sites squall-campaign.db --unreached
  squall sites build/squall --json

Exit codes: 0 listed, 2 nothing to list, or a damaged file.)");
    verb->callback([options, &exit_code] {
        list_sites(*options);
        exit_code = exit_code::passed;
    });
}

}  // namespace squall::cli
