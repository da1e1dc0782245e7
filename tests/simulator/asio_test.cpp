// Asio's own composed machinery in the simulated world.
#include "support.h"

#include <boost/asio/append.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <memory>
#include <memory_resource>
#include <numeric>
#include <optional>

namespace squall {
namespace {

using namespace testing_support;
using namespace asio::experimental::awaitable_operators;

// Fails if a future, which nothing could fulfil while somebody waits for it, is given out and not refused.
TEST(Asio, UseFutureIsRefused) {
    small_world w;
    squall::timer wait(w.a.executor(), 1s);
    EXPECT_THROW(wait.async_wait(asio::use_future), std::logic_error);
    squall::stream peer(w.a.executor());
    char data[4];
    EXPECT_THROW(peer.async_read_some(asio::buffer(data), asio::use_future), std::logic_error);
    boost::asio::io_context real;
    squall::timer there(real.get_executor(), 1us);
    auto future = there.async_wait(asio::use_future);
    real.run();
    EXPECT_NO_THROW(future.get());
}

// Fails if post runs at once, dispatch from within does not, or any of the three changes the order.
TEST(Asio, PostDispatchAndDeferKeepTheirOrder) {
    small_world w;
    std::string order;
    const auto ex = w.a.executor();
    asio::post(ex, [&] {
        order += '1';
        asio::post(ex, [&] { order += '5'; });
        asio::defer(ex, [&] { order += '6'; });
        asio::dispatch(ex, [&] { order += '2'; });
        asio::dispatch(w.b.executor(), [&] { order += '7'; });  // another process's: queued
        order += '3';
    });
    asio::dispatch(ex, [&] { order += '4'; });  // nobody runs: queued
    EXPECT_EQ(order, "");
    w.run();
    EXPECT_EQ(order, "1234567");
}

// Fails if || does not end with the first and cancel the other, or && not with the last.
TEST(Asio, AwaitableOperatorsWork) {
    small_world w;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        const auto ex = w.a.executor();
        timer soon(ex, 1s);
        timer late(ex, 100s);
        const auto first =
            co_await (late.async_wait(asio::use_awaitable) || soon.async_wait(asio::use_awaitable));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_EQ(w.world.now(), 1s);
        soon.expires_after(1s);
        late.expires_after(2s);
        co_await (late.async_wait(asio::use_awaitable) && soon.async_wait(asio::use_awaitable));
        EXPECT_EQ(w.world.now(), 3s);
        try {
            late.expires_after(100s);
            error_code aborted;
            co_await (late.async_wait(asio::redirect_error(asio::use_awaitable, aborted)) &&
                          [&]() -> asio::awaitable<void> {
                co_await sleep(ex, 1s);
                throw std::runtime_error("one of them fails");
            }());
            ADD_FAILURE() << "nothing was thrown";
        } catch (const std::runtime_error&) {
            EXPECT_EQ(w.world.now(), 4s) << "the other is cancelled";
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(w.world.now(), 4s);
}

// Fails if a time-out by || does not end a read, an accept, a connect or a file operation, or leaves the
// handle unusable.
TEST(Asio, ATimeoutEndsAnyOperation) {
    faults f;
    f.network.connect_hangs = 1;
    f.storage.sync_min = 1h;
    small_world w(f);
    w.world.set_faults_on(false);
    std::string order;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            const auto ex = w.a.executor();
            w.world.set_faults_on(true);
            const auto within = [&](auto operation) -> asio::awaitable<bool> {
                timer limit(ex, 1s);
                const auto start = w.world.now();
                const auto first = co_await (std::move(operation) || limit.async_wait(asio::use_awaitable));
                EXPECT_EQ(w.world.now() - start, first.index() == 1 ? 1s : w.world.now() - start);
                co_return first.index() == 0;
            };
            char byte;
            EXPECT_FALSE(co_await within(out.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable)));
            const std::string much(100'000, 'x');
            EXPECT_FALSE(co_await within(asio::async_write(out, asio::buffer(much), asio::use_awaitable)));
            acceptor listening(ex);
            error_code ec;
            listening.listen({w.a.address(), 9}, ec);
            EXPECT_FALSE(co_await within(listening.async_accept(asio::use_awaitable)));
            stream another(ex);
            EXPECT_FALSE(co_await within(another.async_connect({w.b.address(), 7}, asio::use_awaitable)));
            file d(ex);
            co_await d.async_open("d", open_mode::write | open_mode::create, asio::use_awaitable);
            EXPECT_FALSE(co_await within(d.async_sync(asio::use_awaitable)));
            EXPECT_FALSE(co_await within(async_sync_directory(ex, "", asio::use_awaitable)));
            w.world.set_faults_on(false);
            EXPECT_TRUE(co_await within(another.async_connect({w.a.address(), 9}, asio::use_awaitable)));
            EXPECT_TRUE(co_await within(listening.async_accept(asio::use_awaitable)));
            order += 'a';
        },
        [&](stream) -> asio::awaitable<void> {
            co_await sleep(w.b.executor(), 100s);
            order += 'b';
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(order, "ab");
}

// Fails if channels lose, reorder or do not wake.
TEST(Asio, ChannelsWork) {
    small_world w;
    using numbers = asio::experimental::channel<void(error_code, int)>;
    numbers channel(w.a.executor(), 3);
    asio::experimental::concurrent_channel<void(error_code, int)> concurrent(w.a.executor(), 1);
    std::vector<int> got;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 100; ++i) {
            co_await channel.async_send(error_code(), i, asio::use_awaitable);
            if (i % 10 == 0)
                co_await sleep(w.a.executor(), 1ms);
        }
        channel.close();
        co_await concurrent.async_send(error_code(), 7, asio::use_awaitable);
    });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (;;) {
            const auto [error, value] = co_await channel.async_receive(as_result);
            if (error)
                break;
            got.push_back(value);
        }
        EXPECT_EQ(co_await concurrent.async_receive(asio::use_awaitable), 7);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    std::vector<int> all(100);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(got, all);
}

