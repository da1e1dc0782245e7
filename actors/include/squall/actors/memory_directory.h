// A directory in memory: that of a whole cluster, when one process keeps it for all (authority.h).
#ifndef SQUALL_ACTORS_MEMORY_DIRECTORY_H
#define SQUALL_ACTORS_MEMORY_DIRECTORY_H

#include <squall/actors/directory.h>
#include <squall/clock.h>

#include <boost/asio/any_io_executor.hpp>

#include <map>

namespace squall::actors {

struct directory_options {
    std::chrono::nanoseconds lease = std::chrono::seconds(3);  // above 0
    // Epochs and incarnations begin above generation * 2^32. One that takes the place of a directory that is
    // gone gets a greater generation (state_store::open() gives one), and waits for the end of the leases
    // that its predecessor may have granted: for `lease`, in which every claim fails.
    std::uint64_t generation = 0;
    bool successor = false;
};

// Answers within the call. A node whose lease ran out is expelled, and what it had is free to be claimed.
class memory_directory final : public directory {
public:
    // The executor is asked for the time only.
    explicit memory_directory(asio::any_io_executor executor, directory_options options = {});

    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) override;
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) override;
    asio::awaitable<std::vector<member>> members() override;
    asio::awaitable<void> leave(const node_id& node) override;
    asio::awaitable<std::optional<location>> lookup(const actor_id& actor) override;
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) override;
    asio::awaitable<void> release(const actor_id& actor, const location& from) override;

    // What it has, of members and of nodes that are none any more, whose entries go when they are claimed.
    const std::map<actor_id, location>& entries() const { return places_; }

private:
    struct one {
        member who;
        steady_clock::time_point until;
    };
    std::vector<member> present();
    bool is_member(const node_id& node);
    void expel(const node_address& address);

    asio::any_io_executor executor_;
    directory_options options_;
    steady_clock::time_point closed_until_{};
    std::uint64_t last_ = 0;  // epoch or incarnation
    std::map<node_address, one> members_;
    std::map<actor_id, location> places_;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_MEMORY_DIRECTORY_H
