// Connects that take long or get no answer, connections that end without word, and what the end of faults
// makes of them.
#include "support.h"

#include <bit>
#include <cmath>
#include <set>

namespace squall {
namespace {

using namespace testing_support;

faults with(double network_faults::* which) {
    faults f;
    f.network.*which = 1;
    return f;
}

// Fails if a slow connect fails, is no slower, or takes longer than said.
TEST(NetworkConnect, MayBeSlow) {
    faults f = with(&network_faults::connect_slow);
    f.network.connect_slow_time = 10s;
    small_world w(f);
    std::vector<nanoseconds> took;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        acceptor listening(w.b.executor());
        error_code ec;
        listening.listen({w.b.address(), 7}, ec);
        for (int i = 0; i < 100; ++i)
            co_await listening.async_accept(as_result);
    });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 100; ++i) {
            stream out(w.a.executor());
            const nanoseconds start = w.world.now();
            EXPECT_FALSE(std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result)));
            took.push_back(w.world.now() - start);
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(w.faults_of("connect-slow"), 100u);
    nanoseconds sum{0};
    for (const auto t : took) {
        EXPECT_LE(t, 10s + 17ms);
        sum += t;
    }
    EXPECT_NEAR(static_cast<double>((sum / 100).count()), 5e9, 5 * 10e9 / std::sqrt(12.0 * 100));
}

// Fails if a connect that nobody answered still hangs once faults have ended.
TEST(NetworkConnect, ThatHangsIsAnsweredWhenFaultsEnd) {
    small_world w(with(&network_faults::connect_hangs));
    nanoseconds connected{0};
    bool served = false;
    w.spawn(w.b, serve_one(w.b, [&](stream in) -> asio::awaitable<void> {
                served = (co_await read_all(in)).second == "hello";
            }));
    w.spawn(w.a, connect_to(w.a, w.b, [&](stream out) -> asio::awaitable<void> {
                connected = w.world.now();
                co_await asio::async_write(out, asio::buffer("hello", 5), as_result);
            }));
    w.at(20s, [&] { w.world.heal(); });
    w.at(60s, [&] { w.world.set_faults_on(false); });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_GE(connected, 60s) << "healing partitions is not the end of faults";
    EXPECT_LT(connected, 60s + 20ms);
    EXPECT_TRUE(served);
}

// What the two ends of a connection saw of its end.
struct ends {
    explicit ends(faults f, double network_faults::* how) : w(std::move(f)) {
        EXPECT_EQ(how == nullptr ? 1 : w.world.options().network.*how, 1);
    }
    small_world w;
    error_code writer, writers_reader, peer;
    nanoseconds writer_at{0}, peer_at{0};
    std::string peer_got;
};

faults ending(double network_faults::* how) {
    faults f = with(&network_faults::close_connection);
    f.network.*how = 1;
    return f;
}

