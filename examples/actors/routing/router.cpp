#include "routing/router.h"

#include <squall/actors/ref.h>

#include <string>
#include <utility>

namespace routing {

router::router(actors::context& self, std::shared_ptr<cluster::watcher> watched, observer told)
    : self_(self),
      life_(self, std::move(watched)),
      told_(std::move(told)),
      state_(self) {}

asio::awaitable<void> router::activate() {
    life_.begins();
    co_return;
}

asio::awaitable<std::uint32_t> router::request(parcel which) {
    const cluster::turn now(life_);
    const bool onwards = co_await take_in(which);
    if (!onwards)
        co_return 1;
    const auto next = next_of(which);
    auto call = next.call<&router::request>(which);
    const std::uint32_t hops = co_await std::move(call);
    co_return hops + 1;
}

asio::awaitable<void> router::post(parcel which) {
    const cluster::turn now(life_);
    const bool onwards = co_await take_in(which);
    if (!onwards)
        co_return;
    const auto next = next_of(which);
    auto sent = next.send<&router::post>(which);
    co_await std::move(sent);
}

router_state router::look() {
    const cluster::turn now(life_);
    return *state_;
}

void router::move_to(const actors::node_address& where) {
    const cluster::turn now(life_);
    self_.migrate(where);
}

asio::awaitable<bool> router::take_in(parcel& which) {
    ++state_->taken[which.id];
    co_await state_.save();
    told_(event::received, which);
    SQUALL_ALWAYS(state_->taken[which.id] == 1, "a router takes a parcel once", "router", self_.key(),
                  "parcel", which.id);
    ++which.hop;
    co_return which.hop < which.way.size();
}

// At least once: the router that has it twice would say so.
actors::ref<router> router::next_of(const parcel& which) {
    told_(event::sent, which);
    actors::call_options how;
    how.mode = actors::delivery::at_least_once;
    how.timeout = std::chrono::seconds(5);
    return self_.get<router>(std::to_string(which.way.at(which.hop))).with(how);
}

}  // namespace routing
