#include "sim/actor_client.h"

namespace cluster {

actor_client::actor_client(form how, bug planted, std::uint64_t all, std::uint64_t few)
    : form_(how),
      planted_(planted),
      all_(all),
      few_(few) {
    if (form_ == form::constrained)
        operations_.all().pause(100ms);
    else
        operations_.vary_weights().pause(4s);
}

asio::awaitable<void> actor_client::setup(squall::workload_context& self) {
    node_.emplace(self.executor(), client_options(self, planted_));
    co_await node_->start();
}

asio::awaitable<void> actor_client::run(squall::workload_context& self) {
    if (form_ == form::constrained) {
        co_await operations_.run(self, few_);
        co_return;
    }
    const std::uint64_t mine = all_ / static_cast<std::uint64_t>(self.group_size());
    const squall::flight done = co_await operations_.run_in_flight(self, mine, mine);
    self.measure("operations", static_cast<double>(done.begun));
}

}  // namespace cluster
