#include "message_latency.h"

#include "world_state.h"

#include <algorithm>

namespace squall::simulator {
namespace {

bool same(const std::string& a, const std::string& b) noexcept {
    return a.empty() || b.empty() || a == b;
}

}  // namespace

distance distance_between(const process_state& a, const process_state& b) noexcept {
    if (&a == &b || (!a.where.machine.empty() && a.where.machine == b.where.machine))
        return distance::machine;
    if (!same(a.where.datacenter, b.where.datacenter))
        return distance::region;
    return same(a.where.zone, b.where.zone) ? distance::zone : distance::datacenter;
}

latency_law::latency_law(const network_faults& f, distance over) noexcept
    : shape_(f.shape),
      tail_share_(f.tail_share),
      tail_factor_(f.tail_factor) {
    switch (over) {
        case distance::machine:
            least_ = f.machine_latency_min;
            mean_ = f.machine_latency_mean;
            return;
        case distance::zone:
            least_ = f.latency_min;
            mean_ = f.latency_mean;
            return;
        case distance::datacenter:
            least_ = f.datacenter_latency_min;
            mean_ = f.datacenter_latency_mean;
            return;
        case distance::region:
            least_ = f.region_latency_min;
            mean_ = f.region_latency_mean;
            return;
    }
}

std::uint64_t latency_law::flat(std::uint64_t bits, std::uint64_t seed, std::uint64_t stream,
                                std::uint64_t index) const noexcept {
    const double part = unit_real(bits) * 2 * static_cast<double>(mean_.count());
    double time = static_cast<double>(least_.count()) + static_cast<double>(static_cast<std::int64_t>(part));
    if (shape_ == latency_shape::bimodal && tail_share_ > 0 &&
        chance(mix(seed, stream_key(stream, tail_stream), index), tail_share_))
        time *= tail_factor_;
    return time > 0 ? static_cast<std::uint64_t>(time) : 0;
}

latency_laws::latency_laws(const network_faults& f) noexcept
    : laws_{latency_law(f, distance::machine), latency_law(f, distance::zone),
            latency_law(f, distance::datacenter), latency_law(f, distance::region)} {}

std::uint64_t slow_time(const world_state& world, std::uint64_t stream, std::uint64_t index) noexcept {
    const nanoseconds most = world.options.faults.network.slow_latency;
    return decision_stream(world.options.seed, stream_key(stream, latency_stream), index * 2 + 1)
        .below(static_cast<std::uint64_t>(most.count()) + 1);
}

std::uint64_t fault_time(const world_state& world, std::uint64_t stream, std::uint64_t index,
                         nanoseconds most) noexcept {
    return world.draw(stream_key(stream, amount_stream), index) %
           (static_cast<std::uint64_t>(most.count()) + 1);
}

void flip_bits(char* data, std::size_t size, std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    decision_stream draws(seed, stream_key(stream_key(stream, bit_stream), index));
    const std::uint64_t bits = std::uint64_t{size} * 8;
    const auto count = std::min<std::uint64_t>({1 + draws.geometric(0.5), 32, bits});
    std::array<std::uint64_t, 32> places{};
    for (std::uint64_t done = 0; done < count;) {
        const std::uint64_t where = draws.below(bits);
        const auto end = places.begin() + static_cast<std::ptrdiff_t>(done);
        if (std::find(places.begin(), end, where) != end)
            continue;  // changed already: twice would be back
        places[done++] = where;
        data[where / 8] =
            static_cast<char>(static_cast<unsigned char>(data[where / 8]) ^ (1u << (where % 8)));
    }
}

}  // namespace squall::simulator
