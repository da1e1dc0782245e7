// A cluster under faults: three nodes, an authority, clients whose every operation is accounted for, and a
// stranger who sends what no node would.
#ifndef SQUALL_TESTS_ACTORS_CLUSTER_CAMPAIGN_H
#define SQUALL_TESTS_ACTORS_CLUSTER_CAMPAIGN_H

#include <squall/simulation.h>

namespace squall::actors::testing_support {

// A mistake that the campaign must find.
enum class bug { none, no_epoch_check, crashed_nodes_stay, forwards_without_limit, no_deduplication };

simulation cluster_simulation(bug planted, std::uint64_t seeds);

}  // namespace squall::actors::testing_support

#endif  // SQUALL_TESTS_ACTORS_CLUSTER_CAMPAIGN_H
