// Partitions: what stands still, what goes on, and that nothing is lost.
#include "support.h"

#include <squall/datagram_socket.h>

namespace squall {
namespace {

using namespace testing_support;

struct arrival {
    nanoseconds when;
    char what;
};

// a and b send each other one byte every 100 ms, from 1 s to 10 s; what each got, and when.
struct exchange {
    explicit exchange(small_world& world) : w(world) {
        converse(
            w, [this](stream s) { return talk(w.a, std::move(s), at_a); },
            [this](stream s) { return talk(w.b, std::move(s), at_b); });
    }
    asio::awaitable<void> talk(process& here, stream s, std::vector<arrival>& got) {
        auto shared = std::make_shared<stream>(std::move(s));
        w.spawn(here, [&here, shared]() -> asio::awaitable<void> {
            for (int i = 0; i < 90; ++i) {
                co_await sleep_until(here.executor(), 1s + i * 100ms);
                const char byte = static_cast<char>(i);
                const auto [error, n] =
                    co_await asio::async_write(*shared, asio::buffer(&byte, 1), as_result);
                EXPECT_FALSE(error);
            }
            error_code ec;
            shared->shutdown_send(ec);
        });
        for (;;) {
            char byte;
            const auto [error, n] = co_await shared->async_read_some(asio::buffer(&byte, 1), as_result);
            if (error) {
                EXPECT_EQ(error, asio::error::eof);
                co_return;
            }
            got.push_back({w.world.now(), byte});
        }
    }
    // Whether all arrived, in order.
    static bool whole(const std::vector<arrival>& got) {
        if (got.size() != 90)
            return false;
        for (std::size_t i = 0; i < got.size(); ++i)
            if (got[i].what != static_cast<char>(i))
                return false;
        return true;
    }
    static int between(const std::vector<arrival>& got, nanoseconds from, nanoseconds to) {
        int count = 0;
        for (const auto& g : got)
            count += g.when >= from && g.when < to ? 1 : 0;
        return count;
    }
    small_world& w;
    std::vector<arrival> at_a;
    std::vector<arrival> at_b;
};

// Fails if a byte crosses a partition, is lost by it, or stays behind after it.
TEST(Partition, OfBothDirectionsStallsBothAndThaws) {
    small_world w;
    exchange talk(w);
    w.at(3s, [&] { w.world.partition({&w.a}, true, true); });
    w.at(6s, [&] { w.world.heal(); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_TRUE(exchange::whole(talk.at_a));
    EXPECT_TRUE(exchange::whole(talk.at_b));
    EXPECT_EQ(exchange::between(talk.at_a, 3s, 6s), 0);
    EXPECT_EQ(exchange::between(talk.at_b, 3s, 6s), 0);
    EXPECT_GE(exchange::between(talk.at_a, 6s, 6100ms), 29) << "thawed at once";
    EXPECT_GE(exchange::between(talk.at_b, 6s, 6100ms), 29);
}

// Fails if a one-way partition stops the other way as well, or stops the wrong one.
TEST(Partition, OfOneDirectionLeavesTheOtherAlone) {
    for (const bool outgoing : {true, false}) {
        small_world w;
        exchange talk(w);
        w.at(3s, [&] { w.world.partition({&w.a}, outgoing, !outgoing); });
        w.at(6s, [&] { w.world.heal(); });
        EXPECT_EQ(w.run().how, verdict::passed);
        EXPECT_TRUE(exchange::whole(talk.at_a) && exchange::whole(talk.at_b));
        EXPECT_EQ(exchange::between(talk.at_b, 3s, 6s), outgoing ? 0 : 30);
        EXPECT_EQ(exchange::between(talk.at_a, 3s, 6s), outgoing ? 30 : 0);
    }
}

// Fails if processes on the same side are cut off from each other.
TEST(Partition, DoesNotReachInsideASide) {
    small_world w;
    exchange talk(w);
    w.at(3s, [&] { w.world.partition({&w.a, &w.b}, true, true); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(exchange::between(talk.at_b, 3s, 6s), 30);
}

// Fails if what was sent before the cut slips through it, or is lost in it.
TEST(Partition, HoldsWhatIsInFlight) {
    faults f;
    f.network.latency_min = 50ms;
    f.network.latency_mean = 1us;
    small_world w(f);
    nanoseconds arrived{0};
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            co_await sleep_until(w.a.executor(), 1s);
            co_await out.async_write_some(asio::buffer("x", 1), as_result);
            co_await sleep(w.a.executor(), 10s);
        },
        [&](stream in) -> asio::awaitable<void> {
            char byte;
            const auto [error, n] = co_await in.async_read_some(asio::buffer(&byte, 1), as_result);
            EXPECT_FALSE(error);
            arrived = w.world.now();
        });
    w.at(1s + 10ms, [&] { w.world.partition({&w.b}, true, true); });
    w.at(5s, [&] { w.world.heal(); });
    w.run();
    EXPECT_GE(arrived, 5s);
    EXPECT_LT(arrived, 5s + 60ms);
}

// Fails if a connect gets through a partition, or is not answered once it is healed. The request stands when
// b hears nothing, the answer when b can only listen.
TEST(Partition, HoldsAConnectInProgress) {
    for (const bool request : {true, false}) {
        small_world w;
        nanoseconds connected{0};
        bool accepted_early = false;
        bool accepted = false;
        w.spawn(w.b, serve_one(w.b, [&](stream) -> asio::awaitable<void> {
                    accepted = true;
                    co_return;
                }));
        w.world.partition({&w.b}, !request, request);
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            stream out(w.a.executor());
            const auto [error] = co_await out.async_connect({w.b.address(), 7}, as_result);
            EXPECT_FALSE(error) << error.message();
            connected = w.world.now();
        });
        w.at(4s, [&] { accepted_early = accepted; });
        w.at(5s, [&] { w.world.heal(); });
        w.run();
        EXPECT_EQ(accepted_early, !request);
        EXPECT_TRUE(accepted);
        EXPECT_GE(connected, 5s);
        EXPECT_LT(connected, 5100ms);
    }
}

// Fails if a connect into a partition that does not end in time waits for ever.
TEST(Partition, OutlastsAConnectThatGivesUp) {
    small_world w;
    error_code result;
    bool accepted = false;
    w.spawn(w.b, serve_one(w.b, [&](stream) -> asio::awaitable<void> {
                accepted = true;
                co_return;
            }));
    w.world.partition({&w.b}, true, true);
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        stream out(w.a.executor());
        result = std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result));
    });
    w.run();
    EXPECT_EQ(result, asio::error::timed_out);
    EXPECT_FALSE(accepted);
}