// Fails if anybody is told before the time-out, if the write fails, or if anything still arrives.
TEST(NetworkClose, MayBeSilent) {
    ends e(ending(&network_faults::close_silently), &network_faults::close_silently);
    small_world& w = e.w;
    error_code first_write;
    bool peer_done = false;
    std::size_t taken = 0;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await sleep_until(w.a.executor(), 10s);
            const std::string text = pattern(1'000'000);
            for (;;) {
                const auto [error, n] = co_await out.async_write_some(asio::buffer(text), as_result);
                if (taken == 0)
                    first_write = error;
                taken += n;
                if (error) {
                    e.writer = error;
                    e.writer_at = w.world.now();
                    break;
                }
            }
            char byte;
            e.writers_reader = std::get<0>(co_await out.async_read_some(asio::buffer(&byte, 1), as_result));
        },
        [&](stream in) -> asio::awaitable<void> {
            auto shared = std::make_shared<stream>(std::move(in));
            w.spawn(w.b, [&, shared]() -> asio::awaitable<void> {  // this way nothing arrives either
                co_await sleep_until(w.b.executor(), 100s);
                const auto [error, n] = co_await asio::async_write(*shared, asio::buffer("z", 1), as_result);
                EXPECT_FALSE(error);
            });
            const auto [error, got] = co_await read_all(*shared);
            e.peer = error;
            e.peer_at = w.world.now();
            e.peer_got = got;
            peer_done = true;
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_FALSE(first_write);
    EXPECT_EQ(taken, 65536u) << "what a window holds";
    EXPECT_EQ(e.writer, asio::error::timed_out);
    EXPECT_EQ(e.writer_at, 10s + 924'600ms) << "Linux: tcp_retries2";
    EXPECT_EQ(e.writers_reader, asio::error::timed_out);
    EXPECT_TRUE(peer_done);
    EXPECT_EQ(e.peer, asio::error::timed_out);
    EXPECT_EQ(e.peer_at, 100s + 924'600ms);
    EXPECT_EQ(e.peer_got, "");
    EXPECT_EQ(w.faults_of("close-silently"), 1u);
    EXPECT_EQ(w.faults_of("close-connection"), 0u);
}

// Fails if what was sent before the silent end is lost with it.
TEST(NetworkClose, SilentLosesNothingThatWasSentBefore) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        faults f;
        f.network.close_connection = 0.1;
        f.network.close_silently = 1;
        small_world w(f, seed);
        std::size_t sent = 0;
        std::string got;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                while (w.faults_of("close-silently") == 0) {
                    const char byte = pattern(1, sent)[0];
                    co_await out.async_write_some(asio::buffer(&byte, 1), as_result);
                    sent += w.faults_of("close-silently") == 0 ? 1 : 0;
                }
                co_await sleep(w.a.executor(), 1s);
                w.world.stop();
            },
            [&](stream in) -> asio::awaitable<void> {
                char byte;
                while (!std::get<0>(co_await in.async_read_some(asio::buffer(&byte, 1), as_result)))
                    got += byte;
            });
        w.run();
        EXPECT_EQ(got, pattern(sent).substr(0, sent).size() == got.size() ? got : "all of it");
        for (std::size_t i = 0; i < got.size(); ++i)
            ASSERT_EQ(got[i], pattern(1, i)[0]);
        EXPECT_EQ(got.size(), sent);
    }
}

// Fails if the peer of a half-open connection is told before it writes, or is not told then.
TEST(NetworkClose, MayBeHalfOpen) {
    ends e(ending(&network_faults::close_half), &network_faults::close_half);
    small_world& w = e.w;
    error_code peers_write;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await sleep_until(w.a.executor(), 10s);
            e.writer = std::get<0>(co_await out.async_write_some(asio::buffer("x", 1), as_result));
            e.writer_at = w.world.now();
            char byte;
            e.writers_reader = std::get<0>(co_await out.async_read_some(asio::buffer(&byte, 1), as_result));
        },
        [&](stream in) -> asio::awaitable<void> {
            auto shared = std::make_shared<stream>(std::move(in));
            w.spawn(w.b, [&, shared]() -> asio::awaitable<void> {
                co_await sleep_until(w.b.executor(), 5000s);
                w.world.set_faults_on(true);
                error_code ec;
                shared->shutdown_send(ec);  // is as good as a byte
                peers_write = ec;
            });
            const auto [error, got] = co_await read_all(*shared);
            e.peer = error;
            e.peer_at = w.world.now();
            e.peer_got = got;
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(e.writer, asio::error::connection_reset);
    EXPECT_EQ(e.writer_at, 10s);
    EXPECT_EQ(e.writers_reader, asio::error::connection_reset);
    EXPECT_FALSE(peers_write);
    EXPECT_EQ(e.peer, asio::error::connection_reset);
    EXPECT_GT(e.peer_at, 5000s);
    EXPECT_LT(e.peer_at, 5000s + 20ms);
    EXPECT_EQ(e.peer_got, "");
    EXPECT_EQ(w.faults_of("half-open"), 1u);
}

