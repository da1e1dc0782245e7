// How streams come to be connected, and what refuses.
#include "contract.h"
#include "tools.h"

#include <set>
#include <vector>

namespace squall::contract {

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

}  // namespace squall::contract
