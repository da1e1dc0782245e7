// Decisions: every choice is a pure function of (seed, stream, index).
//
// There is no shared random tape. A stream is a 64-bit key (a name, a site, a link between two processes,
// ...), an index counts the choices of that stream, and mix() turns the three into 64 uniform bits. A new
// site, log line or client therefore moves nobody else's luck. All results are the same on every compiler and
// standard library: integers by the arithmetic below, reals by IEEE 754 additions and multiplications only.
#ifndef SQUALL_DECISIONS_H
#define SQUALL_DECISIONS_H

#include <squall/text_hash.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace squall {

// The finaliser of splitmix64 (S. Vigna, 2015; constants "variant 13" of D. Stafford): a bijection of 64-bit
// words.
constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// 64 uniform bits for choice `index` of `stream` under `seed`. Test vectors: docs/reference/decisions.md.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) noexcept {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio, odd
    std::uint64_t state = scramble(seed + golden);
    state = scramble(state ^ (stream + golden));
    return scramble(state + (index + 1) * golden);
}

// Key of a stream by name, and of a stream within a stream (the n-th link of a process, say).
constexpr std::uint64_t stream_key(std::string_view name) noexcept {
    return scramble(text_hash(name));
}
constexpr std::uint64_t stream_key(std::uint64_t parent, std::uint64_t child) noexcept {
    return mix(parent, child, 0x5371u);
}

// What 64 bits are made into. Each takes the bits of one decision.

// Real in [0, 1) with 53 bits.
constexpr double unit_real(std::uint64_t bits) noexcept {
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

// True with probability p in [0, 1]; values outside count as the nearer end.
constexpr bool chance(std::uint64_t bits, double p) noexcept {
    return unit_real(bits) < p;
}

// Natural logarithm for x > 0, to about 1e-15 relative, by +, * and / alone so that every platform agrees to
// the bit.
double portable_log(double x) noexcept;

// One stream's choices in order: choice k of the object is mix(seed, stream, k).
class decision_stream {
public:
    using result_type = std::uint64_t;

    decision_stream() = default;
    decision_stream(std::uint64_t seed, std::uint64_t stream, std::uint64_t first = 0) noexcept
        : seed_(seed),
          stream_(stream),
          index_(first) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    result_type operator()() noexcept { return mix(seed_, stream_, index_++); }
    result_type next() noexcept { return (*this)(); }

    std::uint64_t index() const noexcept { return index_; }
    std::uint64_t stream() const noexcept { return stream_; }

    // Uniform in [0, bound), without bias (D. Lemire, "Fast Random Integer Generation in an Interval", 2019);
    // bound > 0. May use more than one choice of the stream, with a probability below bound / 2^64.
    std::uint64_t below(std::uint64_t bound) noexcept;
    // Uniform in [low, high], both ends included; low <= high.
    std::int64_t range(std::int64_t low, std::int64_t high) noexcept;
    double real() noexcept { return unit_real(next()); }
    // Out of line, as all arithmetic that a compiler could fuse in one program and not in another.
    double real(double low, double high) noexcept;
    bool chance(double p) noexcept { return squall::chance(next(), p); }
    // Uniform in [low, high].
    std::chrono::nanoseconds duration(std::chrono::nanoseconds low, std::chrono::nanoseconds high) noexcept {
        return std::chrono::nanoseconds(range(low.count(), high.count()));
    }
    // Exponentially distributed with this mean, cut off at 20 means.
    std::chrono::nanoseconds exponential(std::chrono::nanoseconds mean) noexcept;
    // A uniformly chosen element of a non-empty range.
    template <class Range>
    auto& choice(Range& range_of_choices) noexcept {
        return *std::next(std::begin(range_of_choices),
                          static_cast<std::ptrdiff_t>(below(std::size(range_of_choices))));
    }
    // Fisher-Yates: each order equally likely.
    template <class Range>
    void shuffle(Range& items) noexcept {
        for (std::size_t i = std::size(items); i > 1; --i) {
            using std::swap;
            swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
        }
    }

private:
    std::uint64_t seed_ = 0;
    std::uint64_t stream_ = 0;
    std::uint64_t index_ = 0;
};

}  // namespace squall

#endif  // SQUALL_DECISIONS_H
