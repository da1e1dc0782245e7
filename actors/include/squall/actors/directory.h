// Who is in the cluster, and which node has which actor.
//
// Cut so that a service with leases and transactions (etcd, say) can stand behind it.
#ifndef SQUALL_ACTORS_DIRECTORY_H
#define SQUALL_ACTORS_DIRECTORY_H

#include <squall/actors/error.h>
#include <squall/actors/identity.h>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squall::actors {

struct lease {
    node_id node;
    // A node whose last renewal was begun longer ago than this must act as if it were expelled.
    std::chrono::nanoseconds duration{0};
};

// All throw call_failed; error::expelled where the node's incarnation is not a member (any more): it may join
// again, as another one. Each may be repeated when its outcome is unknown.
class directory {
public:
    virtual ~directory() = default;

    // A new incarnation. An earlier one of that address is expelled.
    virtual asio::awaitable<lease> join(const node_address& address,
                                        const std::vector<std::string>& tags) = 0;
    // Stays a member, for the lease's duration, and learns who else is: sorted by node.
    virtual asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) = 0;
    // Not to be called by members alone.
    virtual asio::awaitable<std::vector<member>> members() = 0;
    // Gives up the membership, and with it all actors.
    virtual asio::awaitable<void> leave(const node_id& node) = 0;

    // A member that has the actor, if there is one.
    virtual asio::awaitable<std::optional<location>> lookup(const actor_id& actor) = 0;
    // Makes the node the actor's place, with a new epoch, unless another member is it already; returns
    // whoever is the place now. The node that is the place already gets a new epoch too, so that a release of
    // the old one that comes late does nothing.
    virtual asio::awaitable<location> claim(const actor_id& actor, const node_id& node) = 0;
    // The node has the actor no more; nothing if it had not, at that epoch.
    virtual asio::awaitable<void> release(const actor_id& actor, const location& from) = 0;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_DIRECTORY_H
