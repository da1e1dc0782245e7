// Histories by chance, of objects that are linearizable. For tests and benchmarks.
#ifndef SQUALL_TESTS_SIMULATOR_LINEAR_HISTORIES_H
#define SQUALL_TESTS_SIMULATOR_LINEAR_HISTORIES_H

#include <squall/decisions.h>
#include <squall/history.h>
#include <squall/models.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace squall::testing_support {

template <class M>
using operation_of = recorded_operation<typename M::input, typename M::output>;
template <class M>
using history_of = history<typename M::input, typename M::output>;

// Numbers out of a seed.
class dice {
public:
    explicit dice(std::uint64_t seed) : mixed_(mix_stream(seed, stream_key("linearizability tests"))) {}
    std::uint64_t below(std::uint64_t end) { return mix_index(mixed_, drawn_++) % end; }

private:
    std::uint64_t mixed_;
    std::uint64_t drawn_ = 0;
};

struct traffic {
    int clients = 3;
    int operations = 7;
    // In a hundred operations: how many end unknown, half of those having happened; how many fail.
    int unknown = 0;
    int failed = 0;
};

// Clients of an object of which `act` does an operation, each at one instant between call and return. They
// ask for what `make` draws.
template <class M, class Act, class Make>
void drive(history_of<M>& into, traffic how, dice& random, Act act, Make make) {
    struct client {
        std::optional<typename history_of<M>::call_handle> call = {};
        typename M::input input = {};
        std::optional<typename M::output> output = {};
        bool happens = true;
        int end = 0;  // 0 returned, 1 unknown, 2 failed
    };
    std::vector<client> clients(static_cast<std::size_t>(how.clients));
    int started = 0;
    int busy = 0;
    for (std::int64_t now = 0; started < how.operations || busy > 0; ++now) {
        const std::size_t who = random.below(clients.size());
        client& one = clients[who];
        if (!one.call) {
            if (started == how.operations)
                continue;
            const auto chance = static_cast<int>(random.below(100));
            one.end = chance < how.unknown ? 1 : chance < how.unknown + how.failed ? 2 : 0;
            one.happens = one.end == 0 || (one.end == 1 && random.below(2) == 0);
            one.input = make(random);
            one.call.emplace(into.call(static_cast<int>(who), one.input, now));
            one.output.reset();
            ++started;
            ++busy;
        } else if (one.happens && !one.output) {
            one.output.emplace(act(one.input));
        } else {
            if (one.end == 0)
                one.call->returned(*one.output, now);
            else if (one.end == 1)
                one.call->unknown();
            else
                one.call->failed();
            one.call.reset();
            --busy;
        }
    }
}

using kv_model = registers_model<int, int>;

// Reads, writes of new values and compare-and-sets of registers. They go over the keys at random, or all
// clients together from key to key (`crowded`), so that each operation overlaps with many of its own key.
inline void drive_registers(history_of<kv_model>& into, int keys, bool crowded, traffic how,
                            std::uint64_t seed) {
    dice random(seed);
    const kv_model model;
    std::map<int, int> values;
    int drawn = 0;
    const auto act = [&](const kv_model::input& in) { return model.apply(values[in.where], in); };
    drive<kv_model>(into, how, random, act, [&](dice& from) {
        ++drawn;
        const int key = crowded ? static_cast<int>(std::int64_t{keys} * (drawn - 1) / how.operations)
                                : static_cast<int>(from.below(static_cast<std::uint64_t>(keys)));
        switch (from.below(5)) {
            case 0:
            case 1:
                return kv_model::write(key, drawn);
            case 2:
                return kv_model::compare_and_set(key, values[key], drawn);
            default:
                return kv_model::read(key);
        }
    });
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_LINEAR_HISTORIES_H
