// Distance, shapes of latency, bandwidth and window: what the way costs by itself.
#include "support.h"

#include <squall/datagram_socket.h>

#include <algorithm>
#include <cmath>

namespace squall {
namespace {

using namespace testing_support;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

// Delays of single bytes from a to b, a second apart; `place` is called before they connect.
template <class Place>
std::vector<nanoseconds> delays_between(const faults& chosen, int messages, Place place) {
    small_world w(chosen);
    place(w);
    std::vector<nanoseconds> sent;
    std::vector<nanoseconds> delays;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            for (int i = 0; i < messages; ++i) {
                sent.push_back(w.world.now());
                co_await asio::async_write(out, asio::buffer("x", 1), as_result);
                co_await sleep(w.a.executor(), 1s);
            }
        },
        [&](stream in) -> asio::awaitable<void> {
            char byte;
            while (!std::get<0>(co_await in.async_read_some(asio::buffer(&byte, 1), as_result)))
                delays.push_back(w.world.now() - sent[delays.size()]);
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(delays.size(), static_cast<std::size_t>(messages));
    EXPECT_THAT(w.world.fault_counts(), testing::IsEmpty()) << "latency is no fault";
    return delays;
}

faults by_distance() {
    faults f;
    network_faults& n = f.network;
    n.machine_latency_min = 1ms;
    n.latency_min = 10ms;
    n.datacenter_latency_min = 100ms;
    n.region_latency_min = 500ms;
    n.machine_latency_mean = n.latency_mean = n.datacenter_latency_mean = n.region_latency_mean = 1us;
    return f;
}

// Fails if two processes are nearer or farther than their locations say.
TEST(NetworkLatency, IsThatOfTheDistance) {
    struct {
        location a, b;
        nanoseconds least;
    } const cases[] = {
        {{"m1", "z1", "d1"}, {"m1", "z1", "d1"}, 1ms},
        {{"m1", "z1", "d1"}, {"m2", "z1", "d1"}, 10ms},
        {{"m1", "z1", "d1"}, {"m2", "z2", "d1"}, 100ms},
        {{"m1", "z1", "d1"}, {"m2", "z2", "d2"}, 500ms},
        {{}, {}, 10ms},  // nobody has said anything: one zone
        {{"m1", "", ""}, {"m2", "z2", "d2"}, 10ms},
        {{"m1", "z1", ""}, {"m2", "z2", ""}, 100ms},
        {{"m1", "", "d1"}, {"m2", "", "d2"}, 500ms},
    };
    for (const auto& c : cases) {
        const auto delays = delays_between(by_distance(), 10, [&](small_world& w) {
            w.a.set_location(c.a);
            w.b.set_location(c.b);
        });
        EXPECT_THAT(delays, Each(AllOf(Ge(c.least), Le(c.least + 21us))));
    }
}

// Fails if datagrams, or what a process sends to itself, take another way than streams between processes.
TEST(NetworkLatency, OfDatagramsAndOfOneProcessIsByDistanceToo) {
    small_world w(by_distance());
    w.a.set_location({"m1", "z1", "d1"});
    w.b.set_location({"m2", "z2", "d2"});
    std::vector<nanoseconds> at;
    for (process* receiver : {&w.a, &w.b})
        w.spawn(*receiver, [&, receiver]() -> asio::awaitable<void> {
            datagram_socket in(receiver->executor(), datagram_endpoint(receiver->address(), 7));
            char byte;
            datagram_endpoint from;
            co_await in.async_receive_from(asio::buffer(&byte, 1), from, as_result);
            at.push_back(w.world.now());
        });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        datagram_socket out(w.a.executor(), datagram_endpoint(w.a.address(), 0));
        for (process* receiver : {&w.a, &w.b})
            co_await out.async_send_to(asio::buffer("x", 1), datagram_endpoint(receiver->address(), 7),
                                       as_result);
    });
    w.run();
    ASSERT_EQ(at.size(), 2u);
    EXPECT_THAT(at[0], AllOf(Ge(1ms), Le(1ms + 21us)));
    EXPECT_THAT(at[1], AllOf(Ge(500ms), Le(500ms + 21us)));
}

// Fails if "uniform" is not: out of its bounds, or its mean or quarters are off.
TEST(NetworkLatency, MayBeUniform) {
    faults f;
    f.network.latency_min = 3ms;
    f.network.latency_mean = 2ms;
    f.network.shape = latency_shape::uniform;
    const auto delays = delays_between(f, 4000, [](small_world&) {});
    EXPECT_THAT(delays, Each(AllOf(Ge(3ms), Le(7ms))));
    for (const auto limit : {4ms, 5ms, 6ms}) {
        const auto below = std::count_if(delays.begin(), delays.end(), [&](auto d) { return d < limit; });
        const double p = static_cast<double>((limit - 3ms).count()) / 4;
        EXPECT_NEAR(static_cast<double>(below), 4000 * p, 5 * std::sqrt(4000 * p * (1 - p)));
    }
}

