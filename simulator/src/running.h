// The world that runs on this thread, for code that no executor leads to: callbacks of C libraries,
// generators of others.
#ifndef SQUALL_SIMULATOR_RUNNING_H
#define SQUALL_SIMULATOR_RUNNING_H

#include "world_state.h"

#include <squall/library_random.h>

#include <utility>

namespace squall::simulator {

// Null outside of world_state::loop().
inline thread_local world_state* running_world = nullptr;

// Whose code is on this thread's stack, or null.
inline boot* running_boot() noexcept {
    return running_world != nullptr ? running_world->running : nullptr;
}

class running_scope {
public:
    explicit running_scope(world_state& world)
        : outer_(std::exchange(running_world, &world)),
          outer_bits_(std::exchange(detail::library_bits, &bits)) {}
    running_scope(const running_scope&) = delete;
    running_scope& operator=(const running_scope&) = delete;
    ~running_scope() {
        running_world = outer_;
        detail::library_bits = outer_bits_;
    }

private:
    static bool bits(std::uint64_t& drawn) noexcept {
        boot* const here = running_boot();
        if (here != nullptr)
            drawn = here->process.library_random.next();
        return here != nullptr;
    }

    world_state* outer_;
    bool (*outer_bits_)(std::uint64_t&) noexcept;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RUNNING_H
