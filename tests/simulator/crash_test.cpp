// Crashes and exits of processes, as their peers and their next boots see them.
#include "support.h"

#include <boost/asio/defer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <memory>
#include <optional>

namespace squall {
namespace {

using namespace testing_support;

// What a connected peer sees of a crash of b at 1 s.
struct witness {
    error_code read_error;
    nanoseconds read_at{0};
    std::string read;
};
void watch(small_world& w, witness& seen, std::string last_words = {}) {
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            auto [error, all] = co_await read_all(out);
            seen = {error, w.world.now(), std::move(all)};
        },
        [&w, last_words](stream in) -> asio::awaitable<void> {
            co_await sleep_until(w.b.executor(), 999900us);
            if (!last_words.empty())
                co_await asio::async_write(in, asio::buffer(last_words), as_result);
            co_await sleep(w.b.executor(), 1h);
        });
}

// Fails if the peer of a crashed process waits for ever, or learns of it before the news can have arrived.
TEST(Crash, ResetsThePeers) {
    small_world w;
    witness seen;
    watch(w, seen);
    w.at(1s, [&] { w.b.crash(); });
    w.run();
    EXPECT_EQ(seen.read_error, asio::error::connection_reset);
    EXPECT_GE(seen.read_at, 1s + 100us);
    EXPECT_LT(seen.read_at, 1s + 9ms);
    EXPECT_FALSE(w.b.up());
}

// Fails if what is about to run in a process that dies runs, or stays, or takes another process's with it.
TEST(Crash, DropsWhatIsReadyOfTheProcessAlone) {
    small_world w;
    std::vector<int> ran;
    const auto kept = std::make_shared<int>(0);
    for (int i = 0; i < 4; ++i) {
        asio::post(w.a.executor(), [&ran, i] { ran.push_back(i); });
        asio::post(w.b.executor(), [&ran, kept] { ran.push_back(-1); });
    }
    EXPECT_EQ(kept.use_count(), 5);
    w.b.crash();
    EXPECT_EQ(kept.use_count(), 1);
    w.run();
    EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3}));
}

// Fails if what was sent before the crash is lost or comes after the reset.
TEST(Crash, ComesAfterWhatWasSent) {
    small_world w;
    witness seen;
    watch(w, seen, "last words");
    w.at(1s, [&] { w.b.crash(); });
    w.run();
    EXPECT_EQ(seen.read, "last words");
    EXPECT_EQ(seen.read_error, asio::error::connection_reset);
}

// Fails if a connection of the crashed side that was never accepted stays open for the client.
TEST(Crash, ResetsWhatWasNotAcceptedYet) {
    small_world w;
    error_code seen;
    std::optional<acceptor> listening;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        listening.emplace(w.b.executor());
        error_code ec;
        listening->listen({w.b.address(), 7}, ec);
        co_await sleep(w.b.executor(), 1h);
    });
    w.spawn(w.a, connect_to(w.a, w.b, [&](stream out) -> asio::awaitable<void> {
                seen = (co_await read_all(out)).first;
            }));
    w.at(1s, [&] { w.b.crash(); });
    w.run();
    EXPECT_EQ(seen, asio::error::connection_reset);
    listening.reset();
}

// Fails if a power cut tells the peers anything, even after the restart, before they ask.
TEST(Crash, OfPowerTellsThePeersNothingUntilTheyWriteAfterTheRestart) {
    small_world w;
    error_code read_error, write_error;
    nanoseconds read_at{0};
    bool wrote_while_down = false;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            auto s = std::make_shared<stream>(std::move(out));
            w.spawn(w.a, [&w, s, &write_error, &wrote_while_down]() -> asio::awaitable<void> {
                co_await sleep_until(w.a.executor(), 20s);
                write_error = std::get<0>(co_await s->async_write_some(asio::buffer("x", 1), as_result));
                wrote_while_down = !write_error;
                co_await sleep_until(w.a.executor(), 60s);
                co_await s->async_write_some(asio::buffer("x", 1), as_result);
            });
            read_error = (co_await read_all(*s)).first;
            read_at = w.world.now();
        },
        [&](stream) -> asio::awaitable<void> { co_await sleep(w.b.executor(), 1h); });
    w.at(1s, [&] { w.b.crash(true); });
    w.at(30s, [&] { w.b.start(); });
    w.run_until(200s);
    EXPECT_TRUE(wrote_while_down);
    EXPECT_EQ(read_error, asio::error::connection_reset);
    EXPECT_GE(read_at, 60s);
    EXPECT_LT(read_at, 61s);
}

