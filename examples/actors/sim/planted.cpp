#include "sim/planted.h"

#include <utility>

namespace cluster {

using actors::record_key;
using actors::stored_state;

careless_store::careless_store(std::shared_ptr<actors::state_store> kept) : kept_(std::move(kept)) {}

asio::awaitable<std::uint64_t> careless_store::open() {
    return kept_->open();
}
asio::awaitable<stored_state> careless_store::load(const record_key& key, std::uint64_t) {
    return kept_->load(key, 1);
}
asio::awaitable<std::uint64_t> careless_store::save(const record_key& key, std::uint64_t, std::uint64_t,
                                                    std::string bytes) {
    const stored_state now = co_await kept_->load(key, 1);
    const std::uint64_t version = co_await kept_->save(key, 1, now.version, std::move(bytes));
    co_return version;
}
asio::awaitable<void> careless_store::clear(const record_key& key, std::uint64_t, std::uint64_t expected) {
    return kept_->clear(key, 1, expected);
}

stale_directory::stale_directory(std::shared_ptr<actors::directory> kept) : kept_(std::move(kept)) {}

asio::awaitable<actors::lease> stale_directory::join(const actors::node_address& address,
                                                     const std::vector<std::string>& tags) {
    return kept_->join(address, tags);
}
asio::awaitable<std::vector<actors::member>> stale_directory::renew(const actors::node_id& node,
                                                                    std::uint64_t activations) {
    return kept_->renew(node, activations);
}
asio::awaitable<std::vector<actors::member>> stale_directory::members() {
    return kept_->members();
}
asio::awaitable<void> stale_directory::leave(const actors::node_id& node) {
    return kept_->leave(node);
}
asio::awaitable<std::optional<actors::location>> stale_directory::lookup(const actors::actor_id& actor) {
    const auto found = places_.find(actor);
    std::optional<actors::location> where;
    if (found != places_.end())
        where = found->second;
    co_return where;
}
asio::awaitable<actors::location> stale_directory::claim(const actors::actor_id& actor,
                                                         const actors::node_id& node) {
    const auto found = places_.find(actor);
    if (found != places_.end() && found->second.node != node)
        co_return found->second;
    const actors::location owner = co_await kept_->claim(actor, node);
    places_[actor] = owner;
    co_return owner;
}
asio::awaitable<void> stale_directory::release(const actors::actor_id& actor, const actors::location& from) {
    places_.erase(actor);
    return kept_->release(actor, from);
}

}  // namespace cluster
