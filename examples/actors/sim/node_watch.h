// What must hold of the actors of all nodes, whatever they do.
#ifndef EXAMPLE_SIM_NODE_WATCH_H
#define EXAMPLE_SIM_NODE_WATCH_H

#include "cluster/life.h"

#include <squall/actors/node.h>
#include <squall/world.h>

#include <cstdint>
#include <map>
#include <set>

namespace cluster {

// The greatest epoch at which each actor has been activated, in the whole world.
struct latest_epochs {
    std::map<actors::actor_id, std::uint64_t> of;
};

// Of one boot of one process.
class node_watch final : public watcher {
public:
    explicit node_watch(squall::world& world) : world_(world) {}

    void begins(const actors::context& actor) override;
    void turn(const actors::context& actor) override;
    void ends(const actors::context& actor) override;
    // From time to time: an actor that has gone holds nothing.
    void look(const actors::node& here) const;

private:
    squall::world& world_;
    std::set<actors::actor_id> alive_;
};

}  // namespace cluster

#endif  // EXAMPLE_SIM_NODE_WATCH_H
