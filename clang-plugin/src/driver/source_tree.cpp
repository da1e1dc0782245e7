// Walks what the user named.
#include "driver/source_tree.h"

#include "driver/in_place.h"
#include "driver/problem.h"

#include <llvm/Support/FileSystem.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

bool is_output(const fs::path& directory) {
    std::error_code none;
    return fs::is_regular_file(directory / sites_json_name, none);
}

fs::path common_directory(const std::vector<fs::path>& paths) {
    fs::path common = paths.front().parent_path();
    for (const fs::path& path : paths)
        while (!lies_in(path, common))
            common = common.parent_path();
    return common;
}

class walker {
public:
    walker(source_tree& tree, const std::vector<fs::path>& roots, const std::vector<fs::path>& not_these)
        : tree_(tree),
          roots_(roots),
          not_these_(not_these) {}

    void walk(const fs::path& path, bool named_by_user) {
        if (!named_by_user && std::ranges::find(not_these_, path) != not_these_.end())
            return;
        std::error_code error;
        const fs::file_status status =
            named_by_user ? fs::status(path, error) : fs::symlink_status(path, error);
        if (error)
            throw problem("cannot read " + path.string() + ": " + error.message());
        const std::string inside = path.lexically_relative(tree_.root).string();
        if (fs::is_directory(status)) {
            if (!named_by_user && left_out(path, true))
                return;
            if (inside != ".")
                add({inside, tree_entry::type::directory, 0, {}});
            std::vector<fs::path> children;
            for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
                children.push_back(it->path());
            if (error)
                throw problem("cannot read " + path.string() + ": " + error.message());
            // The order of a directory is the disk's; the one of ours decides which of two names a file goes
            // by.
            std::ranges::sort(children);
            for (const fs::path& child : children)
                walk(child, false);
        } else if (fs::is_symlink(status)) {
            add({inside, tree_entry::type::symlink, 0, link_target(path)});
        } else if (fs::is_regular_file(status) && !left_out(path, false)) {
            llvm::sys::fs::UniqueID identity;
            if (std::error_code failed = llvm::sys::fs::getUniqueID(path.string(), identity))
                throw problem("cannot read " + path.string() + ": " + failed.message());
            add({inside, tree_entry::type::file, tree_.files.add(identity, inside), {}});
        }
    }

    void finish() {
        for (auto& [path, entry] : entries_)
            tree_.entries.push_back(std::move(entry));
    }

private:
    void add(tree_entry entry) {
        std::string path = entry.path;
        entries_.emplace(std::move(path), std::move(entry));
    }

    // A link to something that is copied too may stay as it is; any other has to find the original.
    fs::path link_target(const fs::path& link) const {
        fs::path target = fs::read_symlink(link);
        const fs::path full = tidy(link.parent_path() / target);
        if (target.is_absolute())
            return target;
        const bool copied =
            std::ranges::any_of(roots_, [&](const fs::path& root) { return lies_in(full, root); });
        return copied ? target : full;
    }

    source_tree& tree_;
    const std::vector<fs::path>& roots_;
    const std::vector<fs::path>& not_these_;
    std::map<std::string, tree_entry> entries_;
};

}  // namespace

bool left_out(const fs::path& path, bool directory) {
    const std::string name = path.filename().string();
    if (!directory)
        return name == "CMakeCache.txt";
    if (name == ".git" || name == ".hg" || name == ".svn" || name == "CMakeFiles" ||
        name == in_place_directory)
        return true;
    std::error_code none;
    return is_output(path) || fs::exists(path / "CMakeCache.txt", none);
}

fs::path tidy(const fs::path& path) {
    fs::path full = fs::absolute(path).lexically_normal();
    return full.has_filename() || !full.has_relative_path() ? full : full.parent_path();
}

bool lies_in(const fs::path& path, const fs::path& directory) {
    return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first ==
           directory.end();
}

std::string read_file(const fs::path& path) {
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in)
        text << in.rdbuf();
    if (!in || text.fail()) {
        // An empty file also "fails" to give rdbuf() a byte.
        std::error_code none;
        if (in && fs::file_size(path, none) == 0 && !none)
            return {};
        throw problem("cannot read " + path.string() + ": " + std::strerror(errno ? errno : EIO));
    }
    return std::move(text).str();
}

source_tree read_tree(const std::vector<std::string>& paths, const std::vector<fs::path>& not_these) {
    if (paths.empty())
        throw problem("no files or directories to instrument were named");
    std::vector<fs::path> roots;
    for (const std::string& path : paths) {
        std::error_code error;
        if (!fs::exists(path, error))
            throw problem("no such file or directory: " + path);
        roots.push_back(tidy(path));
        for (fs::path around = roots.back(); around.has_relative_path(); around = around.parent_path())
            if (fs::exists(around / in_place_directory / "originals.json", error))
                throw problem(path + " is in " + around.string() +
                              ", which is instrumented in place already (squall revert " + around.string() +
                              ")");
            else if (is_output(around))
                throw problem(path + " is in " + around.string() + ", which is instrumented already");
    }
    source_tree tree;
    const fs::path here = tidy(fs::current_path());
    const bool all_here =
        std::ranges::all_of(roots, [&](const fs::path& root) { return lies_in(root, here); });
    tree.root = all_here ? here : common_directory(roots);
    walker walk(tree, roots, not_these);
    for (const fs::path& root : roots)
        walk.walk(root, true);
    walk.finish();
    return tree;
}

}  // namespace squall::rewrite
