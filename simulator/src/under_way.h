// What a handle has under way: scheduled operations that it may have to cancel together.
#ifndef SQUALL_SIMULATOR_UNDER_WAY_H
#define SQUALL_SIMULATOR_UNDER_WAY_H

#include "kept_memory.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace squall::simulator {

// The usual one stands in it; only more at a time take memory of their own.
class under_way {
public:
    // A scheduled operation of this boot. Forgets those that have run meanwhile.
    void add(const boot& owner, operation* op) {
        const auto has_run = [&](const entry& e) { return !owner.world.scheduled(e.ticket); };
        const entry fresh{op, op->ticket};
        if (more_ != nullptr) {
            std::erase_if(*more_, has_run);
            if (has_run(first_) && !more_->empty()) {
                first_ = more_->front();
                more_->erase(more_->begin());
            }
            if (more_->empty())
                more_.reset();
        }
        if (has_run(first_)) {
            first_ = fresh;
            return;
        }
        if (more_ == nullptr)
            more_ = std::make_unique<std::vector<entry>>();
        more_->push_back(fresh);
    }
    // Ends those whose outcome is not decided yet with operation_aborted, the oldest first; how many.
    std::size_t cancel(boot& owner) {
        const auto more = std::exchange(more_, nullptr);
        std::size_t count = end(owner, std::exchange(first_, {}));
        if (more != nullptr)
            for (const entry& each : *more)
                count += end(owner, each);
        return count;
    }

private:
    struct entry {
        operation* op = nullptr;
        event_ticket ticket = 0;
    };

    static std::size_t end(boot& owner, const entry& e) {
        if (!owner.world.scheduled(e.ticket) || e.op->cancel == nullptr)
            return 0;
        owner.world.finish(owner, e.op, asio::error::operation_aborted);
        return 1;
    }

    entry first_;
    std::unique_ptr<std::vector<entry>> more_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_UNDER_WAY_H
