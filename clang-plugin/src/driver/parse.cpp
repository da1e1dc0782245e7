// One Clang per translation unit, on threads, for its syntax tree only.
#include "driver/parse.h"

#include "core/visitor.h"
#include "driver/attributes.h"

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace squall::rewrite {
namespace {

// Tells of files as they are entered.
class entries : public clang::PPCallbacks {
public:
    entries(const clang::SourceManager& sources, const file_seen& seen) : sources_(sources), seen_(seen) {}
    void FileChanged(clang::SourceLocation where, FileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                     clang::FileID) override {
        if (reason == EnterFile)
            if (const auto entry = sources_.getFileEntryRefForID(sources_.getFileID(where)))
                seen_(*entry);
    }

private:
    const clang::SourceManager& sources_;
    const file_seen& seen_;
};

class action : public clang::ASTFrontendAction {
public:
    action(const file_set& files, std::span<const rule_info* const> rules, unit_findings& findings,
           const file_seen& seen)
        : files_(files),
          rules_(rules),
          findings_(findings),
          seen_(seen) {}

protected:
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                          llvm::StringRef) override {
        // Which ones, the consumer says: not parsing the bodies of others' functions saves half of the time.
        compiler.getFrontendOpts().SkipFunctionBodies = true;
        if (seen_)
            compiler.getPreprocessor().addPPCallbacks(
                std::make_unique<entries>(compiler.getSourceManager(), seen_));
        return make_consumer(compiler, files_, rules_, findings_);
    }

private:
    const file_set& files_;
    std::span<const rule_info* const> rules_;
    unit_findings& findings_;
    const file_seen& seen_;
};

// Keeps the first error and prints nothing.
class first_error : public clang::DiagnosticConsumer {
public:
    explicit first_error(const diagnostic_seen& others) : others_(others) {}
    void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                          const clang::Diagnostic& diagnostic) override {
        clang::DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
        if (others_)
            others_(level, diagnostic);
        if (level < clang::DiagnosticsEngine::Error || !text_.empty())
            return;
        llvm::SmallString<256> message;
        diagnostic.FormatDiagnostic(message);
        if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
            const clang::SourceManager& sources = diagnostic.getSourceManager();
            const clang::PresumedLoc where =
                sources.getPresumedLoc(sources.getExpansionLoc(diagnostic.getLocation()));
            if (where.isValid())
                text_ = std::string(where.getFilename()) + ':' + std::to_string(where.getLine()) + ':' +
                        std::to_string(where.getColumn()) + ": ";
        }
        text_ += message.str();
    }
    const std::string& text() const { return text_; }

private:
    const diagnostic_seen& others_;
    std::string text_;
};

std::string run_here(const unit& what, const std::vector<std::string>& more,
                     const std::function<std::unique_ptr<clang::FrontendAction>()>& make,
                     const diagnostic_seen& diagnostics) {
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::createPhysicalFileSystem();
    if (disk->setCurrentWorkingDirectory(what.directory))
        return "the directory " + what.directory + " of its compile command does not exist";
    llvm::IntrusiveRefCntPtr<clang::FileManager> manager(
        new clang::FileManager(clang::FileSystemOptions(), std::move(disk)));
    std::vector<std::string> arguments = what.arguments;
    const std::string resource_dir = "-resource-dir=" SQUALL_CLANG_RESOURCE_DIR;
    arguments.insert(arguments.end() - 1, {"-fsyntax-only", "-Qunused-arguments", "-fno-spell-checking",
                                           "-fno-caret-diagnostics", resource_dir});
    arguments.insert(arguments.end() - 1, more.begin(), more.end());
    first_error error(diagnostics);
    clang::tooling::ToolInvocation invocation(std::move(arguments), make(), manager.get());
    invocation.setDiagnosticConsumer(&error);
    if (invocation.run())
        return {};
    return error.text().empty() ? "clang could not parse it" : error.text();
}

}  // namespace

std::unique_ptr<clang::FrontendAction> make_action(const file_set& files,
                                                   std::span<const rule_info* const> rules,
                                                   unit_findings& findings, const file_seen& seen) {
    return std::make_unique<action>(files, rules, findings, seen);
}

std::string run_action(const unit& what, const std::vector<std::string>& more,
                       const std::function<std::unique_ptr<clang::FrontendAction>()>& make,
                       const diagnostic_seen& diagnostics) {
    register_attributes();
    llvm::CrashRecoveryContext::Enable();
    llvm::CrashRecoveryContext recovery;
    constexpr unsigned stack_bytes = 16u << 20;  // Clang is recursive, and a thread's own stack may be small
    std::string error;
    if (!recovery.RunSafelyOnThread([&] { error = run_here(what, more, make, diagnostics); }, stack_bytes))
        return "the parser crashed on it";
    return error;
}

parsed_unit parse_one(const unit& what, const file_set& files, std::span<const rule_info* const> rules,
                      const file_seen& seen) {
    parsed_unit result;
    result.first_error =
        run_action(what, {"-w"}, [&] { return make_action(files, rules, result.findings, seen); });
    if (!result.first_error.empty())
        result.findings = {};
    return result;
}

namespace {

parsed_unit parse_and_note(const unit& what, const file_set& files, std::span<const rule_info* const> rules) {
    std::set<std::string> read;
    parsed_unit result = parse_one(what, files, rules, [&](const clang::FileEntryRef& entry) {
        llvm::SmallString<256> path(entry.getName());
        llvm::sys::fs::make_absolute(what.directory, path);
        read.insert(path.str().str());
    });
    result.read = std::move(read);
    return result;
}

}  // namespace

std::vector<parsed_unit> parse(std::span<const unit> units, const file_set& files,
                               std::span<const rule_info* const> rules, unsigned jobs) {
    std::vector<parsed_unit> results(units.size());
    std::atomic<std::size_t> next{0};
    auto work = [&] {
        for (std::size_t i; (i = next++) < units.size();)
            results[i] = parse_and_note(units[i], files, rules);
    };
    if (jobs == 0)
        jobs = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < std::min<std::size_t>(jobs, units.size()); ++i)
        workers.emplace_back(work);
    work();
    workers.clear();
    return results;
}

}  // namespace squall::rewrite