// Fails if many cuts and heals, in all directions and at any time, ever cost or swap a byte.
TEST(Partition, NeverCutsAHoleIntoAStream) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        faults f;
        f.network.latency_mean = 200ms;
        f.network.partial_write = 0.5;
        f.network.clog = 0.02;
        small_world w(f, seed);
        decision_stream draws(seed, stream_key("cuts"));
        exchange talk(w);
        for (nanoseconds t = 500ms; t < 12s; t += draws.exponential(300ms)) {
            const auto kind = draws.below(4);
            w.at(t, [&w, kind] {
                if (kind == 0)
                    w.world.heal();
                else
                    w.world.partition({kind == 3 ? &w.b : &w.a}, kind != 2, kind != 1);
            });
        }
        w.at(20s, [&] { w.world.heal(); });
        EXPECT_EQ(w.run().how, verdict::passed);
        EXPECT_TRUE(exchange::whole(talk.at_a)) << "seed " << seed;
        EXPECT_TRUE(exchange::whole(talk.at_b)) << "seed " << seed;
    }
}

// Fails if the end of a stream or a reset overtakes a partition.
TEST(Partition, HoldsEndsAndResets) {
    for (const bool reset : {false, true}) {
        small_world w;
        nanoseconds seen{0};
        error_code how;
        converse(
            w,
            [&](stream) -> asio::awaitable<void> { co_await sleep_until(w.a.executor(), reset ? 99s : 2s); },
            [&](stream in) -> asio::awaitable<void> {
                how = (co_await read_all(in)).first;
                seen = w.world.now();
            });
        w.at(1s, [&] { w.world.partition({&w.a}, true, true); });
        if (reset)
            w.at(2s, [&] { w.a.crash(); });
        w.at(5s, [&] { w.world.heal(); });
        w.run();
        EXPECT_EQ(how, reset ? error_code(asio::error::connection_reset) : error_code(asio::error::eof));
        EXPECT_GE(seen, 5s);
        EXPECT_LT(seen, 5100ms);
    }
}

