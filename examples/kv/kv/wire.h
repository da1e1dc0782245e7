// What goes over the wire and into the log, and how it is laid out in bytes.
//
// A frame is {u32 size, u32 crc32 of the payload, payload}; a log record is {u32 magic, u32 crc32 of what
// follows, u32 size, body}. Integers are little-endian, strings are {u32 size, bytes}.
#ifndef KV_WIRE_H
#define KV_WIRE_H

#include "kv/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kv {

enum class record_kind : std::uint8_t { boot = 1, put, del };

// One entry of the replicated log. (epoch, seq) identifies it: two logs that agree in it at one place agree
// up to there.
struct record {
    std::uint64_t epoch = 0;  // boot of the primary that wrote it
    std::uint64_t seq = 0;    // place in the log, from 1
    record_kind kind = record_kind::boot;
    std::uint64_t client = 0;
    std::uint64_t client_seq = 0;  // number of the write at its client; retries have the same
    std::string key;
    std::string value;
};

enum class message_type : std::uint8_t { request = 1, reply, hello, position, truncate, append, ack };
enum class request_kind : std::uint8_t { get = 1, put, del };
enum class status : std::uint8_t { ok, not_found, unavailable, busy, not_primary, invalid };

struct request {
    std::uint64_t id = 0;
    request_kind kind = request_kind::get;
    std::uint64_t client = 0;      // writes only
    std::uint64_t client_seq = 0;  // writes only
    std::string key;
    std::string value;
};

struct reply {
    std::uint64_t id = 0;
    status code = status::unavailable;
    std::string value;
};

// Between replicas:
//   primary: hello {its epoch}          backup: position {epoch and seq of its last record}
//   primary: truncate {last seq to keep}  backup: position ...           until the primary has that very
//   record primary: append {records}           backup: ack {last seq that is on its disk}
struct peer_message {
    message_type type = message_type::hello;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::string records;
};

std::uint32_t crc32(std::string_view bytes);
std::uint32_t load_u32(const char* from);
void append_u32(std::string& out, std::uint32_t value);

std::string encode(const request& message);
std::string encode(const reply& message);
std::string encode(const peer_message& message);
void encode(const record& entry, std::string& out);

message_type type_of(std::string_view payload);
error_code decode(std::string_view payload, request& message);
error_code decode(std::string_view payload, reply& message);
error_code decode(std::string_view payload, peer_message& message);

// Bytes of the record at the front of `in`; 0 where there is no complete one.
std::size_t record_size(std::string_view in);
// Takes that record off the front of `in`.
error_code decode(std::string_view& in, record& entry);

}  // namespace kv

#endif  // KV_WIRE_H
