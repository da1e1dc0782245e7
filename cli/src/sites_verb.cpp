// squall sites: the places in a program where squall does or watches something.
#include "error.h"
#include "help.h"
#include "output.h"
#include "site_source.h"
#include "text.h"
#include "verbs.h"

#include <squall/catalog.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct sites_options {
    std::string target;
    std::vector<std::string> kinds;
    std::string rule;
    std::string file;
    std::string function;
    std::vector<std::string> sort;
    std::string build = "build";
    std::vector<std::string> rules;
    bool unreached = false;
    bool json = false;
};

// The kinds asked for, as catalogs write them. Throws error for one that is neither squall's nor listed.
std::set<std::string> wanted_kinds(const sites_options& options, const site_listing& listing) {
    std::set<std::string> known;
    for (const place& p : listing.places) {
        known.insert(p.what.kind);
    }
    for (unsigned kind = 0; kind < 256; ++kind) {
        known.emplace(to_string(static_cast<site_kind>(kind)));
    }
    known.erase("unknown");
    std::set<std::string> kinds;
    for (std::string kind : options.kinds) {
        std::replace(kind.begin(), kind.end(), '_', '-');
        if (!known.contains(kind)) {
            const std::vector<std::string> names(known.begin(), known.end());
            const auto close = nearest(kind, names);
            throw error(close
                            ? fmt::format("--kind: no kind '{}' (did you mean {}?)", printable(kind), *close)
                            : fmt::format("--kind: no kind '{}'; there are {}", printable(kind),
                                          fmt::join(names, ", ")));
        }
        kinds.insert(std::move(kind));
    }
    return kinds;
}

// What --sort goes by: a text, least first, or a count, greatest first.
struct sort_key {
    std::string_view name;
    std::string catalog_record::* text;
    std::uint64_t (*count)(const place&);
};

std::uint64_t times_evaluated(const place& p) {
    switch (classify(p.what.kind)) {
        case place_class::site:
            return p.evaluated;
        case place_class::assertion:
            return p.times_true + p.times_false;
        case place_class::coverage:
            return p.runs;
    }
    return 0;
}

constexpr sort_key sort_keys[] = {
    {"id", &catalog_record::id, nullptr},
    {"kind", &catalog_record::kind, nullptr},
    {"rule", &catalog_record::rule, nullptr},
    {"file", &catalog_record::file, nullptr},
    {"function", &catalog_record::function, nullptr},
    {"detail", &catalog_record::detail, nullptr},
    {"runs", nullptr, [](const place& p) { return p.runs; }},
    {"evaluated", nullptr, times_evaluated},
    {"activated", nullptr, [](const place& p) { return p.activated; }},
    {"fired", nullptr, [](const place& p) { return p.fired; }},
};

// By the keys; where they are equal, by file and line.
void sort_places(std::vector<const place*>& shown, const sites_options& options,
                 const site_listing& listing) {
    std::vector<const sort_key*> by;
    for (const std::string& name : options.sort) {
        const auto* const key = std::find_if(std::begin(sort_keys), std::end(sort_keys),
                                             [&](const sort_key& one) { return one.name == name; });
        if (key == std::end(sort_keys)) {
            std::vector<std::string_view> names;
            for (const sort_key& one : sort_keys) {
                names.push_back(one.name);
            }
            throw error(fmt::format("--sort: there is no '{}' to sort by; there are {}", printable(name),
                                    fmt::join(names, ", ")));
        }
        if (key->count != nullptr && !listing.has_counts) {
            throw error(fmt::format(
                "--sort {}: {} says what sites there are, not what runs did (name a campaign file)", name,
                printable(options.target)));
        }
        by.push_back(key);
    }
    std::sort(shown.begin(), shown.end(), [&](const place* a, const place* b) {
        for (const sort_key* key : by) {
            if (key->count != nullptr) {
                if (key->count(*a) != key->count(*b)) {
                    return key->count(*a) > key->count(*b);
                }
            } else if (const int order = (a->what.*key->text).compare(b->what.*key->text); order != 0) {
                return order < 0;
            }
        }
        return std::tie(a->what.file, a->what.line, a->what.id) <
               std::tie(b->what.file, b->what.line, b->what.id);
    });
}

