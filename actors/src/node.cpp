#include <squall/actors/node.h>

#include "cluster.h"
#include "node_core.h"

namespace squall::actors {

node::node(asio::any_io_executor executor, node_options options)
    : core_(std::make_shared<detail::node_core>(std::move(executor), std::move(options))) {
    core_->begin();
}

node::~node() {
    core_->stop_now();
}

void node::add_type(detail::actor_type type) {
    core_->add_type(std::move(type));
}

asio::awaitable<void> node::start() {
    return core_->start();
}
asio::awaitable<void> node::stop(std::chrono::nanoseconds grace) {
    return core_->stop(grace);
}

bool node::running() const {
    return core_->running;
}
node_id node::id() const {
    return core_->id();
}
const asio::any_io_executor& node::executor() const {
    return core_->executor;
}
const std::vector<member>& node::members() const {
    static const std::vector<member> none;
    return core_->cluster ? core_->cluster->members() : none;
}
const counters& node::count() const {
    return core_->count;
}
std::vector<activation_info> node::activations() const {
    return core_->list();
}

}  // namespace squall::actors
