// Wait points of coroutines: who is parked, and how each of the ways out ends.
#include <squall/async_wait_point.h>

#include "injection_support.h"

#include <squall/run.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace injection = squall::injection;
using boost::system::error_code;

class AsyncWaitPoint : public injection_fixture {};

template <class Token>
auto async_park(Token&& token) {
    return SQUALL_ASYNC_WAIT_POINT("parks a coroutine", std::forward<Token>(token));
}

asio::awaitable<void> park(int& passed) {
    co_await SQUALL_ASYNC_WAIT_POINT("parks an awaitable", asio::use_awaitable);
    ++passed;
}

struct noting {
    std::optional<error_code>& result;
    void operator()(error_code ec) const { result = ec; }
};

// Fails if a point without an override holds its operation, or completes inside the call.
TEST_F(AsyncWaitPoint, CompletesAtOnceWithoutAnOverride) {
    for (const char* overrides :
         {"", "name:parks an awaitable=wait", "name:parks a coroutine=off", "*=fire"}) {
        injection::set_overrides(overrides);
        asio::io_context context;
        std::optional<error_code> result;
        async_park(asio::bind_executor(context.get_executor(), noting{result}));
        EXPECT_FALSE(result);
        context.run();
        EXPECT_EQ(result, error_code()) << overrides;
    }
}

// Fails if a coroutine is not held, or holds its thread, or does not go on when it is released.
TEST_F(AsyncWaitPoint, ACoroutineWaitsUntilItIsReleased) {
    injection::set_overrides("name:parks an awaitable=wait");
    asio::io_context context;
    int passed = 0;
    asio::co_spawn(context, park(passed), asio::detached);
    asio::co_spawn(context, park(passed), asio::detached);
    context.poll();
    EXPECT_EQ(passed, 0);
    EXPECT_EQ(injection::waiting(), 2u);
    EXPECT_EQ(injection::counts("name:parks an awaitable").at(0).waiting, 2u);
    EXPECT_EQ(injection::release(), 2u);
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(passed, 0);
    context.run();
    EXPECT_EQ(passed, 2);
}

// Fails if run() returns while an operation is parked: nobody would be there to complete it.
TEST_F(AsyncWaitPoint, TheContextHasWorkWhileItIsParked) {
    injection::set_overrides("name:parks an awaitable=wait");
    asio::io_context context;
    int passed = 0;
    asio::co_spawn(context, park(passed), asio::detached);
    std::thread worker([&] { context.run(); });
    EXPECT_TRUE(eventually([] { return injection::waiting() == 1; }));
    injection::release();
    worker.join();
    EXPECT_EQ(passed, 1);
}

// Fails if a change leaves an operation behind, or ends it with an error.
TEST_F(AsyncWaitPoint, AChangeLetsItGo) {
    for (const char* held_by : {"name:parks a coroutine=wait", "name:parks a coroutine=delay(100000000m)"}) {
        injection::set_overrides(held_by);
        asio::io_context context;
        std::optional<error_code> result;
        async_park(asio::bind_executor(context.get_executor(), noting{result}));
        context.poll();
        EXPECT_FALSE(result);
        injection::clear_overrides();
        context.run();
        EXPECT_EQ(result, error_code()) << held_by;
    }
}

// Fails if a delay counts as a wait, if a release ends it, or a limit does not.
TEST_F(AsyncWaitPoint, DelaysAndLimitsEndByThemselves) {
    asio::io_context context;
    std::optional<error_code> result;
    injection::set_overrides("name:parks a coroutine=delay(100000000m)");
    async_park(asio::bind_executor(context.get_executor(), noting{result}));
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(injection::release(), 0u);
    context.poll();
    EXPECT_FALSE(result);
    for (const char* overrides : {"name:parks a coroutine=delay(1us)", "name:parks a coroutine=wait(1us)"}) {
        injection::set_overrides(overrides);
        result.reset();
        context.restart();
        async_park(asio::bind_executor(context.get_executor(), noting{result}));
        context.run();
        EXPECT_EQ(result, error_code()) << overrides;
        EXPECT_EQ(injection::waiting(), 0u);
    }
}

// Fails if a type of cancellation is not heard, or the cancelled stays among the waiting.
TEST_F(AsyncWaitPoint, CancellationEndsIt) {
    injection::set_overrides("name:parks a coroutine=wait");
    for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total}) {
        asio::io_context context;
        asio::cancellation_signal signal;
        std::optional<error_code> result;
        async_park(asio::bind_cancellation_slot(signal.slot(),
                                                asio::bind_executor(context.get_executor(), noting{result})));
        EXPECT_EQ(injection::waiting(), 1u);
        signal.emit(type);
        EXPECT_FALSE(result);
        context.run();
        EXPECT_EQ(result, error_code(asio::error::operation_aborted));
        EXPECT_EQ(injection::waiting(), 0u);
    }
}