bool is_wanted(const place& p, const sites_options& options, const std::set<std::string>& kinds) {
    return (kinds.empty() || kinds.contains(p.what.kind)) &&
           (options.rule.empty() || glob_match(options.rule, p.what.rule)) &&
           (options.file.empty() || glob_match(options.file, p.what.file)) &&
           (options.function.empty() || glob_match(options.function, p.what.function)) &&
           (!options.unreached || (!p.reached() && !may_stay_unreached(p.what.kind)));
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

// A directory that goes away again.
class scratch_directory {
public:
    scratch_directory() : path_((fs::temp_directory_path() / "squall-sites-XXXXXX").string()) {
        if (mkdtemp(path_.data()) == nullptr) {
            throw error(
                fmt::format("cannot make the directory {}: {}", printable(path_), std::strerror(errno)));
        }
    }
    ~scratch_directory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

site_listing sites_of(const sites_options& options, const source_parser& parser) {
    if (!is_source(options.target)) {
        return read_sites(options.target);
    }
    if (!parser) {
        throw error(fmt::format("{} is source, which this squall cannot parse: it was built without Clang",
                                printable(options.target)));
    }
    // Where the source itself would have them after squall instrument.
    const scratch_directory scratch;
    const std::string out = scratch.path() + "/out";
    parser(options.target, options.build, options.rules, out);
    try {
        return read_sites(out);
    } catch (const error&) {  // it names the scratch directory
        throw error(
            fmt::format("no sites in {}: no rule found anything to do (squall instrument --verbose says why)",
                        printable(options.target)));
    }
}

int list_sites(const sites_options& options, const source_parser& parser) {
    const site_listing listing = sites_of(options, parser);
    if (options.unreached && !listing.has_counts) {
        throw error(fmt::format(
            "--unreached: {} says what sites there are, not what runs reached (name a campaign file)",
            printable(options.target)));
    }
    const std::set<std::string> kinds = wanted_kinds(options, listing);
    std::vector<const place*> shown;
    for (const place& p : listing.places) {
        if (is_wanted(p, options, kinds)) {
            shown.push_back(&p);
        }
    }
    sort_places(shown, options, listing);
    if (options.json) {
        write_json(as_json(options, listing, shown));
    } else {
        write_out(as_text(listing, shown));
    }
    return options.unreached && !shown.empty() ? exit_code::unmet : exit_code::passed;
}

}  // namespace

void add_sites_verb(CLI::App& app, int& exit_code, source_parser parser) {
    auto options = std::make_shared<sites_options>();
    CLI::App* verb = app.add_subcommand("sites", "List fault sites, assertions and coverage marks");
    set_usage(*verb, "squall sites [OPTIONS] TARGET");
    verb->add_option("TARGET", options->target,
                     "A binary, object file, archive or shared library (read, not run); a campaign file, "
                     "which adds counts; source files or a directory of them, which are parsed; or an output "
                     "directory of squall instrument")
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
    verb->add_option("--function", options->function, "Only functions that match the pattern")
        ->type_name("GLOB");
    verb->add_option(
            "--sort", options->sort,
            "By id, kind, rule, file, function, detail, or of a campaign runs, evaluated, activated, "
            "fired (greatest first), separated by commas; default: file and line")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("KEY,...");
    verb->add_option("-p", options->build, "Of source: the build directory that has compile_commands.json")
        ->type_name("BUILD")
        ->capture_default_str();
    verb->add_option("--rules", options->rules,
                     "Of source: only these rules or groups of squall instrument, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("RULE,...");
    verb->add_flag("--unreached", options->unreached,
                   "Of a campaign: only sites never evaluated, assertions never true, marks never reached; "
                   "exit 4 if there are any");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall sites ./kv_sim_test
  squall sites ./kv_sim_test --kind error-return --file '*/log.cpp'
  squall sites squall-campaign.db --sort fired --kind error-return,buggify
  squall sites squall-campaign.db --unreached
  squall sites src -p build --rules error-return         what squall instrument would put there
  squall sites build/squall --json

Exit codes: 0 listed, 2 usage, nothing to list, or a damaged file, 4 --unreached found something.)");
    verb->callback(
        [options, parser = std::move(parser), &exit_code] { exit_code = list_sites(*options, parser); });
}

}  // namespace squall::cli
