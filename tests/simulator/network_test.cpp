// Faults of streams, each seen from the two ends of a connection.
#include "support.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <bit>
#include <cmath>
#include <set>

namespace squall {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

// Sends single bytes, far enough apart that none waits for another; how long each took.
std::vector<nanoseconds> delays_of(const faults& chosen, int messages, std::uint64_t seed = 1,
                                   nanoseconds apart = 1s) {
    small_world w(chosen, seed);
    std::vector<nanoseconds> sent;
    std::vector<nanoseconds> delays;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            for (int i = 0; i < messages; ++i) {
                sent.push_back(w.world.now());
                const auto [error, n] = co_await asio::async_write(out, asio::buffer("x", 1), as_result);
                EXPECT_FALSE(error);
                co_await sleep(w.a.executor(), apart);
            }
        },
        [&](stream in) -> asio::awaitable<void> {
            char byte;
            for (;;) {
                const auto [error, n] = co_await in.async_read_some(asio::buffer(&byte, 1), as_result);
                if (error)
                    co_return;
                delays.push_back(w.world.now() - sent[delays.size()]);
            }
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(delays.size(), static_cast<std::size_t>(messages));
    return delays;
}

// Fails if a message arrives before the least latency or after twenty means more, or the mean is not as said.
TEST(Network, LatencyKeepsItsBoundsAndItsMean) {
    faults f;
    f.network.latency_min = 3ms;
    f.network.latency_mean = 2ms;
    const auto delays = delays_of(f, 4000);
    EXPECT_THAT(delays, Each(AllOf(Ge(3ms), Le(43ms))));
    double sum = 0;
    for (const auto d : delays)
        sum += static_cast<double>((d - 3ms).count());
    EXPECT_NEAR(sum / 4000, 2e6, 5 * 2e6 / std::sqrt(4000));
    EXPECT_GT(std::set<nanoseconds>(delays.begin(), delays.end()).size(), 3900u) << "each has its own";
}

// Fails if two links, or two seeds, share their latencies.
TEST(Network, LatencyIsOfTheLinkAndTheSeed) {
    EXPECT_EQ(delays_of({}, 20), delays_of({}, 20));
    EXPECT_NE(delays_of({}, 20), delays_of({}, 20, 2));
}

// Fails if bytes arrive in another order than they were sent, are lost or doubled, whatever delays them.
TEST(Network, BytesOfAStreamKeepTheirOrder) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        faults f;
        f.network.latency_mean = 20ms;
        f.network.slow_message = 0.2;
        f.network.partial_read = 0.3;
        f.network.partial_write = 0.3;
        f.network.clog = 0.05;
        f.schedule.reorder_window = 8;
        small_world w(f, seed);
        const std::string text = pattern(300'000);  // several windows
        std::string got;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                const auto [error, n] = co_await asio::async_write(out, asio::buffer(text), as_result);
                EXPECT_FALSE(error);
                EXPECT_EQ(n, text.size());
            },
            [&](stream in) -> asio::awaitable<void> {
                auto [error, all] = co_await read_all(in);
                EXPECT_EQ(error, asio::error::eof);
                got = std::move(all);
            });
        EXPECT_EQ(w.run().how, verdict::passed);
        ASSERT_TRUE(got == text) << "seed " << seed;
    }
}

// Fails if slow messages are not slow, too slow, or too many.
TEST(Network, SlowMessagesTakeUpToTheirTimeMore) {
    faults f;
    f.network.slow_message = 0.25;
    f.network.slow_latency = 10s;
    const auto delays = delays_of(f, 2000, 1, 30s);
    int slow = 0;
    nanoseconds longest{0};
    for (const auto d : delays) {
        slow += d > 10ms ? 1 : 0;  // latency alone stays below 8.1 ms
        longest = std::max(longest, d);
    }
    EXPECT_NEAR(slow, 500, 5 * std::sqrt(2000 * 0.25 * 0.75));
    EXPECT_GT(longest, 9s);
    EXPECT_LE(longest, 10s + 9ms);
}

