// The squall command: finds the verb, and prints what went wrong as one line that begins with "squall:".
#include "error.h"
#include "help.h"
#include "text.h"
#include "verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>
#ifdef SQUALL_WITH_CLANG
#include "instrument_verb.h"
#endif

namespace {

using squall::cli::error;
using squall::cli::nearest;
using squall::cli::printable;

std::vector<std::string> verb_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

void check_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
    const std::vector<std::string> names = verb_names(app);
    if (arguments.empty()) {
        throw error(fmt::format("which verb? There are {} (squall --help)", fmt::join(names, ", ")));
    }
    const std::string& word = arguments.front();
    if (word.starts_with('-') || std::find(names.begin(), names.end(), word) != names.end()) {
        return;
    }
    const auto close = nearest(word, names);
    throw error(close ? fmt::format("no verb '{}' (did you mean {}?)", printable(word), *close)
                      : fmt::format("no verb '{}'; there are {} (squall --help)", printable(word),
                                    fmt::join(names, ", ")));
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

// What CLI11 says, in our form.
std::string usage_problem(const CLI::App& app, const CLI::ParseError& problem,
                          const std::vector<std::string>& arguments) {
    const CLI::App* verb = &app;
    for (const CLI::App* chosen : app.get_subcommands()) {
        verb = chosen;
    }
    std::string text = problem.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr) {
        const std::vector<std::string> known = option_names(*verb);
        for (const std::string& argument : arguments) {
            const std::string option = argument.substr(0, argument.find('='));
            if (option.starts_with("--") && std::find(known.begin(), known.end(), option) == known.end()) {
                const auto close = nearest(option, known);
                text = fmt::format("no option {}{}", printable(option),
                                   close ? fmt::format(" (did you mean {}?)", *close) : "");
                if (option.starts_with("--gtest_")) {
                    text += "; the test binary and its options stand after --";
                }
                break;
            }
        }
    }
    const std::string name = verb == &app ? "squall" : "squall " + verb->get_name();
    while (text.ends_with('\n') || text.ends_with('.')) {
        text.pop_back();
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return fmt::format("{} ({} --help)", text, name);
}

int run(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    // The test binary and its arguments are none of CLI11's business. Other verbs have their own use for
    // "--".
    std::vector<std::string> command;
    const std::vector<std::string_view> with_command = {"run", "replay", "minimize", "report", "cc"};
    if (std::filesystem::path(argv[0]).filename() == "squall-cc") {
        command.swap(arguments);
        arguments.emplace_back("cc");
    } else if (!arguments.empty() &&
               std::ranges::find(with_command, arguments.front()) != with_command.end()) {
        const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
        if (dashes != arguments.end()) {
            command.assign(dashes + 1, arguments.end());
            arguments.erase(dashes, arguments.end());
        }
    }

    int exit_code = 0;
    CLI::App app{"squall: fault injection and deterministic simulation for C++", "squall"};
    app.set_version_flag("--version", "squall " SQUALL_VERSION);
    app.require_subcommand(1);
    squall::cli::set_usage(app, "squall VERB [OPTIONS]   (squall VERB --help tells more)");
#ifdef SQUALL_WITH_CLANG
    squall::cli::add_instrument_verb(app, exit_code);
    squall::cli::add_revert_verb(app, exit_code);
    squall::cli::add_cc_verb(app, command, exit_code);
    squall::cli::add_lint_verb(app, exit_code);
    squall::cli::add_sites_verb(app, exit_code, squall::cli::instrument_for_listing);
#else
    squall::cli::add_sites_verb(app, exit_code);
#endif
    squall::cli::add_run_verb(app, command, exit_code);
    squall::cli::add_replay_verb(app, command, exit_code);
    squall::cli::add_report_verb(app, command, exit_code);
    squall::cli::add_minimize_verb(app, command, exit_code);
    squall::cli::add_merge_verb(app, exit_code);
    squall::cli::add_prune_verb(app, exit_code);
    squall::cli::add_completion_verb(app, exit_code);
    app.footer(R"(Examples:
  squall sites ./kv_sim_test                    the fault sites in a binary, without running it
  squall run -- ./kv_sim_test                   its simulations over many seeds, until one fails
  squall replay --seed 17 -- ./kv_sim_test      one seed again, exactly
  squall minimize --seed 17 -- ./kv_sim_test    the few faults that it needs to fail
  squall report                                 the campaign as one HTML file)");
    check_verb(app, arguments);

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::CallForAllHelp& help) {
        return app.exit(help);
    } catch (const CLI::CallForVersion& version) {
        return app.exit(version);
    } catch (const CLI::ParseError& problem) {
        throw error(usage_problem(app, problem, arguments));
    }
    return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error to tell, as a full disk is
    try {
        return run(argc, argv);
    } catch (const error& problem) {
        if (*problem.what() != '\0') {
            std::fprintf(stderr, "squall: %s\n", problem.what());
        }
        return problem.code();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "squall: unexpected problem: %s\n", problem.what());
        return squall::cli::exit_code::usage;
    }
}
