// Datagram sockets: what arrives, what does not, and what refuses.
#include "contract.h"
#include "tools.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace squall::contract {

using namespace asio::experimental::awaitable_operators;

namespace {

datagram_socket bound(contract_world& world, int process) {
    return {world.executor(process), datagram_endpoint(world.address(process), 0)};
}

// Process 0's and process 1's.
struct socket_pair {
    explicit socket_pair(contract_world& world) : a(bound(world, 0)), b(bound(world, 1)) {}
    datagram_socket a;
    datagram_socket b;
};

asio::awaitable<void> send(datagram_socket& from, const datagram_socket& to, std::string text) {
    const std::size_t n = co_await from.async_send_to(asio::buffer(text), address_of(to), use_awaitable);
    EXPECT_EQ(n, text.size());
}

asio::awaitable<std::string> receive(datagram_socket& at, datagram_endpoint* from = nullptr) {
    std::string text(max_datagram, '\0');
    datagram_endpoint sender;
    const std::size_t n = co_await at.async_receive_from(asio::buffer(text), sender, use_awaitable);
    if (from != nullptr)
        *from = sender;
    text.resize(n);
    co_return text;
}

// What comes in a while; nothing, if nothing does.
asio::awaitable<std::optional<std::string>> receive_if_any(datagram_socket& at) {
    timer patience(at.get_executor(), milliseconds(20));
    auto got = co_await (receive(at) || patience.async_wait(use_awaitable));
    if (got.index() == 1)
        co_return std::nullopt;
    co_return std::get<0>(std::move(got));
}

}  // namespace

TEST_P(datagrams, arrive_with_their_senders_address) {
    // Fails if bytes are lost or changed, or the sender is somebody else.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        co_await send(s.a, s.b, "hello");
        datagram_endpoint from;
        const std::string text = co_await receive(s.b, &from);
        EXPECT_EQ(text, "hello");
        EXPECT_EQ(from, address_of(s.a));
    });
}

TEST_P(datagrams, can_be_answered) {
    // Fails if the sender's address does not lead back.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        for (int i = 0; i < 50; ++i) {
            co_await send(s.a, s.b, std::to_string(i));
            datagram_endpoint from;
            std::string text = co_await receive(s.b, &from);
            text += "!";
            co_await s.b.async_send_to(asio::buffer(text), from, use_awaitable);
            const std::string answer = co_await receive(s.a);
            EXPECT_EQ(answer, std::to_string(i) + "!");
        }
    });
}

TEST_P(datagrams, keep_their_boundaries) {
    // Fails if two are joined or one is split; their order is nobody's promise.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        std::multiset<std::string> sent;
        std::multiset<std::string> got;
        for (std::size_t i = 0; i < 40; ++i) {
            sent.insert(pattern(i * 7, i));
            co_await send(s.a, s.b, pattern(i * 7, i));
        }
        for (std::size_t i = 0; i < 40; ++i)
            got.insert(co_await receive(s.b));
        EXPECT_EQ(got, sent);
    });
}

TEST_P(datagrams, may_be_of_any_size_up_to_the_longest) {
    // Fails if a size gets through short, changed, or not at all.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        for (const std::size_t size : {std::size_t{1}, std::size_t{511}, std::size_t{1472}, std::size_t{1473},
                                       std::size_t{9000}, std::size_t{65'506}, max_datagram}) {
            co_await send(s.a, s.b, pattern(size, size));
            const std::string text = co_await receive(s.b);
            EXPECT_EQ(text.size(), size);
            EXPECT_TRUE(text == pattern(size, size));
        }
    });
}

TEST_P(datagrams, longer_than_the_longest_are_refused) {
    // Fails if a part of it is sent, another error comes, or the socket is no good afterwards.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        const std::string text = pattern(max_datagram + 1);
        const auto [ec, n] = co_await s.a.async_send_to(asio::buffer(text), address_of(s.b), as_values);
        EXPECT_EQ(ec, asio::error::message_size);
        EXPECT_EQ(n, 0u);
        co_await send(s.a, s.b, "next");
        const std::string next = co_await receive(s.b);
        EXPECT_EQ(next, "next");
    });
}

