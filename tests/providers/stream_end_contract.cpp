// How connections end, and what closed streams and acceptors answer.
#include "contract.h"
#include "tools.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <optional>

namespace squall::contract {

namespace {

bool is_broken(error_code ec) {
    return ec == asio::error::broken_pipe || ec == asio::error::connection_reset;
}

}  // namespace

TEST_P(streams, end_one_direction_and_keep_the_other) {
    // Fails if shutdown_send() loses what was sent before it, or ends the way back too.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await send(client, "question");
        error_code ec;
        client.shutdown_send(ec);
        EXPECT_FALSE(ec);
        std::string question = co_await receive_all(server);
        EXPECT_EQ(question, "question");
        co_await send(server, "answer");
        server.close();
        std::string answer = co_await receive_all(client);
        EXPECT_EQ(answer, "answer");
    });
}

TEST_P(streams, end_after_all_that_was_sent) {
    // Fails if the end overtakes bytes that wait for a slow reader.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t size = 3'000'000;
        auto [client, server] = co_await connected(world);
        tasks beside(world.executor());
        beside.spawn([](stream& s) -> asio::awaitable<void> {
            co_await send(s, pattern(size));
            s.close();
        }(client));
        co_await sleep(world, milliseconds(3));
        std::string all = co_await receive_all(server);
        EXPECT_EQ(all.size(), size);
        EXPECT_TRUE(all == pattern(size));
        co_await beside.join();
    });
}

TEST_P(streams, stay_at_their_end) {
    // Fails if a read after the end hangs or gets something else.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        client.close();
        char byte = 0;
        for (int i = 0; i < 3; ++i) {
            auto [ec, n] = co_await server.async_read_some(asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(ec, asio::error::eof);
            EXPECT_EQ(n, 0u);
        }
        EXPECT_TRUE(server.is_open());
    });
}

TEST_P(streams, wake_a_pending_read_when_the_peer_ends) {
    // Fails if the end is seen only by reads that begin after it.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (bool by_close : {false, true}) {
            auto [client, server] = co_await connected(world);
            char byte = 0;
            error_code result;
            event done(world.executor());
            server.async_read_some(asio::buffer(&byte, 1), [&](error_code ec, std::size_t) {
                result = ec;
                done.set();
            });
            co_await sleep(world, milliseconds(1));
            error_code ec;
            if (by_close) {
                client.close();
            } else {
                client.shutdown_send(ec);
            }
            co_await done.wait();
            EXPECT_EQ(result, asio::error::eof);
        }
    });
}

TEST_P(streams, end_for_the_peer_when_destroyed) {
    // Fails if a destroyed stream leaves its peer waiting.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        {
            stream gone(std::move(client));
            co_await send(gone, "last words");
        }
        std::string all = co_await receive_all(server);
        EXPECT_EQ(all, "last words");
    });
}

TEST_P(streams, are_reset_when_closed_with_bytes_unread) {
    // Fails if a peer that closes without having read does not show: neither an end nor a reset is seen.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await send(client, "nobody reads this");
        co_await sleep(world, milliseconds(3));
        server.close();
        char byte = 0;
        auto [ec, n] = co_await client.async_read_some(asio::buffer(&byte, 1), as_values);
        EXPECT_TRUE(ec == asio::error::connection_reset || ec == asio::error::eof) << ec.message();
        EXPECT_EQ(n, 0u);
        auto [again, m] = co_await client.async_read_some(asio::buffer(&byte, 1), as_values);
        EXPECT_EQ(again, ec);
        EXPECT_EQ(m, 0u);
    });
}

