#include "sim/node_watch.h"

#include "sim/ghost.h"

#include <algorithm>

namespace cluster {

void node_watch::begins(const actors::context& actor) {
    std::uint64_t& latest = ghost<latest_epochs>(world_).of[actor.id()];
    latest = std::max(latest, actor.epoch());
    SQUALL_ALWAYS(alive_.insert(actor.id()).second, "a node has an actor once", "actor", actor.key());
}

// Two activations may be there for a moment; that which is not the last handles no message.
void node_watch::turn(const actors::context& actor) {
    const std::uint64_t latest = ghost<latest_epochs>(world_).of[actor.id()];
    SQUALL_ALWAYS(actor.epoch() == latest, "an actor is at one place at most", "actor", actor.key(), "epoch",
                  actor.epoch(), "latest", latest);
}

void node_watch::ends(const actors::context& actor) {
    alive_.erase(actor.id());
}

void node_watch::look(const actors::node& here) const {
    std::set<actors::actor_id> listed;
    for (const actors::activation_info& each : here.activations())
        listed.insert({each.type, each.key});
    SQUALL_ALWAYS(std::includes(listed.begin(), listed.end(), alive_.begin(), alive_.end()),
                  "an actor that has gone holds nothing", "alive", alive_.size(), "listed", listed.size());
}

}  // namespace cluster
