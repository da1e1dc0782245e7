// The files and directories that the user named, as one tree below a root.
#ifndef SQUALL_REWRITE_SOURCE_TREE_H
#define SQUALL_REWRITE_SOURCE_TREE_H

#include "core/model.h"

#include <filesystem>
#include <string>
#include <vector>

namespace squall::rewrite {

// The file by which an output tree is known for one.
constexpr const char* sites_json_name = "squall-sites.json";

struct tree_entry {
    enum class type { file, directory, symlink };
    std::string path;  // relative to the root
    type kind = type::file;
    unsigned file = 0;             // of a file: its index in the set
    std::filesystem::path target;  // of a symbolic link: what the copy of it is to say
};

struct source_tree {
    std::filesystem::path root;
    std::vector<tree_entry> entries;  // ordered by path
    file_set files;

    std::filesystem::path original(const tree_entry& entry) const { return root / entry.path; }
};

// Walks `paths`. The root is the working directory if all lie in it, else the directory that holds them all.
// Left out are what version control and CMake keep of their own, other builds, earlier outputs, and the
// directories in `not_these`. Throws problem if a path does not exist or is an output itself.
source_tree read_tree(const std::vector<std::string>& paths,
                      const std::vector<std::filesystem::path>& not_these);

// Absolute, without . and .., and without a slash at the end.
std::filesystem::path tidy(const std::filesystem::path& path);
// Whether `path` is `directory` or lies in it. Both tidy.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& directory);

// Whether read_tree() leaves the file or directory out wherever it stands: what version control and CMake
// keep of their own, builds, outputs.
bool left_out(const std::filesystem::path& path, bool directory);

// All bytes. Throws problem.
std::string read_file(const std::filesystem::path& path);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SOURCE_TREE_H