TEST_P(streams, fail_to_write_once_the_peer_has_closed) {
    // Fails if writes to a closed peer succeed for ever, hang, or err in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        server.close();
        error_code result;
        for (int i = 0; i < 1000 && !result; ++i) {
            auto [ec, n] = co_await client.async_write_some(asio::buffer("x", 1), as_values);
            result = ec;
            if (!ec)
                co_await sleep(world, std::chrono::microseconds(500));
        }
        EXPECT_TRUE(is_broken(result)) << result.message();
        for (int i = 0; i < 3; ++i) {
            auto [ec, n] = co_await client.async_write_some(asio::buffer("x", 1), as_values);
            EXPECT_TRUE(is_broken(ec)) << ec.message();
        }
    });
}

TEST_P(streams, wake_a_stalled_write_when_the_peer_closes) {
    // Fails if a writer that waits for room sleeps on when there will never be any.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await fill(client);
        std::string more(100, 'm');
        error_code result;
        event done(world.executor());
        client.async_write_some(asio::buffer(more), [&](error_code ec, std::size_t) {
            result = ec;
            done.set();
        });
        server.close();
        co_await done.wait();
        EXPECT_TRUE(is_broken(result)) << result.message();
    });
}

TEST_P(streams, do_not_write_after_their_own_end) {
    // Fails if bytes can follow the end.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        error_code ec;
        client.shutdown_send(ec);
        EXPECT_FALSE(ec);
        for (int i = 0; i < 3; ++i) {
            auto [write_ec, n] = co_await client.async_write_some(asio::buffer("x", 1), as_values);
            EXPECT_EQ(write_ec, asio::error::broken_pipe);
            EXPECT_EQ(n, 0u);
        }
        std::string all = co_await receive_all(server);
        EXPECT_EQ(all, "");
    });
}

TEST_P(streams, answer_bad_descriptor_when_closed) {
    // Fails if an operation on a stream that was never opened, or is closed, hangs or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [open, server] = co_await connected(world);
        stream never(world.executor());
        open.close();
        for (stream* s : {&never, &open}) {
            char byte = 0;
            auto [read, n] = co_await s->async_read_some(asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(read, asio::error::bad_descriptor);
            auto [write, m] = co_await s->async_write_some(asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(write, asio::error::bad_descriptor);
            auto [nothing, k] = co_await s->async_read_some(asio::buffer(&byte, 0), as_values);
            EXPECT_EQ(nothing, asio::error::bad_descriptor);
            error_code ec;
            s->shutdown_send(ec);
            EXPECT_EQ(ec, asio::error::bad_descriptor);
            EXPECT_EQ(s->local_endpoint(ec), endpoint());
            EXPECT_EQ(ec, asio::error::bad_descriptor);
            EXPECT_EQ(s->remote_endpoint(ec), endpoint());
            EXPECT_EQ(ec, asio::error::bad_descriptor);
        }
    });
}

TEST_P(streams, can_be_connected_anew_after_a_close) {
    // Fails if a closed stream carries anything of its first connection into the second.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        for (int i = 0; i < 3; ++i) {
            co_await client.async_connect(address_of(a), use_awaitable);
            stream server = co_await a.async_accept(use_awaitable);
            co_await send(server, std::to_string(i) + " and more that nobody reads");
            std::string got = co_await receive(client, 1);
            EXPECT_EQ(got, std::to_string(i));
            client.close();
        }
    });
}

TEST_P(streams, abort_both_directions_when_closed) {
    // Fails if close() forgets the read or the write.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await fill(client);
        std::string more(100, 'm');
        std::string room(100, '\0');
        error_code read;
        error_code write;
        event read_done(world.executor());
        event write_done(world.executor());
        client.async_read_some(asio::buffer(room), [&](error_code ec, std::size_t) {
            read = ec;
            read_done.set();
        });
        client.async_write_some(asio::buffer(more), [&](error_code ec, std::size_t) {
            write = ec;
            write_done.set();
        });
        client.close();
        EXPECT_FALSE(read);
        EXPECT_FALSE(write);
        co_await read_done.wait();
        co_await write_done.wait();
        EXPECT_EQ(read, asio::error::operation_aborted);
        EXPECT_EQ(write, asio::error::operation_aborted);
    });
}

