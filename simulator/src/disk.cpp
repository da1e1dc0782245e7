// The disk model.
#include "disk.h"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <cstring>
#include <set>

namespace squall::simulator {
namespace errc = boost::system::errc;

std::size_t inode::read(std::uint64_t offset, void* to, std::size_t count) const noexcept {
    if (offset >= content_.size())
        return 0;
    const std::size_t n = std::min<std::uint64_t>(count, content_.size() - offset);
    std::memcpy(to, content_.data() + offset, n);
    return n;
}

void inode::write(std::uint64_t offset, const void* from, std::size_t count) {
    if (count == 0)
        return;
    const auto* bytes = static_cast<const char*>(from);
    change c{offset, 0, std::vector<char>(bytes, bytes + count), false};
    apply(content_, c);
    pending_.push_back(std::move(c));
}

void inode::resize(std::uint64_t size) {
    change c{0, size, {}, true};
    apply(content_, c);
    pending_.push_back(std::move(c));
}

void inode::apply(std::vector<char>& content, const change& c) {
    if (c.is_resize) {
        content.resize(c.size);
        return;
    }
    if (content.size() < c.offset + c.data.size())
        content.resize(c.offset + c.data.size());
    std::copy(c.data.begin(), c.data.end(), content.begin() + static_cast<std::ptrdiff_t>(c.offset));
}

void inode::make_durable(std::uint64_t mark) {
    if (mark <= first_pending_)
        return;
    const auto count =
        static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(mark - first_pending_, pending_.size()));
    for (auto it = pending_.begin(); it != pending_.begin() + count; ++it)
        apply(durable_, *it);
    pending_.erase(pending_.begin(), pending_.begin() + count);
    first_pending_ += static_cast<std::uint64_t>(count);
}

void inode::crash(const storage_faults& faults, decision_stream& choices) {
    for (const change& c : pending_) {
        if (c.is_resize) {
            if (choices.chance(faults.unsynced_sector_survives))
                apply(durable_, c);
            continue;
        }
        // Each sector that the write touches makes it to the platter, or does not.
        std::uint64_t at = c.offset;
        const std::uint64_t end = c.offset + c.data.size();
        while (at < end) {
            const std::uint64_t sector_end = std::min(end, (at / sector_size + 1) * sector_size);
            const auto from = static_cast<std::ptrdiff_t>(at - c.offset);
            const auto to = static_cast<std::ptrdiff_t>(sector_end - c.offset);
            if (choices.chance(faults.unsynced_sector_survives)) {
                apply(durable_,
                      {at, 0, std::vector<char>(c.data.begin() + from, c.data.begin() + to), false});
            } else if (choices.chance(faults.unsynced_sector_garbled)) {
                std::vector<char> noise(static_cast<std::size_t>(to - from));
                for (char& byte : noise)
                    byte = static_cast<char>(choices.next());
                apply(durable_, {at, 0, std::move(noise), false});
            }
            at = sector_end;
        }
    }
    first_pending_ += pending_.size();
    pending_.clear();
    content_ = durable_;
}

disk::disk() {
    current_.emplace("", name{});
    durable_.emplace("", name{});
}

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
    const auto found = current_.find(path);
    return found != current_.end() && found->second.file == nullptr;
}

std::shared_ptr<inode> disk::find(const std::string& path, error_code& ec) const {
    const auto found = current_.find(normal(path));
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
    apply(current_, c);
    pending_.push_back(std::move(c));
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
        if (!name_of.empty() && parent(name_of) == key)
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

void disk::crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream) {
    decision_stream choices(seed, stream);
    const auto kept = static_cast<std::ptrdiff_t>(choices.below(pending_.size() + 1));
    for (auto it = pending_.begin(); it != pending_.begin() + kept; ++it)
        apply(durable_, *it);
    pending_.clear();
    // A name whose directory did not survive is gone with it. Parents come before their children here.
    std::erase_if(durable_, [this](const auto& entry) {
        if (entry.first.empty())
            return false;
        const auto above = durable_.find(parent(entry.first));
        return above == durable_.end() || above->second.file != nullptr;
    });
    current_ = durable_;
    std::set<inode*> seen;
    for (auto& [path, entry] : current_) {
        if (entry.file == nullptr || !seen.insert(entry.file.get()).second)
            continue;
        decision_stream sectors(seed, stream_key(stream, text_hash(path)));
        entry.file->crash(faults, sectors);
    }
}

}  // namespace squall::simulator
