// The workloads of docs/performance.md: W1 echo, W2 echo among many, W3 whole simulations, W4 timers.
#include <squall/simulation.h>
#include <squall/stream.h>
#include <squall/timer.h>

#include <benchmark/benchmark.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using squall::stream;

constexpr std::size_t message_size = 64;
constexpr std::uint16_t port = 7;

squall::world_options echo_options() {
    squall::world_options options;
    options.faults.network.latency_min = 1ms;
    options.faults.network.latency_mean = 4ms;
    options.time_budget = std::chrono::hours(1'000'000);
    options.event_budget = ~0ull;
    return options;
}

asio::awaitable<void> serve(stream peer) {
    std::array<char, message_size> data{};
    for (;;) {
        const auto [read_error, n] = co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (read_error) co_return;
        const auto [write_error, m] = co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (write_error) co_return;
    }
}

asio::awaitable<void> listen(squall::process& self) {
    squall::acceptor acceptor(self.executor());
    boost::system::error_code ec;
    acceptor.listen({self.address(), port}, ec);
    for (;;) {
        auto [error, peer] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        asio::co_spawn(self.executor(), serve(std::move(peer)), asio::detached);
    }
}

asio::awaitable<void> ping(asio::any_io_executor executor, asio::ip::address server, std::int64_t count, int& left, squall::world& world) {
    stream peer(executor);
    std::array<char, message_size> data{};
    const auto [refused] = co_await peer.async_connect({server, port}, asio::as_tuple(asio::deferred));
    for (std::int64_t i = 0; i < count && !refused; ++i) {
        const auto [write_error, n] = co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        const auto [read_error, m] = co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
        if (write_error || read_error) break;
    }
    if (--left == 0) world.stop();
}

void echo(std::int64_t round_trips, int clients, int servers) {
    squall::world world(echo_options());
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
        asio::co_spawn(executor, ping(executor, hosts[static_cast<std::size_t>(i % servers)]->address(), round_trips / clients, left, world),
                       asio::detached);
    }
    world.run();
}

void w1_echo(benchmark::State& state) {
    const std::int64_t round_trips = state.range(0);
    for (auto _ : state) echo(round_trips, 1, 1);
    state.SetItemsProcessed(state.iterations() * round_trips);
}
BENCHMARK(w1_echo)->Arg(200'000)->Unit(benchmark::kMillisecond);

void w2_echo_among_many(benchmark::State& state) {
    const std::int64_t round_trips = state.range(0);
    for (auto _ : state) echo(round_trips, 10, 10);
    state.SetItemsProcessed(state.iterations() * round_trips);
}
BENCHMARK(w2_echo_among_many)->Arg(200'000)->Unit(benchmark::kMillisecond);

void w3_whole_worlds(benchmark::State& state) {
    for (auto _ : state) echo(10, 1, 1);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(w3_whole_worlds);

class pinger : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        stream peer(self.executor());
        std::array<char, message_size> data{};
        const auto [refused] = co_await peer.async_connect({self.peers("server").front(), port}, asio::as_tuple(asio::deferred));
        for (int i = 0; i < 10 && !refused; ++i) {
            const auto [write_error, n] = co_await asio::async_write(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
            const auto [read_error, m] = co_await asio::async_read(peer, asio::buffer(data), asio::as_tuple(asio::deferred));
            if (write_error || read_error) break;
        }
    }
};

void w3_through_the_builder(benchmark::State& state) {
    squall::simulation::plan plan;
    plan.name = "echo";
    plan.groups.push_back({"server", 1, [](squall::process_context& self) { return listen(self.process()); }});
    plan.workloads.push_back({"client", 1, [] { return std::make_unique<pinger>(); }});
    plan.tune = [](squall::faults& f) {  // what this client does not survive: it has no time-outs
        f.network.connect_hangs = 0;
        f.process.silent_crash = 0;
    };
    std::uint64_t seed = 1;
    std::uint64_t failed = 0;
    for (auto _ : state) {
        squall::run_request request;
        request.seed = seed++;
        failed += squall::run_seed(plan, request).passed() ? 0 : 1;
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["failed"] = static_cast<double>(failed);
}
BENCHMARK(w3_through_the_builder);

asio::awaitable<void> sleeper(asio::any_io_executor executor, int times, std::chrono::nanoseconds each) {
    squall::timer wait(executor);
    for (int i = 0; i < times; ++i) {
        wait.expires_after(each);
        co_await wait.async_wait(asio::deferred);
    }
}

void w4_timers(benchmark::State& state) {
    const int sleepers = static_cast<int>(state.range(0));
    constexpr int times = 5;
    for (auto _ : state) {
        squall::world world(echo_options());
        const auto executor = world.add_process("sleepers").executor();
        for (int i = 0; i < sleepers; ++i)
            asio::co_spawn(executor, sleeper(executor, times, 1ms + std::chrono::microseconds(i * 7919 % 100'000)), asio::detached);
        world.run();
    }
    state.SetItemsProcessed(state.iterations() * sleepers * times);
}
BENCHMARK(w4_timers)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
