// Times calls between actors, beside the C++ Actor Framework where it is installed, and calls between two
// nodes beside a bare echo of frames of the same kind and size.
#include "actor_workloads.h"
#include "loopback.h"

#include <benchmark/benchmark.h>

#ifdef SQUALL_BENCH_CAF
#include "caf_calls.h"
#endif

namespace {

// Each iteration makes so many round trips, its set-up among them.
template <class Workload>
void round_trips(benchmark::State& state, Workload workload) {
    const std::int64_t count = state.range(0);
    for (auto _ : state)
        workload(count);
    state.SetItemsProcessed(state.iterations() * count);
}

void in_the_simulator(std::int64_t count) {
    actor_workloads::in_world([count](auto& here) { return actor_workloads::calls(here, count); });
}
void on_an_io_context(std::int64_t count) {
    actor_workloads::on_io_context([count](auto& here) { return actor_workloads::calls(here, count); });
}

BENCHMARK_CAPTURE(round_trips, local / simulator, in_the_simulator)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond);
#ifdef SQUALL_BENCH_CAF
BENCHMARK_CAPTURE(round_trips, local / caf_test_coordinator, caf_calls::by_test_coordinator)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond);
#endif
BENCHMARK_CAPTURE(round_trips, local / io_context, on_an_io_context)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
#ifdef SQUALL_BENCH_CAF
BENCHMARK_CAPTURE(round_trips, local / caf_scheduled, caf_calls::scheduled)
    ->Arg(500'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
#endif

// So many callers at a time.
template <void (*Calls)(std::int64_t count, std::int64_t callers)>
void over_loopback(benchmark::State& state) {
    constexpr std::int64_t count = 32'000;
    for (auto _ : state)
        Calls(count, state.range(0));
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(over_loopback<loopback::echoes>)
    ->Name("loopback/bare_echo")
    ->Arg(1)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(over_loopback<loopback::calls>)
    ->Name("loopback/calls")
    ->Arg(1)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
