// squall lint: the arguments; the work is done by squall::rewrite.
#include "error.h"
#include "help.h"
#include "instrument_verb.h"

#include <squall/lint.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace squall::cli {

void add_lint_verb(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<rewrite::lint_options>();
    auto list = std::make_shared<bool>(false);
    CLI::App* verb = app.add_subcommand("lint", "Find what two runs of one program may do differently");
    set_usage(*verb, "squall lint [-p BUILD] [OPTIONS] PATHS...");
    verb->add_option("PATHS", options->paths, "Files and directories to look at")->type_name("");
    options->build_dir = "build";
    options->version = SQUALL_VERSION;
    verb->add_option("-p", options->build_dir, "Build directory that has compile_commands.json")
        ->type_name("BUILD")
        ->default_str("build");
    verb->add_option(
            "--checks", options->checks,
            "Only these, separated by commas; * stands for anything, and a list of names with - ahead takes "
            "away from all")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("CHECK,...");
    verb->add_option("--sarif", options->sarif, "Write the findings to a file besides, in SARIF 2.1.0")
        ->type_name("FILE");
    verb->add_flag("--fix", options->fix, "Apply the fixes that are printed below the caret");
    verb->add_flag("--list-checks", *list, "Print the checks and do nothing else");
    verb->add_option("-j,--jobs", options->jobs,
                     "Translation units to parse at once; one per processor unless given")
        ->type_name("N");
    verb->add_flag("--json", options->json, "Print the findings as JSON");
    verb->footer(
        R"(// NOLINT(squall-wall-clock) on a line, NOLINTNEXTLINE(...) before it or NOLINTBEGIN(...) and
NOLINTEND(...) around say that something is meant; `lint:` in .squall.yaml says it of directories.

Examples:
  squall lint -p build src
  squall lint -p build --checks=-file,-environment --sarif lint.sarif src

Exit codes: 0 nothing found; 1 something found, or something did not parse; 2 nothing was looked at.)");
    verb->callback([options, list, &exit_code] {
        if (*list) {
            std::cout << rewrite::list_checks();
            exit_code = 0;
            return;
        }
        if (options->paths.empty())
            throw error("lint which files or directories? (squall lint --help)");
        exit_code = rewrite::lint(*options, std::cout, std::cerr);
        std::cout.flush();
        if (!std::cout)
            throw error("cannot write to standard output");
    });
}

}  // namespace squall::cli
