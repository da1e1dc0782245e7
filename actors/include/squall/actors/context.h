// What an actor knows of itself and can ask of its node.
//
// A class whose constructor takes a `context&` gets its activation's; it lives as long as the object.
#ifndef SQUALL_ACTORS_CONTEXT_H
#define SQUALL_ACTORS_CONTEXT_H

#include <squall/actors/call.h>

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace squall::actors {

template <class T>
class ref;
namespace detail {
class activation_access;
struct actor_type;
struct context_extras;
class persistent_base;
}  // namespace detail

// Why an activation ends; what an actor's deactivate(deactivation) is told.
enum class deactivation : std::uint8_t {
    requested,  // context::deactivate()
    migrating,  // context::migrate()
    idle,       // no message for the type's idle_after
    pressure,   // the node has more activations than node_options::max_activations
    stopping,   // the node stops
    fenced,  // a later activation has the state, or the node's lease ran out: nothing can be saved any more
    failed,  // what the store has done is not known; the next activation will load it
};

enum class timer_id : std::uint64_t {};

class context {
public:
    context(const context&) = delete;
    context& operator=(const context&) = delete;

    std::string_view type() const { return type_name_; }
    const std::string& key() const { return key_; }
    actor_id id() const { return {std::string(type()), key_}; }
    // Of the activation; greater than that of each earlier activation of the actor in the cluster.
    std::uint64_t epoch() const { return epoch_; }
    const asio::any_io_executor& executor() const { return executor_; }
    node_id node() const;
    // Of the message that is being handled; of an actor that is re-entrant and in a timer's turn: for ever.
    steady_clock::time_point deadline() const;

    // Calls made through it inherit the deadline of the message that is being handled.
    template <class U>
    ref<U> get(std::string key);

    // Ends the activation after the present turn. Messages that wait, or come, begin another one.
    void deactivate();
    // The same, and the messages that wait go to that node. Where the actor's next activation will be is that
    // node unless another was faster. Nothing but what the actor saves comes with it.
    void migrate(const node_address& to);

    // Calls Method, a member function without parameters that BOOST_DESCRIBE_CLASS names, as a message of its
    // own: never in the middle of a turn, and not again before its last call ended. An exception of it is
    // logged and counted. A timer does not keep an actor from being idle, and ends with its activation.
    template <auto Method>
    timer_id every(std::chrono::nanoseconds period) {
        return start_timer(make_timer_call<Method>(), period, true);
    }
    template <auto Method>
    timer_id after(std::chrono::nanoseconds delay) {
        return start_timer(make_timer_call<Method>(), delay, false);
    }
    void stop_timer(timer_id id);

private:
    friend class detail::activation_access;
    friend class detail::persistent_base;
    using call_factory = std::function<detail::call_ptr()>;
    using mailbox = boost::intrusive::list<
        detail::call_base,
        boost::intrusive::member_hook<detail::call_base, boost::intrusive::list_member_hook<>,
                                      &detail::call_base::in_mailbox>>;

    enum class phase : std::uint8_t { starting, active, ending, gone };

    context(std::shared_ptr<detail::node_core> core, detail::actor_type& type, std::string key);
    ~context();

    template <auto Method>
    static call_factory make_timer_call() {
        using actor = typename detail::method_traits<decltype(Method)>::actor;
        return [] { return detail::call_ptr(new detail::typed_call<actor, Method>()); };
    }
    timer_id start_timer(call_factory make, std::chrono::nanoseconds period, bool again);
    std::shared_ptr<detail::node_core> core() const { return core_.lock(); }
    detail::context_extras& extras();

    friend void intrusive_ptr_add_ref(context* self);
    friend void intrusive_ptr_release(context* self);

    std::weak_ptr<detail::node_core> core_;
    detail::actor_type* type_;  // as long as there is a core
    std::string_view type_name_;
    asio::any_io_executor executor_;
    void (*destroy_)(void*);
    std::string key_;
    void* object_ = nullptr;
    mailbox mailbox_;
    boost::intrusive::list_member_hook<> in_idle_;
    steady_clock::time_point last_used_{};
    std::uint64_t epoch_ = 0;
    detail::call_base* current_ = nullptr;  // whose turn it is; null in a re-entrant actor
    std::unique_ptr<detail::context_extras> extras_;
    int references_ = 0;
    std::uint32_t running_ = 0;  // turns under way
    phase phase_ = phase::starting;
    bool draining_ = false;
    bool leaving_ = false;
    deactivation why_ = deactivation::requested;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_CONTEXT_H
