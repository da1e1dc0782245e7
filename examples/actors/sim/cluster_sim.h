// A simulated cluster: an authority, nodes with actors, and clients, under the default chaos.
#ifndef EXAMPLE_SIM_CLUSTER_SIM_H
#define EXAMPLE_SIM_CLUSTER_SIM_H

#include "cluster/member.h"
#include "sim/node_watch.h"
#include "sim/planted.h"

#include <squall/actors/options.h>
#include <squall/simulation.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cluster {

struct plan {
    std::string name;
    int nodes = 2;
    int clients = 2;
    bug planted = bug::none;
    std::uint64_t seeds = 100;
    // Registers an example's actors on a node. The watcher is for their lives (life.h).
    std::function<void(actors::node& here, const actors::type_options& type, squall::world& world,
                       std::shared_ptr<watcher> watched)>
        add_actors;
    squall::simulation::workload_factory make_client;
};

// One client process's node. The clients are the group "client".
member_options client_options(squall::process_context& self, bug planted);
// The address of a node of the group "node".
actors::node_address node_at(squall::process_context& self, int index);

squall::simulation simulate(const plan& of);

}  // namespace cluster

#endif  // EXAMPLE_SIM_CLUSTER_SIM_H
