// A client of a simulated cluster: its node, and an alphabet of operations in one of two forms.
#ifndef EXAMPLE_SIM_ACTOR_CLIENT_H
#define EXAMPLE_SIM_ACTOR_CLIENT_H

#include "cluster/outcome.h"
#include "sim/cluster_sim.h"
#include "sim/outages.h"

#include <squall/operations.h>

#include <cstdint>
#include <optional>
#include <string>

namespace cluster {

enum class form : std::uint8_t {
    constrained,  // each operation of the alphabet, so many, one after the other
    autonomous,   // a subset that the seed chooses, with weights that it chooses, all at once
};

class actor_client : public squall::workload {
public:
    // `all` operations of all clients together in the autonomous form, `few` of each in the constrained one.
    actor_client(form how, bug planted, std::uint64_t all, std::uint64_t few);

    asio::awaitable<void> setup(squall::workload_context& self) override;
    asio::awaitable<void> run(squall::workload_context& self) override;

protected:
    squall::operations<>& alphabet() { return operations_; }
    actors::node& here() { return node_->here(); }
    actors::directory& places() { return node_->places(); }
    // Operations of all clients have different numbers, from 1 up.
    std::uint64_t next_number(squall::process_context& self) {
        return (static_cast<std::uint64_t>(self.index() + 1) << 32) | ++last_;
    }

    // Calls of the workload: for 10 s, at least once for `p_again` of them.
    template <class Actor>
    actors::ref<Actor> drawn(squall::operation_call& c, std::uint64_t count, double p_again = 0.7) {
        actors::call_options how;
        how.timeout = 10s;
        const bool again = c.random.chance(p_again);
        how.mode = again ? actors::delivery::at_least_once : actors::delivery::at_most_once;
        return here().get<Actor>(std::to_string(c.random.below(count))).with(how);
    }
    // Calls of the checks, when faults are over.
    template <class Actor>
    actors::ref<Actor> checked(const std::string& key) {
        actors::call_options how;
        how.timeout = 10s;
        how.mode = actors::delivery::at_least_once;
        return here().get<Actor>(key).with(how);
    }
    static int drawn_node(squall::operation_call& c) {
        return static_cast<int>(c.random.below(c.self.peers("node").size()));
    }

private:
    form form_;
    bug planted_;
    std::uint64_t all_;
    std::uint64_t few_;
    squall::operations<> operations_;
    std::optional<member> node_;
    std::uint64_t last_ = 0;
};

}  // namespace cluster

#endif  // EXAMPLE_SIM_ACTOR_CLIENT_H
