// Rules by hand: what arrives, when, and what comes again.
#include <squall/link_rule.h>

#include "support.h"

#include <squall/datagram_socket.h>
#include <squall/simulation.h>

namespace squall {
namespace {

using namespace testing_support;

// a sends b a byte a second from 1 s on; when they arrived, as whole seconds and milliseconds.
struct counting {
    explicit counting(int count, faults f = quick()) : w(std::move(f)) {
        converse(
            w,
            [this, count](stream out) -> asio::awaitable<void> {
                for (int i = 0; i < count; ++i) {
                    co_await sleep_until(w.a.executor(), (i + 1) * 1s);
                    const char byte = static_cast<char>(i);
                    sender = std::get<0>(co_await asio::async_write(out, asio::buffer(&byte, 1), as_result));
                    if (sender)
                        co_return;
                }
                char byte;
                sender = std::get<0>(co_await out.async_read_some(asio::buffer(&byte, 1), as_result));
                sender_at = w.world.now();
            },
            [this, count](stream in) -> asio::awaitable<void> {
                for (int i = 0; i < count; ++i) {
                    char byte;
                    receiver = std::get<0>(co_await in.async_read_some(asio::buffer(&byte, 1), as_result));
                    if (receiver)
                        co_return;
                    EXPECT_EQ(byte, static_cast<char>(i));
                    at.push_back(w.world.now());
                }
            });
    }
    static faults quick() {
        faults f;
        f.network.latency_min = 1ms;
        f.network.latency_mean = 0ns;
        return f;
    }
    small_world w;
    std::vector<nanoseconds> at;
    error_code sender, receiver;
    nanoseconds sender_at{0};
};

// Fails if a rule is not asked, of the wrong direction or process, or is told what is not so.
TEST(LinkRule, IsAskedAboutEachMessageOfItsLink) {
    small_world w;
    std::vector<std::string> seen;
    int others = 0;
    const auto name = [](message_kind k) {
        static const char* const names[] = {"connect", "accept", "data", "end", "reset", "datagram"};
        return std::string(names[static_cast<std::size_t>(k)]);
    };
    link_rule all(w.world, [&](const link_message& m) {
        EXPECT_EQ(m.attempt, 0u);
        EXPECT_EQ(m.bytes(), m.payload.size());
        seen.push_back(m.from.name() + m.to.name() + " " + name(m.kind) + " " + std::string(m.payload));
        return link_action::pass();
    });
    link_rule of_c(w.world, w.c, any_process, [&](const link_message&) {
        ++others;
        return link_action::drop();
    });
    link_rule to_b(w.world, any_process, w.b, [&](const link_message& m) {
        EXPECT_EQ(&m.to, &w.b);
        return link_action::pass();
    });
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await asio::async_write(out, asio::buffer("hello", 5), as_result);
            datagram_socket socket(w.a.executor(), datagram_endpoint(w.a.address(), 0));
            co_await sleep(w.a.executor(), 1s);
            co_await socket.async_send_to(asio::buffer("gram", 4), datagram_endpoint(w.b.address(), 9),
                                          as_result);
            co_await sleep(w.a.executor(), 1s);
            error_code ec;
            out.shutdown_send(ec);
            co_await sleep(w.a.executor(), 1s);
        },
        [&](stream in) -> asio::awaitable<void> {
            co_await read_all(in);
            error_code ec;
            in.shutdown_send(ec);
        });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(seen, (std::vector<std::string>{"ab connect ", "ba accept ", "ab data hello",
                                              "ab datagram gram", "ab end ", "ba end "}));
    EXPECT_EQ(others, 0);
}

// Fails if a delayed message is not, asks again, or what follows it in a stream does not wait.
TEST(LinkRule, Delays) {
    counting c(4);
    link_rule slow(c.w.world, c.w.a, c.w.b, [&](const link_message& m) {
        return m.payload == std::string_view("\1", 1) ? link_action::delay(1500ms) : link_action::pass();
    });
    c.w.run();
    EXPECT_EQ(c.at, (std::vector<nanoseconds>{1001ms, 3501ms, 3501ms, 4001ms}));
}

