// The verb from end to end: tree, database, parse, merge, output.
#include <squall/instrument.h>

#include "core/site_table.h"
#include "driver/cache.h"
#include "driver/configuration.h"
#include "driver/diff.h"
#include "driver/explain.h"
#include "driver/in_place.h"
#include "driver/merge.h"
#include "driver/output.h"
#include "driver/parse.h"
#include "driver/problem.h"
#include "driver/source_tree.h"
#include "driver/tables.h"
#include "launcher/depfile.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <stdexcept>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

// What the summary tells.
struct totals {
    std::size_t units = 0;
    std::size_t files = 0;  // read by a unit or not
    std::size_t rewritten = 0;
    std::map<std::string, std::size_t> sites;
    std::map<std::string, std::map<std::string, std::size_t>> skips;
    std::vector<std::string> unparsed;
};

template <class Number>
std::string counted(Number n, const char* what) {
    return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
}

void print_summary(const totals& sum, const instrument_options& options, std::ostream& out) {
    std::size_t sites = 0;
    std::size_t skipped = 0;
    for (const auto& [rule, n] : sum.sites)
        sites += n;
    for (const auto& [rule, reasons] : sum.skips)
        for (const auto& [reason, n] : reasons)
            skipped += n;
    const std::string where = options.diff ? "" : options.in_place ? " in place" : " in " + options.out_dir;
    out << "squall: " << sum.rewritten << " of " << counted(sum.files, "file") << " rewritten" << where
        << ", " << counted(sites, "site");
    const char* separator = ": ";
    for (const auto& [rule, n] : sum.sites) {
        out << separator << rule << ' ' << n;
        separator = ", ";
    }
    out << "; " << skipped << " skipped";
    if (skipped > 0 && !options.verbose)
        out << " (--verbose says why)";
    out << '\n';
    if (!options.verbose)
        return;
    for (const auto& [rule, reasons] : sum.skips)
        for (const auto& [reason, n] : reasons)
            out << "  skipped " << n << ", " << rule << ": " << reason << '\n';
}

void print_json(const totals& sum, const instrument_options& options, std::ostream& out) {
    llvm::json::Object sites;
    for (const auto& [rule, n] : sum.sites)
        sites[rule] = static_cast<std::int64_t>(n);
    llvm::json::Object skipped;
    for (const auto& [rule, reasons] : sum.skips) {
        llvm::json::Object by_reason;
        for (const auto& [reason, n] : reasons)
            by_reason[reason] = static_cast<std::int64_t>(n);
        skipped[rule] = std::move(by_reason);
    }
    llvm::json::Array unparsed;
    for (const std::string& path : sum.unparsed)
        unparsed.push_back(llvm::json::fixUTF8(path));
    llvm::json::Object all{{"schema", 1},
                           {"files", static_cast<std::int64_t>(sum.files)},
                           {"rewritten", static_cast<std::int64_t>(sum.rewritten)},
                           {"translation_units", static_cast<std::int64_t>(sum.units)},
                           {"unparsed", std::move(unparsed)},
                           {"sites", std::move(sites)},
                           {"skipped", std::move(skipped)}};
    if (!options.diff && !options.in_place)
        all["output"] = llvm::json::fixUTF8(options.out_dir);
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(std::move(all));
    out << text << '\n';
}

// For a response file: gcc and clang split at white space but for quotes, and take a backslash for an escape.
std::string quoted(const std::string& path) {
    std::string out = "\"";
    for (char c : path) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '"';
}

// The texts of all files that have sites.
std::map<unsigned, std::string> rewrite_files(const source_tree& tree, const std::vector<site>& sites,
                                              const site_tables& tables) {
    std::map<unsigned, std::vector<const site*>> by_file;
    for (const site& each : sites)
        by_file[each.at.file].push_back(&each);
    std::map<unsigned, std::string> texts;
    for (const auto& [file, of_file] : by_file) {
        texts[file] = apply_edits(read_file(tree.root / tree.files.path(file)), of_file);
        tables.add_request(file, texts[file]);
    }
    return texts;
}