TEST_P(streams, abort_one_direction_by_its_slot) {
    // Fails if the signal of a read also ends the write beside it.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await fill(client);
        std::string more(100, 'm');
        std::string room(100, '\0');
        error_code read;
        error_code write = asio::error::fault;
        asio::cancellation_signal signal;
        event read_done(world.executor());
        event write_done(world.executor());
        client.async_read_some(asio::buffer(room),
                               asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, std::size_t) {
                                   read = ec;
                                   read_done.set();
                               }));
        client.async_write_some(asio::buffer(more), [&](error_code ec, std::size_t) {
            write = ec;
            write_done.set();
        });
        signal.emit(asio::cancellation_type::terminal);
        co_await read_done.wait();
        EXPECT_EQ(read, asio::error::operation_aborted);
        EXPECT_FALSE(write_done.is_set());
        std::string block(1'048'576, '\0');
        while (!write_done.is_set()) {
            co_await server.async_read_some(asio::buffer(block), use_awaitable);
        }
        EXPECT_EQ(write, error_code());
    });
}

TEST_P(streams, abort_the_operations_of_the_one_that_is_assigned_to) {
    // Fails if move assignment loses the target's operations.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        char byte = 0;
        error_code result;
        event done(world.executor());
        client.async_read_some(asio::buffer(&byte, 1), [&](error_code ec, std::size_t) {
            result = ec;
            done.set();
        });
        client = stream(world.executor());
        co_await done.wait();
        EXPECT_EQ(result, asio::error::operation_aborted);
        std::string all = co_await receive_all(server);
        EXPECT_EQ(all, "");
    });
}

TEST_P(streams, can_be_destroyed_from_their_own_handlers) {
    // Fails, under AddressSanitizer, if something of the stream is used after its handler.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        auto held = std::make_unique<stream>(std::move(client));
        char byte = 0;
        event done(world.executor());
        held->async_read_some(asio::buffer(&byte, 1), [&](error_code ec, std::size_t) {
            EXPECT_FALSE(ec);
            held.reset();
            done.set();
        });
        co_await send(server, "x");
        co_await done.wait();
    });
}

TEST_P(acceptors, answer_bad_descriptor_when_closed) {
    // Fails if an acceptor that does not listen accepts, hangs, or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor closed = listening(world);
        closed.close();
        acceptor never(world.executor());
        for (acceptor* a : {&closed, &never}) {
            EXPECT_FALSE(a->is_open());
            auto [ec, s] = co_await a->async_accept(as_values);
            EXPECT_EQ(ec, asio::error::bad_descriptor);
            EXPECT_EQ(a->local_endpoint(ec), endpoint());
            EXPECT_EQ(ec, asio::error::bad_descriptor);
        }
    });
}

TEST_P(acceptors, refuse_connections_once_closed) {
    // Fails if a closed acceptor leaves its port half alive.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        endpoint at = address_of(a);
        stream before(world.executor());
        co_await before.async_connect(at, use_awaitable);
        stream server = co_await a.async_accept(use_awaitable);
        a.close();
        stream after(world.executor());
        auto [ec] = co_await after.async_connect(at, as_values);
        EXPECT_EQ(ec, asio::error::connection_refused);
        // The connection that was taken lives on.
        co_await send(before, "still here");
        std::string got = co_await receive(server, 10);
        EXPECT_EQ(got, "still here");
    });
}

TEST_P(acceptors, end_the_connections_that_nobody_took) {
    // Fails if a client whose connection waits in the backlog of a closed acceptor is left waiting.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        a.close();
        char byte = 0;
        auto [ec, n] = co_await client.async_read_some(asio::buffer(&byte, 1), as_values);
        EXPECT_TRUE(ec == asio::error::connection_reset || ec == asio::error::eof) << ec.message();
    });
}

}  // namespace squall::contract
