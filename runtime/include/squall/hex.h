// Ids and digests as text.
#ifndef SQUALL_HEX_H
#define SQUALL_HEX_H

#include <cstdint>
#include <string>

namespace squall {

// 16 lower-case hexadecimal digits, the most significant first.
inline std::string hex(std::uint64_t value) {
    std::string text(16, '0');
    for (auto digit = text.rbegin(); value != 0; ++digit, value >>= 4)
        *digit = "0123456789abcdef"[value & 15];
    return text;
}

}  // namespace squall

#endif  // SQUALL_HEX_H
