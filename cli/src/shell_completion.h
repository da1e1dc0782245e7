// Scripts that complete squall's verbs and options in a shell.
#ifndef SQUALL_CLI_SHELL_COMPLETION_H
#define SQUALL_CLI_SHELL_COMPLETION_H

#include "option_tree.h"

#include <string>

namespace squall::cli {

std::string bash_completion(const verb_entry& command, const std::vector<verb_entry>& verbs);
std::string zsh_completion(const verb_entry& command, const std::vector<verb_entry>& verbs);
std::string fish_completion(const verb_entry& command, const std::vector<verb_entry>& verbs);

// The page of `man squall`, in the macros of man(7).
std::string manual_page(const verb_entry& command, const std::vector<verb_entry>& verbs,
                        const std::string& version);

}  // namespace squall::cli

#endif  // SQUALL_CLI_SHELL_COMPLETION_H
