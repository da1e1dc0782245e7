// Streams and acceptors while all goes well, and what refuses.
#include "contract.h"
#include "tools.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <set>
#include <vector>

namespace squall::contract {

using namespace asio::experimental::awaitable_operators;

namespace {

asio::awaitable<void> echo(stream& s) {
    std::array<char, 4096> block;
    for (;;) {
        auto [ec, n] = co_await s.async_read_some(asio::buffer(block), as_values);
        if (ec)
            co_return;
        co_await asio::async_write(s, asio::buffer(block.data(), n), use_awaitable);
    }
}

asio::awaitable<void> send_and_end(stream& s, std::size_t size) {
    co_await send(s, pattern(size));
    error_code ec;
    s.shutdown_send(ec);
    EXPECT_FALSE(ec);
}

asio::awaitable<void> expect_pattern(stream& s, std::size_t size) {
    std::string all = co_await receive_all(s);
    EXPECT_EQ(all.size(), size);
    EXPECT_TRUE(all == pattern(size));
}

}  // namespace

TEST_P(streams, carry_bytes_there_and_back) {
    // Fails if bytes are lost, changed, or delivered to the wrong end.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        tasks beside(world.executor());
        beside.spawn(echo(server));
        for (int i = 0; i < 20; ++i) {
            std::string text = "message " + std::to_string(i);
            co_await send(client, text);
            std::string answer = co_await receive(client, text.size());
            EXPECT_EQ(answer, text);
        }
        client.close();
        co_await beside.join();
    });
}

TEST_P(streams, keep_the_order_of_many_small_writes) {
    // Fails if one segment overtakes another.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string wanted;
        for (int i = 0; i < 500; ++i) {
            std::string piece = std::to_string(i) + ",";
            wanted += piece;
            co_await send(client, piece);
        }
        std::string got = co_await receive(server, wanted.size());
        EXPECT_EQ(got, wanted);
    });
}

TEST_P(streams, carry_megabytes_to_a_slow_reader) {
    // Fails if back-pressure loses or repeats bytes, or never lets the writer go on.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t size = 8'000'000;
        auto [client, server] = co_await connected(world);
        tasks beside(world.executor());
        beside.spawn(send_and_end(client, size));
        std::string all;
        std::string block(100'000, '\0');
        for (int i = 0;; ++i) {
            if (i % 20 == 0)
                co_await sleep(world, std::chrono::microseconds(200));
            auto [ec, n] = co_await server.async_read_some(asio::buffer(block), as_values);
            all.append(block, 0, n);
            if (ec)
                break;
        }
        EXPECT_EQ(all.size(), size);
        EXPECT_TRUE(all == pattern(size));
        co_await beside.join();
    });
}

TEST_P(streams, carry_megabytes_both_ways_at_once) {
    // Fails if the two directions wait for each other or mix.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t size = 2'000'000;
        auto [client, server] = co_await connected(world);
        co_await (send_and_end(client, size) && send_and_end(server, size) && expect_pattern(client, size) &&
                  expect_pattern(server, size));
    });
}

TEST_P(streams, stall_the_writer_while_nobody_reads) {
    // Fails if a stream buffers without bound, or the stalled write does not go on when the peer reads.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await fill(client);
        bool written = false;
        event done(world.executor());
        std::string more(1000, 'm');
        client.async_write_some(asio::buffer(more), [&](error_code ec, std::size_t n) {
            EXPECT_FALSE(ec);
            EXPECT_GE(n, 1u);
            written = true;
            done.set();
        });
        co_await sleep(world, milliseconds(2));
        EXPECT_FALSE(written);
        std::string block(1'048'576, '\0');
        while (!written)
            co_await server.async_read_some(asio::buffer(block), use_awaitable);
        co_await done.wait();
    });
}

