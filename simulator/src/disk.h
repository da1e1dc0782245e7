// A process's disk: files with what is written and what is durable, names with what is there and what
// survives.
//
// Model: a write changes the content at once and is remembered as pending until a sync that began after it
// has ended. Names change at once and are remembered in order until their directory is synced. A crash keeps
// of the pending writes some 512-byte sectors (the grain that drives write atomically), and of the pending
// name changes the first few, in order (a journaling file system).
#ifndef SQUALL_SIMULATOR_DISK_H
#define SQUALL_SIMULATOR_DISK_H

#include <squall/decisions.h>
#include <squall/faults.h>

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace squall::simulator {

using boost::system::error_code;

inline constexpr std::uint64_t sector_size = 512;

// The data of one file; names point to it, and open handles.
class inode {
public:
    std::uint64_t size() const noexcept { return content_.size(); }
    // Bytes copied, 0 at or past the end.
    std::size_t read(std::uint64_t offset, void* to, std::size_t count) const noexcept;
    void write(std::uint64_t offset, const void* from, std::size_t count);
    void resize(std::uint64_t size);

    // A sync covers what was pending when it began.
    std::uint64_t pending_mark() const noexcept { return first_pending_ + pending_.size(); }
    void make_durable(std::uint64_t mark);
    // Loses what is pending, but for the sectors that `choices` lets survive.
    void crash(const storage_faults& faults, decision_stream& choices);

private:
    struct change {
        std::uint64_t offset;
        std::uint64_t size;  // of the file, for a resize
        std::vector<char> data;
        bool is_resize;
    };
    static void apply(std::vector<char>& content, const change& c);

    std::vector<char> content_;
    std::vector<char> durable_;
    std::vector<change> pending_;
    std::uint64_t first_pending_ = 0;
};

class disk {
public:
    disk();

    std::shared_ptr<inode> find(const std::string& path, error_code& ec) const;
    std::shared_ptr<inode> create(const std::string& path, error_code& ec);
    void rename(const std::string& from, const std::string& to, error_code& ec);
    void remove(const std::string& path, error_code& ec);
    void create_directory(const std::string& path, error_code& ec);
    std::vector<std::string> list(const std::string& path, error_code& ec) const;
    // Makes the names in the directory durable, and the earlier changes of other directories that they build
    // on; the directory must exist.
    void sync_directory(const std::string& path, error_code& ec);

    // A new, empty disk; handles that are open keep the old files.
    void wipe() { *this = disk(); }

    // Power is lost: what was not synced is gone, wholly or in part. The choices are those of `stream`, and
    // for each file of a stream by its path in it.
    void crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream);

    // "./a//b/../c" as "a/c"; the root is "".
    static std::string normal(const std::string& path);

private:
    struct name_change {
        std::string path;
        std::shared_ptr<inode> file;  // null: removed
        bool directory;
        std::string gone = {};  // a rename: this name goes in the same step
    };
    struct name {
        std::shared_ptr<inode> file;  // null: a directory
    };
    using names = std::map<std::string, name>;

    static std::string parent(const std::string& path);
    bool is_directory(const std::string& path) const;
    void change(name_change c);
    static void apply(names& to, const name_change& c);

    names current_;
    names durable_;
    std::vector<name_change> pending_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DISK_H