TEST_P(datagrams, are_gathered_from_up_to_sixteen_buffers) {
    // Fails if a buffer is left out or out of place, or a seventeenth is dropped without a word.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        const std::string text = pattern(17 * 100);
        std::vector<asio::const_buffer> pieces;
        for (std::size_t i = 0; i < 16; ++i) {
            pieces.push_back(asio::buffer(text.data() + i * 100, 100));
            pieces.emplace_back();  // empty ones do not count
        }
        co_await s.a.async_send_to(pieces, address_of(s.b), use_awaitable);
        const std::string got = co_await receive(s.b);
        EXPECT_TRUE(got == text.substr(0, 1600));
        pieces.push_back(asio::buffer(text.data() + 1600, 100));
        const auto [ec, n] = co_await s.a.async_send_to(pieces, address_of(s.b), as_values);
        EXPECT_EQ(ec, asio::error::message_size);
    });
}

TEST_P(datagrams, are_scattered_over_several_buffers) {
    // Fails if a buffer is passed over, or not filled before the next.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        co_await send(s.a, s.b, "abcdefgh");
        std::array<char, 3> one{};
        std::array<char, 2> two{};
        std::array<char, 9> three{};
        datagram_endpoint sender;
        const std::size_t n = co_await s.b.async_receive_from(
            std::array{asio::buffer(one), asio::buffer(two), asio::buffer(three)}, sender, use_awaitable);
        EXPECT_EQ(n, 8u);
        EXPECT_EQ(std::string(one.data(), 3) + std::string(two.data(), 2) + std::string(three.data(), 3),
                  "abcdefgh");
    });
}

TEST_P(datagrams, lose_what_has_no_room_in_the_buffers) {
    // Fails if the rest comes with the next receive, or counts as an error.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        co_await send(s.a, s.b, "abcdefgh");
        std::array<char, 3> few{};
        datagram_endpoint sender;
        const auto [ec, n] = co_await s.b.async_receive_from(asio::buffer(few), sender, as_values);
        EXPECT_FALSE(ec) << ec.message();
        EXPECT_EQ(std::string(few.data(), n), "abc");
        co_await send(s.a, s.b, "next");
        const std::string next = co_await receive(s.b);
        EXPECT_EQ(next, "next");
    });
}

TEST_P(datagrams, may_be_empty) {
    // Fails if an empty one is not sent, or counts as an end or an error.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        co_await send(s.a, s.b, "");
        datagram_endpoint from;
        const std::string nothing = co_await receive(s.b, &from);
        EXPECT_EQ(nothing, "");
        EXPECT_EQ(from, address_of(s.a));
        co_await send(s.a, s.b, "something");
        const std::string something = co_await receive(s.b);
        EXPECT_EQ(something, "something");
    });
}

TEST_P(datagrams, are_waited_for) {
    // Fails if a receive ends before there is anything, or misses what comes.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        std::string got;
        tasks beside(world.executor());
        beside.spawn([](datagram_socket& at, std::string& to) -> asio::awaitable<void> {
            to = co_await receive(at);
        }(s.b, got));
        co_await sleep(world, milliseconds(5));
        EXPECT_EQ(got, "");
        co_await send(s.a, s.b, "at last");
        co_await beside.join();
        EXPECT_EQ(got, "at last");
    });
}

TEST_P(datagrams, go_to_the_receives_in_the_order_of_their_start) {
    // Fails if a later receive is served first, or two get the same datagram.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        std::vector<std::string> got;
        tasks beside(world.executor());
        for (int i = 0; i < 3; ++i)
            beside.spawn(
                [](datagram_socket& at, std::vector<std::string>& to, int number) -> asio::awaitable<void> {
                    std::string text = co_await receive(at);
                    to.push_back(std::to_string(number) + " got " + text);
                }(s.b, got, i));
        co_await sleep(world, milliseconds(1));
        for (int i = 0; i < 3; ++i) {
            co_await send(s.a, s.b, std::to_string(i));
            co_await sleep(world, milliseconds(20));
        }
        co_await beside.join();
        EXPECT_EQ(got, (std::vector<std::string>{"0 got 0", "1 got 1", "2 got 2"}));
    });
}

TEST_P(datagrams, sent_side_by_side_all_leave) {
    // Fails if overlapping sends disturb each other.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        tasks beside(world.executor());
        std::multiset<std::string> sent;
        std::multiset<std::string> got;
        for (int i = 0; i < 50; ++i) {
            sent.insert(std::to_string(i));
            beside.spawn(send(s.a, s.b, std::to_string(i)));
        }
        co_await beside.join();
        for (int i = 0; i < 50; ++i)
            got.insert(co_await receive(s.b));
        EXPECT_EQ(got, sent);
    });
}

