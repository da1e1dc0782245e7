#include "kv/store.h"

namespace kv {

void store::apply(const record& write) {
    if (write.kind == record_kind::boot)
        return;
    entry& target = entries_[write.key];
    std::uint64_t& last = target.writers[write.client];
    if (write.client_seq <= last)
        return;
    last = write.client_seq;
    if (write.kind == record_kind::put)
        target.value = write.value;
    else
        target.value.reset();
}

bool store::has_applied(const record& write) const {
    auto target = entries_.find(write.key);
    if (target == entries_.end())
        return false;
    auto last = target->second.writers.find(write.client);
    return last != target->second.writers.end() && write.client_seq <= last->second;
}

}  // namespace kv
