// The hash that gives text its identity: FNV-1a, 64 bits (G. Fowler, L. C. Noll, K.-P. Vo).
//
// Used for stream names and for site records without an id of their own. Part of the formats: never to
// change.
#ifndef SQUALL_TEXT_HASH_H
#define SQUALL_TEXT_HASH_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace squall {

constexpr std::uint64_t text_hash(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

}  // namespace squall

#endif  // SQUALL_TEXT_HASH_H