// Fails if an operation that was released is told that it was cancelled.
TEST_F(AsyncWaitPoint, ACancellationAfterTheReleaseComesTooLate) {
    injection::set_overrides("name:parks a coroutine=wait");
    asio::io_context context;
    asio::cancellation_signal signal;
    std::optional<error_code> result;
    async_park(asio::bind_cancellation_slot(signal.slot(),
                                            asio::bind_executor(context.get_executor(), noting{result})));
    EXPECT_EQ(injection::release(), 1u);
    signal.emit(asio::cancellation_type::terminal);
    context.run();
    EXPECT_EQ(result, error_code());
    signal.emit(asio::cancellation_type::terminal);
}

// Fails if a handler that dies with its context is not destroyed, or is touched later.
TEST_F(AsyncWaitPoint, AContextMayBeDestroyedFirst) {
    injection::set_overrides("name:parks*=wait");
    const auto owned = std::make_shared<int>(0);
    int passed = 0;
    {
        asio::io_context context;
        async_park(asio::bind_executor(context.get_executor(), [owned](error_code) { ++*owned; }));
        asio::co_spawn(context, park(passed), asio::detached);
        context.poll();
        EXPECT_EQ(injection::waiting(), 2u);
        EXPECT_EQ(owned.use_count(), 2);
    }
    EXPECT_EQ(owned.use_count(), 1);
    EXPECT_EQ(injection::waiting(), 0u);
    EXPECT_EQ(injection::release(), 0u);
    EXPECT_EQ(*owned, 0);
    EXPECT_EQ(passed, 0);
}

// Fails if the handler runs elsewhere than on its executor.
TEST_F(AsyncWaitPoint, CompletesOnTheHandlersExecutor) {
    injection::set_overrides("name:parks a coroutine=wait");
    asio::thread_pool pool(2);
    auto strand = asio::make_strand(pool);
    std::atomic<int> on_strand{0};
    for (int i = 0; i < 20; ++i)
        async_park(asio::bind_executor(
            strand, [&](error_code) { on_strand += strand.running_in_this_thread() ? 1 : 0; }));
    EXPECT_EQ(injection::release(), 20u);
    pool.join();
    EXPECT_EQ(on_strand, 20);
}

// Fails if a completion token of another kind does not compile or work; without an executor it is the
// system's.
TEST_F(AsyncWaitPoint, TakesAnyToken) {
    injection::set_overrides("name:parks a coroutine=wait");
    auto future = async_park(asio::use_future);
    EXPECT_EQ(injection::release(), 1u);
    future.get();

    asio::io_context context;
    int passed = 0;
    asio::co_spawn(
        context,
        [](int& count) -> asio::awaitable<void> {
            const auto [ec] = co_await async_park(asio::as_tuple(asio::use_awaitable));
            count += ec ? 0 : 1;
            co_await async_park(asio::deferred)(asio::use_awaitable);
            ++count;
        }(passed),
        asio::detached);
    context.poll();
    EXPECT_EQ(injection::release(), 1u);
    context.restart();
    context.poll();
    EXPECT_EQ(passed, 1);
    EXPECT_EQ(injection::release(), 1u);
    context.restart();
    context.run();
    EXPECT_EQ(passed, 2);
}

// Fails if a run's code is parked: no time passes there that could bring a release.
TEST_F(AsyncWaitPoint, IsNoPlaceToWaitInARun) {
    injection::set_overrides("name:parks an awaitable=wait");
    squall::run run({});
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    asio::io_context context;
    int passed = 0;
    asio::co_spawn(context, park(passed), asio::detached);
    context.run();
    EXPECT_EQ(passed, 1);
    EXPECT_EQ(injection::counts("name:parks an awaitable").at(0).evaluated, 0u);
}

// Fails if releases, cancellations, changes and contexts that go away disturb each other (or a sanitizer
// finds that they do): each operation ends exactly once.
TEST_F(AsyncWaitPoint, AllWaysOutAtOnce) {
    std::atomic<bool> done{false};
    std::thread releasing([&] {
        while (!done)
            injection::release();
    });
    std::thread changing([&] {
        while (!done) {
            injection::set_overrides("name:parks*=wait");
            injection::set_overrides("name:parks*=50%delay(100us)->wait");
            injection::clear_overrides();
        }
    });
    constexpr int operations = 16;
    for (int round = 0; round < 200; ++round) {
        const auto ended = std::make_shared<std::atomic<int>>(0);
        std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
        {
            asio::io_context context(1);
            for (int i = 0; i < operations; ++i) {
                signals.push_back(std::make_unique<asio::cancellation_signal>());
                async_park(asio::bind_cancellation_slot(
                    signals.back()->slot(),
                    asio::bind_executor(context.get_executor(), [ended](error_code) { ++*ended; })));
                if (i % 4 == 0)
                    signals.back()->emit(asio::cancellation_type::total);
                context.poll();
                context.restart();
            }
            if (round % 2 == 0) {
                while (*ended < operations) {
                    context.run_for(std::chrono::milliseconds(1));
                    context.restart();
                }
                EXPECT_EQ(*ended, operations);
            }
        }
        EXPECT_EQ(ended.use_count(), 1);
    }
    done = true;
    releasing.join();
    changing.join();
    EXPECT_EQ(injection::waiting(), 0u);
}

}  // namespace
