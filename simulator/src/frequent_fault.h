// A fault of one stream that is asked for with every message: what strikes() needs is worked out once.
#ifndef SQUALL_SIMULATOR_FREQUENT_FAULT_H
#define SQUALL_SIMULATOR_FREQUENT_FAULT_H

#include "world_state.h"

#include <squall/decisions.h>

#include <string_view>

namespace squall::simulator {

class frequent_fault {
public:
    frequent_fault() = default;  // never happens
    frequent_fault(const world_state& world, std::string_view kind, std::uint64_t stream, double p) {
        if (!(p > 0))
            return;
        kind_ = kind;
        p_ = p;
        keyed_ = world_state::fault_stream(stream, kind);
        mixed_ = mix_stream(world.options.seed, keyed_);
        threshold_ = chance_threshold(p);
    }

    bool may_happen() const noexcept { return threshold_ != 0; }
    // Whether the coin says so; records nothing, and knows of no veto.
    [[gnu::always_inline]] bool comes_up(const world_state& world, std::uint64_t index) const {
        return threshold_ != 0 && world.faults_on && (mix_index(mixed_, index) >> 11) < threshold_;
    }
    // As world_state::strikes().
    [[gnu::always_inline]] bool strikes(world_state& world, std::uint64_t index,
                                        std::uint32_t process) const {
        return comes_up(world, index) && happens(world, index, process);
    }

private:
    // Unless it is vetoed; out of the way of those that nearly always do not.
    [[gnu::noinline]] bool happens(world_state& world, std::uint64_t index, std::uint32_t process) const {
        return world.strikes_keyed(kind_, keyed_, index, p_, process);
    }

    std::uint64_t threshold_ = 0;
    std::uint64_t mixed_ = 0;
    std::uint64_t keyed_ = 0;
    double p_ = 0;
    std::string_view kind_;  // a literal
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_FREQUENT_FAULT_H
