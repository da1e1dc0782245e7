#include <squall/actors/memory_directory.h>

#include <utility>

namespace squall::actors {

memory_directory::memory_directory(asio::any_io_executor executor, directory_options options)
    : executor_(std::move(executor)),
      options_(options),
      last_(options.generation << 32) {
    if (options.successor)
        closed_until_ = steady_clock::now(executor_) + options.lease;
}

void memory_directory::expel(const node_address& address) {
    const auto found = members_.find(address);
    if (found == members_.end())
        return;
    const node_id gone = found->second.who.node;
    members_.erase(found);
    std::erase_if(places_, [&gone](const auto& place) { return place.second.node == gone; });
}

std::vector<member> memory_directory::present() {
    const auto now = steady_clock::now(executor_);
    for (auto each = members_.begin(); each != members_.end();) {
        const auto one = each++;
        if (one->second.until <= now)
            expel(node_address(one->first));
    }
    std::vector<member> all;
    for (const auto& [address, one] : members_)
        all.push_back(one.who);
    return all;
}

bool memory_directory::is_member(const node_id& node) {
    present();
    const auto found = members_.find(node.address);
    return found != members_.end() && found->second.who.node == node;
}

asio::awaitable<lease> memory_directory::join(const node_address& address,
                                              const std::vector<std::string>& tags) {
    if (address.ip.size() != 4 && address.ip.size() != 16)
        throw call_failed(error::malformed, "an address of neither 4 nor 16 bytes");
    expel(address);
    member joining;
    joining.node.address = address;
    joining.node.incarnation = ++last_;
    joining.tags = tags;
    members_[address] = {joining, steady_clock::now(executor_) + options_.lease};
    lease granted;
    granted.node = joining.node;
    granted.duration = options_.lease;
    co_return granted;
}

asio::awaitable<std::vector<member>> memory_directory::renew(const node_id& node, std::uint64_t activations) {
    if (!is_member(node))
        throw call_failed(error::expelled);
    one& mine = members_.at(node.address);
    mine.until = steady_clock::now(executor_) + options_.lease;
    mine.who.activations = activations;
    co_return present();
}

asio::awaitable<std::vector<member>> memory_directory::members() {
    co_return present();
}

asio::awaitable<void> memory_directory::leave(const node_id& node) {
    if (is_member(node))
        expel(node.address);
    co_return;
}

asio::awaitable<std::optional<location>> memory_directory::lookup(const actor_id& actor) {
    present();
    const auto found = places_.find(actor);
    std::optional<location> where;
    if (found != places_.end())
        where = found->second;
    co_return where;
}

asio::awaitable<location> memory_directory::claim(const actor_id& actor, const node_id& node) {
    if (!is_member(node))
        throw call_failed(error::expelled);
    if (steady_clock::now(executor_) < closed_until_)
        throw call_failed(error::store_unavailable, "leases of an earlier directory may hold");
    const auto found = places_.find(actor);
    if (found != places_.end() && found->second.node != node)
        co_return found->second;
    location mine;
    mine.node = node;
    mine.epoch = ++last_;
    places_[actor] = mine;
    co_return mine;
}

asio::awaitable<void> memory_directory::release(const actor_id& actor, const location& from) {
    const auto found = places_.find(actor);
    if (found != places_.end() && found->second == from)
        places_.erase(found);
    co_return;
}

}  // namespace squall::actors
