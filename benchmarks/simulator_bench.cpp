// Times the workloads.
#include "workloads.h"

#include <benchmark/benchmark.h>

namespace {

void w1_echo(benchmark::State& state) {
    const std::int64_t round_trips = state.range(0);
    for (auto _ : state)
        workloads::echo(round_trips, 1, 1);
    state.SetItemsProcessed(state.iterations() * round_trips);
}
BENCHMARK(w1_echo)->Arg(200'000)->Unit(benchmark::kMillisecond);

void w2_echo_among_many(benchmark::State& state) {
    const std::int64_t round_trips = state.range(0);
    for (auto _ : state)
        workloads::echo(round_trips, 10, 10);
    state.SetItemsProcessed(state.iterations() * round_trips);
}
BENCHMARK(w2_echo_among_many)->Arg(200'000)->Unit(benchmark::kMillisecond);

void w3_whole_worlds(benchmark::State& state) {
    for (auto _ : state)
        workloads::echo(10, 1, 1);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(w3_whole_worlds);

void world_setup_teardown(benchmark::State& state) {
    for (auto _ : state)
        workloads::set_up_and_tear_down();
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(world_setup_teardown);

void w3_through_the_builder(benchmark::State& state) {
    constexpr std::uint64_t at_once = 100;
    std::uint64_t seed = 1;
    std::size_t failed = 0;
    for (auto _ : state) {
        failed += workloads::ten_pings_through_the_builder(seed, at_once);
        seed += at_once;
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(at_once));
    state.counters["failed"] = static_cast<double>(failed);
}
BENCHMARK(w3_through_the_builder);

void w4_timers(benchmark::State& state) {
    const int sleepers = static_cast<int>(state.range(0));
    constexpr int times = 5;
    for (auto _ : state)
        workloads::timers(sleepers, times);
    state.SetItemsProcessed(state.iterations() * sleepers * times);
}
BENCHMARK(w4_timers)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