TEST_P(streams, give_a_read_what_is_there) {
    // Fails if a read waits for its buffer to be full, or gets more than that holds.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await send(client, "abcdef");
        std::string big(100, '\0');
        std::string small(2, '\0');
        std::size_t n = co_await server.async_read_some(asio::buffer(small), use_awaitable);
        EXPECT_LE(n, 2u);
        EXPECT_GE(n, 1u);
        std::string got = small.substr(0, n);
        while (got.size() < 6) {
            n = co_await server.async_read_some(asio::buffer(big), use_awaitable);
            got += big.substr(0, n);
        }
        EXPECT_EQ(got, "abcdef");
    });
}

TEST_P(streams, complete_a_pending_read_when_bytes_come) {
    // Fails if a read that began before the write sleeps on.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string text(10, '\0');
        auto [sent, got] =
            co_await (asio::async_write(client, asio::buffer("0123456789", 10), use_awaitable) &&
                      asio::async_read(server, asio::buffer(text), use_awaitable));
        EXPECT_EQ(sent, 10u);
        EXPECT_EQ(got, 10u);
        EXPECT_EQ(text, "0123456789");
    });
}

TEST_P(streams, read_and_write_nothing_at_once) {
    // Fails if an empty transfer waits, errs, or transfers something.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        char byte = 'x';
        auto [read_ec, read_n] = co_await client.async_read_some(asio::buffer(&byte, 0), as_values);
        EXPECT_FALSE(read_ec);
        EXPECT_EQ(read_n, 0u);
        auto [write_ec, write_n] = co_await client.async_write_some(asio::buffer(&byte, 0), as_values);
        EXPECT_FALSE(write_ec);
        EXPECT_EQ(write_n, 0u);
        std::array<asio::mutable_buffer, 2> none;
        auto [none_ec, none_n] = co_await client.async_read_some(none, as_values);
        EXPECT_FALSE(none_ec);
        EXPECT_EQ(none_n, 0u);
        co_await send(client, "y");
        std::string got = co_await receive(server, 1);
        EXPECT_EQ(got, "y");
    });
}

TEST_P(streams, gather_writes_and_scatter_reads) {
    // Fails if a buffer of a sequence is skipped or taken out of order, empty ones included.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::vector<asio::const_buffer> out = {asio::buffer("ab", 2), asio::const_buffer(),
                                               asio::buffer("cde", 3), asio::buffer("f", 1),
                                               asio::const_buffer()};
        std::size_t written = co_await asio::async_write(client, out, use_awaitable);
        EXPECT_EQ(written, 6u);
        std::string one(1, '\0');
        std::string two(3, '\0');
        std::string three(2, '\0');
        std::array<asio::mutable_buffer, 4> in = {asio::buffer(one), asio::mutable_buffer(),
                                                  asio::buffer(two), asio::buffer(three)};
        std::size_t read = co_await asio::async_read(server, in, use_awaitable);
        EXPECT_EQ(read, 6u);
        EXPECT_EQ(one + "|" + two + "|" + three, "a|bcd|ef");
    });
}

TEST_P(streams, take_sequences_of_more_buffers_than_one_transfer_holds) {
    // Fails if the buffers beyond the limit of one operation are lost to composed operations.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string text = pattern(100);
        std::vector<asio::const_buffer> out;
        for (char& c : text)
            out.emplace_back(&c, 1);
        co_await asio::async_write(client, out, use_awaitable);
        std::string got = co_await receive(server, text.size());
        EXPECT_EQ(got, text);
    });
}

TEST_P(streams, work_under_asios_composed_operations) {
    // Fails if the stream does not model AsyncReadStream: async_read_until with a dynamic buffer.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        co_await send(client, "first\nsecond\nrest");
        std::string buffer;
        std::size_t n =
            co_await asio::async_read_until(server, asio::dynamic_buffer(buffer), '\n', use_awaitable);
        EXPECT_EQ(buffer.substr(0, n), "first\n");
        buffer.erase(0, n);
        n = co_await asio::async_read_until(server, asio::dynamic_buffer(buffer), '\n', use_awaitable);
        EXPECT_EQ(buffer.substr(0, n), "second\n");
    });
}

