// squall cc: the arguments; the work is done by squall::rewrite.
#include "error.h"
#include "help.h"
#include "instrument_verb.h"

#include <squall/launch.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>

namespace squall::cli {
namespace {

std::vector<std::string> split(const char* text) {
    std::vector<std::string> parts;
    std::string_view rest = text ? text : "";
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        parts.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return parts;
}

}  // namespace

void add_cc_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code) {
    auto options = std::make_shared<rewrite::launch_options>();
    CLI::App* verb = app.add_subcommand("cc", "Run a compiler that reads C++ with fault and coverage sites");
    set_usage(*verb,
              "squall cc [OPTIONS] -- COMPILER ARGUMENTS...\n"
              "squall-cc COMPILER ARGUMENTS...              (the same, for what wants a single word)");
    verb->add_option("--root", options->root,
                     "Directory of the project, whose files get sites; by default the nearest upwards of the "
                     "source that has a .squall.yaml or a .git")
        ->envname("SQUALL_ROOT")
        ->type_name("DIR");
    verb->add_option("--rules", options->rules, "Only these rules or groups, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("RULE,...");
    verb->add_flag("--verbose", options->verbose, "Tell how many sites each file has");
    verb->footer(
        R"(The compiler is a g++ or clang++, with or without ccache ahead of it. Names in diagnostics, debug
information and dependency files are those of the sources. A file that cannot be rewritten is compiled as
it is, and a line says why. Commands that link a program get the library that sites need.

With CMake, for all targets:
  cmake -B build -DCMAKE_CXX_COMPILER_LAUNCHER="squall;cc;--" -DCMAKE_CXX_LINKER_LAUNCHER="squall;cc;--"
With ccache in front, which then remembers the rewriting too:
  CCACHE_PREFIX=squall-cc CCACHE_EXTRAFILES=$(which squall):.squall.yaml ccache g++ -c server.cpp
SQUALL_ROOT and SQUALL_RULES stand for --root and --rules.

The exit code is the compiler's, or 2 if it cannot be run.)");
    verb->callback([options, &command, &exit_code] {
        if (command.empty())
            throw error("cc runs which compiler? It stands after -- (squall cc --help)");
        if (options->rules.empty())
            options->rules = split(std::getenv("SQUALL_RULES"));
        options->executable = std::filesystem::read_symlink("/proc/self/exe").string();
        exit_code = rewrite::launch(*options, command, std::cerr);
    });
}

}  // namespace squall::cli