// Fails if a strand's tasks overlap, are reordered, or never run.
TEST(Asio, StrandsWork) {
    small_world w;
    auto strand = asio::make_strand(w.a.executor());
    std::vector<int> ran;
    for (int i = 0; i < 50; ++i)
        asio::post(strand, [&ran, i] { ran.push_back(i); });
    bool inside = false;
    timer wait(w.a.executor(), 1s);
    wait.async_wait(
        asio::bind_executor(strand, [&](error_code) { inside = strand.running_in_this_thread(); }));
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        co_await asio::dispatch(asio::bind_executor(strand, asio::use_awaitable));
        ran.push_back(50);
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    ASSERT_EQ(ran.size(), 51u);
    EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
    EXPECT_TRUE(inside);
}

// Fails if the common completion tokens give other results than handlers do.
TEST(Asio, CompletionTokensWork) {
    small_world w;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        const auto ex = co_await asio::this_coro::executor;
        EXPECT_EQ(ex, w.a.executor());
        timer wait(ex, 1s);
        co_await wait.async_wait(asio::deferred);
        auto later = wait.async_wait(asio::deferred);
        co_await std::move(later);
        wait.expires_after(1s);
        error_code ec;
        co_await wait.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        EXPECT_FALSE(ec);
        file missing(ex);
        co_await missing.async_open("none", open_mode::read, asio::redirect_error(asio::use_awaitable, ec));
        EXPECT_EQ(ec, boost::system::errc::no_such_file_or_directory);
        try {
            co_await missing.async_open("none", open_mode::read, asio::use_awaitable);
            ADD_FAILURE() << "nothing was thrown";
        } catch (const boost::system::system_error& error) {
            EXPECT_EQ(error.code(), boost::system::errc::no_such_file_or_directory);
        }
        const auto [also] =
            co_await missing.async_open("none", open_mode::read, asio::as_tuple(asio::deferred));
        EXPECT_TRUE(also);
        const int value = co_await asio::co_spawn(
            ex,
            [&]() -> asio::awaitable<int> {
                co_await sleep(ex, 1s);
                co_return 5;
            },
            asio::use_awaitable);
        EXPECT_EQ(value, 5);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(w.world.now() / 1s, 3);
}

