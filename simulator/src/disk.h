// A process's disk: the names of its files (inode.h), those that are there and those that survive.
//
// Names change at once and are remembered in order until their directory is synced. A crash keeps of the
// pending changes the first few, in order (a journaling file system).
#ifndef SQUALL_SIMULATOR_DISK_H
#define SQUALL_SIMULATOR_DISK_H

#include "inode.h"
#include "kept_memory.h"

#include <squall/decisions.h>

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace squall::simulator {

using boost::system::error_code;

class disk {
public:
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
    void crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream, crash_sink& sink);

    // Bytes of all files; one that was removed counts while somebody has it open.
    std::uint64_t used() const;
    // Empty for a file that was removed.
    std::string path_of(const inode& file) const;
    // Of the names that are there, and those that a crash may bring back; a file may be seen twice.
    void each_file(const std::function<void(const std::string& path, const inode& file)>& see) const;

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
    using names = kept_map<std::string, name>;

    static std::string parent(const std::string& path);
    bool is_directory(const std::string& path) const;
    void change(name_change c);
    void note_orphan(const std::string& path);
    static void apply(names& to, const name_change& c);

    names current_;  // the root is there without an entry
    names durable_;
    std::vector<name_change> pending_;
    std::vector<std::weak_ptr<inode>> orphans_;  // no name any more; perhaps still open
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DISK_H
