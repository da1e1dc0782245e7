// What a site costs: beside an empty loop, with the gate closed, in a run and inactive, in a run and active; and assertions.
#include <squall/assertions.h>
#include <squall/run.h>

#include <benchmark/benchmark.h>

SQUALL_SITE(0000000000be0001, 64, 1, 1, "error-return\0site_bench.cpp\0bench\0")

namespace {

__attribute__((noinline)) bool with_site(int x) {
    if (::squall::fire(::squall_site_0000000000be0001.head)) return false;
    return x > 0;
}
__attribute__((noinline)) bool without_site(int x) { return x > 0; }

template <bool (*Body)(int)>
void call(benchmark::State& state) {
    int x = 1;
    for (auto _ : state) {
        benchmark::DoNotOptimize(x);
        benchmark::DoNotOptimize(Body(x));
    }
}

void no_site(benchmark::State& state) { call<without_site>(state); }
BENCHMARK(no_site);

void site_gate_closed(benchmark::State& state) { call<with_site>(state); }
BENCHMARK(site_gate_closed);

void site_in_run(benchmark::State& state, double activation) {
    squall::run_options options;
    options.activation = activation;
    options.firing = 0.25;
    squall::run run(options);
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    call<with_site>(state);
}
BENCHMARK_CAPTURE(site_in_run, inactive, 0.0);
BENCHMARK_CAPTURE(site_in_run, active, 1.0);

void coverage_site(benchmark::State& state) {
    for (auto _ : state) {
        ::squall::reached(::squall_site_0000000000be0001.head);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(coverage_site);

void always_that_holds(benchmark::State& state, bool in_run) {
    squall::run run(squall::run_options{});
    int balance = 1;
    const auto body = [&] {
        for (auto _ : state) {
            benchmark::DoNotOptimize(balance);
            SQUALL_ALWAYS(balance >= 0, "the benchmark's balance is not negative", "balance", balance, "name", "x");
        }
    };
    if (in_run) {
        const squall::run_scope bound(run);
        body();
    } else {
        body();
    }
}
BENCHMARK_CAPTURE(always_that_holds, gate_closed, false);
BENCHMARK_CAPTURE(always_that_holds, in_run, true);

}  // namespace

BENCHMARK_MAIN();