TEST_P(streams, keep_working_after_a_read_timed_out) {
    // Fails if cancelling a read loses bytes that come later, or breaks the stream.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string text(5, '\0');
        for (int i = 0; i < 3; ++i) {
            timer limit(world.executor(), milliseconds(1));
            auto first = co_await (server.async_read_some(asio::buffer(text), use_awaitable) ||
                                   limit.async_wait(use_awaitable));
            EXPECT_EQ(first.index(), 1u);
            co_await send(client, "hello");
            std::string got = co_await receive(server, 5);
            EXPECT_EQ(got, "hello");
        }
    });
}

TEST_P(streams, read_again_after_a_cancelled_read) {
    // Fails if cancel() also ends operations that start after it.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string text(1, '\0');
        error_code first;
        server.async_read_some(asio::buffer(text), [&](error_code ec, std::size_t) { first = ec; });
        server.cancel();
        co_await send(client, "z");
        std::string got = co_await receive(server, 1);
        EXPECT_EQ(got, "z");
        EXPECT_EQ(first, asio::error::operation_aborted);
    });
}

TEST_P(streams, are_not_disturbed_by_a_cancel_of_nothing) {
    // Fails if cancel() without operations under way closes or blocks the stream.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        client.cancel();
        server.cancel();
        co_await send(client, "still");
        std::string got = co_await receive(server, 5);
        EXPECT_EQ(got, "still");
        stream never(world.executor());
        never.cancel();
        never.close();
        never.close();
        EXPECT_FALSE(never.is_open());
    });
}

TEST_P(streams, keep_their_operations_when_moved) {
    // Fails if an operation is bound to the address of its handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [client, server] = co_await connected(world);
        std::string text(5, '\0');
        std::size_t got = 0;
        event done(world.executor());
        server.async_read_some(asio::buffer(text), [&](error_code ec, std::size_t n) {
            EXPECT_FALSE(ec);
            got = n;
            done.set();
        });
        stream moved(std::move(server));
        stream sender(std::move(client));
        co_await send(sender, "moved");
        co_await done.wait();
        EXPECT_GE(got, 1u);
        EXPECT_EQ(text.substr(0, got), std::string("moved").substr(0, got));
        co_await send(moved, "back");
        std::string back = co_await receive(sender, 4);
        EXPECT_EQ(back, "back");
    });
}

TEST_P(streams, know_both_ends_of_a_connection) {
    // Fails if the endpoints of the two ends do not mirror each other.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        stream server = co_await a.async_accept(use_awaitable);
        error_code ec;
        EXPECT_EQ(client.remote_endpoint(ec), address_of(a));
        EXPECT_FALSE(ec);
        EXPECT_EQ(server.local_endpoint(ec), address_of(a));
        EXPECT_FALSE(ec);
        EXPECT_EQ(server.remote_endpoint(ec), client.local_endpoint(ec));
        EXPECT_FALSE(ec);
        EXPECT_NE(client.local_endpoint(ec).port(), 0);
    });
}

TEST_P(streams, have_distinct_local_endpoints) {
    // Fails if two connections to one place are the same to the server.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        std::set<endpoint> seen;
        std::vector<stream> all;
        for (int i = 0; i < 10; ++i) {
            stream& client = all.emplace_back(world.executor());
            co_await client.async_connect(address_of(a), use_awaitable);
            error_code ec;
            seen.insert(client.local_endpoint(ec));
        }
        EXPECT_EQ(seen.size(), 10u);
    });
}

TEST_P(streams, are_open_from_connect_to_close) {
    // Fails if is_open() tells something else.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        EXPECT_FALSE(client.is_open());
        co_await client.async_connect(address_of(a), use_awaitable);
        EXPECT_TRUE(client.is_open());
        client.close();
        EXPECT_FALSE(client.is_open());
    });
}

