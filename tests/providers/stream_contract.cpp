// What streams carry while all goes well.
#include "contract.h"
#include "tools.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
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