TEST_P(datagrams, to_nobody_are_lost_without_an_error) {
    // Fails if the sender is told, then or at its next operation.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        datagram_endpoint nobody;
        {
            datagram_socket gone = bound(world, 1);
            nobody = address_of(gone);
        }
        for (int i = 0; i < 3; ++i) {
            const auto [ec, n] = co_await s.a.async_send_to(asio::buffer("lost", 4), nobody, as_values);
            EXPECT_FALSE(ec) << ec.message();
            EXPECT_EQ(n, 4u);
            co_await sleep(world, milliseconds(2));
        }
        co_await send(s.b, s.a, "still here");
        const std::string text = co_await receive(s.a);
        EXPECT_EQ(text, "still here");
    });
}

TEST_P(datagrams, reach_the_socket_that_sent_them) {
    // Fails if a process cannot send to itself.
    run([](contract_world& world) -> asio::awaitable<void> {
        datagram_socket own = bound(world, 0);
        co_await send(own, own, "to me");
        const std::string text = co_await receive(own);
        EXPECT_EQ(text, "to me");
    });
}

TEST_P(datagrams, of_several_senders_meet_in_one_socket) {
    // Fails if a socket hears only one peer, or mixes up who sent what.
    run([](contract_world& world) -> asio::awaitable<void> {
        datagram_socket here = bound(world, 0);
        datagram_socket one = bound(world, 1);
        datagram_socket two = bound(world, 2);
        co_await send(one, here, "one");
        co_await send(two, here, "two");
        std::set<std::pair<std::string, datagram_endpoint>> got;
        for (int i = 0; i < 2; ++i) {
            datagram_endpoint from;
            std::string text = co_await receive(here, &from);
            got.emplace(text, from);
        }
        std::set<std::pair<std::string, datagram_endpoint>> wanted{{"one", address_of(one)},
                                                                   {"two", address_of(two)}};
        EXPECT_EQ(got, wanted);
    });
}

TEST_P(datagrams, that_nobody_takes_are_kept_up_to_a_bound) {
    // Fails if a socket keeps everything or nothing, or is no good after it has dropped something.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t count = 4000;  // 32 MB
        socket_pair s(world);
        const std::string text = pattern(8000);
        for (std::size_t i = 0; i < count; ++i)
            co_await send(s.a, s.b, text);
        co_await sleep(world, milliseconds(50));
        std::size_t kept = 0;
        while (auto got = co_await receive_if_any(s.b)) {
            EXPECT_TRUE(*got == text);
            ++kept;
        }
        EXPECT_GE(kept, 10u);
        EXPECT_LT(kept, count);
        co_await send(s.a, s.b, "next");
        const std::string next = co_await receive(s.b);
        EXPECT_EQ(next, "next");
    });
}

TEST_P(datagrams, need_a_socket_that_is_bound) {
    // Fails if a socket that is not open sends, waits for ever, or tells an address.
    run([](contract_world& world) -> asio::awaitable<void> {
        datagram_socket s(world.executor());
        EXPECT_FALSE(s.is_open());
        error_code ec;
        s.local_endpoint(ec);
        EXPECT_EQ(ec, asio::error::bad_descriptor);
        std::array<char, 8> bytes{};
        datagram_endpoint sender;
        auto [send_error, n] =
            co_await s.async_send_to(asio::buffer(bytes), datagram_endpoint(world.address(1), 9), as_values);
        EXPECT_EQ(send_error, asio::error::bad_descriptor);
        auto [error, m] = co_await s.async_receive_from(asio::buffer(bytes), sender, as_values);
        EXPECT_EQ(error, asio::error::bad_descriptor);
        s.cancel();
        s.close();
    });
}

TEST_P(datagrams, need_a_socket_that_is_not_closed) {
    // Fails if a closed socket goes on, or cannot be bound again.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        const datagram_endpoint at = address_of(s.b);
        s.b.close();
        EXPECT_FALSE(s.b.is_open());
        std::array<char, 8> bytes{};
        datagram_endpoint sender;
        const auto [ec, n] = co_await s.b.async_receive_from(asio::buffer(bytes), sender, as_values);
        EXPECT_EQ(ec, asio::error::bad_descriptor);
        error_code again;
        s.b.bind(at, again);
        EXPECT_FALSE(again) << again.message();
        co_await send(s.a, s.b, "hello");
        const std::string text = co_await receive(s.b);
        EXPECT_EQ(text, "hello");
    });
}

TEST_P(datagrams, that_wait_in_a_socket_go_with_it) {
    // Fails if who binds the address next gets what was meant for the one before.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        const datagram_endpoint at = address_of(s.b);
        co_await send(s.a, s.b, "for the first");
        co_await sleep(world, milliseconds(20));
        s.b.close();
        error_code ec;
        s.b.bind(at, ec);
        EXPECT_FALSE(ec) << ec.message();
        const auto nothing = co_await receive_if_any(s.b);
        EXPECT_FALSE(nothing);
    });
}

