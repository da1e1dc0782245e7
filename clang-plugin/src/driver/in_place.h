// Rewriting a tree where it stands, and back.
#ifndef SQUALL_REWRITE_IN_PLACE_H
#define SQUALL_REWRITE_IN_PLACE_H

#include "driver/output.h"
#include "driver/source_tree.h"

#include <filesystem>
#include <string>
#include <vector>

namespace squall::rewrite {

// The directory at the root of a tree that is rewritten in place: the originals, a list of them, and what an
// output tree has besides the sources.
constexpr const char* in_place_directory = ".squall";

// Puts the rewritten texts in place of the files. First all originals are kept, then each file is exchanged
// at once. On SIGINT, SIGTERM, SIGHUP or an error every file is put back, and interrupted or problem thrown;
// whatever else ends the process, restore() puts them back.
void write_in_place(const source_tree& tree, const output_content& content);

struct restored {
    std::size_t files = 0;             // that were put back
    std::vector<std::string> changed;  // that somebody changed since: left as they are, originals kept
};

// Puts the originals back below the root, and removes what write_in_place() made unless some file was changed
// since and `force` is not said. Throws problem if the tree was not rewritten in place, or for what cannot be
// written.
restored restore(const std::filesystem::path& root, bool force);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_IN_PLACE_H
