// What a handle has under way: scheduled operations that it may have to cancel together.
#ifndef SQUALL_SIMULATOR_UNDER_WAY_H
#define SQUALL_SIMULATOR_UNDER_WAY_H

#include "kept_memory.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <utility>
#include <vector>

namespace squall::simulator {

class under_way {
public:
    // A scheduled operation of this boot. Forgets those that have run meanwhile.
    void add(const boot& owner, operation* op) {
        std::erase_if(all_, [&](const entry& e) { return !owner.world.scheduled(e.ticket); });
        all_.push_back({op, op->ticket});
    }
    // Ends those whose outcome is not decided yet with operation_aborted; how many.
    std::size_t cancel(boot& owner) {
        std::size_t count = 0;
        for (const auto& [op, ticket] : std::exchange(all_, {})) {
            if (!owner.world.scheduled(ticket) || op->cancel == nullptr)
                continue;
            owner.world.finish(owner, op, asio::error::operation_aborted);
            ++count;
        }
        return count;
    }

private:
    struct entry {
        operation* op;
        event_ticket ticket;
    };
    kept_vector<entry> all_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_UNDER_WAY_H