// Fails if a handler's own executor or allocator is not used, or its memory is not given back before it runs.
TEST(Asio, AssociatedExecutorsAndAllocatorsAreUsed) {
    struct counting : std::pmr::memory_resource {
        void* do_allocate(std::size_t n, std::size_t a) override {
            ++live, ++total;
            return std::pmr::new_delete_resource()->allocate(n, a);
        }
        void do_deallocate(void* p, std::size_t n, std::size_t a) override {
            --live;
            std::pmr::new_delete_resource()->deallocate(p, n, a);
        }
        bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
        int live = 0;
        int total = 0;
    } memory;
    {
        small_world w;
        timer wait(w.a.executor(), 1s);
        bool in_b = false;
        wait.async_wait(asio::bind_executor(w.b.executor(), [&](error_code) {
            w.world.log("from b");
            in_b = true;
        }));
        timer counted(w.a.executor(), 2s);
        int live_in_handler = -1;
        counted.async_wait(asio::bind_allocator(std::pmr::polymorphic_allocator<char>(&memory),
                                                [&](error_code) { live_in_handler = memory.live; }));
        EXPECT_EQ(memory.total, 1);
        timer abandoned(w.a.executor(), 1h);
        abandoned.async_wait(
            asio::bind_allocator(std::pmr::polymorphic_allocator<char>(&memory), [](error_code) {}));
        w.run_until(3s);
        EXPECT_TRUE(in_b);
        EXPECT_EQ(live_in_handler, 1) << "only the abandoned one's";
        EXPECT_NE(w.world.tail().back().find("stop"), 0u);
        bool logged_from_b = false;
        for (const auto& line : w.world.tail())
            logged_from_b = logged_from_b || (line.find("from b") != std::string::npos &&
                                              line.find("  b  ") != std::string::npos);
        EXPECT_TRUE(logged_from_b);
    }
    EXPECT_EQ(memory.live, 0);
}

// Fails if an exception leaving a spawned coroutine or a plain handler is lost, or not told of its process.
TEST(Asio, ExceptionsOfHandlersEndTheRun) {
    for (const bool coroutine : {true, false}) {
        small_world w;
        bool later = false;
        if (coroutine)
            w.spawn(w.a, [&]() -> asio::awaitable<void> {
                co_await sleep(w.a.executor(), 1s);
                throw std::runtime_error("went wrong");
            });
        else
            w.at(1s, [&] { asio::post(w.a.executor(), [] { throw std::runtime_error("went wrong"); }); });
        w.at(2s, [&] { later = true; });
        const auto& ended = w.run();
        EXPECT_EQ(ended.how, verdict::exception);
        EXPECT_EQ(ended.message, "went wrong");
        EXPECT_EQ(ended.process, "a");
        EXPECT_FALSE(later);
        EXPECT_EQ(w.world.now(), 1s);
    }
}

// Fails if a cancellation signal does not end what its slot was given to, ends it twice, or touches it when
// it is over.
TEST(Asio, CancellationSignalsEndOperations) {
    small_world w;
    asio::cancellation_signal stop;
    timer wait(w.a.executor(), 10s);
    std::vector<error_code> results;
    const auto note = [&](error_code ec) { results.push_back(ec); };
    wait.async_wait(asio::bind_cancellation_slot(stop.slot(), note));
    stop.emit(asio::cancellation_type::none);
    w.run_until(1s);
    EXPECT_TRUE(results.empty());
    stop.emit(asio::cancellation_type::terminal);
    stop.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(results.empty()) << "never from inside emit";
    w.run_until(2s);
    EXPECT_EQ(results, std::vector<error_code>{asio::error::operation_aborted});
    wait.expires_after(1s);
    wait.async_wait(asio::bind_cancellation_slot(stop.slot(), note));
    w.run_until(10s);
    EXPECT_EQ(results.size(), 2u);
    EXPECT_FALSE(results.back());
    stop.emit(asio::cancellation_type::all);
    w.run();
    EXPECT_EQ(results.size(), 2u);
}

