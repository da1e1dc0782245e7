// A process that stands still: what it misses, what waits for it, and how it goes on.
#include "support.h"

namespace {

using namespace squall::testing_support;

asio::awaitable<void> tick(squall::process& where, std::vector<nanoseconds>& ticks, squall::world& world) {
    for (int i = 0; i < 5; ++i) {
        co_await sleep(where.executor(), 10ms);
        ticks.push_back(world.now());
    }
}

// Fails if code of a paused process runs, or does not go on where it stood.
TEST(Pause, TimersFireLateAndInOrder) {
    small_world w;
    std::vector<nanoseconds> ticks;
    w.spawn(w.a, [&] { return tick(w.a, ticks, w.world); });
    w.at(25ms, [&] { w.a.pause(100ms); });
    w.run();
    EXPECT_EQ(ticks, (std::vector<nanoseconds>{10ms, 20ms, 125ms, 135ms, 145ms}));
}

// Fails if others stand still too.
TEST(Pause, IsOneProcesss) {
    small_world w;
    std::vector<nanoseconds> ticks;
    w.spawn(w.b, [&] { return tick(w.b, ticks, w.world); });
    w.at(5ms, [&] { w.a.pause(100ms); });
    w.run();
    EXPECT_EQ(ticks.back(), 50ms);
}

// Fails if a second pause cuts the first one short, or resume() waits for the time.
TEST(Pause, TheLongerOneHoldsAndResumeEndsIt) {
    for (const bool resume : {false, true}) {
        small_world w;
        std::vector<nanoseconds> ticks;
        w.spawn(w.a, [&] { return tick(w.a, ticks, w.world); });
        w.at(5ms, [&] {
            w.a.pause(50ms);
            w.a.pause(20ms);
            EXPECT_TRUE(w.a.paused());
        });
        if (resume)
            w.at(15ms, [&] { w.a.resume(); });
        w.run();
        EXPECT_FALSE(w.a.paused());
        EXPECT_EQ(ticks.front(), resume ? nanoseconds(15ms) : nanoseconds(55ms));
    }
}

// Fails if bytes that arrive meanwhile are lost or read by a process that stands still, or if the peer
// notices more than the wait.
TEST(Pause, WhatArrivesWaits) {
    small_world w;
    std::string got;
    nanoseconds when{};
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        squall::acceptor acceptor(w.a.executor());
        error_code ec;
        acceptor.listen({w.a.address(), 7}, ec);
        auto [error, peer] = co_await acceptor.async_accept(as_result);
        char data[5];
        co_await asio::async_read(peer, asio::buffer(data), as_result);
        got.assign(data, 5);
        when = w.world.now();
        co_await asio::async_write(peer, asio::buffer("back", 4), as_result);
    });
    error_code client_saw;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        co_await sleep(w.b.executor(), 1s);
        squall::stream server(w.b.executor());
        co_await server.async_connect({w.a.address(), 7}, as_result);
        co_await sleep(w.b.executor(), 1s);
        w.a.pause(10s);
        co_await asio::async_write(server, asio::buffer("hello", 5), as_result);
        char data[4];
        const auto [error, n] = co_await asio::async_read(server, asio::buffer(data), as_result);
        client_saw = error;
    });
    w.run();
    EXPECT_EQ(got, "hello");
    EXPECT_GE(when, 12s);
    EXPECT_FALSE(client_saw);
}

// Fails if what was held of a crashed boot runs, leaks, or stops the next boot.
TEST(Pause, EndsWithTheBoot) {
    small_world w;
    std::vector<nanoseconds> ticks;
    w.a.set_program([&](squall::process& self) { return tick(self, ticks, w.world); });
    w.a.start();
    w.at(5ms, [&] { w.a.pause(1h); });
    w.at(20ms, [&] { w.a.crash(); });
    w.at(30ms, [&] {
        EXPECT_FALSE(w.a.paused());
        w.a.start();
    });
    w.run();
    EXPECT_EQ(ticks, (std::vector<nanoseconds>{40ms, 50ms, 60ms, 70ms, 80ms}));
}

// Fails if an operation that is cancelled while its process stands still completes twice, or not at all.
TEST(Pause, HeldOperationsCanBeCancelled) {
    small_world w;
    int completions = 0;
    squall::timer wait(w.a.executor(), 10ms);
    wait.async_wait([&](error_code ec) {
        ++completions;
        EXPECT_FALSE(ec) << "it had come due";
    });
    w.at(5ms, [&] { w.a.pause(100ms); });
    w.at(50ms, [&] { wait.cancel(); });
    w.run();
    EXPECT_EQ(completions, 1);
}

// Fails if a pause does not come out the same twice.
TEST(Pause, IsPartOfTheExecution) {
    const auto digest = [](nanoseconds length) {
        small_world w;
        std::vector<nanoseconds> ticks;
        w.spawn(w.a, [&] { return tick(w.a, ticks, w.world); });
        w.at(25ms, [&] { w.a.pause(length); });
        w.run();
        return w.world.digest();
    };
    EXPECT_EQ(digest(10ms), digest(10ms));
    EXPECT_NE(digest(10ms), digest(20ms));
}

}  // namespace