// Fails if a write still takes over everything, takes nothing, or loses the rest on the way.
TEST(Network, PartialWritesTakeAPart) {
    faults f;
    f.network.partial_write = 1;
    small_world w(f);
    std::vector<std::size_t> parts;
    std::string sent;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            for (std::size_t i = 0; i < 50; ++i) {
                const std::string text = pattern(1000, i);
                const auto [error, n] = co_await out.async_write_some(asio::buffer(text), as_result);
                EXPECT_FALSE(error);
                parts.push_back(n);
                sent += text.substr(0, n);
            }
            const auto [error, n] = co_await out.async_write_some(asio::buffer("z", 1), as_result);
            EXPECT_EQ(n, 1u) << "one byte has no part";
            sent += "z";
        },
        [&](stream in) -> asio::awaitable<void> {
            const auto [error, all] = co_await read_all(in);
            EXPECT_TRUE(all == sent);
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_THAT(parts, Each(AllOf(Ge(1u), Le(999u))));
    EXPECT_GT(std::set<std::size_t>(parts.begin(), parts.end()).size(), 30u);
    EXPECT_EQ(w.faults_of("partial-write"), 50u);
}

// Fails if a read still gets all that is there, gets nothing, or loses the rest.
TEST(Network, PartialReadsGetAPart) {
    faults f;
    f.network.partial_read = 1;
    small_world w(f);
    const std::string text = pattern(4000);
    std::size_t first = 0;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await asio::async_write(out, asio::buffer(text), as_result);
            co_await sleep(w.a.executor(), 1s);
        },
        [&](stream in) -> asio::awaitable<void> {
            co_await sleep(w.b.executor(), 500ms);  // all of it is there
            std::string all(8000, '\0');
            const auto [error, n] = co_await in.async_read_some(asio::buffer(all), as_result);
            first = n;
            const auto [end, rest] = co_await read_all(in);
            EXPECT_EQ(end, asio::error::eof);
            EXPECT_TRUE(all.substr(0, n) + rest == text);
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_GE(first, 1u);
    EXPECT_LT(first, text.size());
    EXPECT_GT(w.faults_of("partial-read"), 0u);
}

// Fails if only one end learns that the connection is gone, or if it goes on working.
TEST(Network, AClosedConnectionIsAnErrorAtBothEnds) {
    faults f;
    f.network.close_connection = 1;
    small_world w(f);
    error_code writer, again, reader_of_writer, reader;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            writer = std::get<0>(co_await out.async_write_some(asio::buffer("hello", 5), as_result));
            again = std::get<0>(co_await out.async_write_some(asio::buffer("hello", 5), as_result));
            char byte;
            reader_of_writer = std::get<0>(co_await out.async_read_some(asio::buffer(&byte, 1), as_result));
        },
        [&](stream in) -> asio::awaitable<void> {
            char byte;
            reader = std::get<0>(co_await in.async_read_some(asio::buffer(&byte, 1), as_result));
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(writer, asio::error::connection_reset);
    EXPECT_TRUE(again);
    EXPECT_EQ(reader_of_writer, asio::error::connection_reset);
    EXPECT_EQ(reader, asio::error::connection_reset);
    EXPECT_EQ(w.faults_of("close-connection"), 1u);
}

// Fails if the listener takes the connection all the same, or if the rate is off.
TEST(Network, ARefusedConnectReachesNobody) {
    faults f;
    f.network.connect_refused = 0.5;
    small_world w(f);
    int accepted = 0;
    int connected = 0;
    int refused = 0;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        acceptor listening(w.b.executor());
        error_code ec;
        listening.listen({w.b.address(), 7}, ec);
        for (;;) {
            auto [error, peer] = co_await listening.async_accept(as_result);
            if (error)
                co_return;
            ++accepted;
        }
    });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 400; ++i) {
            stream out(w.a.executor());
            const auto [error] = co_await out.async_connect({w.b.address(), 7}, as_result);
            EXPECT_TRUE(!error || error == asio::error::connection_refused) << error.message();
            (error ? refused : connected) += 1;
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(connected, accepted);
    EXPECT_NEAR(refused, 200, 50);
    EXPECT_EQ(w.faults_of("connect-refused"), static_cast<std::uint64_t>(refused));
}