// What the findings depend on besides the files that a unit reads.
std::string cache_key(const configuration& configured, std::span<const rule_info* const> rules) {
    std::string key;
    std::error_code none;
    const fs::path self = fs::read_symlink("/proc/self/exe", none);
    key += std::to_string(fs::file_size(self, none)) + '|' +
           std::to_string(fs::last_write_time(self, none).time_since_epoch().count());
    for (const rule_info* each : rules)
        (key += '|') += each->name;
    for (const fs::path& each : configured.sources())
        (key += '|' + each.string() + '|') += read_file(each);
    return key;
}

// The same as parse(), but for what is known from the run before. `known` is null where nothing is kept.
std::vector<parsed_unit> parse_or_know(const std::vector<unit>& units, const source_tree& tree,
                                       std::span<const rule_info* const> rules, unsigned jobs,
                                       parse_cache* known) {
    if (!known)
        return parse(units, tree.files, rules, jobs);
    std::vector<parsed_unit> results(units.size());
    std::vector<unit> unknown;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (known->knows(units[i], results[i]))
            continue;
        unknown.push_back(units[i]);
        places.push_back(i);
    }
    std::vector<parsed_unit> fresh = parse(unknown, tree.files, rules, jobs);
    for (std::size_t i = 0; i < unknown.size(); ++i) {
        known->keep(unknown[i], fresh[i], fresh[i].read);
        results[places[i]] = std::move(fresh[i]);
    }
    return results;
}

// What a build has to watch: the name of the file without its .d is the target.
void write_depfile(const fs::path& path, std::set<std::string> read, const configuration& configured) {
    for (const fs::path& each : configured.sources())
        read.insert(fs::absolute(each).string());
    // Clang names system headers by many a "..", which build systems need not understand.
    std::set<std::string> real;
    for (const std::string& each : read) {
        std::error_code gone;
        const fs::path found = fs::canonical(each, gone);
        real.insert(gone ? each : found.string());
    }
    replace_file(path, new_depfile(fs::path(path).replace_extension().string(), real));
}

// Returns how many did not parse, having told about each once.
std::size_t report_unparsed(const std::vector<unit>& units, const std::vector<parsed_unit>& parsed,
                            totals& sum, std::ostream& err) {
    std::size_t failed = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (parsed[i].first_error.empty())
            continue;
        ++failed;
        if (!sum.unparsed.empty() && sum.unparsed.back() == units[i].path)
            continue;
        sum.unparsed.push_back(units[i].path);
        err << "squall: " << units[i].path << " does not parse: " << parsed[i].first_error << '\n';
    }
    return failed;
}