// Everything that can be pending, pending at once in process b when the crash (or the end of the world)
// comes.
void leave_all_pending(small_world& w, asio::cancellation_signal& signal) {
    const auto ex = w.b.executor();
    auto owned = std::make_shared<std::vector<char>>(1000);  // what a leak would leak
    w.spawn(w.a, serve_one(
                     w.a, [](stream in) -> asio::awaitable<void> { co_await sleep(in.get_executor(), 1h); }));
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> { co_await sleep(ex, 1h); });
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> {
        timer never(ex);
        never.expires_at(timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
    });
    w.spawn(w.b, [&w, ex, owned]() -> asio::awaitable<void> {
        acceptor listening(ex);
        error_code ec;
        listening.listen({w.b.address(), 7}, ec);
        auto peer = co_await listening.async_accept(asio::use_awaitable);
    });
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> {  // nobody answers
        stream out(ex);
        co_await out.async_connect({asio::ip::make_address("10.9.9.9"), 7}, asio::use_awaitable);
    });
    w.spawn(w.b, connect_to(w.b, w.a, [owned, ex](stream out) -> asio::awaitable<void> {
                const std::string much(200'000, 'x');
                char byte;
                timer limit(ex, 1h);
                co_await (asio::async_write(out, asio::buffer(much), asio::use_awaitable) ||
                          out.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable) ||
                          limit.async_wait(asio::use_awaitable));
            }));
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> {
        file d(ex);
        co_await d.async_open("d", open_mode::write | open_mode::create, asio::use_awaitable);
        co_await (d.async_sync(asio::use_awaitable) && d.async_sync(asio::use_awaitable) &&
                  async_sync_directory(ex, "", asio::use_awaitable));
    });
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> {
        asio::experimental::channel<void(error_code, std::string)> channel(ex);
        co_await (channel.async_receive(asio::use_awaitable) && sleep(ex, 1h));
    });
    w.spawn(w.b, [ex, owned]() -> asio::awaitable<void> {
        auto strand = asio::make_strand(ex);
        timer wait(ex, 1h);
        co_await wait.async_wait(asio::bind_executor(strand, asio::use_awaitable));
    });
    auto held = std::make_shared<timer>(ex, 1h);
    held->async_wait(asio::bind_cancellation_slot(signal.slot(), [held, owned](error_code) {}));
    asio::post(asio::make_strand(ex), [owned, ex, held] { asio::post(ex, [owned, held] {}); });
}

constexpr nanoseconds moments[] = {0ns, 1us, 200us, 1ms, 1s};

// Fails (under LeakSanitizer) if anything pending at a crash is forgotten, or touched again by its signal.
TEST(Asio, ACrashWithEverythingPendingLeavesNothing) {
    faults f;
    f.storage.sync_min = 1h;
    for (const nanoseconds when : moments) {
        for (const bool silently : {false, true}) {
            asio::cancellation_signal signal;
            small_world w(f);
            leave_all_pending(w, signal);
            if (when == 0ns)
                w.b.crash(silently);
            else
                w.at(when, [&w, silently] { w.b.crash(silently); });
            w.at(2s, [&w] { w.b.start(); });
            w.run_until(3s);
            signal.emit(asio::cancellation_type::all);
            EXPECT_EQ(w.world.result().how, verdict::passed) << w.world.result().message;
        }
    }
}

// Fails (under the sanitizers) if the end of the world forgets what is pending, or frees it twice; signals
// and handles may outlive it or not.
TEST(Asio, TheEndOfTheWorldLeavesNothing) {
    faults f;
    f.storage.sync_min = 1h;
    for (const nanoseconds when : moments) {
        asio::cancellation_signal signal;
        {
            small_world w(f);
            leave_all_pending(w, signal);
            w.run_until(when);
        }
        signal.emit(asio::cancellation_type::all);
        auto inner = std::make_unique<asio::cancellation_signal>();
        small_world w(f);
        leave_all_pending(w, *inner);
        w.run_until(when);
        inner.reset();
    }
}

}  // namespace
}  // namespace squall
