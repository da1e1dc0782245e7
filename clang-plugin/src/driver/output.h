// Writes the output tree: all of it or nothing.
#ifndef SQUALL_REWRITE_OUTPUT_H
#define SQUALL_REWRITE_OUTPUT_H

#include "driver/source_tree.h"

#include <filesystem>
#include <map>
#include <string>

namespace squall::rewrite {

// What differs from a plain copy of the tree.
struct output_content {
    std::map<unsigned, std::string> rewritten;     // text by file
    std::map<std::string, std::string> generated;  // text by path below the output
};

// Throws problem if `out` cannot become an output of this tree: a directory that squall did not write, one
// that holds what is to be read, one below an unwritable directory. Meant to be called before the long work.
void check_output(const std::filesystem::path& out, const std::vector<std::string>& paths);

// Writes beside `out` and renames at the end; replaces an earlier output, of which files with the same
// content keep their time of modification. On SIGINT, SIGTERM, SIGHUP or an error, removes what it wrote and
// throws interrupted or problem.
void write_output(const std::filesystem::path& out, const source_tree& tree, const output_content& content);

// Puts `text` in place of the file, or makes it: at once, so that there is never half of it. Keeps its mode.
// Throws problem.
void replace_file(const std::filesystem::path& path, const std::string& text);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_OUTPUT_H
