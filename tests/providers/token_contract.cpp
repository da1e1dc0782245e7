// Completion tokens, and what comes with handlers.
#include "contract.h"
#include "tools.h"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/asio/write_at.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>

namespace squall::contract {

namespace {

// Sends a byte with a pause before it; composed as Asio's users compose.
template <class Token>
auto async_send_later(stream& s, timer& t, Token&& token) {
    return asio::async_compose<Token, void(error_code)>(
        [&s, &t, state = 0](auto& self, error_code ec = {}, std::size_t = 0) mutable {
            if (ec)
                return self.complete(ec);
            switch (state++) {
                case 0:
                    t.expires_after(std::chrono::microseconds(100));
                    return t.async_wait(std::move(self));
                case 1:
                    return s.async_write_some(asio::buffer("!", 1), std::move(self));
                default:
                    return self.complete(ec);
            }
        },
        token, s, t);
}

}  // namespace

TEST_P(tokens, use_awaitable_throws_errors) {
    // Fails if an error is swallowed, or is not a system_error with its code.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        error_code caught;
        try {
            co_await f.async_open(world.path("missing"), open_mode::read, use_awaitable);
        } catch (const boost::system::system_error& e) {
            caught = e.code();
        }
        EXPECT_EQ(caught, boost::system::errc::no_such_file_or_directory);
    });
}

TEST_P(tokens, as_tuple_gives_errors_as_values) {
    // Fails if as_tuple throws, or loses a result.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        auto [ec] = co_await f.async_open(world.path("missing"), open_mode::read, as_values);
        EXPECT_TRUE(ec);
        auto [list_ec, names] = co_await async_list_directory(world.executor(), world.directory(), as_values);
        EXPECT_FALSE(list_ec);
        EXPECT_TRUE(names.empty());
    });
}

TEST_P(tokens, redirect_error_fills_the_callers_code) {
    // Fails if the error goes elsewhere.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        error_code ec;
        co_await f.async_open(world.path("missing"), open_mode::read,
                              asio::redirect_error(use_awaitable, ec));
        EXPECT_EQ(ec, boost::system::errc::no_such_file_or_directory);
    });
}

TEST_P(tokens, deferred_starts_nothing_until_it_is_awaited) {
    // Fails if a deferred operation begins when it is made, or not when it is awaited.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        auto open = f.async_open(world.path("later"), fresh, asio::deferred);
        co_await sleep(world, milliseconds(2));
        auto before = co_await async_list_directory(world.executor(), world.directory(), use_awaitable);
        EXPECT_TRUE(before.empty());
        co_await std::move(open)(use_awaitable);
        EXPECT_TRUE(f.is_open());
        std::string text = "deferred";
        auto write = f.async_write_some_at(0, asio::buffer(text), asio::deferred);
        std::size_t n = co_await std::move(write)(use_awaitable);
        EXPECT_GE(n, 1u);
    });
}

TEST_P(tokens, deferred_operations_can_be_chained) {
    // Fails if a handle's deferred operation is not one of Asio's.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        timer t(world.executor(), std::chrono::microseconds(100));
        auto chain = t.async_wait(asio::deferred([&client = client](error_code) {
            return client.async_write_some(asio::buffer("x", 1), asio::deferred);
        }));
        std::size_t n = co_await std::move(chain)(use_awaitable);
        EXPECT_EQ(n, 1u);
        std::string got = co_await receive(server, 1);
        EXPECT_EQ(got, "x");
    });
}

TEST_P(tokens, callbacks_may_be_move_only) {
    // Fails if a handler is copied on its way.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        event done(world.executor());
        int value = 0;
        timer t(world.executor(), milliseconds(0));
        t.async_wait([&, owned = std::make_unique<int>(7)](error_code) {
            value = *owned;
            done.set();
        });
        co_await done.wait();
        EXPECT_EQ(value, 7);
        event accepted(world.executor());
        acceptor a = listening(world);
        std::optional<stream> taken;
        a.async_accept([&, owned = std::make_unique<int>(8)](error_code, stream s) {
            taken.emplace(std::move(s));
            accepted.set();
        });
        stream c(world.executor());
        co_await c.async_connect(address_of(a), use_awaitable);
        co_await accepted.wait();
        EXPECT_TRUE(taken->is_open());
    });
}

TEST_P(tokens, detached_needs_no_handler) {
    // Fails if an operation without anybody to tell is not carried out.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        asio::async_write(client, asio::buffer("fire and forget", 15), asio::detached);
        std::string got = co_await receive(server, 15);
        EXPECT_EQ(got, "fire and forget");
    });
}

