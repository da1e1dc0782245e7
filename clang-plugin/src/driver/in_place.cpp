// Originals are kept with the hashes of both texts: what a file is now tells what to do with it.
#include "driver/in_place.h"

#include "core/identity.h"
#include "driver/problem.h"
#include "driver/stop.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/xxhash.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

constexpr const char* list_name = "originals.json";

std::string hash(const std::string& text) {
    return hex(llvm::xxh3_64bits(text));
}

struct kept_file {
    std::string path;
    std::string original;  // hashes of the two texts
    std::string rewritten;
};

std::string list_text(const std::vector<kept_file>& files) {
    llvm::json::Array all;
    for (const kept_file& each : files)
        all.push_back(llvm::json::Object{
            {"path", each.path}, {"original", each.original}, {"rewritten", each.rewritten}});
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(
        llvm::json::Object{{"schema", 1}, {"files", std::move(all)}});
    return text + '\n';
}

std::vector<kept_file> read_list(const fs::path& path) {
    const std::string text = read_file(path);
    auto parsed = llvm::json::parse(text);
    std::vector<kept_file> files;
    const llvm::json::Object* object = parsed ? parsed->getAsObject() : nullptr;
    const llvm::json::Array* all = object ? object->getArray("files") : nullptr;
    if (!parsed)
        llvm::consumeError(parsed.takeError());
    if (!all)
        throw problem(path.string() + " is damaged; the originals are in " +
                      (path.parent_path() / "originals").string());
    for (const llvm::json::Value& each : *all)
        if (const auto* file = each.getAsObject())
            files.push_back({file->getString("path").value_or("").str(),
                             file->getString("original").value_or("").str(),
                             file->getString("rewritten").value_or("").str()});
    return files;
}

void write_new(const fs::path& path, const std::string& text) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool well = file >= 0;
    for (std::size_t done = 0; well && done < text.size();) {
        const ssize_t written = write(file, text.data() + done, text.size() - done);
        well = written > 0 || (written < 0 && errno == EINTR);
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    // Before any original goes.
    well = well && fsync(file) == 0;
    const int reason = errno;
    if (file >= 0)
        close(file);
    if (!well)
        throw problem("cannot write " + path.string() + ": " + std::strerror(reason));
}

}  // namespace

void write_in_place(const source_tree& tree, const output_content& content) {
    const fs::path kept = tree.root / in_place_directory;
    const fs::path made = tree.root / (std::string(in_place_directory) + "-" + std::to_string(getpid()));
    std::error_code none;
    stop_guard guard;
    try {
        std::vector<kept_file> files;
        for (const auto& [file, text] : content.rewritten) {
            stop_guard::check();
            const std::string& path = tree.files.path(file);
            const std::string original = read_file(tree.root / path);
            if (access((tree.root / path).c_str(), W_OK) != 0)
                throw problem("cannot write " + path + ": " + std::strerror(errno));
            write_new(made / "originals" / path, original);
            files.push_back({path, hash(original), hash(text)});
        }
        for (const auto& [path, text] : content.generated)
            write_new(made / path, text);
        write_new(made / list_name, list_text(files));
        if (rename(made.c_str(), kept.c_str()) != 0)
            throw problem("cannot write " + kept.string() + ": " + std::strerror(errno));
    } catch (...) {
        fs::remove_all(made, none);
        throw;
    }
    try {
        for (const auto& [file, text] : content.rewritten) {
            stop_guard::check();
            replace_file(tree.root / tree.files.path(file), text);
        }
        stop_guard::check();
    } catch (...) {
        restore(tree.root, false);
        throw;
    }
}

restored restore(const fs::path& root, bool force) {
    const fs::path kept = root / in_place_directory;
    std::error_code error;
    if (!fs::is_regular_file(kept / list_name, error))
        throw problem(root.string() + " is not instrumented in place: it has no " + in_place_directory);
    restored done;
    for (const kept_file& each : read_list(kept / list_name)) {
        const fs::path path = root / each.path;
        const std::string now = fs::exists(path, error) ? hash(read_file(path)) : std::string();
        if (now == each.original)
            continue;
        if (now != each.rewritten && !force) {
            done.changed.push_back(each.path);
            continue;
        }
        const std::string original = read_file(kept / "originals" / each.path);
        if (hash(original) != each.original)
            throw problem((kept / "originals" / each.path).string() +
                          " is not what was kept there; nothing is put back for it");
        replace_file(path, original);
        ++done.files;
    }
    if (done.changed.empty())
        fs::remove_all(kept, error);
    return done;
}

}  // namespace squall::rewrite
