// squall completion: scripts for shells, and the manual page.
#include "error.h"
#include "help.h"
#include "output.h"
#include "shell_completion.h"
#include "text.h"
#include "verbs.h"

#include <fmt/format.h>

#include <memory>

namespace squall::cli {

void add_completion_verb(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<std::string>();
    CLI::App* verb =
        app.add_subcommand("completion", "Print a completion script for a shell, or the manual page");
    set_usage(*verb, "squall completion bash|zsh|fish|man");
    verb->add_option("WHAT", *what, "bash, zsh or fish; or man for the manual page")
        ->required()
        ->type_name("");
    verb->footer(R"(Examples:
  source <(squall completion bash)
  squall completion zsh > ~/.zfunc/_squall               with fpath+=(~/.zfunc) before compinit
  squall completion fish > ~/.config/fish/completions/squall.fish
  squall completion man | man -l -

cmake --install puts all of them in their places.

Exit codes: 0 printed, 2 usage.)");
    verb->callback([&app, what, &exit_code] {
        const verb_entry command = entry_of(app);
        const std::vector<verb_entry> verbs = verbs_of(app);
        if (*what == "bash") {
            write_out(bash_completion(command, verbs));
        } else if (*what == "zsh") {
            write_out(zsh_completion(command, verbs));
        } else if (*what == "fish") {
            write_out(fish_completion(command, verbs));
        } else if (*what == "man") {
            write_out(manual_page(command, verbs, SQUALL_VERSION));
        } else {
            throw error(
                fmt::format("no completion for '{}'; there are bash, zsh, fish and man", printable(*what)));
        }
        exit_code = exit_code::passed;
    });
}

}  // namespace squall::cli
