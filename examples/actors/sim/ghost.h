// What a simulation knows and no process of it does: for checks across processes, and across their crashes.
#ifndef EXAMPLE_SIM_GHOST_H
#define EXAMPLE_SIM_GHOST_H

#include <squall/world.h>

#include <memory>
#include <string>

namespace cluster {

// The world's one T, made when it is first asked for.
template <class T>
T& ghost(squall::world& world) {
    // No process has this name, so no crash makes the world forget it.
    static const std::string owner = "ghost";
    squall::blackboard& all = world.published();
    if (const auto* found = all.of<std::shared_ptr<T>>(owner))
        return **found;
    const auto made = std::make_shared<T>();
    all.put(owner, made);
    return *made;
}

}  // namespace cluster

#endif  // EXAMPLE_SIM_GHOST_H
