// Times the judgement of histories.
#include "../tests/simulator/linear_histories.h"

#include <squall/linearizability.h>

#include <benchmark/benchmark.h>

namespace {

using namespace squall::testing_support;

template <class M>
void judge(benchmark::State& state, const M& model, const history_of<M>& all) {
    squall::linearizability_result result;
    for (auto _ : state)
        result = squall::check_linearizable(model, all.operations());
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(all.operations().size()));
    state.counters["steps"] = static_cast<double>(result.steps);
    if (result.verdict != squall::linearizability::holds)
        state.SkipWithError(to_text(result).c_str());
}

// Arguments: operations, keys, whether all clients are at one key at a time, unknown outcomes in a hundred,
// clients.
void registers(benchmark::State& state) {
    history_of<kv_model> all;
    drive_registers(all, static_cast<int>(state.range(1)), state.range(2) != 0,
                    {.clients = static_cast<int>(state.range(4)),
                     .operations = static_cast<int>(state.range(0)),
                     .unknown = static_cast<int>(state.range(3))},
                    1);
    judge(state, kv_model(), all);
}
BENCHMARK(registers)
    ->ArgNames({"operations", "keys", "crowded", "unknown", "clients"})
    ->Args({100'000, 100, 0, 0, 16})
    ->Args({100'000, 100, 0, 5, 16})
    ->Args({100'000, 100, 1, 0, 16})
    ->Args({100'000, 100, 1, 1, 8})
    ->Args({100'000, 1, 1, 0, 8})
    ->Unit(benchmark::kMillisecond);

void queue(benchmark::State& state) {
    using model = squall::queue_model<int>;
    history_of<model> all;
    dice random(1);
    const model specification;
    model::state now;
    int number = 0;
    drive<model>(
        all, {.clients = 16, .operations = static_cast<int>(state.range(0))}, random,
        [&](const model::input& in) { return specification.apply(now, in); },
        [&](dice& from) { return from.below(20) < 9 ? model::enqueue(++number) : model::dequeue(); });
    judge(state, specification, all);
}
BENCHMARK(queue)->ArgNames({"operations"})->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
