// What the simulator's tests share: a world of a few processes, programs for them, and what they saw.
#ifndef SQUALL_TESTS_SIMULATOR_SUPPORT_H
#define SQUALL_TESTS_SIMULATOR_SUPPORT_H

#include <squall/file.h>
#include <squall/stream.h>
#include <squall/timer.h>
#include <squall/world.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace squall::testing_support {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using std::chrono::nanoseconds;

// Errors as values, never thrown.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

struct rethrow {
    void operator()(std::exception_ptr error) const {
        if (error)
            std::rethrow_exception(error);
    }
};

// A world with processes "a", "b" and "c", faults on, and nobody to stop it but the test.
struct small_world {
    explicit small_world(faults chosen = {}, std::uint64_t seed = 1, std::vector<std::uint64_t> vetoed = {})
        : world(options_for(std::move(chosen), seed, std::move(vetoed))),
          a(world.add_process("a")),
          b(world.add_process("b")),
          c(world.add_process("c")) {
        world.set_faults_on(true);
    }

    // A coroutine of a process; an exception it leaves ends the run.
    template <class Body>
    void spawn(process& where, Body body) {
        asio::co_spawn(where.executor(), std::move(body), rethrow{});
    }
    // Something the test does at a time, from outside of a and b (it runs in c).
    template <class Action>
    void at(nanoseconds when, Action action) {
        spawn(c, [this, when, action]() -> asio::awaitable<void> {
            timer wait(c.executor());
            wait.expires_at(timer::time_point(when));
            co_await wait.async_wait(as_result);
            action();
        });
    }
    const outcome& run() { return world.run(); }
    // Runs until then, and no further.
    void run_until(nanoseconds when) {
        at(when, [this] { world.stop(); });
        world.run();
    }
    std::uint64_t faults_of(std::string_view kind) const {
        for (const auto& [name, count] : world.fault_counts())
            if (name == kind)
                return count;
        return 0;
    }

    squall::world world;
    process& a;
    process& b;
    process& c;

private:
    static world_options options_for(faults chosen, std::uint64_t seed, std::vector<std::uint64_t> vetoed) {
        world_options options;
        options.seed = seed;
        options.faults = std::move(chosen);
        options.vetoed = std::move(vetoed);
        options.time_budget = std::chrono::hours(10'000);
        return options;
    }
};

inline asio::awaitable<void> sleep(const asio::any_io_executor& executor, nanoseconds time) {
    timer wait(executor, time);
    co_await wait.async_wait(as_result);
}

// Waits until then.
inline asio::awaitable<void> sleep_until(const asio::any_io_executor& executor, nanoseconds when) {
    timer wait(executor);
    wait.expires_at(timer::time_point(when));
    co_await wait.async_wait(as_result);
}

// Takes one connection on port 7, and hands it on.
template <class Body>
auto serve_one(process& where, Body body) {
    return [&where, body]() -> asio::awaitable<void> {
        acceptor listening(where.executor());
        error_code ec;
        listening.listen({where.address(), 7}, ec);
        if (ec)
            throw boost::system::system_error(ec);
        auto [error, peer] = co_await listening.async_accept(as_result);
        if (error)
            throw boost::system::system_error(error);
        co_await body(std::move(peer));
    };
}

// Connects to port 7, and hands the stream on; an error ends the run.
template <class Body>
auto connect_to(process& from, process& to, Body body) {
    return [&from, &to, body]() -> asio::awaitable<void> {
        stream out(from.executor());
        const auto [error] = co_await out.async_connect({to.address(), 7}, as_result);
        if (error)
            throw boost::system::system_error(error);
        co_await body(std::move(out));
    };
}

// a connects to b: one body each.
template <class Client, class Server>
void converse(small_world& w, Client client, Server server) {
    w.spawn(w.b, serve_one(w.b, server));
    w.spawn(w.a, connect_to(w.a, w.b, client));
}

// Reads until the end or an error, which comes back with what was read.
inline asio::awaitable<std::pair<error_code, std::string>> read_all(stream& from) {
    std::string all;
    char chunk[512];
    for (;;) {
        const auto [error, n] = co_await from.async_read_some(asio::buffer(chunk), as_result);
        if (error)
            co_return std::pair{error, all};
        all.append(chunk, n);
    }
}

// `count` bytes of which no two neighbouring stretches are equal.
inline std::string pattern(std::size_t count, std::size_t first = 0) {
    std::string text(count, '\0');
    for (std::size_t i = 0; i < count; ++i)
        text[i] = static_cast<char>(scramble(first + i));
    return text;
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_SUPPORT_H
