// Four bugs of clusters of actors, which a campaign must find.
#ifndef EXAMPLE_SIM_PLANTED_H
#define EXAMPLE_SIM_PLANTED_H

#include <squall/actors/directory.h>
#include <squall/actors/store.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cluster {

namespace actors = squall::actors;
namespace asio = boost::asio;

enum class bug : std::uint8_t {
    none,
    no_epoch_check,          // the store takes every write as it comes: careless_store
    crashed_nodes_stay,      // the directory keeps the entries of nodes that are gone: stale_directory
    forwards_without_limit,  // a message goes on from node to node for as long as it finds no actor
    no_deduplication,        // a message that is sent again is handled again
};

class careless_store final : public actors::state_store {
public:
    explicit careless_store(std::shared_ptr<actors::state_store> kept);
    asio::awaitable<std::uint64_t> open() override;
    asio::awaitable<actors::stored_state> load(const actors::record_key& key, std::uint64_t epoch) override;
    asio::awaitable<std::uint64_t> save(const actors::record_key& key, std::uint64_t epoch,
                                        std::uint64_t expected, std::string bytes) override;
    asio::awaitable<void> clear(const actors::record_key& key, std::uint64_t epoch,
                                std::uint64_t expected) override;

private:
    std::shared_ptr<actors::state_store> kept_;
};

class stale_directory final : public actors::directory {
public:
    explicit stale_directory(std::shared_ptr<actors::directory> kept);
    asio::awaitable<actors::lease> join(const actors::node_address& address,
                                        const std::vector<std::string>& tags) override;
    asio::awaitable<std::vector<actors::member>> renew(const actors::node_id& node,
                                                       std::uint64_t activations) override;
    asio::awaitable<std::vector<actors::member>> members() override;
    asio::awaitable<void> leave(const actors::node_id& node) override;
    asio::awaitable<std::optional<actors::location>> lookup(const actors::actor_id& actor) override;
    asio::awaitable<actors::location> claim(const actors::actor_id& actor,
                                            const actors::node_id& node) override;
    asio::awaitable<void> release(const actors::actor_id& actor, const actors::location& from) override;

private:
    std::shared_ptr<actors::directory> kept_;
    std::map<actors::actor_id, actors::location> places_;
};

}  // namespace cluster

#endif  // EXAMPLE_SIM_PLANTED_H
