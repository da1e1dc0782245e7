// Texts and bytes for workloads, as generators.h has keys and sizes: what a format, a length field or a
// comparison is likely to trip over, with a sometimes-assertion on each kind.
#ifndef SQUALL_TEXT_GENERATORS_H
#define SQUALL_TEXT_GENERATORS_H

#include <squall/generators.h>

#include <array>
#include <cstddef>
#include <string>

namespace squall {

enum class text_kind : std::uint8_t {
    plain,     // small letters and digits
    empty,     // no byte
    longest,   // plain, of the greatest length
    with_nul,  // plain with a byte 0 in it
    utf8,      // well-formed, no ASCII letter by itself: accents, marks of direction, four-byte characters
    not_utf8,  // plain with a malformed sequence in it
    awkward,   // plain with a line end, quote, separator, blank, format or path in it
};
enum class bytes_kind : std::uint8_t { any, zeros, ones, repeated };

namespace detail {
std::string drawn_text(decision_stream& random, std::size_t longest, text_kind kind);
std::string drawn_bytes(decision_stream& random, std::size_t length, bytes_kind kind);
}  // namespace detail

// Of at most `longest` bytes, which is at least 8: 4 in 10 plain, 1 in 10 of each other kind; lengths of any
// magnitude.
class texts {
public:
    explicit texts(std::size_t longest) : longest_(longest) {
        detail::require(longest >= 8, "texts of less than 8 bytes have no room for their kinds");
    }
    std::string operator()(decision_stream& random) const {
        constexpr std::array<double, 7> weights{4, 1, 1, 1, 1, 1, 1};
        const auto kind = static_cast<text_kind>(random.weighted(weights));
        SQUALL_SOMETIMES(kind == text_kind::plain, "texts: plain");
        SQUALL_SOMETIMES(kind == text_kind::empty, "texts: empty");
        SQUALL_SOMETIMES(kind == text_kind::longest, "texts: the longest");
        SQUALL_SOMETIMES(kind == text_kind::with_nul, "texts: with a byte 0");
        SQUALL_SOMETIMES(kind == text_kind::utf8, "texts: beyond ASCII");
        SQUALL_SOMETIMES(kind == text_kind::not_utf8, "texts: malformed UTF-8");
        SQUALL_SOMETIMES(kind == text_kind::awkward, "texts: with a separator, quote or line end");
        return detail::drawn_text(random, longest_, kind);
    }

private:
    std::size_t longest_;
};

// At most `longest` bytes, which is at least 16; of the lengths of `sizes`, half of them of any values, the
// rest all 0, all 255, or a few bytes over and over (which compresses well).
class byte_strings {
public:
    explicit byte_strings(std::size_t longest) : longest_(longest) {
        detail::require(longest >= 16, "byte_strings of less than 16 bytes");
    }
    std::string operator()(decision_stream& random) const {
        constexpr std::array<double, 4> weights{3, 1, 1, 1};
        const auto length = static_cast<std::size_t>(detail::drawn_size(random, longest_));
        const auto kind = static_cast<bytes_kind>(random.weighted(weights));
        SQUALL_SOMETIMES(length == 0, "bytes: none");
        SQUALL_SOMETIMES(length == longest_, "bytes: the most");
        SQUALL_SOMETIMES(length > 0 && kind == bytes_kind::any, "bytes: any");
        SQUALL_SOMETIMES(length > 0 && kind == bytes_kind::zeros, "bytes: all 0");
        SQUALL_SOMETIMES(length > 0 && kind == bytes_kind::ones, "bytes: all 255");
        SQUALL_SOMETIMES(length > 0 && kind == bytes_kind::repeated, "bytes: a few over and over");
        return detail::drawn_bytes(random, length, kind);
    }

private:
    std::size_t longest_;
};

}  // namespace squall

#endif  // SQUALL_TEXT_GENERATORS_H
