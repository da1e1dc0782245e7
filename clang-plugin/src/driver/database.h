// The compilation database: which translation units there are, and how Clang is to parse each.
#ifndef SQUALL_REWRITE_DATABASE_H
#define SQUALL_REWRITE_DATABASE_H

#include "core/model.h"

#include <string>
#include <vector>

namespace squall::rewrite {

struct unit {
    std::string path;                    // in the project
    std::string directory;               // where the compiler would run
    std::vector<std::string> arguments;  // for a clang that only parses
    auto operator<=>(const unit&) const = default;
};

// The units of the database under `build_dir` whose main files are in the set, each command once, ordered by
// path. Throws problem if there is no database or if it cannot be read.
std::vector<unit> units_of(const std::string& build_dir, const file_set& files);

// Those arguments of a gcc or clang command line that bear on what the source means. All others are dropped:
// clang refuses many of gcc's that only bear on code generation.
std::vector<std::string> parse_arguments(const std::vector<std::string>& command);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_DATABASE_H