// Fails if what is lost makes a hole, comes back at other times than TCP's, or passes what is behind it.
TEST(LinkRule, ALostSegmentComesAgain) {
    counting c(6);
    std::vector<std::uint32_t> attempts;
    link_rule lossy(c.w.world, c.w.a, c.w.b, [&](const link_message& m) {
        if (m.payload != std::string_view("\1", 1))
            return link_action::pass();
        attempts.push_back(m.attempt);
        return m.attempt < 4 ? link_action::drop() : link_action::pass();
    });
    c.w.run();
    // 200 + 400 + 800 + 1600 ms
    EXPECT_EQ(c.at, (std::vector<nanoseconds>{1001ms, 5001ms, 5001ms, 5001ms, 5001ms, 6001ms}));
    EXPECT_EQ(attempts, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

// Fails if a sender whose bytes never arrive is not told after Linux's time, or the peer is told at all.
TEST(LinkRule, ASenderGivesUpAfterItsRetries) {
    counting c(3);
    int asked = 0;
    link_rule lossy(c.w.world, c.w.a, c.w.b, [&](const link_message& m) {
        const bool second = m.payload == std::string_view("\1", 1);
        asked += second ? 1 : 0;
        return second ? link_action::drop() : link_action::pass();
    });
    c.w.run_until(2000s);
    EXPECT_EQ(asked, 16) << "once, and fifteen times again";
    EXPECT_EQ(c.sender, asio::error::timed_out);
    EXPECT_EQ(c.sender_at, 2001ms + 924'600ms);
    EXPECT_EQ(c.at.size(), 1u);
    EXPECT_FALSE(c.receiver) << "it waits";
    c.w.world.set_faults_on(false);
    c.w.run();
    EXPECT_EQ(c.receiver, asio::error::connection_reset) << "nothing waits for ever when faults have ended";
}

// Fails if a lost connect or its lost answer does not come again after a second, or never gives up.
TEST(LinkRule, ConnectsComeAgain) {
    for (const auto what : {message_kind::connect, message_kind::accept}) {
        small_world w(counting::quick());
        nanoseconds connected{0};
        link_rule lossy(w.world, [&](const link_message& m) {
            return m.kind == what && m.attempt < 2 ? link_action::drop() : link_action::pass();
        });
        converse(
            w,
            [&](stream) -> asio::awaitable<void> {
                connected = w.world.now();
                co_return;
            },
            [&](stream) -> asio::awaitable<void> { co_return; });
        EXPECT_EQ(w.run().how, verdict::passed);
        EXPECT_EQ(connected, 3002ms) << "1 s, and 2 s";
    }
    for (const auto what : {message_kind::connect, message_kind::accept}) {
        small_world w(counting::quick());
        error_code client, server;
        nanoseconds server_at{0};
        link_rule lost(w.world, [&](const link_message& m) {
            return m.kind == what ? link_action::drop() : link_action::pass();
        });
        w.spawn(w.b, serve_one(w.b, [&](stream in) -> asio::awaitable<void> {
                    server = (co_await read_all(in)).first;
                    server_at = w.world.now();
                }));
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            stream out(w.a.executor());
            client = std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result));
            EXPECT_EQ(w.world.now(), 127s);
        });
        w.run();
        EXPECT_EQ(client, asio::error::timed_out);
        if (what == message_kind::accept) {
            EXPECT_EQ(server, asio::error::timed_out);
            EXPECT_EQ(server_at, 63s + 2ms);
        }
    }
}

// Fails if what is held arrives before it is let go, out of order, or not at all; or a rule lets go what came
// after.
TEST(LinkRule, HoldsUntilItIsReleased) {
    counting c(6);
    std::optional<link_rule> held;
    c.w.at(1500ms, [&] {
        held.emplace(c.w.world, c.w.a, c.w.b, [](const link_message&) { return link_action::hold(); });
    });
    c.w.at(3500ms, [&] { held->release(); });
    c.w.at(5500ms, [&] { held.reset(); });
    c.w.run();
    EXPECT_EQ(c.at, (std::vector<nanoseconds>{1001ms, 3500ms, 3500ms, 5500ms, 5500ms, 6001ms}));
}

// Fails if a message that was on its way when the rule was made escapes it.
TEST(LinkRule, IsAskedAboutWhatIsOnItsWay) {
    faults f;
    f.network.latency_min = 600ms;
    f.network.latency_mean = 0ns;
    counting c(2, f);
    std::optional<link_rule> held;
    c.w.at(2100ms, [&] {
        held.emplace(c.w.world, c.w.a, any_process, [](const link_message&) { return link_action::hold(); });
    });
    c.w.at(9s, [&] { held.reset(); });
    c.w.run();
    ASSERT_EQ(c.at.size(), 2u);
    EXPECT_GE(c.at.back(), 9s);
}

