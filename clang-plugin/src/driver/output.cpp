// A temporary directory beside the output, filled and then renamed.
#include "driver/output.h"

#include "driver/problem.h"
#include "driver/stop.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
    throw problem("cannot write " + path.string() + ": " + error.message());
}
[[noreturn]] void fail(const fs::path& path) {
    fail(path, std::error_code(errno, std::generic_category()));
}

std::string temporary_prefix(const fs::path& out) {
    return "." + out.filename().string() + ".squall-";
}

// What a run left behind that was killed.
void remove_stale(const fs::path& out) {
    const std::string prefix = temporary_prefix(out);
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(out.parent_path(), none)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(prefix))
            continue;
        const long pid = std::strtol(name.c_str() + prefix.size(), nullptr, 10);
        if (pid > 0 && kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)
            fs::remove_all(entry.path(), none);
    }
}

bool same_content(const fs::path& path, const std::string& text) {
    std::error_code none;
    if (!fs::is_regular_file(fs::symlink_status(path, none)) || fs::file_size(path, none) != text.size())
        return false;
    return read_file(path) == text;
}

// Nothing but directories, as build systems make them ahead of what they will hold.
bool holds_no_file(const fs::path& directory) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
        if (it->is_symlink(error) || !it->is_directory(error))
            return false;
    return !error;
}

class staging {
public:
    explicit staging(const fs::path& out) : out_(out) {
        for (fs::path parent = out.parent_path(); !fs::exists(parent); parent = parent.parent_path())
            made_.push_back(parent);
        std::error_code error;
        fs::create_directories(out.parent_path(), error);
        if (error)
            give_up_and_fail(out.parent_path(), error);
        remove_stale(out);
        directory_ = out.parent_path() / (temporary_prefix(out) + std::to_string(getpid()));
        if (!fs::create_directory(directory_, error))
            give_up_and_fail(directory_, error);
    }
    ~staging() {
        std::error_code none;
        if (!directory_.empty())
            fs::remove_all(directory_, none);
        if (!kept_)
            remove_made();
    }
    staging(const staging&) = delete;
    staging& operator=(const staging&) = delete;

    void directory(const std::string& path, mode_t mode) {
        std::error_code error;
        fs::create_directories(directory_ / path, error);
        if (error)
            fail(out_ / path, error);
        // Whatever the original allows, the copy must be removable by the next run.
        if (chmod((directory_ / path).c_str(), (mode & 07777u) | 0700u) != 0)
            fail(out_ / path);
    }
    void symlink(const std::string& path, const fs::path& target) {
        make_parent(path);
        std::error_code error;
        fs::create_symlink(target, directory_ / path, error);
        if (error)
            fail(out_ / path, error);
    }
    void file(const std::string& path, const std::string& text, mode_t mode) {
        make_parent(path);
        const fs::path there = directory_ / path;
        errno = 0;
        {
            std::ofstream file(there, std::ios::binary);
            file.write(text.data(), static_cast<std::streamsize>(text.size()));
            file.close();
            if (!file)
                fail(out_ / path);
        }
        struct stat before;
        if (same_content(out_ / path, text) && stat((out_ / path).c_str(), &before) == 0) {
            const timespec times[] = {before.st_atim, before.st_mtim};
            if (utimensat(AT_FDCWD, there.c_str(), times, 0) != 0)
                fail(out_ / path);
        }
        if (chmod(there.c_str(), mode & 07777u) != 0)
            fail(out_ / path);
    }
    void commit() {
        // An exchange has no moment without an output. Not all file systems can.
        constexpr unsigned exchange = 2;
        if (!fs::exists(fs::symlink_status(out_)) || fs::is_empty(out_)) {
            if (rename(directory_.c_str(), out_.c_str()) != 0)
                fail(out_);
            directory_.clear();
        } else if (syscall(SYS_renameat2, AT_FDCWD, directory_.c_str(), AT_FDCWD, out_.c_str(), exchange) !=
                   0) {
            const fs::path old = directory_.string() + ".old";
            if (rename(out_.c_str(), old.c_str()) != 0)
                fail(out_);
            if (rename(directory_.c_str(), out_.c_str()) != 0) {
                const int reason = errno;
                rename(old.c_str(), out_.c_str());
                errno = reason;
                fail(out_);
            }
            directory_ = old;
        }
        kept_ = true;
    }

private:
    void make_parent(const std::string& path) {
        std::error_code error;
        fs::create_directories((directory_ / path).parent_path(), error);
        if (error)
            fail(out_ / path, error);
    }
    void remove_made() {
        std::error_code none;
        for (const fs::path& parent : made_)
            fs::remove(parent, none);
    }
    [[noreturn]] void give_up_and_fail(const fs::path& path, const std::error_code& error) {
        remove_made();
        fail(path, error);
    }

