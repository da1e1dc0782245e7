// Decisions: every choice is a pure function of (seed, stream, index).
//
// There is no shared random tape. A stream is a 64-bit key (a name, a site, a link between two processes,
// ...), an index counts the choices of that stream, and mix() turns the three into 64 uniform bits. A new
// site, log line or client therefore moves nobody else's luck. All results are the same on every compiler and
// standard library: integers by the arithmetic below, reals by IEEE 754 additions and multiplications only.
#ifndef SQUALL_DECISIONS_H
#define SQUALL_DECISIONS_H

#include <squall/text_hash.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace squall {

// The finaliser of splitmix64 (S. Vigna, 2015; constants "variant 13" of D. Stafford): a bijection of 64-bit
// words.
constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// 2^64 over the golden ratio, odd: the step of splitmix64.
inline constexpr std::uint64_t golden_step = 0x9e3779b97f4a7c15u;

// What mix() makes of its first two arguments, and the rest: mix(seed, stream, index) is
// mix_index(mix_stream(seed, stream), index). For who draws often from one stream.
constexpr std::uint64_t mix_stream(std::uint64_t seed, std::uint64_t stream) noexcept {
    return scramble(scramble(seed + golden_step) ^ (stream + golden_step));
}
constexpr std::uint64_t mix_index(std::uint64_t mixed, std::uint64_t index) noexcept {
    return scramble(mixed + (index + 1) * golden_step);
}

// 64 uniform bits for choice `index` of `stream` under `seed`. Test vectors: docs/reference/decisions.md.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) noexcept {
    return mix_index(mix_stream(seed, stream), index);
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

// The same for a p that is asked often: chance(bits, p) is (bits >> 11) < chance_threshold(p).
constexpr std::uint64_t chance_threshold(double p) noexcept {
    const double scaled = p * 0x1.0p53;  // exact
    if (!(scaled > 0))
        return 0;
    if (scaled >= 0x1.0p53)
        return std::uint64_t{1} << 53;
    const auto whole = static_cast<std::uint64_t>(scaled);
    return static_cast<double>(whole) < scaled ? whole + 1 : whole;
}

// e to the power of x, as portable_log: to about 1e-15 relative for |x| <= 700; 0 below that, and capped
// above.
double portable_exp(double x) noexcept;

// Natural logarithm for x > 0, to about 1e-15 relative, by +, * and / alone so that every platform agrees to
// the bit.
double portable_log(double x) noexcept;

// Exponentially distributed with this mean, cut off at 20 means, of one choice's bits.
std::chrono::nanoseconds exponential_of(std::uint64_t bits, std::chrono::nanoseconds mean) noexcept;

// One stream's choices in order: choice k of the object is mix(seed, stream, k).
class decision_stream {
public:
    using result_type = std::uint64_t;

    decision_stream() = default;
    decision_stream(std::uint64_t seed, std::uint64_t stream, std::uint64_t first = 0) noexcept
        : stream_(stream),
          mixed_(mix_stream(seed, stream)),
          index_(first) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    result_type operator()() noexcept { return mix_index(mixed_, index_++); }
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
    std::chrono::nanoseconds exponential(std::chrono::nanoseconds mean) noexcept {
        return exponential_of(next(), mean);
    }
    // Normally distributed, by the polar method of G. Marsaglia (1964): takes two choices of the stream, or
    // two more for each pair outside the unit circle. Within 9 deviations of the mean.
    double normal(double mean, double deviation) noexcept;
    // Pareto: at least `scale` (above 0), heavier-tailed the smaller `shape` (above 0) is; below 2^53 times
    // scale.
    double pareto(double scale, double shape) noexcept;
    // Number of failures before the first success of chance p in (0, 1].
    std::uint64_t geometric(double p) noexcept;
    // Zipf: rank r in [0, count) with a probability proportional to 1 / (r + 1)^exponent; count > 0, exponent
    // >= 0. By inversion over the ranks: O(count) arithmetic per draw.
    std::uint64_t zipf(std::uint64_t count, double exponent) noexcept;
    // Index of a weight, with a probability in proportion to it. Weights are finite, at least 0, and not all
    // 0.
    std::size_t weighted(std::span<const double> weights) noexcept;
    // A text of `length` characters of the alphabet, each equally likely; the alphabet is not empty.
    std::string text(std::size_t length, std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789");
    // `length` bytes, each of the 256 values equally likely.
    std::string bytes(std::size_t length);
    // `count` different elements of a range, in random order; all of them if there are no more.
    template <class Range>
    auto sample(const Range& from, std::size_t count) {
        std::vector<std::decay_t<decltype(*std::begin(from))>> all(std::begin(from), std::end(from));
        const std::size_t size = std::min(count, all.size());
        for (std::size_t i = 0; i < size; ++i) {
            using std::swap;
            swap(all[i], all[i + static_cast<std::size_t>(below(all.size() - i))]);
        }
        all.resize(size);
        return all;
    }
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
    std::uint64_t stream_ = 0;
    std::uint64_t mixed_ = mix_stream(0, 0);
    std::uint64_t index_ = 0;
};

}  // namespace squall

#endif  // SQUALL_DECISIONS_H
