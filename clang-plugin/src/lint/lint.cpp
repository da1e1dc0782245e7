// The verb from end to end: tree, database, parse, suppressions, report.
#include <squall/lint.h>

#include "driver/configuration.h"
#include "driver/database.h"
#include "driver/output.h"
#include "driver/parse.h"
#include "driver/problem.h"
#include "driver/source_tree.h"
#include "lint/report.h"
#include "lint/suppressions.h"
#include "lint/visitor.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/FrontendAction.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <ostream>
#include <stdexcept>
#include <thread>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

class action : public clang::ASTFrontendAction {
public:
    action(const file_set& files, std::set<finding>& findings) : files_(files), findings_(findings) {}

protected:
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                          llvm::StringRef) override {
        compiler.getFrontendOpts().SkipFunctionBodies = true;
        return make_lint_consumer(compiler, files_, findings_);
    }

private:
    const file_set& files_;
    std::set<finding>& findings_;
};

// Makes findings of clang's own warnings. A note after one may bring a fix.
class warnings {
public:
    warnings(const file_set& files, std::set<finding>& findings) : files_(files), findings_(findings) {}
    ~warnings() { flush(); }
    warnings(const warnings&) = delete;
    warnings& operator=(const warnings&) = delete;

    void operator()(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) {
        if (!diagnostic.hasSourceManager())
            return;
        const clang::SourceManager& sources = diagnostic.getSourceManager();
        llvm::SmallString<256> message;
        diagnostic.FormatDiagnostic(message);
        if (level == clang::DiagnosticsEngine::Warning) {
            flush();
            held_ = place_finding(sources, clang::LangOptions(), files_, diagnostic.getLocation(), finding_);
            finding_.check = &check_named("uninitialised");
            finding_.message = message.str();
        } else if (level == clang::DiagnosticsEngine::Note && held_ &&
                   message.starts_with("initialize the variable") && diagnostic.getNumFixItHints() == 1) {
            const clang::FixItHint& hint = diagnostic.getFixItHint(0);
            finding place;
            const clang::SourceLocation where = hint.RemoveRange.getBegin();
            if (!where.isMacroID() && hint.CodeToInsert.size() < 64 &&
                place_finding(sources, clang::LangOptions(), files_, where, place) &&
                place.file == finding_.file) {
                finding_.fix_line = place.line;
                finding_.fix_column = place.column;
                finding_.fix = hint.CodeToInsert;
            }
        }
    }

private:
    void flush() {
        if (held_)
            findings_.insert(finding_);
        held_ = false;
        finding_ = {};
    }
    const file_set& files_;
    std::set<finding>& findings_;
    finding finding_;
    bool held_ = false;
};

struct looked_at {
    std::set<finding> findings;
    std::string first_error;
};

looked_at look_at(const unit& what, const file_set& files) {
    looked_at result;
    {
        warnings ours(files, result.findings);
        result.first_error = run_action(
            what, {"-Wno-everything", "-Wuninitialized", "-Wsometimes-uninitialized"},
            [&] { return std::make_unique<action>(files, result.findings); },
            [&](clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) {
                ours(level, diagnostic);
            });
    }
    if (!result.first_error.empty())
        result.findings.clear();
    return result;
}

void suppress(lint_report& report, const configuration& configured, const std::set<const lint_check*>& chosen,
              bool by_user) {
    std::map<unsigned, suppressions> comments;
    std::erase_if(report.findings, [&](const finding& each) {
        return by_user ? !chosen.contains(each.check) || configured.lint_skips(each.file)
                       : !configured.lints(*each.check, each.file);
    });
    for (finding& each : report.findings) {
        const std::string& text = report.texts.at(each.file);
        each.suppressed = comments.try_emplace(each.file, text).first->second.covers(*each.check, each.line);
    }
}

