// Acceptors.
#include "contract.h"
#include "tools.h"

#include <set>
#include <vector>

namespace squall::contract {

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

}  // namespace squall::contract
