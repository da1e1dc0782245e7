// A node as a member of its cluster: its lease, who else is there, and which node has which actor.
#ifndef SQUALL_ACTORS_SRC_CLUSTER_H
#define SQUALL_ACTORS_SRC_CLUSTER_H

#include <squall/actors/call.h>
#include <squall/actors/directory.h>
#include <squall/timer.h>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace squall::actors::detail {

class node_core;

// Held by a shared_ptr. After stop() it does nothing more, and knows nothing of its node.
class cluster : public std::enable_shared_from_this<cluster> {
public:
    explicit cluster(node_core& core);
    // Returns when it is a member, or knows of some.
    asio::awaitable<void> start();
    asio::awaitable<void> leave();
    void stop() { core_ = nullptr; }

    const node_id& self() const { return self_; }
    // Whether its lease holds.
    bool is_member() const;
    const std::vector<member>& members() const { return members_; }
    std::optional<node_id> member_at(const node_address& where) const;

    // Sends the call to its actor's node, or to the one where the actor is to be, or delivers it here.
    void place(const call_ptr& call);
    asio::awaitable<location> claim(const actor_id& actor);
    asio::awaitable<void> release(const actor_id& actor, std::uint64_t epoch);
    // What is remembered of places is only a guess: whoever is asked in vain says so.
    void learned(const call_base& call, const location& where);
    void forget(const call_base& call);
    void forget(const node_address& where);

private:
    asio::awaitable<void> keep_lease();
    asio::awaitable<void> join();
    asio::awaitable<void> renew();
    asio::awaitable<void> watch();
    asio::awaitable<void> find(actor_id actor);
    void lost();
    void set_members(std::vector<member> now);
    void go(const call_ptr& call, const node_id& where);
    std::optional<node_id> choose(const actor_id& actor);

    node_core* core_;
    const asio::any_io_executor executor_;
    const std::shared_ptr<directory> directory_;
    node_id self_;
    std::chrono::nanoseconds duration_{0};
    steady_clock::time_point lease_until_{};
    std::vector<member> members_;
    std::map<actor_id, node_id> places_;
    std::map<actor_id, std::list<call_ptr>> looking_;
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_CLUSTER_H