// Fails if a later rule overrules an earlier one, or is not asked where that lets pass.
TEST(LinkRule, TheFirstThatMindsDecides) {
    counting c(3);
    int second = 0;
    link_rule one(c.w.world, c.w.a, c.w.b, [](const link_message& m) {
        return m.payload == std::string_view("\1", 1) ? link_action::delay(100ms) : link_action::pass();
    });
    link_rule two(c.w.world, c.w.a, c.w.b, [&](const link_message& m) {
        second += m.kind == message_kind::data ? 1 : 0;
        return m.kind == message_kind::data ? link_action::delay(50ms) : link_action::pass();
    });
    c.w.run();
    EXPECT_EQ(c.at, (std::vector<nanoseconds>{1051ms, 2101ms, 3051ms}));
    EXPECT_EQ(second, 2);
}

// Fails if a dropped datagram arrives, a held one does not in the end, or a delayed one is not late.
TEST(LinkRule, OfDatagrams) {
    small_world w(counting::quick());
    std::vector<std::pair<char, nanoseconds>> got;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        datagram_socket in(w.b.executor(), datagram_endpoint(w.b.address(), 7));
        for (;;) {
            char byte;
            datagram_endpoint from;
            co_await in.async_receive_from(asio::buffer(&byte, 1), from, as_result);
            got.emplace_back(byte, w.world.now());
        }
    });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        datagram_socket out(w.a.executor(), datagram_endpoint(w.a.address(), 0));
        for (const char* byte : {"d", "l", "p", "h", "h"}) {
            co_await out.async_send_to(asio::buffer(byte, 1), datagram_endpoint(w.b.address(), 7), as_result);
            co_await sleep(w.a.executor(), 1s);
        }
    });
    std::optional<link_rule> rule;
    rule.emplace(w.world, w.a, w.b, [](const link_message& m) {
        switch (m.payload[0]) {
            case 'd':
                return link_action::drop();
            case 'l':
                return link_action::delay(5s);
            case 'h':
                return link_action::hold();
        }
        return link_action::pass();
    });
    w.at(20s, [&] { rule.reset(); });
    w.run();
    EXPECT_EQ(got, (std::vector<std::pair<char, nanoseconds>>{
                       {'p', 2001ms}, {'l', 6001ms}, {'h', 20s}, {'h', 20s}}));
}

// Fails if a lost reset is sent again, or leaves its receiver without one when it writes.
TEST(LinkRule, ALostResetIsGone) {
    small_world w(counting::quick());
    error_code peer;
    nanoseconds peer_at{0};
    int resets = 0;
    link_rule lossy(w.world, [&](const link_message& m) {
        resets += m.kind == message_kind::reset ? 1 : 0;
        return m.kind == message_kind::reset && w.world.now() < 50s ? link_action::drop()
                                                                    : link_action::pass();
    });
    converse(
        w, [&](stream) -> asio::awaitable<void> { co_await sleep(w.a.executor(), 1000s); },
        [&](stream in) -> asio::awaitable<void> {
            auto shared = std::make_shared<stream>(std::move(in));
            w.spawn(w.b, [&, shared]() -> asio::awaitable<void> {
                co_await sleep_until(w.b.executor(), 100s);
                co_await asio::async_write(*shared, asio::buffer("x", 1), as_result);
            });
            peer = (co_await read_all(*shared)).first;
            peer_at = w.world.now();
        });
    w.at(10s, [&] { w.a.crash(); });
    w.run();
    EXPECT_EQ(resets, 2);
    EXPECT_EQ(peer, asio::error::connection_reset);
    EXPECT_EQ(peer_at, 100s + 2ms);
}

// Fails if an exception of a rule leaves the run otherwise than as its outcome.
TEST(LinkRule, ThatThrowsEndsTheRun) {
    counting c(3);
    link_rule bad(c.w.world, [](const link_message& m) -> link_action {
        if (m.kind == message_kind::data)
            throw std::runtime_error("no such message");
        return link_action::pass();
    });
    const outcome& ended = c.w.run();
    EXPECT_EQ(ended.how, verdict::exception);
    EXPECT_EQ(ended.message, "a link rule: no such message");
}

