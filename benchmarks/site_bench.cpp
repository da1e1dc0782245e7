// What a site costs: beside an empty loop, with the gate closed, in a run and inactive, in a run and active;
// coverage beside the compiler's own counter; assertions; and, where it is installed, libfiu.
#include "site_bodies.h"

#include <squall/run.h>

#include <benchmark/benchmark.h>

#ifdef SQUALL_BENCH_LIBFIU
#include <fiu-control.h>
#include <fiu.h>
#endif

namespace {

using namespace bodies;

template <bool (*Body)()>
void call(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(Body());
}
// With activation 1: active, 0: inactive.
template <bool (*Body)(), int Activation>
void in_run(benchmark::State& state) {
    squall::run_options options;
    options.activation = Activation;
    squall::run run(options);
    const squall::run_scope bound(run);
    run.set_sites_on(true);
    call<Body>(state);
}

BENCHMARK(call<empty>)->Name("empty");
BENCHMARK(call<with_site>)->Name("site/gate_closed");
BENCHMARK(in_run<with_site, 0>)->Name("site/in_run/inactive");
BENCHMARK(in_run<with_site, 1>)->Name("site/in_run/active");
BENCHMARK(call<with_buggify>)->Name("buggify/gate_closed");
BENCHMARK(in_run<with_buggify, 0>)->Name("buggify/in_run/inactive");
BENCHMARK(in_run<with_buggify, 1>)->Name("buggify/in_run/active");
BENCHMARK(call<with_mark>)->Name("coverage/squall");
BENCHMARK(call<with_compiler_counter>)->Name("coverage/compiler");
BENCHMARK(call<with_condition>)->Name("always_two_details/condition_alone");
BENCHMARK(call<with_always>)->Name("always_two_details/gate_closed");
BENCHMARK(in_run<with_always, 0>)->Name("always_two_details/in_run");

#ifdef SQUALL_BENCH_LIBFIU
__attribute__((noinline)) bool with_fiu() {
    if (fiu_fail("bench/point"))
        return false;
    return x > 0;
}
void fiu_disabled(benchmark::State& state) {
    fiu_init(0);
    call<with_fiu>(state);
}
void fiu_enabled(benchmark::State& state) {
    fiu_init(0);
    fiu_enable_random("bench/point", 1, nullptr, 0, 0.25F);
    call<with_fiu>(state);
    fiu_disable("bench/point");
}
BENCHMARK(fiu_disabled)->Name("libfiu/disabled");
BENCHMARK(fiu_enabled)->Name("libfiu/enabled_quarter");
#endif

}  // namespace

BENCHMARK_MAIN();