TEST_P(tokens, bind_executor_decides_where_the_handler_runs) {
    // Fails if the bound strand is ignored, for a handler whose executor is not type-erased.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto strand = asio::make_strand(world.executor());
        timer t(world.executor(), milliseconds(1));
        bool inside = false;
        event done(world.executor());
        t.async_wait(asio::bind_executor(strand, [&](error_code) {
            inside = strand.running_in_this_thread();
            asio::post(world.executor(), [&] { done.set(); });
        }));
        co_await done.wait();
        EXPECT_TRUE(inside);
    });
}

TEST_P(tokens, bind_allocator_sees_every_allocation_freed) {
    // Fails if memory is taken elsewhere, or not given back.
    probe p;
    run(
        [](contract_world& world, probe& p) -> asio::awaitable<void> {
            timer t(world.executor(), milliseconds(1));
            event done(world.executor());
            t.async_wait(asio::bind_allocator(probe_allocator<void>(p), [&](error_code) { done.set(); }));
            EXPECT_GE(p.allocations, 1u);
            co_await done.wait();
            EXPECT_EQ(p.allocations, p.deallocations);
        },
        p);
}

TEST_P(tokens, cancellation_of_type_none_is_ignored) {
    // Fails if any signal at all cancels.
    run([](contract_world& world) -> asio::awaitable<void> {
        asio::cancellation_signal signal;
        timer t(world.executor(), milliseconds(1));
        error_code result = asio::error::fault;
        event done(world.executor());
        t.async_wait(asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) {
            result = ec;
            done.set();
        }));
        signal.emit(asio::cancellation_type::none);
        co_await done.wait();
        EXPECT_EQ(result, error_code());
    });
}

TEST_P(tokens, every_cancellation_type_cancels) {
    // Fails if terminal, partial or total is not taken.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                          asio::cancellation_type::total}) {
            asio::cancellation_signal signal;
            timer t(world.executor(), std::chrono::hours(1));
            error_code result;
            event done(world.executor());
            t.async_wait(asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) {
                result = ec;
                done.set();
            }));
            signal.emit(type);
            co_await done.wait();
            EXPECT_EQ(result, asio::error::operation_aborted);
        }
    });
}

TEST_P(tokens, async_compose_works_over_the_handles) {
    // Fails if a composed operation loses the executor or the state between its steps.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        timer t(world.executor());
        co_await async_send_later(client, t, use_awaitable);
        std::string got = co_await receive(server, 1);
        EXPECT_EQ(got, "!");
    });
}

TEST_P(tokens, channels_and_handles_work_side_by_side) {
    // Fails if Asio's own channels do not run in this context.
    run([](contract_world& world) -> asio::awaitable<void> {
        asio::experimental::channel<void(error_code, int)> channel(world.executor(), 1);
        tasks beside(world.executor());
        beside.spawn([](contract_world& w,
                        asio::experimental::channel<void(error_code, int)>& c) -> asio::awaitable<void> {
            for (int i = 0; i < 5; ++i) {
                co_await sleep(w, std::chrono::microseconds(50));
                co_await c.async_send(error_code(), i, use_awaitable);
            }
        }(world, channel));
        for (int i = 0; i < 5; ++i) {
            int got = co_await channel.async_receive(use_awaitable);
            EXPECT_EQ(got, i);
        }
        co_await beside.join();
    });
}

TEST_P(tokens, a_cancelled_coroutine_ends_its_operation) {
    // Fails if the cancellation state of a coroutine does not reach the operation that it waits for.
    run([](contract_world& world) -> asio::awaitable<void> {
        asio::cancellation_signal signal;
        event done(world.executor());
        error_code result;
        asio::co_spawn(
            world.executor(),
            [](contract_world& w) -> asio::awaitable<void> {
                timer t(w.executor(), std::chrono::hours(1));
                co_await t.async_wait(use_awaitable);
            }(world),
            asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& failure) {
                try {
                    if (failure)
                        std::rethrow_exception(failure);
                } catch (const boost::system::system_error& e) {
                    result = e.code();
                }
                done.set();
            }));
        co_await sleep(world, milliseconds(1));
        signal.emit(asio::cancellation_type::terminal);
        co_await done.wait();
        EXPECT_EQ(result, asio::error::operation_aborted);
    });
}

}  // namespace squall::contract
