// Where an actor without a place is to be.
#ifndef SQUALL_ACTORS_SRC_PLACEMENT_H
#define SQUALL_ACTORS_SRC_PLACEMENT_H

#include <squall/actors/identity.h>
#include <squall/actors/options.h>
#include <squall/random.h>

#include <optional>
#include <vector>

namespace squall::actors::detail {

// Nothing if no member fits. `self` is the caller, who need not be one. Draws only where there is a choice.
std::optional<node_id> choose_node(const actor_id& actor, const type_options& options,
                                   const std::vector<member>& members, const node_id& self,
                                   random_source& random);

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_PLACEMENT_H
