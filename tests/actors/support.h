// What the tests of the actors share: one simulated process that runs a coroutine, and an actor or two.
#ifndef SQUALL_TESTS_ACTORS_SUPPORT_H
#define SQUALL_TESTS_ACTORS_SUPPORT_H

#include <squall/actors/memory_store.h>
#include <squall/actors/node.h>
#include <squall/actors/persistent.h>
#include <squall/timer.h>
#include <squall/world.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace squall::actors::testing_support {

namespace asio = boost::asio;
using namespace std::chrono_literals;

inline asio::awaitable<void> pause(const asio::any_io_executor& executor, std::chrono::nanoseconds time) {
    squall::timer clock(executor, time);
    co_await clock.async_wait(asio::deferred);
}

// Runs the coroutine in a process of a calm world, to its end; an exception fails the test.
inline void in_world(const std::function<asio::awaitable<void>(asio::any_io_executor)>& body,
                     faults chosen = {}, std::uint64_t seed = 1) {
    world_options options;
    options.seed = seed;
    options.faults = std::move(chosen);
    squall::world all(options);
    process& one = all.add_process("one");
    bool ended = false;
    one.set_program([&](process& self) -> asio::awaitable<void> {
        auto work = body(self.executor());
        co_await std::move(work);
        ended = true;
        all.stop();
    });
    one.start();
    const outcome& how = all.run();
    EXPECT_EQ(how.how, verdict::passed) << how.message;
    EXPECT_TRUE(ended);
}

// The code that a call ends with; success if it has a value.
template <class T>
asio::awaitable<error_code> code_of(asio::awaitable<T> call) {
    error_code code;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(call);
        } else {
            [[maybe_unused]] T value = co_await std::move(call);
        }
    } catch (const boost::system::system_error& e) {
        code = e.code();
    }
    co_return code;
}

}  // namespace squall::actors::testing_support

#endif  // SQUALL_TESTS_ACTORS_SUPPORT_H