// Fails if a connect that nobody answers ends early, never, or otherwise than by a time-out.
TEST(Network, AHangingConnectGetsNoAnswer) {
    faults f;
    f.network.connect_hangs = 1;
    small_world w(f);
    int accepted = 0;
    error_code result;
    nanoseconds when{0};
    w.spawn(w.b, serve_one(w.b, [&](stream) -> asio::awaitable<void> {
                ++accepted;
                co_return;
            }));
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        stream out(w.a.executor());
        result = std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result));
        when = w.world.now();
    });
    w.run();
    EXPECT_EQ(accepted, 0);
    EXPECT_EQ(result, asio::error::timed_out);
    EXPECT_EQ(when, 127s) << "as Linux";
    EXPECT_EQ(w.faults_of("connect-hang"), 1u);
}

// Fails if no bit of a message changes, or always the same one, or nobody records it.
TEST(Network, FlippedBitsAreAnywhere) {
    faults f;
    f.network.flip_bit = 1;
    constexpr int messages = 60;
    constexpr std::size_t size = 64;
    small_world w(f);
    std::set<unsigned> places;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            const std::string zeros(size, '\0');
            for (int i = 0; i < messages; ++i)  // many are under way together
                co_await asio::async_write(out, asio::buffer(zeros), as_result);
            co_await sleep(w.a.executor(), 1s);
        },
        [&](stream in) -> asio::awaitable<void> {
            for (int i = 0; i < messages; ++i) {
                unsigned char data[size];
                const auto [error, n] = co_await asio::async_read(in, asio::buffer(data), as_result);
                EXPECT_FALSE(error);
                int bits = 0;
                for (unsigned at = 0; at < size; ++at) {
                    bits += std::popcount(data[at]);
                    if (data[at] != 0)
                        places.insert(at * 8 + static_cast<unsigned>(std::countr_zero(data[at])));
                }
                EXPECT_GE(bits, 1) << "message " << i;
            }
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(w.faults_of("bit-flip"), static_cast<std::uint64_t>(messages));
    EXPECT_GT(places.size(), 45u) << "each has its own place among 512";
}

// Fails if a clogged direction lets anything through, loses anything, or never opens again.
TEST(Network, AClogDelaysItsDirectionAndLosesNothing) {
    faults f;
    f.network.clog = 0.2;
    f.network.clog_time = 10s;
    int late = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const auto delays = delays_of(f, 20, seed, 100s);
        for (const auto d : delays) {
            EXPECT_LE(d, 10s + 9ms);
            late += d > 1s ? 1 : 0;
        }
    }
    // 600 messages, a fifth of them clogs, nine in ten of those longer than a second.
    EXPECT_NEAR(late, 108, 5 * std::sqrt(108.0));
}

// Fails if what is under way ahead of the clogging message gets through, or the other direction stands too.
TEST(Network, AClogHoldsWhatIsUnderWayAndOneDirectionOnly) {
    int clogged = 0;
    int free_the_other_way = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        faults f;
        f.network.latency_min = 50ms;
        f.network.latency_mean = 1us;
        f.network.clog = 0.1;
        f.network.clog_time = 60s;
        small_world w(f, seed);
        std::vector<nanoseconds> there;  // arrivals at b, and at a
        std::vector<nanoseconds> back;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                co_await sleep_until(w.a.executor(), 100s);
                co_await out.async_write_some(asio::buffer("1", 1), as_result);
                co_await sleep(w.a.executor(), 10ms);
                co_await out.async_write_some(asio::buffer("2", 1), as_result);
                char byte;
                co_await out.async_read_some(asio::buffer(&byte, 1), as_result);
                back.push_back(w.world.now());
                co_await sleep_until(w.a.executor(), 200s);
            },
            [&](stream in) -> asio::awaitable<void> {
                co_await sleep_until(w.b.executor(), 100s);
                co_await in.async_write_some(asio::buffer("3", 1), as_result);
                char byte;
                for (int i = 0; i < 2; ++i) {
                    co_await in.async_read_some(asio::buffer(&byte, 1), as_result);
                    there.push_back(w.world.now());
                }
            });
        w.run();
        ASSERT_EQ(there.size(), 2u);
        ASSERT_EQ(back.size(), 1u);
        if (there[1] < 101s)
            continue;
        ++clogged;  // by the first or by the second
        EXPECT_EQ(there[0], there[1]);
        free_the_other_way += back[0] < 101s ? 1 : 0;
    }
    EXPECT_GT(clogged, 5);
    EXPECT_GT(free_the_other_way, 3);
}