void apply_fixes(const lint_report& report, const source_tree& tree, std::ostream& err) {
    std::set<unsigned> files;
    std::size_t fixes = 0;
    for (const finding& each : report.findings)
        if (!each.suppressed && !each.fix.empty()) {
            files.insert(each.file);
            ++fixes;
        }
    for (unsigned file : files)
        replace_file(tree.root / tree.files.path(file), fixed_text(report, file));
    err << "squall: " << fixes << (fixes == 1 ? " fix" : " fixes") << " applied\n";
}

int run(const lint_options& options, std::ostream& out, std::ostream& err) {
    std::set<const lint_check*> chosen;
    try {
        chosen = select_checks(options.checks);
    } catch (const std::invalid_argument& unknown) {
        throw problem(unknown.what());
    }
    std::vector<fs::path> not_these;
    if (fs::is_directory(options.build_dir))
        not_these.push_back(tidy(options.build_dir));
    source_tree tree = read_tree(options.paths, not_these);
    const configuration configured(tree, {}, false);
    const std::vector<unit> units = units_of(options.build_dir, tree.files);
    if (units.empty())
        throw problem("no translation unit of the database in " + options.build_dir + " is in " +
                      options.paths.front() + (options.paths.size() > 1 ? " or the other paths" : "") +
                      " (was it configured for these sources?)");

    std::vector<looked_at> results(units.size());
    std::atomic<std::size_t> next{0};
    auto work = [&] {
        for (std::size_t i; (i = next++) < units.size();)
            results[i] = look_at(units[i], tree.files);
    };
    {
        const unsigned jobs = options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
        std::vector<std::jthread> workers;
        for (std::size_t i = 1; i < std::min<std::size_t>(jobs, units.size()); ++i)
            workers.emplace_back(work);
        work();
    }

    lint_report report;
    report.root = tree.root.string();
    report.version = options.version;
    std::set<finding> all;
    for (std::size_t i = 0; i < units.size(); ++i) {
        all.merge(results[i].findings);
        if (!results[i].first_error.empty() &&
            report.unparsed.try_emplace(units[i].path, results[i].first_error).second)
            err << "squall: " << units[i].path << " does not parse: " << results[i].first_error << '\n';
    }
    if (report.unparsed.size() > 0 && all.empty() &&
        std::ranges::none_of(results, [](const looked_at& each) { return each.first_error.empty(); }))
        throw problem("no translation unit parsed");
    report.findings.assign(all.begin(), all.end());
    for (const finding& each : report.findings) {
        report.paths.try_emplace(each.file, tree.files.path(each.file));
        if (!report.texts.contains(each.file))
            report.texts[each.file] = read_file(tree.root / tree.files.path(each.file));
    }
    suppress(report, configured, chosen, !options.checks.empty());
    std::ranges::sort(report.findings, [&](const finding& a, const finding& b) {
        const int order = report.paths.at(a.file).compare(report.paths.at(b.file));
        return order != 0 ? order < 0 : a < b;
    });

    out << (options.json ? report_json(report) : report_text(report));
    if (!options.sarif.empty())
        replace_file(tidy(options.sarif), report_sarif(report));
    const std::size_t told = report.told();
    const std::size_t quiet = report.findings.size() - told;
    err << "squall: " << told << (told == 1 ? " finding" : " findings");
    if (quiet > 0)
        err << ", " << quiet << " suppressed";
    err << " in " << units.size() << (units.size() == 1 ? " translation unit\n" : " translation units\n");
    if (options.fix)
        apply_fixes(report, tree, err);
    return told > 0 || !report.unparsed.empty() ? 1 : 0;
}

}  // namespace

int lint(const lint_options& options, std::ostream& out, std::ostream& err) {
    try {
        return run(options, out, err);
    } catch (const std::exception& what) {
        err << "squall: " << what.what() << '\n';
    }
    return 2;
}

std::string list_checks() {
    std::string text;
    for (const lint_check& each : all_checks()) {
        std::string name(each.name);
        name.resize(std::max<std::size_t>(name.size() + 2, 22), ' ');
        text += name + std::string(each.summary) + '\n';
    }
    return text;
}

}  // namespace squall::rewrite
