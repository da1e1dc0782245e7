// The decisions of one access to a process's disk: all have the access's ordinal for index, each kind a
// stream of its own, so that a fault that does not happen moves no other.
#ifndef SQUALL_SIMULATOR_DISK_LUCK_H
#define SQUALL_SIMULATOR_DISK_LUCK_H

#include "message_latency.h"
#include "world_state.h"

namespace squall::simulator {

class disk_luck {
public:
    explicit disk_luck(boot& owner)
        : world_(owner.world),
          process_(owner.process),
          stream_(stream_key(owner.process.stream, stream_key("squall.disk"))),
          ordinal_(owner.process.disk_operations++) {}

    // In force now.
    const storage_faults& rates() const { return world_.in_force().storage; }

    bool strikes(std::string_view kind, double p) const {
        return p > 0 && world_.strikes(kind, stream_, ordinal_, p, process_.number);
    }
    // The same, if `possible` gives a detail for the record; it is asked last.
    template <class Possible>
    bool strikes_if(std::string_view kind, double p, Possible possible) const {
        return p > 0 && world_.strikes_if(kind, stream_, ordinal_, p, process_.number, possible);
    }
    std::uint64_t decision(std::string_view kind) const {
        return world_state::decision(kind, stream_, ordinal_);
    }
    // 64 bits for how a fault of the kind happens: how long, how much, where.
    std::uint64_t amount(std::string_view kind) const {
        return world_.draw(stream_key(stream_key(stream_, amount_stream), text_hash(kind)), ordinal_);
    }

    nanoseconds access() const { return latency(rates().access_min, rates().access_mean); }
    nanoseconds sync() const { return latency(rates().sync_min, rates().sync_mean); }

private:
    nanoseconds latency(nanoseconds least, nanoseconds mean) const {
        return least + exponential_of(world_.draw(stream_, ordinal_), mean);
    }

    world_state& world_;
    process_state& process_;
    std::uint64_t stream_;
    std::uint64_t ordinal_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DISK_LUCK_H
