// Messages and log records of the examples: a few 64-bit words, framed with a count and a checksum.
//
// A frame is {u32 count of words, u32 crc32 of count and words, words}, little-endian.
#ifndef EXAMPLE_COMMON_MESSAGE_H
#define EXAMPLE_COMMON_MESSAGE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

using message = std::vector<std::uint64_t>;  // 1 to max_words

inline constexpr std::size_t max_words = 64;
inline constexpr std::size_t frame_head = 8;  // bytes before the words

// words(kind::put, 3, balance): enumerations and integers as words.
template <class... Values>
message words(Values... values) {
    message made;
    made.reserve(sizeof...(values));
    (made.push_back(static_cast<std::uint64_t>(values)), ...);
    return made;
}

// Throws std::length_error for a message that is empty or too long.
std::string encode(const message& what);
// Bytes of a frame that begins with these frame_head bytes; 0 where the count is none.
std::size_t frame_size(std::string_view head);
// Takes the frame off the front of `in`; nothing, and `in` as it was, where there is no whole and right one.
std::optional<message> decode(std::string_view& in);

}  // namespace common

#endif  // EXAMPLE_COMMON_MESSAGE_H
