// What nodes say to each other.
//
// A connection carries frames both ways: 4 bytes length of the body, 4 bytes CRC-32C of the body, 4 bytes
// CRC-32C of these eight, all little endian, and the body: one byte of kind, and the encoding (encoding.h) of
// the structure of that kind. The length has a checksum of its own, as a reader would wait for ever for the
// end of a frame whose length is wrong, and take whatever comes for parts of it.
#ifndef SQUALL_ACTORS_SRC_FRAMES_H
#define SQUALL_ACTORS_SRC_FRAMES_H

#include <squall/actors/encoding.h>
#include <squall/actors/identity.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace squall::actors::detail {

inline constexpr std::size_t frame_header = 12;
inline constexpr std::uint32_t protocol_magic = 0x73716163;
inline constexpr std::uint32_t protocol_version = 1;

enum class frame_kind : std::uint8_t { hello = 1, request, reply, cancel, ping, pong };

// The first frame of each side.
struct hello_frame {
    std::uint32_t magic = protocol_magic;
    std::uint32_t version = protocol_version;
    std::string cluster;
};

struct request_frame {
    std::uint64_t ticket = 0;  // of the answer, on this connection
    std::uint64_t caller = 0;  // with the number: which call it is, however often it comes
    std::uint64_t number = 0;
    std::uint64_t oldest = 0;
    std::string type;
    std::string key;
    std::uint32_t method = 0;
    bool at_least_once = false;
    bool one_way = false;
    std::uint32_t forwards = 0;
    std::uint64_t time_left = 0;  // nanoseconds, when it was sent
    std::string arguments;
};

struct reply_frame {
    std::uint64_t ticket = 0;
    bool accepted = false;             // of a one-way message: there is no outcome
    std::optional<location> answered;  // who did, if it was not the one asked
    std::string outcome;
};

struct cancel_frame {
    std::uint64_t ticket = 0;
};
struct empty_frame {};

// Appends a whole frame. Throws call_failed(error::too_large) if its body is longer than `longest`, and
// appends nothing then.
template <class Frame>
void append_frame(std::string& out, frame_kind kind, const Frame& frame, std::size_t longest);
void seal_frame(std::string& out, std::size_t start, std::size_t longest);

// Takes the first frame off `bytes`. False: it is not whole yet. Throws call_failed: error::bad_frame,
// error::too_large.
bool take_frame(std::string_view& bytes, std::string_view& body, std::size_t longest);

template <class Frame>
void append_frame(std::string& out, frame_kind kind, const Frame& frame, std::size_t longest) {
    const std::size_t start = out.size();
    out.append(frame_header, '\0');
    out += static_cast<char>(kind);
    encode(frame, out);
    seal_frame(out, start, longest);
}

// The length and the checksum of `bytes`, of tests.
std::uint32_t checksum(std::string_view bytes);

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_FRAMES_H
