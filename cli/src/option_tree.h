// The verbs and options of the command as plain data, read from CLI11's tree, so that completion and manual
// page cannot get old.
#ifndef SQUALL_CLI_OPTION_TREE_H
#define SQUALL_CLI_OPTION_TREE_H

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace squall::cli {

struct option_entry {
    std::vector<std::string> names;  // with their dashes, long ones first; none for a positional
    std::string value;               // what --help calls it; empty for a flag
    std::string description;         // with its default
    std::vector<std::string> choices;
    bool is_file = false;
};

struct verb_entry {
    std::string name;
    std::string description;
    std::string usage;  // lines without "Usage: "
    std::string footer;
    std::vector<option_entry> options;      // --help among them
    std::vector<option_entry> positionals;  // value is the name
};

// Of the verbs, in their order; and of the command itself.
std::vector<verb_entry> verbs_of(const CLI::App& app);
verb_entry entry_of(const CLI::App& app);

}  // namespace squall::cli

#endif  // SQUALL_CLI_OPTION_TREE_H
