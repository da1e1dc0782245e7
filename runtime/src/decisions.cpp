// Bounded integers and distributions on top of mix().
#include <squall/decisions.h>

#include <bit>

namespace squall {

std::uint64_t decision_stream::below(std::uint64_t bound) noexcept {
    __extension__ using wide = unsigned __int128;
    wide product = static_cast<wide>(next()) * bound;
    auto low = static_cast<std::uint64_t>(product);
    if (low < bound) {
        const std::uint64_t threshold = (0 - bound) % bound;
        while (low < threshold) {
            product = static_cast<wide>(next()) * bound;
            low = static_cast<std::uint64_t>(product);
        }
    }
    return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t decision_stream::range(std::int64_t low, std::int64_t high) noexcept {
    const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t offset = width == 0 ? next() : below(width);  // width 0: all 2^64 values
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

double decision_stream::real(double low, double high) noexcept {
    return low + (high - low) * real();
}

double portable_log(double x) noexcept {
    // x = m * 2^e with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh(s), s = (m - 1) / (m + 1), by its odd
    // series.
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++exponent;
    }
    const double s = (m - 1) / (m + 1);
    const double square = s * s;
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return 2 * s * sum + exponent * 0.6931471805599453;
}

std::chrono::nanoseconds decision_stream::exponential(std::chrono::nanoseconds mean) noexcept {
    const double u = 1.0 - real();  // (0, 1]
    double factor = -portable_log(u);
    if (factor > 20)
        factor = 20;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(factor * static_cast<double>(mean.count())));
}

}  // namespace squall