// Fails if somebody waits on for a connection that is none, though faults have ended.
TEST(NetworkClose, IsToldToEverybodyWhenFaultsEnd) {
    for (const auto how : {&network_faults::close_silently, &network_faults::close_half}) {
        ends e(ending(how), how);
        small_world& w = e.w;
        const bool silent = how == &network_faults::close_silently;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                co_await sleep_until(w.a.executor(), 10s);
                e.writer = std::get<0>(co_await out.async_write_some(asio::buffer("x", 1), as_result));
                if (!e.writer) {
                    char byte;
                    e.writer = std::get<0>(co_await out.async_read_some(asio::buffer(&byte, 1), as_result));
                }
                e.writer_at = w.world.now();
            },
            [&](stream in) -> asio::awaitable<void> {
                e.peer = (co_await read_all(in)).first;
                e.peer_at = w.world.now();
            });
        w.at(30s, [&] { w.world.heal(); });  // ends partitions, not this
        w.at(60s, [&] { w.world.set_faults_on(false); });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_EQ(e.writer, asio::error::connection_reset);
        EXPECT_EQ(e.peer, asio::error::connection_reset);
        EXPECT_GE(e.peer_at, 60s);
        EXPECT_LT(e.peer_at, 61s);
        EXPECT_EQ(e.writer_at >= 60s, silent);
        EXPECT_LT(e.writer_at, 61s);
    }
}

// Fails if the three ways to end are not drawn at their rates, or veto of one brings up another.
TEST(NetworkClose, ComesInThreeKindsAtTheirRates) {
    const auto run_once = [](std::vector<std::uint64_t> vetoed) {
        faults f;
        f.network.close_connection = 0.2;
        f.network.close_silently = 0.4;
        f.network.close_half = 0.3;
        auto w = std::make_unique<small_world>(f, 1, std::move(vetoed));
        small_world& world = *w;
        world.spawn(world.b, [&world]() -> asio::awaitable<void> {
            acceptor listening(world.b.executor());
            error_code ec;
            listening.listen({world.b.address(), 7}, ec);
            for (;;)
                co_await listening.async_accept(as_result);
        });
        world.spawn(world.a, [&world]() -> asio::awaitable<void> {
            for (int i = 0; i < 3000; ++i) {  // one write each
                stream out(world.a.executor());
                co_await out.async_connect({world.b.address(), 7}, as_result);
                co_await out.async_write_some(asio::buffer("x", 1), as_result);
            }
        });
        EXPECT_EQ(world.run().how, verdict::passed);
        return w;
    };
    const auto whole = run_once({});
    const auto near = [&](std::string_view kind, double p) {
        EXPECT_NEAR(static_cast<double>(whole->faults_of(kind)), 3000 * p, 5 * std::sqrt(3000 * p * (1 - p)))
            << kind;
    };
    near("close-silently", 0.2 * 0.4);
    near("half-open", 0.2 * 0.6 * 0.3);
    near("close-connection", 0.2 * 0.6 * 0.7);
    const auto records = whole->world.fault_records();
    ASSERT_GT(records.size(), 20u);
    for (std::size_t k = 0; k < 12; ++k) {
        const auto without = run_once({records[k].decision});
        const auto& left = without->world.fault_records();
        ASSERT_EQ(left.size(), records.size() - 1);
        for (std::size_t i = 0; i < left.size(); ++i)
            EXPECT_EQ(left[i].decision, records[i < k ? i : i + 1].decision);
    }
}

