// squall instrument: the arguments; the work is done by squall::rewrite.
#include "instrument_verb.h"

#include "error.h"
#include "help.h"

#include <squall/instrument.h>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <sstream>

namespace squall::cli {

void add_instrument_verb(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<rewrite::instrument_options>();
    auto list = std::make_shared<bool>(false);
    CLI::App* verb =
        app.add_subcommand("instrument", "Write a copy of C++ source that carries fault and coverage sites");
    set_usage(*verb,
              "squall instrument [-p BUILD] --out DIR PATHS...\n"
              "squall instrument [-p BUILD] --in-place PATHS...   (squall revert puts all back)\n"
              "squall instrument [-p BUILD] --diff PATHS...\n"
              "squall instrument [-p BUILD] --explain ID | --why-not FILE:LINE PATHS...");
    verb->add_option("PATHS", options->paths, "Files and directories to instrument")->type_name("");
    options->build_dir = "build";
    verb->add_option("-p", options->build_dir, "Build directory that has compile_commands.json")
        ->type_name("BUILD")
        ->default_str("build");
    verb->add_option("--out", options->out_dir, "Where the copy goes; an earlier output there is replaced")
        ->type_name("DIR");
    verb->add_flag("--in-place", options->in_place,
                   "Rewrite the files themselves; the originals are kept in .squall of the tree's root");
    verb->add_flag("--diff", options->diff, "Print what would change as a unified diff, and write nothing");
    verb->add_option("--rules", options->rules, "Only these rules or groups, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("RULE,...");
    verb->add_option("--explain", options->explain,
                     "Tell why the site with this id is there, and write nothing")
        ->type_name("ID");
    verb->add_option("--why-not", options->why_not,
                     "Tell what the rules passed over on a line, and write nothing")
        ->type_name("FILE:LINE");
    verb->add_flag("--list-rules", *list, "Print the rules and do nothing else");
    verb->add_option("-j,--jobs", options->jobs,
                     "Translation units to parse at once; one per processor unless given")
        ->type_name("N");
    verb->add_option("--depfile", options->depfile,
                     "With --out: write a dependency file for a build system, whose target is FILE")
        ->type_name("FILE.d");
    verb->add_flag("--verbose", options->verbose, "Tell what was skipped, and why");
    verb->add_flag("--json", options->json, "Print the summary as JSON");
    verb->footer(R"(Examples:
  squall instrument -p build --out build/squall src
  g++ @build/squall/squall.flags -c build/squall/src/server.cpp
  squall instrument -p build --diff --rules timeout src

Exit codes: 0 well; 1 the output is complete, but something did not parse and stayed as written;
2 nothing written; 130 interrupted, nothing written.)");
    verb->callback([options, list, &exit_code] {
        if (*list) {
            std::cout << rewrite::list_rules();
            exit_code = 0;
            return;
        }
        if (options->paths.empty())
            throw error("instrument which files or directories? (squall instrument --help)");
        const bool asks = !options->explain.empty() || !options->why_not.empty();
        if (options->out_dir.empty() && !options->diff && !asks && !options->in_place)
            throw error("instrument needs --out DIR, --in-place or --diff (squall instrument --help)");
        if (options->in_place && (options->diff || asks || !options->out_dir.empty()))
            throw error("--in-place goes without --out, --diff, --explain and --why-not");
        if (!options->depfile.empty() && (options->out_dir.empty() || !options->depfile.ends_with(".d")))
            throw error("--depfile names a file that ends in .d, and goes with --out");
        exit_code = rewrite::instrument(*options, std::cout, std::cerr);
        std::cout.flush();
        if (!std::cout)
            throw error("cannot write to standard output");
    });
}

void instrument_for_listing(const std::string& source, const std::string& build,
                            const std::vector<std::string>& rules, const std::string& out) {
    rewrite::instrument_options options;
    options.paths = {source};
    options.build_dir = build;
    options.rules = rules;
    options.out_dir = out;
    std::ostringstream summary;
    std::ostringstream complaints;
    const int code = rewrite::instrument(options, summary, complaints);
    if (code == exit_code::interrupted)
        throw error("interrupted", code);
    if (code == exit_code::usage) {
        std::string why = complaints.str();
        why = why.substr(0, why.find('\n'));
        throw error(why.starts_with("squall: ") ? why.substr(8) : why);
    }
    std::cerr << complaints.str();
}

void add_revert_verb(CLI::App& app, int& exit_code) {
    auto directory = std::make_shared<std::string>(".");
    auto force = std::make_shared<bool>(false);
    CLI::App* verb = app.add_subcommand("revert", "Put back what squall instrument --in-place rewrote");
    set_usage(*verb, "squall revert [--force] [DIR]");
    verb->add_option("DIR", *directory, "Directory of the tree, or below it")
        ->type_name("")
        ->default_str(".");
    verb->add_flag("--force", *force, "Also where a file was changed since: the change is lost");
    verb->footer(
        "Exit codes: 0 all is as it was; 1 some files were changed since and stay; 2 nothing was put back.");
    verb->callback([directory, force, &exit_code] {
        exit_code = rewrite::revert(*directory, *force, std::cout, std::cerr);
    });
}

}  // namespace squall::cli
