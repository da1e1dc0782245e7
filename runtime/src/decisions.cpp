// Bounded integers and distributions on top of mix().
#include <squall/decisions.h>

#include <array>
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

namespace {

constexpr double logarithm(double x) noexcept {
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

// For -log(u), u in (0, 1], where 1e-15 of absolute error is plenty: the logarithm of one of 128 centres of
// the mantissa from a table, that of what remains by six terms of its series.
struct centre {
    double inverse;  // of the centre, rounded
    double log;      // minus the logarithm of `inverse`
};
constexpr std::array<centre, 128> centres = [] {
    std::array<centre, 128> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].inverse = 1 / (1 + (static_cast<double>(i) + 0.5) / 128);
        all[i].log = -logarithm(all[i].inverse);
    }
    return all;
}();

}  // namespace

double portable_log(double x) noexcept {
    return logarithm(x);
}

std::chrono::nanoseconds exponential_of(std::uint64_t bits, std::chrono::nanoseconds mean) noexcept {
    const auto u = std::bit_cast<std::uint64_t>(1.0 - unit_real(bits));  // (0, 1]
    const auto exponent = static_cast<double>(static_cast<int>(u >> 52) - 1023);
    const double mantissa = std::bit_cast<double>((u & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    const centre& near = centres[(u >> 45) & 127];
    const double r = mantissa * near.inverse - 1;
    const double series =
        r * (1 - r * (1.0 / 2 - r * (1.0 / 3 - r * (1.0 / 4 - r * (1.0 / 5 - r * (1.0 / 6))))));
    double factor = -(exponent * 0.6931471805599453 + (near.log + series));
    if (factor > 20)
        factor = 20;
    if (factor < 0)  // by rounding, next to u = 1
        factor = 0;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(factor * static_cast<double>(mean.count())));
}

double portable_exp(double x) noexcept {
    if (x < -700)
        return 0;
    if (x > 700)
        x = 700;
    // e^x = 2^k * e^r with |r| <= log(2) / 2, by the Taylor series; log(2) in two parts keeps r exact.
    const double scaled = x * 1.4426950408889634;
    const auto k = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double r = (x - k * 0.69314718036912382) - k * 1.9082149292705877e-10;
    double sum = 1;
    for (int n = 17; n >= 1; --n)
        sum = 1 + sum * r / n;
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + k) << 52);
}

double decision_stream::normal(double mean, double deviation) noexcept {
    for (;;) {
        const double u = 2 * real() - 1;
        const double v = 2 * real() - 1;
        const double s = u * u + v * v;
        if (s >= 1 || s == 0)
            continue;
        // Square root: correctly rounded by IEEE 754, hence the same everywhere.
        return mean + deviation * (u * __builtin_sqrt(-2 * portable_log(s) / s));
    }
}

double decision_stream::pareto(double scale, double shape) noexcept {
    const double u = 1.0 - real();  // (0, 1]
    const double factor = portable_exp(-portable_log(u) / shape);
    return scale * (factor < 0x1.0p53 ? factor : 0x1.0p53);
}

std::uint64_t decision_stream::geometric(double p) noexcept {
    if (p >= 1)
        return 0;
    const double u = 1.0 - real();
    const double count = portable_log(u) / portable_log(1 - p);
    return count < 9e18 ? static_cast<std::uint64_t>(count) : 9'000'000'000'000'000'000u;
}

std::uint64_t decision_stream::zipf(std::uint64_t count, double exponent) noexcept {
    const auto weight = [exponent](std::uint64_t rank) {
        return portable_exp(-exponent * portable_log(static_cast<double>(rank + 1)));
    };
    double total = 0;
    for (std::uint64_t rank = 0; rank < count; ++rank)
        total += weight(rank);
    double left = real() * total;
    for (std::uint64_t rank = 0; rank + 1 < count; ++rank) {
        left -= weight(rank);
        if (left < 0)
            return rank;
    }
    return count - 1;
}

std::size_t decision_stream::weighted(std::span<const double> weights) noexcept {
    double total = 0;
    for (const double weight : weights)
        total += weight;
    double left = real() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] <= 0)
            continue;
        last = i;
        left -= weights[i];
        if (left < 0)
            return i;
    }
    return last;
}

std::string decision_stream::text(std::size_t length, std::string_view alphabet) {
    std::string result(length, '\0');
    for (char& c : result)
        c = alphabet[static_cast<std::size_t>(below(alphabet.size()))];
    return result;
}

std::string decision_stream::bytes(std::size_t length) {
    std::string result(length, '\0');
    for (std::size_t i = 0; i < length; i += 8) {
        std::uint64_t eight = next();
        for (std::size_t k = i; k < std::min(length, i + 8); ++k, eight >>= 8)
            result[k] = static_cast<char>(static_cast<unsigned char>(eight));
    }
    return result;
}

}  // namespace squall
