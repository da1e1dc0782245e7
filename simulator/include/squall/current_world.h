// The world that runs on this thread, for those who have no handle of it, such as a logging library's sink.
#ifndef SQUALL_CURRENT_WORLD_H
#define SQUALL_CURRENT_WORLD_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace squall {

struct world_moment {
    std::chrono::nanoseconds now{0};  // virtual
    std::string_view process;         // whose code runs; empty: nobody's. Valid as long as the world.
    std::uint64_t seed = 0;
};

// Nothing outside of world::run().
std::optional<world_moment> current_moment();
// As world::log; false, and nothing done, outside of world::run().
bool log_to_current_world(std::string_view text);

}  // namespace squall

#endif  // SQUALL_CURRENT_WORLD_H
