// What a thread may ask of the world that it runs.
#include <squall/current_world.h>

#include "world_state.h"

namespace squall {

std::optional<world_moment> current_moment() {
    const auto* world = simulator::world_state::on_this_thread();
    if (world == nullptr)
        return std::nullopt;
    return world_moment{
        std::chrono::nanoseconds(world->now),
        world->running != nullptr ? std::string_view(world->running->process.name) : std::string_view(),
        world->options.seed};
}

bool log_to_current_world(std::string_view text) {
    auto* world = simulator::world_state::on_this_thread();
    if (world == nullptr)
        return false;
    world->log(text);
    return true;
}

}  // namespace squall