TEST_P(streams, are_refused_where_nobody_listens) {
    // Fails if connecting to a port without a listener hangs, succeeds, or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        endpoint nobody;
        {
            acceptor a = listening(world);
            nobody = address_of(a);
        }
        stream client(world.executor());
        auto [ec] = co_await client.async_connect(nobody, as_values);
        EXPECT_EQ(ec, asio::error::connection_refused);
        EXPECT_FALSE(client.is_open());
    });
}

TEST_P(streams, can_connect_after_they_were_refused) {
    // Fails if a failed connect leaves the stream unusable.
    run([](contract_world& world) -> asio::awaitable<void> {
        endpoint nobody;
        {
            acceptor gone = listening(world);
            nobody = address_of(gone);
        }
        acceptor a = listening(world);
        stream client(world.executor());
        for (int i = 0; i < 3; ++i) {
            auto [ec] = co_await client.async_connect(nobody, as_values);
            EXPECT_EQ(ec, asio::error::connection_refused);
        }
        co_await client.async_connect(address_of(a), use_awaitable);
        stream server = co_await a.async_accept(use_awaitable);
        co_await send(client, "in");
        std::string got = co_await receive(server, 2);
        EXPECT_EQ(got, "in");
    });
}

TEST_P(streams, can_connect_after_a_cancelled_connect) {
    // Fails if a cancelled connect leaves something behind, or its end disturbs the next one.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        for (bool by_close : {false, true}) {
            stream client(world.executor());
            error_code first;
            event first_done(world.executor());
            client.async_connect(address_of(a), [&](error_code ec) {
                first = ec;
                first_done.set();
            });
            if (by_close) {
                // The next connect begins before the handler of the first has run.
                client.close();
            } else {
                client.cancel();
                co_await first_done.wait();
                EXPECT_FALSE(client.is_open());
            }
            co_await client.async_connect(address_of(a), use_awaitable);
            EXPECT_TRUE(client.is_open());
            co_await first_done.wait();
            EXPECT_EQ(first, asio::error::operation_aborted);
            error_code ec;
            for (;;) {
                stream server = co_await a.async_accept(use_awaitable);
                if (server.remote_endpoint(ec) != client.local_endpoint(ec))
                    continue;
                co_await send(server, "ok");
                break;
            }
            std::string got = co_await receive(client, 2);
            EXPECT_EQ(got, "ok");
        }
    });
}

TEST_P(streams, do_not_connect_twice) {
    // Fails if a second connect succeeds, hangs, or harms the connection.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        auto [ec] = co_await client.async_connect(address_of(a), as_values);
        EXPECT_EQ(ec, asio::error::already_connected);
        stream server = co_await a.async_accept(use_awaitable);
        co_await send(client, "one");
        std::string got = co_await receive(server, 3);
        EXPECT_EQ(got, "one");
    });
}

TEST_P(streams, do_not_connect_while_they_connect) {
    // Fails if a second connect disturbs the first.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        error_code first = asio::error::fault;
        error_code second;
        event done(world.executor());
        event refused(world.executor());
        client.async_connect(address_of(a), [&](error_code ec) {
            first = ec;
            done.set();
        });
        client.async_connect(address_of(a), [&](error_code ec) {
            second = ec;
            refused.set();
        });
        co_await done.wait();
        co_await refused.wait();
        EXPECT_EQ(first, error_code());
        EXPECT_EQ(second, asio::error::already_started);
        EXPECT_TRUE(client.is_open());
    });
}

TEST_P(streams, do_not_transfer_before_they_are_connected) {
    // Fails if a transfer on a connecting stream hangs or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        error_code read;
        error_code write;
        char byte = 0;
        event done(world.executor());
        client.async_connect(address_of(a), [&](error_code) { done.set(); });
        client.async_read_some(asio::buffer(&byte, 1), [&](error_code ec, std::size_t) { read = ec; });
        client.async_write_some(asio::buffer(&byte, 1), [&](error_code ec, std::size_t) { write = ec; });
        co_await done.wait();
        co_await sleep(world, milliseconds(1));
        EXPECT_EQ(read, asio::error::not_connected);
        EXPECT_EQ(write, asio::error::not_connected);
    });
}