int run(const instrument_options& options, std::ostream& out, std::ostream& err) {
    std::vector<const rule_info*> chosen;
    try {
        chosen = select_rules(options.rules);
    } catch (const std::invalid_argument& unknown) {
        throw problem(unknown.what());
    }
    const bool asks = !options.explain.empty() || !options.why_not.empty();
    const bool writes = !options.diff && !asks && !options.in_place;
    const fs::path target = writes ? tidy(options.out_dir) : fs::path();
    std::vector<fs::path> not_these;
    if (writes)
        not_these.push_back(target);
    if (fs::is_directory(options.build_dir))
        not_these.push_back(tidy(options.build_dir));
    source_tree tree = read_tree(options.paths, not_these);
    const configuration configured(tree, chosen, !options.rules.empty());
    const std::vector<const rule_info*> rules = configured.rules();
    if (writes)
        check_output(target, options.paths);

    const std::vector<unit> units = units_of(options.build_dir, tree.files);
    if (units.empty())
        throw problem("no translation unit of the database in " + options.build_dir + " is in " +
                      options.paths.front() + (options.paths.size() > 1 ? " or the other paths" : "") +
                      " (was it configured for these sources?)");

    std::optional<parse_cache> known;
    if (writes)
        known.emplace(target / cache_name, cache_key(configured, rules), tree, rules);
    std::vector<parsed_unit> parsed =
        parse_or_know(units, tree, rules, options.jobs, known ? &*known : nullptr);
    totals sum;
    sum.units = units.size();
    const std::size_t failed = report_unparsed(units, parsed, sum, err);
    if (failed == units.size())
        throw problem("no translation unit parsed, nothing is written");

    std::vector<unit_findings> findings;
    findings.reserve(parsed.size());
    for (parsed_unit& each : parsed)
        findings.push_back(std::move(each.findings));
    const merged_findings merged =
        merge(findings, [&](const rule_info& rule, unsigned file) { return configured.refusal(rule, file); });
    if (asks) {
        if (!options.explain.empty())
            out << explain_site(merged, options.explain);
        if (!options.why_not.empty())
            out << explain_line(merged, tree, options.why_not);
        return failed > 0 ? 1 : 0;
    }
    sum.skips = merged.skips;
    for (const rule_info* rule : rules)
        sum.sites[std::string(rule->name)] = 0;
    for (const site& each : merged.sites)
        ++sum.sites[std::string(each.rule->name)];
    for (const tree_entry& entry : tree.entries)
        sum.files += entry.kind == tree_entry::type::file;

    output_content content;
    const site_tables tables(tree, merged.sites, units, findings);
    content.rewritten = rewrite_files(tree, merged.sites, tables);
    sum.rewritten = content.rewritten.size();
    if (options.diff) {
        for (const tree_entry& entry : tree.entries) {
            const auto text = content.rewritten.find(entry.file);
            if (entry.kind == tree_entry::type::file && text != content.rewritten.end())
                out << unified_diff(entry.path, read_file(tree.original(entry)), text->second);
        }
    } else {
        const fs::path beside = options.in_place ? tree.root / in_place_directory : target;
        if (writes)
            content.generated = tables.parts();
        content.generated["squall-sites.h"] = tables.whole();
        content.generated["squall/site.h"] = site_header_source;
        // __FILE__ stays what it was relative to the project: the ids of assertions are made of it.
        content.generated["squall.flags"] = "-include " + quoted((beside / "squall-sites.h").string()) + "\n";
        if (writes)
            content.generated["squall.flags"] +=
                quoted("-fmacro-prefix-map=" + target.string() + "/=") + "\n";
        content.generated[sites_json_name] = site_json(merged.sites);
        if (writes) {
            content.generated[cache_name] = known->text();
            write_output(target, tree, content);
            if (!options.depfile.empty())
                write_depfile(options.depfile, known->read(), configured);
        } else {
            write_in_place(tree, content);
        }
    }
    std::ostream& summary = options.diff ? err : out;
    options.json ? print_json(sum, options, summary) : print_summary(sum, options, summary);
    if (failed > 0)
        err << "squall: " << counted(sum.unparsed.size(), "translation unit")
            << " did not parse and stayed as written; the output is complete\n";
    return failed > 0 ? 1 : 0;
}

}  // namespace

int instrument(const instrument_options& options, std::ostream& out, std::ostream& err) {
    try {
        return run(options, out, err);
    } catch (const interrupted&) {
        err << "squall: interrupted, nothing is written\n";
        return 130;
    } catch (const problem& what) {
        err << "squall: " << what.what() << '\n';
    } catch (const std::exception& what) {
        err << "squall: " << what.what() << '\n';
    }
    return 2;
}

int revert(const std::string& directory, bool force, std::ostream& out, std::ostream& err) {
    try {
        fs::path root = tidy(directory);
        std::error_code none;
        while (!fs::exists(root / in_place_directory, none) && root.has_relative_path())
            root = root.parent_path();
        if (!fs::exists(root / in_place_directory, none))
            root = tidy(directory);
        const restored done = restore(root, force);
        out << "squall: " << counted(done.files, "file") << " put back in " << root.string() << '\n';
        for (const std::string& path : done.changed)
            err << "squall: " << path << " was changed since and stays; its original is "
                << (root / in_place_directory / "originals" / path).string() << " (--force puts it back)\n";
        return done.changed.empty() ? 0 : 1;
    } catch (const std::exception& what) {
        err << "squall: " << what.what() << '\n';
    }
    return 2;
}

std::string list_rules() {
    std::string text;
    for (const rule_info& each : all_rules()) {
        std::string name(each.name);
        name.resize(std::max<std::size_t>(name.size() + 2, 16), ' ');
        text += name + std::string(to_string(each.group)) + "  " + std::string(each.summary) + '\n';
    }
    return text;
}

}  // namespace squall::rewrite