// Fails if a host without power answers a connect, or a live host whose process died does not.
TEST(Crash, OfPowerLeavesConnectsUnanswered) {
    for (const bool silently : {false, true}) {
        small_world w;
        w.b.start();
        error_code result;
        nanoseconds at{0};
        w.at(1s, [&, silently] { w.b.crash(silently); });
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            co_await sleep_until(w.a.executor(), 2s);
            stream out(w.a.executor());
            result = std::get<0>(co_await out.async_connect({w.b.address(), 7}, as_result));
            at = w.world.now();
        });
        w.run();
        EXPECT_EQ(result, silently ? asio::error::timed_out : asio::error::connection_refused);
        EXPECT_EQ(at > 100s, silently);
    }
}

// Fails if a restart leaves the port taken, the boot count as it was, or the old boot's code running.
TEST(Crash, AndRestartBeginAnew) {
    small_world w;
    std::vector<std::uint32_t> boots;
    int ticks_of_dead = 0;
    w.b.set_program([&](process& self) -> asio::awaitable<void> {
        const auto boot = self.boots();
        boots.push_back(boot);
        acceptor listening(self.executor());
        error_code ec;
        listening.listen({self.address(), 7}, ec);
        EXPECT_FALSE(ec) << ec.message();
        for (;;) {
            co_await sleep(self.executor(), 100ms);
            if (self.boots() != boot)
                ++ticks_of_dead;
        }
    });
    w.b.start();
    w.at(1s, [&] { w.b.crash(); });
    w.at(2s, [&] { w.b.start(); });
    w.at(2500ms, [&] { w.b.start(); });  // it is up: nothing
    w.at(3s, [&] { w.b.crash(true); });
    w.at(4s, [&] { w.b.start(); });
    w.run_until(5s);
    EXPECT_EQ(boots, (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_EQ(ticks_of_dead, 0);
    EXPECT_EQ(w.b.boots(), 3u);
}

// Fails if a process cannot crash itself, or runs on after it.
TEST(Crash, OfItselfTakesEffectAtTheEndOfTheEvent) {
    small_world w;
    bool after = false;
    bool later = false;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        w.b.crash();
        after = true;  // the present event goes on
        co_await sleep(w.b.executor(), 1ns);
        later = true;
    });
    w.run();
    EXPECT_TRUE(after);
    EXPECT_FALSE(later);
    EXPECT_FALSE(w.b.up());
}

// What a dead process's destructor tries.
struct last_will {
    explicit last_will(std::function<void()> f) : act(std::move(f)) {}
    last_will(last_will&&) = default;
    ~last_will() {
        if (act)
            act();
    }
    std::function<void()> act;
};

// Fails if what destructors do in a crash reaches the network, the disk, or the schedule.
TEST(Crash, LetsNoDestructorReachTheWorld) {
    small_world w;
    w.b.start();
    bool ran = false;
    bool destroyed = false;
    bool c_accepted = false;
    std::string peer_read;
    error_code peer_error;
    const auto ex = w.b.executor();
    w.spawn(w.c, serve_one(w.c, [&](stream) -> asio::awaitable<void> {
                c_accepted = true;
                co_return;
            }));
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            std::tie(peer_error, peer_read) = co_await read_all(out);
        },
        [&](stream in) -> asio::awaitable<void> {
            file data(ex);
            co_await data.async_open("data", open_mode::write | open_mode::create, as_result);
            co_await asio::async_write_at(data, 0, asio::buffer("before", 6), as_result);
            co_await data.async_sync(as_result);
            co_await async_sync_directory(ex, ".", as_result);
            stream fresh(ex);
            timer wait(ex, 1h);
            acceptor listening(ex);
            const last_will will([&] {
                destroyed = true;
                const auto note = [&](auto...) { ran = true; };
                in.async_write_some(asio::buffer("too late", 8), note);
                error_code ec;
                in.shutdown_send(ec);
                data.async_write_some_at(0, asio::buffer("after!", 6), note);
                data.async_resize(0, note);
                data.async_sync(note);
                async_remove(ex, "data", note);
                async_rename(ex, "data", "other", note);
                async_create_directory(ex, "made", note);
                fresh.async_connect({w.c.address(), 7}, note);
                listening.listen({w.b.address(), 9}, ec);
                EXPECT_TRUE(ec);
                listening.async_accept(note);
                wait.expires_after(1s);
                wait.async_wait(note);
                asio::post(ex, note);
                asio::dispatch(ex, note);
                asio::defer(ex, note);
                asio::co_spawn(
                    ex,
                    [&]() -> asio::awaitable<void> {
                        ran = true;
                        co_return;
                    },
                    asio::detached);
            });
            co_await wait.async_wait(as_result);
        });
    w.at(1s, [&] { w.b.crash(); });
    std::string left;
    std::vector<std::string> names;
    w.at(2s, [&] {
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            file data(w.b.executor());
            const auto [error] = co_await data.async_open("data", open_mode::read, as_result);
            EXPECT_FALSE(error);
            left.resize(100);
            const auto [read_error, n] = co_await data.async_read_some_at(0, asio::buffer(left), as_result);
            left.resize(n);
            names = std::get<1>(co_await async_list_directory(w.b.executor(), "", as_result));
        });
    });
    w.run_until(100s);
    EXPECT_TRUE(destroyed);
    EXPECT_FALSE(ran);
    EXPECT_FALSE(c_accepted);
    EXPECT_EQ(peer_read, "");
    EXPECT_EQ(peer_error, asio::error::connection_reset);
    EXPECT_EQ(left, "before");
    EXPECT_EQ(names, std::vector<std::string>{"data"});
}

