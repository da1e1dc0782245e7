// The names of a disk.
#include "disk.h"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <set>

namespace squall::simulator {
namespace errc = boost::system::errc;

std::string disk::normal(const std::string& path) {
    std::vector<std::string> parts;
    std::string part;
    auto finish = [&] {
        if (part == "..") {
            if (!parts.empty())
                parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
        part.clear();
    };
    for (char c : path) {
        if (c == '/')
            finish();
        else
            part.push_back(c);
    }
    finish();
    std::string joined;
    for (const auto& p : parts)
        joined += (joined.empty() ? "" : "/") + p;
    return joined;
}

std::string disk::parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool disk::is_directory(const std::string& path) const {
    if (path.empty())
        return true;
    const auto found = current_.find(path);
    return found != current_.end() && found->second.file == nullptr;
}

std::shared_ptr<inode> disk::find(const std::string& path, error_code& ec) const {
    const std::string key = normal(path);
    if (key.empty()) {
        ec = errc::make_error_code(errc::is_a_directory);
        return nullptr;
    }
    const auto found = current_.find(key);
    if (found == current_.end()) {
        ec = errc::make_error_code(errc::no_such_file_or_directory);
        return nullptr;
    }
    if (found->second.file == nullptr)
        ec = errc::make_error_code(errc::is_a_directory);
    return found->second.file;
}

std::shared_ptr<inode> disk::create(const std::string& path, error_code& ec) {
    const std::string key = normal(path);
    if (!is_directory(parent(key))) {
        ec = errc::make_error_code(errc::no_such_file_or_directory);
        return nullptr;
    }
    auto file = std::make_shared<inode>();
    change({key, file, false});
    return file;
}

void disk::change(name_change c) {
    note_orphan(c.path);
    apply(current_, c);
    pending_.push_back(std::move(c));
}

// The file that loses this name now.
void disk::note_orphan(const std::string& path) {
    std::erase_if(orphans_, [](const auto& file) { return file.expired() || file.lock()->handles == 0; });
    if (const auto found = current_.find(path); found != current_.end() && found->second.file != nullptr)
        orphans_.push_back(found->second.file);
}

std::uint64_t disk::used() const {
    std::uint64_t bytes = 0;
    for (const auto& [path, entry] : current_)
        if (entry.file != nullptr)
            bytes += entry.file->size();
    for (const auto& orphan : orphans_)
        if (const auto file = orphan.lock(); file != nullptr && file->handles > 0)
            bytes += file->size();
    return bytes;
}

std::string disk::path_of(const inode& file) const {
    for (const auto& [path, entry] : current_)
        if (entry.file.get() == &file)
            return path;
    return {};
}

void disk::each_file(const std::function<void(const std::string& path, const inode& file)>& see) const {
    for (const names* all : {&current_, &durable_})
        for (const auto& [path, entry] : *all)
            if (entry.file != nullptr)
                see(path, *entry.file);
    for (const name_change& c : pending_)
        if (c.file != nullptr)
            see(c.path, *c.file);
}

void disk::apply(names& to, const name_change& c) {
    if (c.file == nullptr && !c.directory)
        to.erase(c.path);
    else
        to[c.path] = name{c.file};
    if (!c.gone.empty())
        to.erase(c.gone);
}

void disk::rename(const std::string& from, const std::string& to, error_code& ec) {
    const std::string source = normal(from);
    const std::string target = normal(to);
    auto file = find(source, ec);
    if (ec)
        return;
    if (is_directory(target)) {
        ec = errc::make_error_code(errc::is_a_directory);
        return;
    }
    if (!is_directory(parent(target))) {
        ec = errc::make_error_code(errc::no_such_file_or_directory);
        return;
    }
    if (source == target)
        return;
    change({target, std::move(file), false, source});
}

void disk::remove(const std::string& path, error_code& ec) {
    find(path, ec);
    if (!ec)
        change({normal(path), nullptr, false});
}

void disk::create_directory(const std::string& path, error_code& ec) {
    const std::string key = normal(path);
    if (is_directory(key))
        return;
    if (current_.count(key) != 0)
        ec = errc::make_error_code(errc::file_exists);
    else if (!is_directory(parent(key)))
        ec = errc::make_error_code(errc::no_such_file_or_directory);
    else
        change({key, nullptr, true});
}

std::vector<std::string> disk::list(const std::string& path, error_code& ec) const {
    const std::string key = normal(path);
    std::vector<std::string> found;
    if (!is_directory(key)) {
        ec = errc::make_error_code(current_.count(key) != 0 ? errc::not_a_directory
                                                            : errc::no_such_file_or_directory);
        return found;
    }
    for (const auto& [name_of, unused] : current_)
        if (parent(name_of) == key)
            found.push_back(key.empty() ? name_of : name_of.substr(key.size() + 1));
    return found;
}

void disk::sync_directory(const std::string& path, error_code& ec) {
    const std::string key = normal(path);
    if (!is_directory(key)) {
        ec = errc::make_error_code(errc::no_such_file_or_directory);
        return;
    }
    // Backwards: a change of a name that a chosen one touches is chosen as well, else it could come after it.
    std::vector<bool> chosen(pending_.size());
    std::set<std::string> touched;
    for (std::size_t i = pending_.size(); i-- > 0;) {
        const name_change& c = pending_[i];
        const bool renames = !c.gone.empty();
        chosen[i] = parent(c.path) == key || touched.count(c.path) != 0 ||
                    (renames && (parent(c.gone) == key || touched.count(c.gone) != 0));
        if (!chosen[i])
            continue;
        touched.insert(c.path);
        if (renames)
            touched.insert(c.gone);
    }
    std::vector<name_change> rest;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        if (chosen[i])
            apply(durable_, pending_[i]);
        else
            rest.push_back(std::move(pending_[i]));
    }
    pending_ = std::move(rest);
}

void disk::crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream, crash_sink& sink) {
    auto kept = static_cast<std::ptrdiff_t>(decision_stream(seed, stream).below(pending_.size() + 1));
    const auto all = static_cast<std::ptrdiff_t>(pending_.size());
    if (kept < all && !sink.loses("lost-name", stream, 0,
                                  std::to_string(all - kept) + " of " + std::to_string(all) +
                                      " changes, from " + pending_[static_cast<std::size_t>(kept)].path))
        kept = all;
    for (auto it = pending_.begin(); it != pending_.begin() + kept; ++it)
        apply(durable_, *it);
    pending_.clear();
    orphans_.clear();
    // A name whose directory did not survive is gone with it. Parents come before their children here.
    std::erase_if(durable_, [this](const auto& entry) {
        const std::string directory = parent(entry.first);
        if (directory.empty())
            return false;
        const auto above = durable_.find(directory);
        return above == durable_.end() || above->second.file != nullptr;
    });
    current_ = durable_;
    std::set<inode*> seen;  // NOLINT(squall-pointer-order): its order is never looked at
    for (auto& [path, entry] : current_) {
        if (entry.file == nullptr || !seen.insert(entry.file.get()).second)
            continue;
        entry.file->crash(faults, seed, stream_key(stream, text_hash(path)), path, sink);
    }
}

}  // namespace squall::simulator
