// What the data generators draw; their assertions are in the headers.
#include <squall/generators.h>

#include <squall/text_generators.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace squall {

using std::chrono::nanoseconds;

namespace detail {
namespace {

// 2^k or a neighbour of it, k uniform over those with 2^k <= most; most >= 2. At most `most`.
std::uint64_t beside_power(decision_stream& random, std::uint64_t most) noexcept {
    const auto digits = static_cast<std::uint64_t>(std::bit_width(most));
    const std::uint64_t power = std::uint64_t{1} << (1 + random.below(digits - 1));
    return std::min(most, power - 1 + random.below(3));
}

// In [1, most], of any magnitude.
std::size_t some_length(decision_stream& random, std::size_t most) noexcept {
    return 1 + static_cast<std::size_t>(any_magnitude(random, most - 1));
}

constexpr std::array<nanoseconds, 6> units{std::chrono::microseconds(1), std::chrono::milliseconds(1),
                                           std::chrono::seconds(1),      std::chrono::minutes(1),
                                           std::chrono::hours(1),        std::chrono::hours(24)};

}  // namespace

std::uint64_t any_magnitude(decision_stream& random, std::uint64_t most) noexcept {
    const std::uint64_t digits = random.below(static_cast<std::uint64_t>(std::bit_width(most)) + 1);
    if (digits == 0)
        return 0;
    const std::uint64_t least = std::uint64_t{1} << (digits - 1);
    return least + random.below(std::min(least - 1, most - least) + 1);
}

std::uint64_t drawn_size(decision_stream& random, std::uint64_t most) noexcept {
    constexpr std::array<double, 5> weights{1, 1, 1, 3, 6};
    switch (random.weighted(weights)) {
        case 0:
            return 0;
        case 1:
            return 1;
        case 2:
            return most;
        case 3:
            return beside_power(random, most);
        default:
            return any_magnitude(random, most);
    }
}

std::int64_t drawn_number(decision_stream& random, std::int64_t least, std::int64_t most) noexcept {
    constexpr std::array<double, 5> weights{1, 1, 1, 2, 5};
    switch (random.weighted(weights)) {
        case 0:
            return least;
        case 1:
            return most;
        case 2:
            return std::clamp(random.range(-1, 1), least, most);
        case 3: {
            const auto size = static_cast<std::int64_t>(beside_power(random, std::uint64_t{1} << 62));
            return std::clamp(random.chance(0.5) ? size : -size, least, most);
        }
        default:
            return random.range(least, most);
    }
}

nanoseconds drawn_duration(decision_stream& random, nanoseconds longest) noexcept {
    constexpr std::array<double, 5> weights{1, 1, 1, 3, 6};
    const auto fitting = static_cast<std::uint64_t>(std::ranges::upper_bound(units, longest) - units.begin());
    switch (random.weighted(weights)) {
        case 0:
            return nanoseconds(0);
        case 1:
            return nanoseconds(1);
        case 2:
            return longest;
        case 3: {
            const nanoseconds unit = units[static_cast<std::size_t>(random.below(fitting))];
            return std::min(longest, unit + nanoseconds(random.range(-1, 1)));
        }
        default:
            return nanoseconds(static_cast<std::int64_t>(
                any_magnitude(random, static_cast<std::uint64_t>(longest.count()))));
    }
}

bool whole_unit(nanoseconds time) noexcept {
    return std::ranges::find(units, time) != units.end();
}

std::string drawn_text(decision_stream& random, std::size_t longest, text_kind kind) {
    // Well-formed, of 2 to 4 bytes: letters, a combining accent, marks of direction and byte order, a symbol
    // beyond the first plane.
    constexpr std::array<std::string_view, 8> characters{"\u00e9", "\u00df", "\u65e5",     "e\u0301",
                                                         "\u05d0", "\u202e", "\U0001f600", "\ufeff"};
    // A byte that never occurs, an overlong NUL, half a euro sign, a surrogate, a lone continuation.
    constexpr std::array<std::string_view, 5> malformed{"\xff", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80",
                                                        "\x80"};
    constexpr std::array<std::string_view, 12> awkward{"\n", "\r\n", "\"", "'",   "\\", "%s",
                                                       ",",  ";",    "\t", "../", "<",  " "};
    const auto put_into = [&](std::string text, std::string_view piece) {
        const std::size_t room = longest - piece.size();
        text.resize(std::min(text.size(), room));
        text.insert(static_cast<std::size_t>(random.below(text.size() + 1)), piece);
        return text;
    };
    switch (kind) {
        case text_kind::empty:
            return {};
        case text_kind::plain:
            return random.text(some_length(random, longest));
        case text_kind::longest:
            return random.text(longest);
        case text_kind::with_nul:
            return put_into(random.text(some_length(random, longest)), std::string_view("\0", 1));
        case text_kind::awkward:
            return put_into(random.text(some_length(random, longest)), random.choice(awkward));
        case text_kind::not_utf8:
            return put_into(random.text(some_length(random, longest)), random.choice(malformed));
        case text_kind::utf8:
            break;
    }
    const std::size_t length = some_length(random, longest);
    std::string text;
    do
        text += random.choice(characters);
    while (text.size() + 4 <= length);
    return text;
}

std::string drawn_bytes(decision_stream& random, std::size_t length, bytes_kind kind) {
    switch (kind) {
        case bytes_kind::zeros:
            return std::string(length, '\0');
        case bytes_kind::ones:
            return std::string(length, '\xff');
        case bytes_kind::repeated: {
            const std::string piece = random.bytes(1 + static_cast<std::size_t>(random.below(8)));
            std::string all(length, '\0');
            for (std::size_t i = 0; i < length; ++i)
                all[i] = piece[i % piece.size()];
            return all;
        }
        case bytes_kind::any:
            break;
    }
    return random.bytes(length);
}

}  // namespace detail

zipf_keys::zipf_keys(std::uint64_t count, double exponent) {
    detail::require(count > 1, "zipf_keys of fewer than two keys");
    detail::require(std::isfinite(exponent) && exponent >= 0, "zipf_keys with an exponent below 0");
    cumulated_.reserve(static_cast<std::size_t>(count));
    double total = 0;
    for (std::uint64_t key = 0; key < count; ++key) {
        total += portable_exp(-exponent * portable_log(static_cast<double>(key + 1)));
        cumulated_.push_back(total);
    }
}

std::uint64_t zipf_keys::rank(double uniform) const noexcept {
    const auto found = std::ranges::upper_bound(cumulated_, uniform * cumulated_.back());
    return std::min<std::uint64_t>(static_cast<std::uint64_t>(found - cumulated_.begin()),
                                   cumulated_.size() - 1);
}

}  // namespace squall
