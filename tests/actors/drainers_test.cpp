// The coroutines that handle messages go from one activation to another: what one left behind must not show
// in the next, and none may outlive its node.
#include "support.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

namespace squall::actors {
namespace {

using namespace testing_support;

class sleeper {
    BOOST_DESCRIBE_CLASS(sleeper, (), (sleep, twice), (), ())
public:
    static constexpr std::string_view type_name = "sleeper";
    asio::awaitable<int> sleep(std::chrono::nanoseconds time) {
        squall::timer clock(co_await asio::this_coro::executor, time);
        co_await clock.async_wait(asio::deferred);
        co_return 1;
    }
    int twice(int number) { return 2 * number; }
};

class chain {
    BOOST_DESCRIBE_CLASS(chain, (), (length), (), ())
public:
    static constexpr std::string_view type_name = "chain";
    explicit chain(context& self) : self_(self) {}
    asio::awaitable<int> length(int left) {
        if (left == 0)
            co_return 0;
        const auto next = self_.get<chain>(std::to_string(left));
        const int rest = co_await next.call<&chain::length>(left - 1);
        co_return rest + 1;
    }

private:
    context& self_;
};

// Fails if the coroutine that was cancelled stays so: the next that waits in it is aborted.
TEST(Drainers, ACancelledTurnLeavesNothingToTheNextActor) {
    in_world([](asio::any_io_executor executor) -> asio::awaitable<void> {
        node here(executor);
        here.add<sleeper>();
        co_await here.start();
        for (int i = 0; i < 3; ++i) {
            asio::cancellation_signal stop;
            error_code ended;
            const auto one = here.get<sleeper>("one");
            asio::co_spawn(executor, code_of(one.call<&sleeper::sleep>(1h)),
                           asio::bind_cancellation_slot(
                               stop.slot(), [&](const std::exception_ptr&, error_code ec) { ended = ec; }));
            co_await pause(executor, 1s);
            stop.emit(asio::cancellation_type::terminal);
            co_await pause(executor, 1s);
            EXPECT_EQ(ended, asio::error::operation_aborted);
            const auto two = here.get<sleeper>("two");
            const int slept = co_await two.call<&sleeper::sleep>(1s);
            EXPECT_EQ(slept, 1);
        }
    });
}

// Fails with a stack overflow if each turn begins within the one before.
TEST(Drainers, AChainOfCallsMayBeLongerThanTheStackIsDeep) {
    in_world([](asio::any_io_executor executor) -> asio::awaitable<void> {
        node here(executor);
        here.add<chain>();
        co_await here.start();
        const auto first = here.get<chain>("first");
        const int length = co_await first.call<&chain::length>(30'000);
        EXPECT_EQ(length, 30'000);
    });
}

// Fails if a method that is no coroutine is handled twice, or its result gets lost.
TEST(Drainers, MethodsMayBePlainFunctions) {
    in_world([](asio::any_io_executor executor) -> asio::awaitable<void> {
        node here(executor);
        here.add<sleeper>();
        co_await here.start();
        const auto one = here.get<sleeper>("one");
        const int doubled = co_await one.call<&sleeper::twice>(21);
        EXPECT_EQ(doubled, 42);
        EXPECT_EQ(here.count().turns, 1u);
    });
}

// Fails if coroutines that rest wait on: the context then never runs out of work.
TEST(Drainers, ANodeThatIsGoneLeavesNoWorkBehind) {
    asio::io_context io;
    bool ended = false;
    const auto program = [&]() -> asio::awaitable<void> {
        node here(io.get_executor());
        here.add<sleeper>();
        co_await here.start();
        for (int i = 0; i < 10; ++i) {
            const auto one = here.get<sleeper>(std::to_string(i));
            co_await one.call<&sleeper::twice>(i);
        }
        ended = true;
    };
    asio::co_spawn(io, program, [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); });
    io.run_for(10s);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(io.stopped());
}

// Fails if the coroutines that rest are kept when the last activation ends: the node lives on, without work.
TEST(Drainers, ANodeWithoutActivationsIsNoWork) {
    asio::io_context io;
    node_options options;
    options.call_timeout = 50ms;  // its clock is work, too
    node here(io.get_executor(), options);
    type_options soon;
    soon.idle_after = 1ms;
    here.add<sleeper>(soon);
    int slept = 0;
    const auto sleep_at = [&](std::string key) -> asio::awaitable<void> {
        const auto one = here.get<sleeper>(std::move(key));
        const int done = co_await one.call<&sleeper::sleep>(5ms);
        slept += done;
    };
    const auto ended = [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); };
    const auto program = [&]() -> asio::awaitable<void> {
        co_await here.start();
        // Side by side, as it takes two coroutines for one to rest while the other ends the last activation.
        asio::co_spawn(io, sleep_at("one"), ended);
        asio::co_spawn(io, sleep_at("two"), ended);
    };
    asio::co_spawn(io, program, ended);
    io.run_for(10s);
    EXPECT_EQ(slept, 2);
    EXPECT_EQ(here.count().deactivations, 2u);
    EXPECT_TRUE(io.stopped());
}

}  // namespace
}  // namespace squall::actors