// Fails if handles or executors kept beyond their boot do anything but be destroyed.
TEST(Crash, LeavesKeptExecutorsAndHandlesHarmless) {
    small_world w;
    w.b.start();
    const auto ex = w.b.executor();
    std::optional<timer> kept_timer(std::in_place, ex, 10s);
    std::optional<stream> kept_stream(std::in_place, ex);
    std::optional<stream> connected;
    std::optional<acceptor> kept_acceptor(std::in_place, ex);
    std::optional<file> kept_file(std::in_place, ex);
    bool ran = false;
    const auto note = [&](auto&&...) { ran = true; };
    kept_timer->async_wait(note);
    w.spawn(w.a, serve_one(w.a, [&](stream in) -> asio::awaitable<void> { co_await read_all(in); }));
    w.spawn(w.b, connect_to(w.b, w.a, [&](stream out) -> asio::awaitable<void> {
                connected.emplace(std::move(out));
                co_return;
            }));
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        co_await kept_file->async_open("f", open_mode::write | open_mode::create, as_result);
    });
    const auto use_all = [&] {
        asio::post(ex, note);
        kept_timer->expires_after(1s);
        kept_timer->async_wait(note);
        kept_timer->cancel();
        kept_stream->async_connect({w.a.address(), 7}, note);
        char byte;
        connected->async_read_some(asio::buffer(&byte, 1), note);
        connected->async_write_some(asio::buffer("x", 1), note);
        connected->cancel();
        kept_acceptor->async_accept(note);
        kept_file->async_sync(note);
        kept_file->async_write_some_at(0, asio::buffer("x", 1), note);
        error_code ec;
        EXPECT_NO_THROW(static_cast<void>(connected->local_endpoint(ec)));
        EXPECT_EQ(steady_clock::now(ex).time_since_epoch(), w.world.now());
        timer fresh(ex, 1s);
        fresh.async_wait(note);
        stream another(ex);
        another.async_connect({w.a.address(), 7}, note);
    };
    w.at(1s, [&] { w.b.crash(); });
    w.at(2s, use_all);
    w.at(3s, [&] { w.b.start(); });
    w.at(4s, use_all);
    w.at(5s, [&] {
        kept_timer.reset();
        kept_stream.reset();
        kept_acceptor.reset();
    });
    w.run_until(60s);
    EXPECT_FALSE(ran);
}

// Fails if a program that returns leaves its port, its peers or its tasks behind, or nobody hears of it.
TEST(Exit, EndsTheProcessAndTellsWho) {
    small_world w;
    std::vector<std::string> exits;
    bool straggler = false;
    w.world.on_exit([&](process& who, const std::string* error) {
        exits.push_back(who.name() + (error != nullptr ? ": " + *error : ""));
    });
    w.b.set_program([&](process& self) -> asio::awaitable<void> {
        w.spawn(self, [&]() -> asio::awaitable<void> {
            co_await sleep(self.executor(), 10s);
            straggler = true;
        });
        co_await sleep(self.executor(), 1s);
        if (self.boots() == 2)
            throw std::runtime_error("out of luck");
    });
    w.b.start();
    w.at(2s, [&] {
        EXPECT_FALSE(w.b.up());
        w.b.start();
    });
    w.run();
    EXPECT_EQ(exits, (std::vector<std::string>{"b", "b: out of luck"}));
    EXPECT_FALSE(straggler);
}

// Fails if an exit loses what the operating system still holds: only a crash does.
TEST(Exit, KeepsUnsyncedWrites) {
    faults f;
    f.storage.unsynced_sector_survives = 0;
    small_world w(f);
    std::string found;
    w.b.set_program([&](process& self) -> asio::awaitable<void> {
        file data(self.executor());
        co_await data.async_open("d", open_mode::read | open_mode::write | open_mode::create, as_result);
        if (self.boots() == 1) {
            co_await asio::async_write_at(data, 0, asio::buffer("kept", 4), as_result);
            co_return;
        }
        found.resize(4);
        co_await asio::async_read_at(data, 0, asio::buffer(found), as_result);
    });
    w.b.start();
    w.at(2s, [&] { w.b.start(); });
    w.run();
    EXPECT_EQ(found, "kept");
}

}  // namespace
}  // namespace squall