    const fs::path out_;
    fs::path directory_;  // removed at the end: the unfinished output, or after the exchange the earlier one
    std::vector<fs::path> made_;  // parents of `out_` that were not there, innermost first
    bool kept_ = false;
};

mode_t mode_of(const fs::path& path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0)
        throw problem("cannot read " + path.string() + ": " + std::strerror(errno));
    return status.st_mode;
}

}  // namespace

void check_output(const fs::path& out, const std::vector<std::string>& paths) {
    for (const std::string& path : paths)
        if (lies_in(tidy(path), out))
            throw problem("the output " + out.string() + " would replace " + path);
    std::error_code error;
    if (fs::exists(out, error)) {
        if (!fs::is_directory(out, error))
            throw problem("cannot write " + out.string() + ": it is not a directory");
        if (!fs::exists(out / sites_json_name, error) && !holds_no_file(out))
            throw problem(
                out.string() +
                " exists and is no output of squall instrument (remove it, or choose another --out)");
    }
    fs::path parent = out.parent_path();
    while (!fs::exists(parent, error) && parent.has_relative_path())
        parent = parent.parent_path();
    if (!fs::is_directory(parent, error))
        throw problem("cannot write " + out.string() + ": " + parent.string() + " is not a directory");
    if (access(parent.c_str(), W_OK | X_OK) != 0)
        throw problem("cannot write " + out.string() + ": " + parent.string() + ": " + std::strerror(errno));
}

void replace_file(const fs::path& path, const std::string& text) {
    std::error_code error;
    const fs::path real = fs::exists(path, error) ? fs::canonical(path) : path;
    const fs::path made = real.parent_path() / (temporary_prefix(real) + std::to_string(getpid()));
    struct stat before;
    const mode_t mode = stat(real.c_str(), &before) == 0 ? before.st_mode & 07777u : 0644u;
    std::ofstream file(made, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file || chmod(made.c_str(), mode) != 0 || rename(made.c_str(), real.c_str()) != 0) {
        const std::error_code reason(errno, std::generic_category());
        fs::remove(made, error);
        fail(path, reason);
    }
}

void write_output(const fs::path& out, const source_tree& tree, const output_content& content) {
    stop_guard guard;
    try {
        staging stage(out);
        for (const tree_entry& entry : tree.entries) {
            stop_guard::check();
            if (content.generated.contains(entry.path))
                throw problem("the tree has a file " + entry.path + ", which squall writes itself");
            switch (entry.kind) {
                case tree_entry::type::directory:
                    stage.directory(entry.path, mode_of(tree.original(entry)));
                    break;
                case tree_entry::type::symlink:
                    stage.symlink(entry.path, entry.target);
                    break;
                case tree_entry::type::file: {
                    const fs::path original = tree.original(entry);
                    const auto text = content.rewritten.find(entry.file);
                    stage.file(entry.path,
                               text == content.rewritten.end() ? read_file(original) : text->second,
                               mode_of(original));
                    break;
                }
            }
        }
        for (const auto& [path, text] : content.generated)
            stage.file(path, text, 0644);
        stop_guard::check();
        stage.commit();
    } catch (const fs::filesystem_error& error) {
        throw problem("cannot write " + out.string() + ": " + error.code().message());
    }
}

}  // namespace squall::rewrite
