// A reference to an actor, wherever it is, and whether or not it is active.
//
//   const auto balance = co_await bank.get<account>("alice").call<&account::deposit>(100);
#ifndef SQUALL_ACTORS_REF_H
#define SQUALL_ACTORS_REF_H

#include <squall/actors/call.h>
#include <squall/actors/context.h>

#include <memory>
#include <string>
#include <utility>

namespace squall::actors {

// Cheap to copy. Belongs to its node's executor. T need not be registered on this node.
template <class T>
class ref {
public:
    ref(std::shared_ptr<detail::node_core> core, std::string key, const context* from = nullptr,
        std::optional<node_address> fixed = {})
        : core_(std::move(core)),
          key_(std::move(key)),
          from_(from),
          fixed_(std::move(fixed)) {}

    const std::string& key() const { return key_; }
    actor_id id() const { return {std::string(T::type_name), key_}; }
    // The same actor, called otherwise.
    ref with(call_options how) const {
        ref other(*this);
        other.how_ = how;
        return other;
    }

    // Calls the method and waits for its result. The arguments are taken over before this returns; the call
    // begins when it is awaited. Messages that one node sends to one actor are handled in the order in which
    // they were begun, unless the actor moves meanwhile, its mailbox is full, or they are sent again.
    // Throws what the method threw, if it is of a type that T declares (`using throws = std::tuple<...>`);
    // boost::system::system_error as the method threw it; call_failed of error.h for all else. Cancelling
    // it (terminal) cancels the method and throws operation_aborted.
    template <auto Method, class... Given>
    auto call(Given&&... given) const {
        return detail::perform(core_, make<Method>(std::forward<Given>(given)...));
    }
    // Sends the message one way: waits until the actor's mailbox has taken it, and no longer. What the method
    // throws is logged and counted where it runs.
    template <auto Method, class... Given>
    asio::awaitable<void> send(Given&&... given) const {
        auto call = make<Method>(std::forward<Given>(given)...);
        call->one_way = true;
        return detail::perform_send(core_, std::move(call));
    }

private:
    template <auto Method, class... Given>
    auto make(Given&&... given) const {
        using call_type = detail::typed_call<T, Method>;
        boost::intrusive_ptr<call_type> call(new call_type(std::in_place, std::forward<Given>(given)...));
        call->type = T::type_name;
        call->key = key_;
        call->fixed = fixed_;
        detail::prepare(*core_, *call, how_, from_);
        return call;
    }

    std::shared_ptr<detail::node_core> core_;
    std::string key_;
    const context* from_;  // who calls; its turn is under way while this is used
    std::optional<node_address> fixed_;
    call_options how_;
};

template <class U>
ref<U> context::get(std::string key) {
    return ref<U>(core(), std::move(key), this);
}

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_REF_H
