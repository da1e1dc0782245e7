// The Clang plugin: clang++ -fplugin=libsquall_clang.so compiles what it reads with sites.
//
// Before the compilation proper, a second Clang in the process parses the same file for the rules; then the
// texts are put in place of the files in memory, and the table of sites among the predefined macros.
#include "driver/attributes.h"
#include "driver/one_unit.h"
#include "driver/problem.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>
#include <clang/Lex/Preprocessor.h>

#include <filesystem>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

// The first Clang's plugins are the second one's too.
thread_local bool in_second_parse = false;

class action : public clang::PluginASTAction {
protected:
    ActionType getActionType() override { return AddBeforeMainAction; }

    bool ParseArgs(const clang::CompilerInstance& compiler,
                   const std::vector<std::string>& arguments) override {
        for (const std::string& argument : arguments) {
            if (argument.starts_with("root=")) {
                root_ = argument.substr(5);
            } else if (argument.starts_with("rules=")) {
                std::string_view rest = std::string_view(argument).substr(6);
                while (!rest.empty()) {
                    const std::size_t comma = std::min(rest.find(','), rest.size());
                    rules_.emplace_back(rest.substr(0, comma));
                    rest.remove_prefix(std::min(comma + 1, rest.size()));
                }
            } else {
                clang::DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
                diagnostics.Report(diagnostics.getCustomDiagID(
                    clang::DiagnosticsEngine::Error,
                    "squall: unknown argument '%0'; known are root=DIR and rules=RULE,..."))
                    << argument;
                return false;
            }
        }
        return true;
    }

    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                          llvm::StringRef file) override {
        if (!in_second_parse && compiler.getLangOpts().CPlusPlus)
            rewrite(compiler, file.str());
        return std::make_unique<clang::ASTConsumer>();
    }

private:
    void rewrite(clang::CompilerInstance& compiler, const std::string& file) {
        register_attributes();
        const fs::path here = fs::current_path();
        try {
            open_project project(root_.empty() ? find_root(here / file) : fs::path(root_), rules_);
            if (!project.has(here / file))
                return;
            unit_findings findings;
            const file_seen seen = project.seen(here);
            if (!parses(compiler, *make_action(project.files(), project.rules(), findings, seen)))
                return;  // the compilation proper will say why
            replace(compiler, project.finish(std::move(findings)));
        } catch (const problem& wrong) {
            clang::DiagnosticsEngine& diagnostics = compiler.getDiagnostics();
            diagnostics.Report(diagnostics.getCustomDiagID(clang::DiagnosticsEngine::Error, "squall: %0"))
                << wrong.what();
        }
    }

    // As no file of its own, which dependency files would name. There "system_header" means nothing: what a
    // header of the system may do without a warning is said otherwise.
    static std::string predefined(std::string table) {
        constexpr std::string_view pragma = "#pragma GCC system_header";
        for (std::size_t at; (at = table.find(pragma)) != std::string::npos;)
            table.replace(at, pragma.size(), "");
        return "\n#pragma clang diagnostic push\n#pragma clang diagnostic ignored \"-Weverything\"\n" +
               table + "\n#pragma clang diagnostic pop\n";
    }

    static bool parses(clang::CompilerInstance& compiler, clang::FrontendAction& rules) {
        auto invocation = std::make_shared<clang::CompilerInvocation>(compiler.getInvocation());
        clang::FrontendOptions& frontend = invocation->getFrontendOpts();
        frontend.ProgramAction = clang::frontend::ParseSyntaxOnly;
        frontend.Plugins.clear();
        frontend.AddPluginActions.clear();
        frontend.PluginArgs.clear();
        frontend.OutputFile.clear();
        invocation->getDependencyOutputOpts() = {};
        invocation->getDiagnosticOpts().DiagnosticSerializationFile.clear();
        invocation->getDiagnosticOpts().IgnoreWarnings = true;
        clang::IgnoringDiagConsumer silence;
        clang::CompilerInstance second;
        second.setInvocation(std::move(invocation));
        second.createDiagnostics(&silence, /*ShouldOwnClient=*/false);
        second.setFileManager(&compiler.getFileManager());
        in_second_parse = true;
        const bool well = second.ExecuteAction(rules) && !second.getDiagnostics().hasErrorOccurred();
        in_second_parse = false;
        return well;
    }

    static void replace(clang::CompilerInstance& compiler, const rewritten_unit& unit) {
        clang::SourceManager& sources = compiler.getSourceManager();
        const auto main_file = sources.getFileEntryRefForID(sources.getMainFileID());
        for (const rewritten_unit::file& each : unit.files)
            if (const auto entry = compiler.getFileManager().getOptionalFileRef(each.opened))
                sources.overrideFileContents(*entry,
                                             llvm::MemoryBuffer::getMemBufferCopy(each.text, each.original));
        if (unit.sites == 0)
            return;
        // Its size was that of the old text, and what lies beyond would be taken for another file's.
        if (main_file)
            sources.setMainFileID(
                sources.createFileID(*main_file, clang::SourceLocation(), clang::SrcMgr::C_User));
        clang::Preprocessor& preprocessor = compiler.getPreprocessor();
        preprocessor.setPredefines(preprocessor.getPredefines() + predefined(unit.site_header));
    }

    std::string root_;
    std::vector<std::string> rules_;
};

const clang::FrontendPluginRegistry::Add<action> registered("squall",
                                                            "compiles C++ with fault and coverage sites");

}  // namespace
}  // namespace squall::rewrite