TEST_P(streams, serve_many_connections_at_once) {
    // Fails if connections mix, or their number is limited to a few.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        std::vector<stream> clients;
        std::vector<stream> servers;
        for (std::size_t i = 0; i < 64; ++i) {
            stream& client = clients.emplace_back(world.executor());
            co_await client.async_connect(address_of(a), use_awaitable);
            servers.push_back(co_await a.async_accept(use_awaitable));
        }
        for (std::size_t i = 0; i < 64; ++i)
            co_await send(clients[i], std::to_string(1000 + i));
        for (std::size_t i = 64; i-- > 0;) {
            std::string got = co_await receive(servers[i], 4);
            EXPECT_EQ(got, std::to_string(1000 + i));
        }
    });
}

TEST_P(streams, connect_processes_in_any_direction) {
    // Fails if only some pairs of processes, or no process to itself, can be connected.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (int to = 0; to < contract_world::processes; ++to) {
            acceptor a = listening(world, to);
            for (int from = 0; from < contract_world::processes; ++from) {
                stream client(world.executor(from));
                co_await client.async_connect(address_of(a), use_awaitable);
                stream server = co_await a.async_accept(use_awaitable);
                co_await send(client, "hi");
                std::string got = co_await receive(server, 2);
                EXPECT_EQ(got, "hi");
            }
        }
    });
}

TEST_P(acceptors, pick_distinct_free_ports) {
    // Fails if port 0 is taken as it is, or given out twice.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor one = listening(world);
        acceptor two = listening(world);
        EXPECT_NE(address_of(one).port(), 0);
        EXPECT_NE(address_of(two).port(), 0);
        EXPECT_NE(address_of(one).port(), address_of(two).port());
        EXPECT_EQ(address_of(one).address(), world.address(1));
        co_return;
    });
}

TEST_P(acceptors, listen_where_they_are_told) {
    // Fails if a port that is asked for is not the one that is got.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a(world.executor(1));
        error_code ec;
        a.listen(world.address(1, 7011), ec);
        SQUALL_REQUIRE(!ec);
        EXPECT_EQ(address_of(a), world.address(1, 7011));
        stream client(world.executor());
        co_await client.async_connect(world.address(1, 7011), use_awaitable);
    });
}

TEST_P(acceptors, do_not_share_an_address) {
    // Fails if a second listener on an address in use succeeds, or the first suffers by it.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor one = listening(world);
        acceptor two(world.executor(1));
        error_code ec;
        two.listen(address_of(one), ec);
        EXPECT_EQ(ec, asio::error::address_in_use);
        EXPECT_FALSE(two.is_open());
        stream client(world.executor());
        co_await client.async_connect(address_of(one), use_awaitable);
        co_await one.async_accept(use_awaitable);
    });
}

TEST_P(acceptors, free_their_address_when_closed_or_destroyed) {
    // Fails if an address stays in use although its listener is gone, with connections through it alive.
    run([](contract_world& world) -> asio::awaitable<void> {
        endpoint at = world.address(1, 7012);
        std::vector<stream> kept;
        for (int i = 0; i < 4; ++i) {
            acceptor a(world.executor(1));
            error_code ec;
            a.listen(at, ec);
            SQUALL_REQUIRE(!ec);
            stream& client = kept.emplace_back(world.executor());
            co_await client.async_connect(at, use_awaitable);
            kept.push_back(co_await a.async_accept(use_awaitable));
            if (i % 2 == 0)
                a.close();
        }
    });
}