TEST_P(datagrams, sockets_get_a_port_of_their_own) {
    // Fails if port 0 is taken for a port, or one port is given twice.
    run([](contract_world& world) -> asio::awaitable<void> {
        std::vector<datagram_socket> sockets;
        std::set<std::uint16_t> ports;
        for (int i = 0; i < 30; ++i) {
            sockets.push_back(bound(world, 0));
            const datagram_endpoint at = address_of(sockets.back());
            EXPECT_EQ(at.address(), world.address(0));
            ports.insert(at.port());
        }
        EXPECT_EQ(ports.size(), 30u);
        EXPECT_FALSE(ports.contains(0));
        co_return;
    });
}

TEST_P(datagrams, sockets_do_not_share_an_address) {
    // Fails if a second socket takes over the first one's address, or stays open without one.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        datagram_socket second(world.executor(1));
        error_code ec;
        second.bind(address_of(s.b), ec);
        EXPECT_EQ(ec, asio::error::address_in_use);
        EXPECT_FALSE(second.is_open());
        EXPECT_THROW(datagram_socket(world.executor(1), address_of(s.b)), boost::system::system_error);
        s.b.close();
        second.bind(address_of(s.a).address() == world.address(1) ? address_of(s.a)
                                                                  : datagram_endpoint(world.address(1), 0),
                    ec);
        EXPECT_FALSE(ec) << ec.message();
        co_return;
    });
}

TEST_P(datagrams, sockets_bind_once_and_to_addresses_of_their_own) {
    // Fails if a bound socket can be bound again, or one can have somebody else's address.
    run([](contract_world& world) -> asio::awaitable<void> {
        datagram_socket s = bound(world, 0);
        error_code ec;
        s.bind({world.address(0), 0}, ec);
        EXPECT_EQ(ec, asio::error::already_open);
        datagram_socket foreign(world.executor(0));
        foreign.bind({asio::ip::make_address("192.0.2.1"), 0}, ec);  // TEST-NET-1
        EXPECT_EQ(ec, boost::system::errc::address_not_available);
        EXPECT_FALSE(foreign.is_open());
        co_return;
    });
}

TEST_P(datagrams, and_streams_have_ports_apart) {
    // Fails if a listener's port is taken for datagrams too.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor listener = listening(world);
        datagram_socket s(world.executor(1));
        error_code ec;
        s.bind({address_of(listener).address(), address_of(listener).port()}, ec);
        EXPECT_FALSE(ec) << ec.message();
        co_return;
    });
}

TEST_P(datagrams, are_not_taken_by_a_cancelled_receive) {
    // Fails if a receive that was aborted swallows what comes after, or cancel() reaches later ones.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        std::array<char, 8> bytes{};
        datagram_endpoint sender;
        asio::cancellation_signal signal;
        int aborted = 0;
        auto count = [&](error_code ec, std::size_t n) {
            EXPECT_EQ(ec, asio::error::operation_aborted);
            EXPECT_EQ(n, 0u);
            ++aborted;
        };
        s.b.async_receive_from(asio::buffer(bytes), sender,
                               asio::bind_cancellation_slot(signal.slot(), count));
        s.b.async_receive_from(asio::buffer(bytes), sender, count);
        signal.emit(asio::cancellation_type::terminal);
        co_await sleep(world, milliseconds(2));
        EXPECT_EQ(aborted, 1);
        s.b.cancel();
        co_await sleep(world, milliseconds(2));
        EXPECT_EQ(aborted, 2);
        co_await send(s.a, s.b, "for later");
        const std::string text = co_await receive(s.b);
        EXPECT_EQ(text, "for later");
    });
}

TEST_P(datagrams, reach_a_receive_whose_socket_was_moved) {
    // Fails if an operation under way knows its handle by address.
    run([](contract_world& world) -> asio::awaitable<void> {
        socket_pair s(world);
        std::array<char, 8> bytes{};
        datagram_endpoint sender;
        event done(world.executor());
        s.b.async_receive_from(asio::buffer(bytes), sender, [&](error_code ec, std::size_t n) {
            EXPECT_FALSE(ec);
            EXPECT_EQ(n, 5u);
            done.set();
        });
        datagram_socket moved = std::move(s.b);
        co_await send(s.a, moved, "moved");
        co_await done.wait();
        EXPECT_EQ(std::string(bytes.data(), 5), "moved");
    });
}

}  // namespace squall::contract