// Fails if healing does not open clogged ways at once.
TEST(Network, HealingEndsClogs) {
    faults f;
    f.network.clog = 1;
    f.network.clog_time = std::chrono::hours(1);
    small_world w(f);
    w.at(1s, [&] { w.world.set_faults_on(false); });
    nanoseconds arrived{0};
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await out.async_write_some(asio::buffer("x", 1), as_result);
            co_await sleep(w.a.executor(), 1s);
        },
        [&](stream in) -> asio::awaitable<void> {
            char byte;
            const auto [error, n] = co_await in.async_read_some(asio::buffer(&byte, 1), as_result);
            EXPECT_FALSE(error);
            arrived = w.world.now();
        });
    w.run();
    EXPECT_GE(arrived, 1s);
    EXPECT_LT(arrived, 1100ms);
}

// Fails if a writer can run ahead of its reader without bound, or is not woken when there is room.
TEST(Network, AWriterWaitsForItsReader) {
    small_world w;
    std::size_t taken = 0;
    std::size_t taken_early = 0;
    const std::string text = pattern(1'000'000);
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            while (taken < text.size()) {
                const auto [error, n] = co_await out.async_write_some(
                    asio::buffer(text.data() + taken, text.size() - taken), as_result);
                if (error)
                    co_return;
                taken += n;
            }
        },
        [&](stream in) -> asio::awaitable<void> {
            co_await sleep(w.b.executor(), 5s);
            taken_early = taken;
            const auto [error, all] = co_await read_all(in);
            EXPECT_TRUE(all == text);
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(taken_early, 64u * 1024u);
    EXPECT_EQ(taken, text.size());
}

// Fails if a client that has given up is connected all the same, and the server waits for it for ever.
TEST(Network, AServerLearnsThatItsClientGaveUp) {
    faults f;
    f.network.latency_min = 100ms;
    small_world w(f);
    error_code connect_result, server_saw;
    auto abandoned = std::make_shared<stream>(w.a.executor());
    asio::cancellation_signal stop;
    w.spawn(w.b, serve_one(w.b, [&](stream in) -> asio::awaitable<void> {
                char byte;
                server_saw = std::get<0>(co_await in.async_read_some(asio::buffer(&byte, 1), as_result));
            }));
    abandoned->async_connect(
        {w.b.address(), 7},
        asio::bind_cancellation_slot(stop.slot(), [&](error_code ec) { connect_result = ec; }));
    w.at(150ms, [&] { stop.emit(asio::cancellation_type::all); });  // the answer is on its way
    w.run();
    EXPECT_EQ(connect_result, asio::error::operation_aborted);
    EXPECT_EQ(server_saw, asio::error::connection_reset);
}

// Fails if the loopback address is somebody else's, or nobody's.
TEST(Network, LoopbackIsTheProcessItself) {
    small_world w;
    bool connected = false;
    w.spawn(w.a, serve_one(w.a, [&](stream in) -> asio::awaitable<void> { co_await read_all(in); }));
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        stream out(w.a.executor());
        const auto [error] = co_await out.async_connect({asio::ip::address_v4::loopback(), 7}, as_result);
        connected = !error;
    });
    w.run();
    EXPECT_TRUE(connected);
}

// Fails if a port nobody listens on, or an address nobody has, answers otherwise than the real network.
TEST(Network, NobodyThereIsRefusedOrNoAnswer) {
    small_world w;
    w.b.start();
    error_code port, address;
    nanoseconds port_at{0};
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        stream out(w.a.executor());
        port = std::get<0>(co_await out.async_connect({w.b.address(), 99}, as_result));
        port_at = w.world.now();
        address = std::get<0>(co_await out.async_connect({asio::ip::make_address("10.9.9.9"), 7}, as_result));
    });
    w.run();
    EXPECT_EQ(port, asio::error::connection_refused);
    EXPECT_LT(port_at, 50ms);
    EXPECT_EQ(address, asio::error::timed_out);
}

}  // namespace
}  // namespace squall