TEST_P(acceptors, can_share_a_port_on_different_addresses) {
    // Fails if ports belong to the network instead of the address.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor one(world.executor(1));
        acceptor two(world.executor(2));
        error_code ec;
        one.listen(world.address(1, 7013), ec);
        EXPECT_FALSE(ec);
        two.listen(world.address(2, 7013), ec);
        EXPECT_FALSE(ec);
        stream client(world.executor());
        co_await client.async_connect(world.address(2, 7013), use_awaitable);
        stream server = co_await two.async_accept(use_awaitable);
        EXPECT_EQ(server.local_endpoint(ec), world.address(2, 7013));
    });
}

TEST_P(acceptors, do_not_listen_on_an_address_that_is_not_theirs) {
    // Fails if a process can take an address that no interface of its machine has.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a(world.executor());
        error_code ec;
        a.listen({asio::ip::make_address("192.0.2.1"), 7014}, ec);  // RFC 5737: nobody's
        EXPECT_EQ(ec, boost::system::errc::address_not_available);
        EXPECT_FALSE(a.is_open());
        co_return;
    });
}

TEST_P(acceptors, do_not_listen_twice) {
    // Fails if a listening acceptor takes a second address, or loses its first.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        endpoint at = address_of(a);
        error_code ec;
        a.listen(world.address(1, 0), ec);
        EXPECT_EQ(ec, asio::error::already_open);
        EXPECT_EQ(address_of(a), at);
        co_return;
    });
}

TEST_P(acceptors, can_listen_again_after_a_failure_or_a_close) {
    // Fails if an acceptor is of use only once.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor other = listening(world);
        acceptor a(world.executor(1));
        error_code ec;
        a.listen(address_of(other), ec);
        EXPECT_EQ(ec, asio::error::address_in_use);
        a.listen(world.address(1, 0), ec);
        EXPECT_FALSE(ec);
        a.close();
        a.listen(world.address(1, 0), ec);
        EXPECT_FALSE(ec);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        co_await a.async_accept(use_awaitable);
    });
}

TEST_P(acceptors, take_connections_in_the_order_of_their_coming) {
    // Fails if the backlog is not a queue.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        std::vector<stream> clients;
        error_code ec;
        for (int i = 0; i < 5; ++i) {
            stream& client = clients.emplace_back(world.executor());
            co_await client.async_connect(address_of(a), use_awaitable);
        }
        for (stream& client : clients) {
            stream server = co_await a.async_accept(use_awaitable);
            EXPECT_EQ(server.remote_endpoint(ec), client.local_endpoint(ec));
        }
    });
}

TEST_P(acceptors, keep_what_is_sent_before_the_accept) {
    // Fails if bytes, or the end, that come before the accept are lost.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        co_await send(client, "early");
        client.close();
        co_await sleep(world, milliseconds(3));
        stream server = co_await a.async_accept(use_awaitable);
        std::string all = co_await receive_all(server);
        EXPECT_EQ(all, "early");
    });
}

TEST_P(acceptors, serve_several_accepts_at_once) {
    // Fails if an acceptor knows only its last accept, or completes one without a connection.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        std::vector<stream> accepted;
        event done(world.executor());
        for (int i = 0; i < 3; ++i) {
            a.async_accept([&](error_code ec, stream s) {
                EXPECT_FALSE(ec);
                accepted.push_back(std::move(s));
                if (accepted.size() == 3)
                    done.set();
            });
        }
        std::vector<stream> clients;
        for (int i = 0; i < 3; ++i) {
            EXPECT_LE(accepted.size(), clients.size());
            stream& client = clients.emplace_back(world.executor());
            co_await client.async_connect(address_of(a), use_awaitable);
        }
        co_await done.wait();
        std::set<endpoint> ends;
        error_code ec;
        for (stream& s : accepted)
            ends.insert(s.remote_endpoint(ec));
        EXPECT_EQ(ends.size(), 3u);
    });
}

TEST_P(acceptors, give_streams_on_their_own_executor) {
    // Fails if an accepted stream belongs elsewhere.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        stream server = co_await a.async_accept(use_awaitable);
        EXPECT_TRUE(server.get_executor() == a.get_executor());
        EXPECT_TRUE(server.is_open());
    });
}