// Fails if a guard that outlives its world, or ends with it, touches what is gone.
TEST(LinkRule, MayOutliveItsWorld) {
    std::optional<link_rule> rule;
    {
        counting c(3);
        rule.emplace(c.w.world, [](const link_message& m) {
            return m.kind == message_kind::data ? link_action::hold() : link_action::pass();
        });
        c.w.run_until(10s);
        EXPECT_TRUE(c.at.empty());
    }
    rule->release();
    rule.reset();
}

// Fails if any interleaving of losses, delays, holds, cuts and crashes cuts a hole into a stream.
TEST(LinkRule, NeverCutsAHoleIntoAStream) {
    const std::string text = pattern(4000);
    std::size_t whole = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        faults f;
        f.network.latency_mean = 50ms;
        f.network.partial_write = 0.3;
        f.network.clog = 0.02;
        f.network.close_connection = seed % 3 == 0 ? 0.002 : 0;
        f.network.close_silently = f.network.close_half = 0.4;
        small_world w(f, seed);
        decision_stream draws(seed, stream_key("interleaving"));
        std::optional<link_rule> rule;
        rule.emplace(w.world, [&](const link_message& m) {
            switch (draws.below(m.attempt > 3 ? 20 : 10)) {
                case 0:
                    return link_action::drop();
                case 1:
                    return link_action::delay(300ms);
                case 2:
                    return link_action::hold();
            }
            return link_action::pass();
        });
        std::string got;
        std::vector<partition_id> cuts;
        const bool dies = seed % 2 == 0;
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            stream out(w.a.executor());
            if (std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result)))
                co_return;  // b is gone
            for (std::size_t i = 0; i < text.size(); i += 50) {
                co_await sleep(w.a.executor(), 100ms);
                const auto [error, n] =
                    co_await asio::async_write(out, asio::buffer(text.data() + i, 50), as_result);
                if (error)
                    co_return;
            }
        });
        w.spawn(w.b, serve_one(w.b, [&](stream in) -> asio::awaitable<void> {
                    char chunk[512];
                    for (;;) {
                        const auto [error, n] = co_await in.async_read_some(asio::buffer(chunk), as_result);
                        if (error)
                            co_return;
                        got.append(chunk, n);
                    }
                }));
        for (nanoseconds t = 500ms; t < 12s; t += draws.exponential(200ms)) {
            const auto kind = draws.below(6);
            w.at(t, [&, kind] {
                if (kind == 0)
                    w.world.heal();
                else if (kind == 1 && !cuts.empty())
                    w.world.heal(draws.choice(cuts));
                else if (kind == 2)
                    rule->release();
                else
                    cuts.push_back(w.world.partition({kind == 3 ? &w.b : &w.a}, kind != 4, kind != 5));
            });
        }
        if (dies)
            w.at(draws.duration(1s, 12s), [&] { (seed % 4 == 0 ? w.a : w.b).crash(seed % 8 < 4); });
        w.at(20s, [&] {
            rule.reset();
            w.world.set_faults_on(false);
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_EQ(text.compare(0, got.size(), got), 0) << "seed " << seed;
        whole += got.size() == text.size() ? 1 : 0;
        if (!dies && f.network.close_connection == 0) {
            EXPECT_EQ(got.size(), text.size()) << "seed " << seed;
        }
    }
    EXPECT_GT(whole, 15u);
}

// Fails if a rule cannot be made from inside a simulation.
TEST(LinkRule, IsMadeInsideASimulation) {
    struct client : workload {
        asio::awaitable<void> run(workload_context& self) override {
            int asked = 0;
            const link_rule rule(self.world(), any_process, self.process(), [&](const link_message&) {
                ++asked;
                return link_action::delay(1s);
            });
            stream out(self.executor());
            const nanoseconds start = self.now();
            co_await out.async_connect({self.peers("server").front(), 7}, as_result);
            if (asked < 1 || self.now() - start < 1s)
                throw check_failed("the rule was not asked");
        }
    };
    const auto report = simulation("rules")
                            .processes("server", 1,
                                       [](process_context& self) -> asio::awaitable<void> {
                                           acceptor listening(self.executor());
                                           error_code ec;
                                           listening.listen(self.endpoint(7), ec);
                                           for (;;)
                                               co_await listening.async_accept(as_result);
                                       })
                            .workload("client", 1, [] { return std::make_unique<client>(); })
                            .chaos(profile::calm)
                            .seeds(3)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
}  // namespace squall
