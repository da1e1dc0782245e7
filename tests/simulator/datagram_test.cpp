// Faults of datagrams, each seen by who receives them.
#include "support.h"

#include <squall/datagram_socket.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <tuple>

namespace squall {
namespace {

using namespace testing_support;

struct traffic {
    std::vector<int> got;  // numbers of datagrams, in the order of their arrival
    std::vector<nanoseconds> times;
    std::uint64_t digest = 0;
};

// a sends numbered datagrams to b's port 7, one every `apart`, and b writes down what comes.
struct numbered {
    explicit numbered(const faults& chosen, std::uint64_t seed = 1, std::vector<std::uint64_t> vetoed = {})
        : w(chosen, seed, std::move(vetoed)) {}

    const traffic& send(int count, nanoseconds apart = 1s) {
        receive();
        w.spawn(w.a, [this, count, apart]() -> asio::awaitable<void> {
            datagram_socket out(w.a.executor(), datagram_endpoint(w.a.address(), 0));
            for (int i = 0; i < count; ++i) {
                const auto [error, n] = co_await out.async_send_to(
                    asio::buffer(&i, sizeof i), datagram_endpoint(w.b.address(), 7), as_result);
                EXPECT_FALSE(error) << "a sender is never told";
                co_await sleep(w.a.executor(), apart);
            }
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        seen.digest = w.world.digest();
        return seen;
    }
    void receive() {
        w.spawn(w.b, [this]() -> asio::awaitable<void> {
            datagram_socket in(w.b.executor(), datagram_endpoint(w.b.address(), 7));
            for (;;) {
                int number = -1;
                datagram_endpoint from;
                const auto [error, n] =
                    co_await in.async_receive_from(asio::buffer(&number, sizeof number), from, as_result);
                if (error)
                    co_return;
                EXPECT_EQ(n, sizeof number);
                EXPECT_EQ(from.address(), w.a.address());
                seen.got.push_back(number);
                seen.times.push_back(w.world.now());
            }
        });
    }

    small_world w;
    traffic seen;
};

std::vector<int> all_of(int count) {
    std::vector<int> numbers(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        numbers[static_cast<std::size_t>(i)] = i;
    return numbers;
}

// Fails if a datagram is lost, doubled or late though nothing is wrong.
TEST(Datagram, ArriveOnceEachWhereNothingIsWrong) {
    numbered calm(faults{});
    EXPECT_EQ(calm.send(500).got, all_of(500));
    EXPECT_THAT(calm.w.world.fault_counts(), testing::IsEmpty());
}

// Fails if datagrams wait for those ahead of them, as the bytes of a stream do.
TEST(Datagram, OvertakeEachOtherByTheirLatencyAlone) {
    faults f;
    f.network.latency_mean = 10ms;
    numbered close(f);
    auto got = close.send(500, 1us).got;
    EXPECT_FALSE(std::is_sorted(got.begin(), got.end()));
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, all_of(500));
}

// Fails if the share that is lost is not the one asked for, or a loss brings others with it.
TEST(Datagram, AreLostByChance) {
    faults f;
    f.network.datagram_loss = 0.25;
    numbered lossy(f);
    const auto& seen = lossy.send(4000);
    EXPECT_NEAR(seen.got.size(), 3000, 5 * std::sqrt(4000 * 0.25 * 0.75));
    EXPECT_TRUE(std::is_sorted(seen.got.begin(), seen.got.end()));
    EXPECT_EQ(lossy.w.faults_of("datagram-loss"), 4000 - seen.got.size());
}

// Fails if a second copy does not arrive, arrives in the first one's place, or changes who it is from.
TEST(Datagram, ArriveTwiceByChance) {
    faults f;
    f.network.datagram_duplicate = 0.5;
    numbered doubled(f);
    const auto& seen = doubled.send(2000);
    std::map<int, int> copies;
    for (const int number : seen.got)
        ++copies[number];
    EXPECT_EQ(copies.size(), 2000u);
    int twice = 0;
    for (const auto& [number, count] : copies) {
        EXPECT_LE(count, 2);
        twice += count == 2 ? 1 : 0;
    }
    EXPECT_NEAR(twice, 1000, 5 * std::sqrt(2000 * 0.25));
    EXPECT_EQ(doubled.w.faults_of("datagram-duplicate"), static_cast<std::uint64_t>(twice));
    std::set<nanoseconds> moments(seen.times.begin(), seen.times.end());
    EXPECT_GT(moments.size(), seen.times.size() - 20) << "each copy has a latency of its own";
}

// Fails if none is held back long enough for later ones to pass, or one is held back for longer than said.
TEST(Datagram, AreHeldBackByChance) {
    faults f;
    f.network.datagram_reorder = 0.2;
    f.network.datagram_reorder_time = 10s;
    numbered late(f);
    auto seen = late.send(1000);
    EXPECT_FALSE(std::is_sorted(seen.got.begin(), seen.got.end()));
    for (std::size_t i = 0; i < seen.got.size(); ++i) {
        const auto delay = seen.times[i] - seen.got[i] * 1s;
        EXPECT_LE(delay, 10s + 9ms) << seen.got[i];
    }
    std::sort(seen.got.begin(), seen.got.end());
    EXPECT_EQ(seen.got, all_of(1000));
    EXPECT_NEAR(late.w.faults_of("datagram-reorder"), 200, 5 * std::sqrt(1000 * 0.2 * 0.8));
}

// Fails if none is changed, more than the record says, or by more than 32 bits.
TEST(Datagram, BitsFlip) {
    faults f;
    f.network.flip_bit = 0.5;
    small_world w(f);
    int changed = 0;
    const std::string sent = pattern(100);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        datagram_socket in(w.b.executor(), datagram_endpoint(w.b.address(), 7));
        for (;;) {
            std::string text(200, '\0');
            datagram_endpoint from;
            const auto [error, n] = co_await in.async_receive_from(asio::buffer(text), from, as_result);
            EXPECT_EQ(n, sent.size());
            int bits = 0;
            for (std::size_t i = 0; i < n; ++i)
                bits += std::popcount(static_cast<unsigned char>(text[i] ^ sent[i]));
            EXPECT_LE(bits, 32);
            changed += bits > 0 ? 1 : 0;
        }
    });
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        datagram_socket out(w.a.executor(), datagram_endpoint(w.a.address(), 0));
        for (int i = 0; i < 400; ++i)
            co_await out.async_send_to(asio::buffer(sent), datagram_endpoint(w.b.address(), 7), as_result);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_NEAR(changed, 200, 50);
    EXPECT_EQ(w.faults_of("bit-flip"), static_cast<std::uint64_t>(changed));
}

// Fails if a partition keeps datagrams for later, as it does bytes, or lets them through.
TEST(Datagram, APartitionDropsThem) {
    numbered cut(faults{});
    cut.w.at(10500ms, [&] { cut.w.world.partition({&cut.w.a}, true, false); });
    cut.w.at(20500ms, [&] { cut.w.world.heal(); });
    const auto& seen = cut.send(30);
    std::vector<int> wanted = all_of(30);
    wanted.erase(wanted.begin() + 11, wanted.begin() + 21);
    EXPECT_EQ(seen.got, wanted);
}

// Fails if a datagram that is on its way slips through a partition that begins before it arrives.
TEST(Datagram, APartitionDropsWhatIsOnItsWay) {
    faults f;
    f.network.latency_min = 1s;
    numbered cut(f);
    cut.w.at(500ms, [&] { cut.w.world.partition({&cut.w.a}, true, false); });
    cut.w.at(1900ms, [&] { cut.w.world.heal(); });
    EXPECT_EQ(cut.send(3, 2s).got, (std::vector<int>{1, 2}));
}

// Fails if the other direction of a one-way partition is cut too.
TEST(Datagram, AOneWayPartitionLetsTheOtherWayThrough) {
    numbered cut(faults{});
    cut.w.at(1ns, [&] { cut.w.world.partition({&cut.w.a}, false, true); });
    EXPECT_EQ(cut.send(5).got, all_of(5));
}

// Fails if a socket outlives its process, its address stays taken, or the peer is told.
TEST(Datagram, ACrashClosesSockets) {
    numbered down(faults{});
    down.w.at(10500ms, [&] { down.w.b.crash(); });
    down.w.at(20500ms, [&] {
        down.w.b.start();
        down.receive();
    });
    const auto& seen = down.send(30);
    std::vector<int> wanted = all_of(30);
    wanted.erase(wanted.begin() + 11, wanted.begin() + 21);
    EXPECT_EQ(seen.got, wanted);
}

// Fails if what a process has sent is lost because it crashes afterwards.
TEST(Datagram, WhatIsOnItsWaySurvivesItsSender) {
    faults f;
    f.network.latency_min = 1s;
    numbered down(f);
    down.w.at(500ms, [&] { down.w.a.crash(true); });
    EXPECT_EQ(down.send(3).got, std::vector<int>{0});
}

// Fails if a paused process loses what its queue has room for.
TEST(Datagram, APausedProcessGetsThemLater) {
    numbered still(faults{});
    still.w.at(2500ms, [&] { still.w.b.pause(10s); });
    const auto& seen = still.send(8);
    EXPECT_EQ(seen.got, all_of(8));
    EXPECT_GE(seen.times[3], 12500ms);
}

// Fails if two runs of a seed differ, two seeds do not, or a fault is decided by anything but (link,
// ordinal).
TEST(Datagram, ASeedRepeats) {
    const auto run_once = [](std::uint64_t seed) {
        faults f = draw_faults(seed, profile::hostile);
        f.network.flip_bit = 0;
        numbered all(f, seed);
        const auto& seen = all.send(300, 1ms);
        return std::tuple(seen.got, seen.times, seen.digest);
    };
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        EXPECT_EQ(run_once(seed), run_once(seed)) << "seed " << seed;
    EXPECT_NE(run_once(1), run_once(2));
}

// Fails if a vetoed fault happens all the same, or another datagram's fate changes with it.
TEST(Datagram, AVetoTakesOutOneFault) {
    faults f;
    f.network.datagram_loss = 0.1;
    f.network.datagram_duplicate = 0.1;
    numbered whole(f);
    const auto first = whole.send(100);
    const auto records = whole.w.world.fault_records();
    ASSERT_GT(records.size(), 10u);
    for (std::size_t i = 0; i < 10; ++i) {
        numbered without(f, 1, {records[i].decision});
        const auto second = without.send(100);
        const bool lost = records[i].kind == "datagram-loss";
        // A datagram that is not lost after all may be doubled.
        EXPECT_GE(second.got.size() + 1, first.got.size());
        EXPECT_EQ(second.got.size() > first.got.size(), lost) << records[i].kind;
        for (const auto& fault : without.w.world.fault_records())
            EXPECT_NE(fault.decision, records[i].decision);
    }
}

// Fails if a figure of a fault that is off, or faults being off, leaves a trace.
TEST(Datagram, CalmDrawsNothing) {
    faults f;
    const auto calm = numbered(f).send(100).digest;
    f.network.datagram_reorder_time = 1h;
    EXPECT_EQ(numbered(f).send(100).digest, calm);
    f.network.datagram_loss = f.network.datagram_duplicate = f.network.datagram_reorder = 1;
    numbered off(f);
    off.w.world.set_faults_on(false);
    EXPECT_EQ(off.send(100).got, all_of(100));
    EXPECT_THAT(off.w.world.fault_counts(), testing::IsEmpty());
    const faults drawn = draw_faults(1, profile::calm);
    EXPECT_EQ(drawn.network.datagram_loss + drawn.network.datagram_duplicate + drawn.network.datagram_reorder,
              0);
    EXPECT_GT(draw_faults(1, profile::hostile).network.datagram_reorder, 0);
}

}  // namespace
}  // namespace squall
