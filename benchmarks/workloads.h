// The workloads of docs/performance.md: W1 echo, W2 echo among many, W3 whole simulations, W4 timers, and
// crowds of processes. What the benchmark times and the gates count.
#ifndef SQUALL_BENCHMARKS_WORKLOADS_H
#define SQUALL_BENCHMARKS_WORKLOADS_H

#include <squall/simulation.h>
#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace workloads {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using squall::stream;

constexpr std::size_t message_size = 64;
constexpr std::uint16_t port = 7;

inline squall::world_options echo_options() {
    squall::world_options options;
    options.faults.network.latency_min = 1ms;
    options.faults.network.latency_mean = 4ms;
    options.time_budget = std::chrono::hours(1'000'000);
    options.event_budget = ~0ull;
    return options;
}

// Every fault of a stream that does not end it, as a hostile run may have it; what would end it is drawn and
// hardly ever comes up. Transfers of a part are rare: each is one message more, whatever decides it.
inline squall::world_options faulty_options() {
    squall::world_options options = echo_options();
    squall::network_faults& f = options.faults.network;
    f.shape = squall::latency_shape::bimodal;
    f.bandwidth = 1 << 24;
    f.window = 4096;
    f.slow_message = 0.02;
    f.partial_read = f.partial_write = 0.002;
    f.close_connection = 1e-12;
    f.close_silently = f.close_half = 0.5;
    f.flip_bit = 0.002;
    f.clog = 0.01;
    return options;
}

inline asio::awaitable<void> serve(stream peer) {
    std::array<char, message_size> data{};
    for (;;) {
        const auto [read_error, n] =
            co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (read_error)
            co_return;
        const auto [write_error, m] =
            co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (write_error)
            co_return;
    }
}

inline asio::awaitable<void> listen(squall::process& self) {
    squall::acceptor acceptor(self.executor());
    boost::system::error_code ec;
    acceptor.listen({self.address(), port}, ec);
    for (;;) {
        auto [error, peer] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error)
            co_return;
        asio::co_spawn(self.executor(), serve(std::move(peer)), asio::detached);
    }
}

inline asio::awaitable<void> ping(asio::any_io_executor executor, asio::ip::address server,
                                  std::int64_t count, int& left, squall::world& world) {
    stream peer(executor);
    std::array<char, message_size> data{};
    const auto [refused] = co_await peer.async_connect({server, port}, asio::as_tuple(asio::deferred));
    for (std::int64_t i = 0; i < count && !refused; ++i) {
        const auto [write_error, n] =
            co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        const auto [read_error, m] =
            co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (write_error || read_error)
            break;
    }
    if (--left == 0)
        world.stop();
}

inline void echo(std::int64_t round_trips, int clients, int servers,
                 squall::world_options options = echo_options()) {
    squall::world world(std::move(options));
    world.set_faults_on(true);
    std::vector<squall::process*> hosts;
    for (int i = 0; i < servers; ++i) {
        hosts.push_back(&world.add_process("server/" + std::to_string(i), 1));
        hosts.back()->set_program(listen);
        hosts.back()->start();
    }
    int left = clients;
    for (int i = 0; i < clients; ++i) {
        auto& client = world.add_process("client/" + std::to_string(i), 2);
        const auto executor = client.executor();
        asio::co_spawn(executor,
                       ping(executor, hosts[static_cast<std::size_t>(i % servers)]->address(),
                            round_trips / clients, left, world),
                       asio::detached);
    }
    world.run();
}

// Two processes that boot, run a program each until it waits, and go with their world.
inline void set_up_and_tear_down() {
    squall::world world(echo_options());
    for (const char* name : {"a", "b"}) {
        squall::process& one = world.add_process(name);
        one.set_program(listen);
        one.start();
    }
    world.run();
}

class pinger : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        stream peer(self.executor());
        std::array<char, message_size> data{};
        const auto [refused] =
            co_await peer.async_connect({self.peers("server").front(), port}, asio::as_tuple(asio::deferred));
        for (int i = 0; i < 10 && !refused; ++i) {
            const auto [write_error, n] =
                co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
            const auto [read_error, m] =
                co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
            if (write_error || read_error)
                break;
        }
    }
};

// Whole simulations through the builder, on one thread. How many failed.
inline std::size_t ten_pings_through_the_builder(std::uint64_t first_seed, std::uint64_t seeds,
                                                 squall::profile chaos = squall::profile::swarm) {
    squall::simulation echo("echo");
    echo.processes("server", 1, [](squall::process_context& self) { return listen(self.process()); })
        .workload("client", 1, [] { return std::make_unique<pinger>(); })
        .tune([](squall::faults& f) {  // what this client does not survive: it has no time-outs
            f.network.connect_hangs = 0;
            f.attrition.silent = 0;
        })
        .chaos(chaos)
        .first_seed(first_seed)
        .seeds(seeds)
        .threads(1);
    return echo.run("W3").failures.size();
}

// Processes that each hold a connection to the first of them.
class crowd {
public:
    explicit crowd(int count) : world_(echo_options()) {
        for (int i = 0; i < count; ++i)
            all_.push_back(&world_.add_process("p/" + std::to_string(i)));
        all_.front()->set_program(listen);
        all_.front()->start();
        for (std::size_t i = 1; i < all_.size(); ++i)
            asio::co_spawn(all_[i]->executor(), hold(*all_[i]), asio::detached);
        world_.run();
    }
    // One of them, off the network and back.
    void cut(long times) {
        for (long i = 0; i < times; ++i)
            world_.heal(world_.partition({all_.back()}, true, true));
    }
    // One of them dies, and boots again.
    void crash(long times) {
        for (long i = 0; i < times; ++i) {
            all_.back()->start();
            all_.back()->crash();
        }
    }

private:
    asio::awaitable<void> hold(squall::process& self) {
        stream peer(self.executor());
        char byte;
        co_await peer.async_connect({all_.front()->address(), port}, asio::as_tuple(asio::deferred));
        co_await peer.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::deferred));
    }

    squall::world world_;
    std::vector<squall::process*> all_;
};

inline asio::awaitable<void> sleeper(asio::any_io_executor executor, int times,
                                     std::chrono::nanoseconds each) {
    squall::timer wait(executor);
    for (int i = 0; i < times; ++i) {
        wait.expires_after(each);
        co_await wait.async_wait(asio::deferred);
    }
}

inline void timers(int sleepers, int times) {
    squall::world world(echo_options());
    const auto executor = world.add_process("sleepers").executor();
    for (int i = 0; i < sleepers; ++i)
        asio::co_spawn(executor,
                       sleeper(executor, times, 1ms + std::chrono::microseconds(i * 7919 % 100'000)),
                       asio::detached);
    world.run();
}

}  // namespace workloads

#endif  // SQUALL_BENCHMARKS_WORKLOADS_H