// Fails if the fault switch leaves a partition behind.
TEST(Partition, EndsWithTheFaults) {
    small_world w;
    exchange talk(w);
    w.at(3s, [&] { w.world.partition({&w.a}, true, true); });
    w.at(6s, [&] { w.world.set_faults_on(false); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_TRUE(exchange::whole(talk.at_a) && exchange::whole(talk.at_b));
}

// Fails if to heal one partition ends another, leaves its own, or ends a clog.
TEST(Partition, IsHealedByItself) {
    small_world w;
    exchange talk(w);
    partition_id first{}, second{};
    w.at(2s, [&] { first = w.world.partition({&w.a}, true, true); });
    w.at(3s, [&] { second = w.world.partition({&w.b, &w.c}, true, false); });
    w.at(4s, [&] { w.world.heal(first); });
    w.at(5s, [&] { w.world.heal(first); });  // is no more
    w.at(6s, [&] { w.world.heal(second); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_FALSE(first == second);
    EXPECT_TRUE(exchange::whole(talk.at_a) && exchange::whole(talk.at_b));
    EXPECT_EQ(exchange::between(talk.at_b, 2s, 4s), 0);
    EXPECT_EQ(exchange::between(talk.at_b, 4s, 4100ms), 20 + 1);
    EXPECT_EQ(exchange::between(talk.at_a, 2s, 6s), 0);
    EXPECT_EQ(exchange::between(talk.at_a, 6s, 6100ms), 40 + 1);
}

// Fails if the record does not say which partition ends, or tells of the end of one that is no more.
TEST(Partition, TheRecordSaysWhichOneEnds) {
    small_world w;
    partition_id first{}, second{};
    w.at(2s, [&] { first = w.world.partition({&w.a}, true, true); });
    w.at(3s, [&] { second = w.world.partition({&w.b, &w.c}, true, false); });
    w.at(4s, [&] { w.world.heal(second); });
    w.at(5s, [&] { w.world.heal(second); });  // is no more
    w.at(6s, [&] { w.world.heal(); });
    w.at(7s, [&] { w.world.heal(first); });  // likewise
    EXPECT_EQ(w.run().how, verdict::passed);
    std::vector<std::string> told;
    for (const std::string& line : w.world.tail())
        if (line.find("partition: ") != std::string::npos || line.find("healed: ") != std::string::npos)
            told.push_back(line);
    EXPECT_EQ(told, (std::vector<std::string>{"    2.000000 s  -             partition: a cut off",
                                              "    3.000000 s  -             partition: b, c cannot send",
                                              "    4.000000 s  -             healed: b, c cannot send",
                                              "    6.000000 s  -             healed: all"}));
}

// Fails if healing a partition ends a clog, which is another fault.
TEST(Partition, HealedByItselfLeavesClogs) {
    faults f;
    f.network.clog = 1;
    f.network.clog_time = std::chrono::hours(1000);
    small_world w(f);
    nanoseconds connected{0};
    const partition_id cut = w.world.partition({&w.a}, true, true);
    converse(
        w,
        [&](stream) -> asio::awaitable<void> {
            connected = w.world.now();
            co_return;
        },
        [&](stream) -> asio::awaitable<void> { co_return; });
    w.at(1s, [&] { w.world.heal(cut); });
    w.at(9s, [&] { w.world.heal(); });
    w.at(19s, [&] { w.world.heal(); });
    w.run_until(30s);
    EXPECT_GE(connected, 19s) << "the answer was clogged too";
}

// Fails if who is cut off depends on anything but the sets: looks at all pairs of a crowd, cut at random.
TEST(Partition, IsThatOfTheSets) {
    constexpr std::size_t count = 8;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        world_options options;
        options.seed = seed;
        world crowd(options);
        std::vector<process*> all;
        for (std::size_t i = 0; i < count; ++i)
            all.push_back(&crowd.add_process("p" + std::to_string(i)));
        decision_stream draws(seed, stream_key("sets"));
        bool wanted[count][count] = {};
        std::vector<std::pair<partition_id, std::vector<bool>>> healed;
        for (int cut = 0; cut < 5; ++cut) {
            std::vector<process*> side;
            std::vector<bool> in(count);
            for (std::size_t i = 0; i < count; ++i) {
                in[i] = draws.chance(0.4);
                if (in[i])
                    side.push_back(all[i]);
            }
            draws.shuffle(side);
            const bool out = draws.chance(0.6);
            const bool back = !out || draws.chance(0.5);
            const partition_id name = crowd.partition(side, out, back);
            if (cut % 2 == 1) {
                crowd.heal(name);
                continue;
            }
            for (std::size_t i = 0; i < count; ++i)
                for (std::size_t k = 0; k < count; ++k)
                    wanted[i][k] |= (in[i] && !in[k] && out) || (!in[i] && in[k] && back);
        }
        std::vector<std::vector<bool>> got(count, std::vector<bool>(count, true));
        for (std::size_t to = 0; to < count; ++to)
            asio::co_spawn(
                all[to]->executor(),
                [&, to]() -> asio::awaitable<void> {
                    datagram_socket in(all[to]->executor(), datagram_endpoint(all[to]->address(), 7));
                    for (;;) {
                        std::uint8_t from = 0;
                        datagram_endpoint sender;
                        co_await in.async_receive_from(asio::buffer(&from, 1), sender, as_result);
                        got[from][to] = false;
                    }
                },
                asio::detached);
        for (std::size_t from = 0; from < count; ++from)
            asio::co_spawn(
                all[from]->executor(),
                [&, from]() -> asio::awaitable<void> {
                    datagram_socket out(all[from]->executor(), datagram_endpoint(all[from]->address(), 0));
                    const auto number = static_cast<std::uint8_t>(from);
                    for (process* to : all)
                        co_await out.async_send_to(asio::buffer(&number, 1),
                                                   datagram_endpoint(to->address(), 7), as_result);
                },
                asio::detached);
        crowd.run();
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t k = 0; k < count; ++k)
                EXPECT_EQ(got[i][k], wanted[i][k]) << seed << ": " << i << " to " << k;
    }
}

}  // namespace
}  // namespace squall