// Fails if the tail is not of the share or the length said, or if none is asked for and one is drawn.
TEST(NetworkLatency, MayHaveATail) {
    faults f;
    f.network.latency_min = 1ms;
    f.network.latency_mean = 1ms;
    f.network.shape = latency_shape::bimodal;
    f.network.tail_share = 0.05;
    f.network.tail_factor = 20;
    const auto delays = delays_between(f, 4000, [](small_world&) {});
    const auto slow = std::count_if(delays.begin(), delays.end(), [](auto d) { return d > 3ms; });
    EXPECT_NEAR(static_cast<double>(slow), 200, 5 * std::sqrt(4000 * 0.05 * 0.95));
    for (const auto d : delays)
        EXPECT_TRUE((d >= 1ms && d <= 3ms) || (d >= 20ms && d <= 60ms)) << d.count();
    f.network.tail_share = 0;
    const auto without = delays_between(f, 4000, [](small_world&) {});
    EXPECT_THAT(without, Each(AllOf(Ge(1ms), Le(3ms))));
    for (std::size_t i = 0; i < delays.size(); ++i) {
        if (delays[i] <= 3ms) {
            EXPECT_EQ(delays[i], without[i]) << "the tail moves no other message";
        }
    }
}

// Fails if bytes travel faster than the bandwidth, slower, or each connection has it to itself.
TEST(NetworkBandwidth, IsSharedByAllThatGoesOneWay) {
    faults f;
    f.network.latency_min = 1ms;
    f.network.latency_mean = 1us;
    f.network.bandwidth = 1'000'000;
    small_world w(f);
    const std::string text = pattern(500'000);
    int done = 0;
    nanoseconds there{0};
    nanoseconds back{0};
    nanoseconds datagram{0};
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        acceptor listening(w.b.executor());
        error_code ec;
        listening.listen({w.b.address(), 7}, ec);
        for (int i = 0; i < 2; ++i) {
            auto [error, peer] = co_await listening.async_accept(as_result);
            w.spawn(w.b, [&, in = std::make_shared<stream>(std::move(peer))]() -> asio::awaitable<void> {
                co_await asio::async_write(*in, asio::buffer("y", 1), as_result);
                EXPECT_TRUE((co_await read_all(*in)).second == text);
                ++done;
                there = w.world.now();
            });
        }
    });
    for (int i = 0; i < 2; ++i)
        w.spawn(w.a, connect_to(w.a, w.b, [&](stream out) -> asio::awaitable<void> {
                    char byte;
                    co_await out.async_read_some(asio::buffer(&byte, 1), as_result);
                    back = std::max(back, w.world.now());
                    co_await asio::async_write(out, asio::buffer(text), as_result);
                }));
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        datagram_socket in(w.b.executor(), datagram_endpoint(w.b.address(), 7));
        char byte;
        datagram_endpoint from;
        co_await in.async_receive_from(asio::buffer(&byte, 1), from, as_result);
        datagram = w.world.now();
    });
    w.at(100ms, [&] {
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            datagram_socket out(w.a.executor(), datagram_endpoint(w.a.address(), 0));
            co_await out.async_send_to(asio::buffer("x", 1), datagram_endpoint(w.b.address(), 7), as_result);
        });
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(done, 2);
    EXPECT_LT(back, 10ms) << "the other way is free";
    EXPECT_GE(there, 1s) << "a million bytes at a million a second";
    EXPECT_LT(there, 1100ms);
    EXPECT_GT(datagram, 120ms) << "it waits for two windows that are ahead of it";
    EXPECT_LT(datagram, 240ms);
}

// Fails if a writer gets farther ahead of its reader than the window, or not so far.
TEST(NetworkWindow, IsHowFarAWriterGetsAhead) {
    for (const std::uint32_t window : {1u, 1000u, 200'000u}) {
        faults f;
        f.network.window = window;
        small_world w(f);
        w.world.set_faults_on(window == 1000);  // it is so, faults or not
        const std::string text = pattern(400'000 % (window * 100 + 1));
        std::size_t taken = 0;
        std::size_t taken_early = 0;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                while (taken < text.size()) {
                    const auto [error, n] = co_await out.async_write_some(
                        asio::buffer(text.data() + taken, text.size() - taken), as_result);
                    EXPECT_FALSE(error);
                    taken += n;
                }
            },
            [&](stream in) -> asio::awaitable<void> {
                co_await sleep(w.b.executor(), 5s);
                taken_early = taken;
                EXPECT_TRUE((co_await read_all(in)).second == text);
            });
        EXPECT_EQ(w.run().how, verdict::passed);
        EXPECT_EQ(taken_early, std::min<std::size_t>(window, text.size()));
        EXPECT_EQ(taken, text.size());
    }
}

}  // namespace
}  // namespace squall