TEST_P(acceptors, accept_again_after_a_cancelled_accept) {
    // Fails if a cancelled accept swallows the next connection.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        error_code first;
        a.async_accept([&](error_code ec, const stream&) { first = ec; });
        a.cancel();
        stream client(world.executor());
        co_await client.async_connect(address_of(a), use_awaitable);
        stream server = co_await a.async_accept(use_awaitable);
        EXPECT_EQ(first, asio::error::operation_aborted);
        co_await send(client, "in");
        std::string got = co_await receive(server, 2);
        EXPECT_EQ(got, "in");
    });
}

TEST_P(acceptors, give_no_open_stream_with_an_error) {
    // Fails if a failed accept comes with a stream that says it is open.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a(world.executor());
        auto [ec, s] = co_await a.async_accept(as_values);
        EXPECT_EQ(ec, asio::error::bad_descriptor);
        EXPECT_FALSE(s.is_open());
    });
}

TEST_P(acceptors, keep_their_operations_when_moved) {
    // Fails if an accept is bound to the address of its handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor first = listening(world);
        bool accepted = false;
        event done(world.executor());
        first.async_accept([&](error_code ec, const stream&) {
            accepted = !ec;
            done.set();
        });
        acceptor second(std::move(first));
        stream client(world.executor());
        co_await client.async_connect(address_of(second), use_awaitable);
        co_await done.wait();
        EXPECT_TRUE(accepted);
    });
}

TEST_P(stream_sizes, survive_a_round_trip) {
    // Fails if a transfer of this size is cut, or its bytes change.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            auto [client, server] = co_await connected(world);
            tasks beside(world.executor());
            beside.spawn(echo(server));
            std::string text = pattern(size);
            beside.spawn(send(client, text));
            std::string got = co_await receive(client, size);
            EXPECT_TRUE(got == text);
            client.close();
            co_await beside.join();
        },
        std::get<1>(GetParam()));
}

TEST_P(stream_sizes, survive_being_written_in_pieces_and_read_in_others) {
    // Fails if the borders of writes or of reads matter.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            auto [client, server] = co_await connected(world);
            std::string text = pattern(size);
            tasks beside(world.executor());
            beside.spawn([](stream& s, std::string_view rest) -> asio::awaitable<void> {
                while (!rest.empty()) {
                    std::size_t piece = std::min<std::size_t>(rest.size(), 7919);
                    co_await asio::async_write(s, asio::buffer(rest.data(), piece), use_awaitable);
                    rest.remove_prefix(piece);
                }
                s.close();
            }(client, text));
            std::string got;
            std::array<char, 1013> block;
            for (;;) {
                auto [ec, n] = co_await server.async_read_some(asio::buffer(block), as_values);
                got.append(block.data(), n);
                if (ec)
                    break;
            }
            EXPECT_TRUE(got == text);
            co_await beside.join();
        },
        std::get<1>(GetParam()));
}

TEST_P(stream_sizes, survive_gather_and_scatter) {
    // Fails if a sequence of buffers is mixed up at this size.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            auto [client, server] = co_await connected(world);
            std::string text = pattern(size);
            std::size_t third = size / 3;
            std::array<asio::const_buffer, 3> out = {asio::buffer(text.data(), third),
                                                     asio::buffer(text.data() + third, third),
                                                     asio::buffer(text.data() + 2 * third, size - 2 * third)};
            std::string got(size, '\0');
            std::array<asio::mutable_buffer, 2> in = {asio::buffer(got.data(), size / 2),
                                                      asio::buffer(got.data() + size / 2, size - size / 2)};
            co_await (asio::async_write(client, out, use_awaitable) &&
                      asio::async_read(server, in, use_awaitable));
            EXPECT_TRUE(got == text);
        },
        std::get<1>(GetParam()));
}

}  // namespace squall::contract
