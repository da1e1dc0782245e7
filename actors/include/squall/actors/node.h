// A node: the actors that live in one process, and the way to all others.
//
//   class greeter {
//       BOOST_DESCRIBE_CLASS(greeter, (), (greet), (), ())
//   public:
//       static constexpr std::string_view type_name = "greeter";
//       asio::awaitable<std::string> greet(std::string whom) { co_return "hello, " + whom; }
//   };
//
//   squall::actors::node here(executor);
//   here.add<greeter>();
//   co_await here.start();
//   const std::string said = co_await here.get<greeter>("door").call<&greeter::greet>("Ada");
#ifndef SQUALL_ACTORS_NODE_H
#define SQUALL_ACTORS_NODE_H

#include <squall/actors/actor_type.h>
#include <squall/actors/metrics.h>
#include <squall/actors/ref.h>

#include <boost/describe/class.hpp>

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace squall::actors {

// Belongs to one executor, whose work never runs on two threads at a time, as do its references and actors;
// one process uses several cores by several nodes. Not copied, not moved.
class node {
public:
    explicit node(asio::any_io_executor executor, node_options options = {});
    // Ends at once, as a crash would: no actor's deactivate() is called. See stop().
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    // Registers a class of actors, before start(). It has
    //   - `static constexpr std::string_view type_name`, the same in the whole cluster;
    //   - its methods named in BOOST_DESCRIBE_CLASS, none overloaded: coroutines (asio::awaitable) or not. It
    //     stands first in the class, so that methods within it can name each other;
    //   - a constructor without parameters or of a context&, unless there is a factory;
    //   - if it wants, asio::awaitable<void> activate() and deactivate(deactivation).
    // Throws call_failed(error::duplicate_type).
    template <class T>
    void add(const type_options& options = {}) {
        if constexpr (std::is_constructible_v<T, context&>)
            add<T>(options, [](context& self) { return std::make_unique<T>(self); });
        else
            add<T>(options, [](context&) { return std::make_unique<T>(); });
    }
    template <class T>
    void add(const type_options& options, std::function<std::unique_ptr<T>(context&)> factory) {
        add_type(detail::describe_type<T>(options, std::move(factory)));
    }
    template <class T, class Factory>
    void add(const type_options& options, Factory factory) {
        add<T>(options, std::function<std::unique_ptr<T>(context&)>(std::move(factory)));
    }

    // Opens the store, listens, and joins the cluster, for as long as that takes; throws system_error where
    // it cannot listen, and what the store throws.
    asio::awaitable<void> start();
    // Deactivates all actors, leaves the cluster and closes all connections. Calls that come or wait
    // meanwhile end with error::stopped. Actors have `grace` for it; then they end as in a crash.
    asio::awaitable<void> stop(std::chrono::nanoseconds grace = 10s);
    bool running() const;

    template <class T>
    ref<T> get(std::string key) {
        return ref<T>(core_, std::move(key));
    }
    // The actor of that name on that node, which the directory has no part in: for services that have a fixed
    // address.
    template <class T>
    ref<T> at(const asio::ip::tcp::endpoint& address, std::string key) {
        return ref<T>(core_, std::move(key), nullptr, node_address(address));
    }

    // Without a directory the incarnation is 1.
    node_id id() const;
    const asio::any_io_executor& executor() const;
    // The members of the cluster as the directory told them last, sorted; without a directory none.
    const std::vector<member>& members() const;
    const counters& count() const;
    // What there is at the moment, sorted by type and key.
    std::vector<activation_info> activations() const;

private:
    void add_type(detail::actor_type type);

    std::shared_ptr<detail::node_core> core_;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_NODE_H
