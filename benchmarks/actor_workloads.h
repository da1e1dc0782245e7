// The workloads of docs/performance.md's section on actors: calls on one node, in a world and on an
// io_context; actors that do nothing; calls between two nodes over loopback, and a bare echo of the same
// frames. What the benchmark times and the gates count.
#ifndef SQUALL_BENCHMARKS_ACTOR_WORKLOADS_H
#define SQUALL_BENCHMARKS_ACTOR_WORKLOADS_H

#include <squall/actors/node.h>
#include <squall/world.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

namespace actor_workloads {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using squall::actors::node;

class counter {
    BOOST_DESCRIBE_CLASS(counter, (), (add, add_at_once), (), ())
public:
    static constexpr std::string_view type_name = "counter";
    asio::awaitable<std::int64_t> add(std::int64_t how_much) { co_return value_ += how_much; }
    std::int64_t add_at_once(std::int64_t how_much) { return value_ += how_much; }

private:
    std::int64_t value_ = 0;
};

inline void rethrow(const std::exception_ptr& thrown) {
    if (thrown)
        std::rethrow_exception(thrown);
}

// Runs the body on a node of its own in a process of a calm world.
inline void in_world(const std::function<asio::awaitable<void>(node&)>& body) {
    squall::world_options options;
    options.time_budget = std::chrono::hours(1'000'000);
    options.event_budget = options.livelock_events = ~0ull;  // local calls take no virtual time
    squall::world world(options);
    squall::process& process = world.add_process("node");
    process.set_program([&](squall::process& self) -> asio::awaitable<void> {
        node here(self.executor());
        here.add<counter>();
        co_await here.start();
        auto work = body(here);
        co_await std::move(work);
        world.stop();
    });
    process.start();
    if (world.run().how != squall::verdict::passed)
        throw std::logic_error("the world ended badly");
}

// The same on an io_context.
inline void on_io_context(const std::function<asio::awaitable<void>(node&)>& body) {
    asio::io_context io(1);
    const auto program = [&]() -> asio::awaitable<void> {
        node here(io.get_executor());
        here.add<counter>();
        co_await here.start();
        auto work = body(here);
        co_await std::move(work);
        io.stop();
    };
    asio::co_spawn(io, program, rethrow);
    io.run();
}

// One after the other; the sum of what came back must be theirs.
inline asio::awaitable<void> calls(node& from, std::int64_t count) {
    const auto one = from.get<counter>("one");
    std::int64_t last = 0;
    for (std::int64_t i = 0; i < count; ++i)
        last = co_await one.call<&counter::add>(1);
    if (last != count)
        throw std::logic_error("a call was lost");
}

// So many actors, each called once.
inline asio::awaitable<void> activations(node& on, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        const auto each = on.get<counter>(std::to_string(i));
        co_await each.call<&counter::add>(1);
    }
}

}  // namespace actor_workloads

#endif  // SQUALL_BENCHMARKS_ACTOR_WORKLOADS_H