// Fails if the count of changed bits is not 1 plus the failures before a success of 1/2, or goes beyond 32.
TEST(NetworkBits, FlipOneAndThenSomeMore) {
    faults f = with(&network_faults::flip_bit);
    small_world w(f);
    constexpr int messages = 4000;
    std::map<int, int> counts;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            const std::string zeros(64, '\0');
            for (int i = 0; i < messages; ++i)
                co_await asio::async_write(out, asio::buffer(zeros), as_result);
        },
        [&](stream in) -> asio::awaitable<void> {
            for (int i = 0; i < messages; ++i) {
                unsigned char data[64];
                EXPECT_FALSE(std::get<0>(co_await asio::async_read(in, asio::buffer(data), as_result)));
                int bits = 0;
                for (const unsigned char byte : data)
                    bits += std::popcount(byte);
                ++counts[bits];
            }
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(counts.begin()->first, 1);
    EXPECT_LE(counts.rbegin()->first, 32);
    for (int bits = 1; bits <= 5; ++bits) {
        const double p = std::pow(0.5, bits);
        EXPECT_NEAR(counts[bits], messages * p, 5 * std::sqrt(messages * p * (1 - p))) << bits;
    }
}

// A conversation with everything that does not end it, or with all of it.
struct noisy {
    explicit noisy(std::uint64_t seed, bool ends, bool on = true, std::vector<std::uint64_t> vetoed = {})
        : w(chosen(ends), seed, std::move(vetoed)) {
        w.world.set_faults_on(on);
        converse(
            w,
            [this](stream out) -> asio::awaitable<void> {
                const std::string text = pattern(3000);
                for (std::size_t i = 0; i < text.size();) {
                    const auto [error, n] = co_await out.async_write_some(
                        asio::buffer(text.data() + i, std::min<std::size_t>(20, text.size() - i)), as_result);
                    if (error)
                        co_return;
                    i += n;
                    co_await sleep(w.a.executor(), 1ms);
                }
            },
            [this](stream in) -> asio::awaitable<void> { got = (co_await read_all(in)).second; });
        w.at(30s, [this] { w.world.set_faults_on(false); });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    }
    static faults chosen(bool ends) {
        faults f;
        f.network.slow_message = 0.05;
        f.network.partial_read = f.network.partial_write = 0.1;
        f.network.clog = 0.02;
        f.network.close_connection = ends ? 0.01 : 0;
        f.network.close_silently = f.network.close_half = 0.4;
        f.network.bandwidth = 100'000;
        f.network.window = 512;
        f.network.shape = latency_shape::bimodal;
        return f;
    }
    std::vector<std::uint64_t> decisions() const {
        std::vector<std::uint64_t> all;
        for (const auto& each : w.world.fault_records())
            all.push_back(each.decision);
        return all;
    }
    small_world w;
    std::string got;
};

// Fails if a seed does not repeat, what arrives is no prefix of what was sent, or faults that are off act.
TEST(NetworkFaults, RepeatAndKeepStreamsWhole) {
    const std::string text = pattern(3000);
    int cut = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const noisy first(seed, true);
        const noisy second(seed, true);
        EXPECT_EQ(first.decisions(), second.decisions());
        EXPECT_EQ(first.w.world.digest(), second.w.world.digest());
        EXPECT_TRUE(text.compare(0, first.got.size(), first.got) == 0) << "seed " << seed;
        cut += first.got.size() < text.size() ? 1 : 0;
        const noisy whole(seed, false);
        EXPECT_TRUE(whole.got == text);
        const noisy off(seed, true, false);
        EXPECT_TRUE(off.got == text);
        EXPECT_THAT(off.decisions(), testing::IsEmpty());
    }
    EXPECT_GT(cut, 10);
}

// Fails if to veto a fault changes one that comes before it.
TEST(NetworkFaults, AVetoLeavesAllBeforeAsTheyWere) {
    const auto all = noisy(3, false).decisions();
    ASSERT_GT(all.size(), 20u);
    for (std::size_t k = 0; k < all.size(); k += 7) {
        const auto without = noisy(3, false, true, {all[k]}).decisions();
        ASSERT_GE(without.size(), k);
        for (std::size_t i = 0; i < k; ++i)
            EXPECT_EQ(without[i], all[i]);
        EXPECT_EQ(std::count(without.begin(), without.end(), all[k]), 0);
    }
}

}  // namespace
}  // namespace squall
