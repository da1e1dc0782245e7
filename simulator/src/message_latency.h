// How long messages are on the way, and what happens to their bits: for streams, datagrams and look-ups
// alike.
#ifndef SQUALL_SIMULATOR_MESSAGE_LATENCY_H
#define SQUALL_SIMULATOR_MESSAGE_LATENCY_H

#include <squall/decisions.h>
#include <squall/faults.h>

#include <array>
#include <cstdint>

namespace squall::simulator {

class world_state;
struct process_state;

// Streams of decisions within that of a link, a direction, a process.
inline constexpr std::uint64_t latency_stream = stream_key("squall.latency");
inline constexpr std::uint64_t amount_stream = stream_key("squall.amount");
inline constexpr std::uint64_t bit_stream = stream_key("squall.bit");
inline constexpr std::uint64_t tail_stream = stream_key("squall.latency-tail");

enum class distance : std::uint8_t { machine, zone, datacenter, region };

// A process and itself are on one machine; names that are empty are those of a place nobody has named, where
// everybody is.
distance distance_between(const process_state& a, const process_state& b) noexcept;

// What messages over one distance take.
class latency_law {
public:
    latency_law(const network_faults& f, distance over) noexcept;

    // Nanoseconds of one message, out of its bits; the tail has bits of its own.
    std::uint64_t of(std::uint64_t bits, std::uint64_t seed, std::uint64_t stream,
                     std::uint64_t index) const noexcept {
        if (shape_ == latency_shape::exponential)
            return static_cast<std::uint64_t>((least_ + exponential_of(bits, mean_)).count());
        return flat(bits, seed, stream, index);
    }

private:
    std::uint64_t flat(std::uint64_t bits, std::uint64_t seed, std::uint64_t stream,
                       std::uint64_t index) const noexcept;

    nanoseconds least_;
    nanoseconds mean_;
    latency_shape shape_;
    double tail_share_;
    double tail_factor_;
};

// The laws of a world, by distance.
class latency_laws {
public:
    explicit latency_laws(const network_faults& f) noexcept;
    const latency_law& over(distance d) const noexcept { return laws_[static_cast<std::size_t>(d)]; }
    const latency_law& between(const process_state& a, const process_state& b) const noexcept {
        return over(distance_between(a, b));
    }

private:
    std::array<latency_law, 4> laws_;
};

// The bits of message `index`'s latency; `mixed` is mix_stream(seed, stream_key(stream, latency_stream)).
constexpr std::uint64_t latency_bits(std::uint64_t mixed, std::uint64_t index) noexcept {
    return mix_index(mixed, index * 2);
}
// What a slow message takes on top.
std::uint64_t slow_time(const world_state& world, std::uint64_t stream, std::uint64_t index) noexcept;

// Up to `most` of an amount that a fault chooses, uniform, for message `index` of a stream.
std::uint64_t fault_time(const world_state& world, std::uint64_t stream, std::uint64_t index,
                         nanoseconds most) noexcept;

// Changes one bit, and each time with probability 1/2 one more, up to 32 and no more than there are: the
// count of moonpool's and FoundationDB's packets. `size` is above 0.
void flip_bits(char* data, std::size_t size, std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_MESSAGE_LATENCY_H
