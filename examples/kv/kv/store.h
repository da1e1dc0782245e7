// The state that the log's committed records add up to.
#ifndef KV_STORE_H
#define KV_STORE_H

#include "kv/wire.h"

#include <map>
#include <optional>
#include <string>

namespace kv {

// Each key remembers the last write of each client to it, so a client's writes to a key take effect in the
// order of their numbers and at most once, however often and late their copies arrive: a copy that is not
// newer than what is there changes nothing. For the client that still waits for it, the write then took
// effect just before the newer one. (Never forgotten: a store with many short-lived clients would need an
// expiry.)
class store {
public:
    struct entry {
        std::optional<std::string> value;  // none once deleted
        std::map<std::uint64_t, std::uint64_t> writers;
    };

    void apply(const record& write);
    // Whether this write, or a later one of its client to its key, has been applied.
    bool has_applied(const record& write) const;
    const std::map<std::string, entry>& entries() const { return entries_; }

private:
    std::map<std::string, entry> entries_;
};

}  // namespace kv

#endif  // KV_STORE_H
