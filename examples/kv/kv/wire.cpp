#include "kv/wire.h"

#include "kv/limits.h"

#include <boost/crc.hpp>

namespace kv {
namespace {

constexpr std::uint32_t kRecordMagic = 0x4c41574b;  // "KWAL"
constexpr std::size_t kRecordHead = 12;
constexpr std::size_t kMinRecord = 41;  // body of one with neither key nor value

std::uint64_t load(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

class encoder {
public:
    explicit encoder(std::string& out) : out_(out) {}
    template <class Integer>
    encoder& number(Integer value) {
        for (std::size_t i = 0; i < sizeof value; ++i)
            out_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * i));
        return *this;
    }
    encoder& text(std::string_view value) {
        number(static_cast<std::uint32_t>(value.size()));
        out_.append(value);
        return *this;
    }

private:
    std::string& out_;
};

// What is read past the end is zero, and remembered.
class decoder {
public:
    explicit decoder(std::string_view in) : in_(in) {}
    template <class Integer>
    decoder& number(Integer& value) {
        value = static_cast<Integer>(load(take(sizeof value)));
        return *this;
    }
    decoder& text(std::string& value) {
        std::uint32_t size = 0;
        number(size);
        value = take(size);
        return *this;
    }
    bool intact() const { return !overrun_; }
    bool complete() const { return !overrun_ && in_.empty(); }

private:
    std::string_view take(std::size_t size) {
        overrun_ = overrun_ || size > in_.size();
        if (overrun_)
            return {};
        std::string_view bytes = in_.substr(0, size);
        in_.remove_prefix(size);
        return bytes;
    }

    std::string_view in_;
    bool overrun_ = false;
};

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

std::uint32_t load_u32(const char* from) {
    return static_cast<std::uint32_t>(load({from, 4}));
}

void append_u32(std::string& out, std::uint32_t value) {
    encoder(out).number(value);
}

std::string encode(const request& message) {
    std::string out;
    encoder to(out);
    to.number(message_type::request).number(message.id).number(message.kind);
    to.number(message.client).number(message.client_seq).text(message.key).text(message.value);
    return out;
}

std::string encode(const reply& message) {
    std::string out;
    encoder(out).number(message_type::reply).number(message.id).number(message.code).text(message.value);
    return out;
}

std::string encode(const peer_message& message) {
    std::string out;
    encoder(out).number(message.type).number(message.epoch).number(message.seq).text(message.records);
    return out;
}

void encode(const record& entry, std::string& out) {
    std::string body;
    encoder to(body);
    to.number(entry.epoch).number(entry.seq).number(entry.kind);
    to.number(entry.client).number(entry.client_seq).text(entry.key).text(entry.value);
    std::string sized;
    encoder(sized).text(body);
    encoder(out).number(kRecordMagic).number(crc32(sized));
    out += sized;
}

message_type type_of(std::string_view payload) {
    return payload.empty() ? message_type{} : static_cast<message_type>(payload.front());
}

error_code decode(std::string_view payload, request& message) {
    message_type type{};
    decoder from(payload);
    from.number(type).number(message.id).number(message.kind);
    from.number(message.client).number(message.client_seq).text(message.key).text(message.value);
    const bool known = message.kind >= request_kind::get && message.kind <= request_kind::del;
    if (type != message_type::request || !known || !from.complete())
        return error::malformed_message;
    return {};
}

error_code decode(std::string_view payload, reply& message) {
    message_type type{};
    decoder from(payload);
    from.number(type).number(message.id).number(message.code).text(message.value);
    if (type != message_type::reply || !from.complete())
        return error::malformed_message;
    return {};
}

error_code decode(std::string_view payload, peer_message& message) {
    decoder from(payload);
    from.number(message.type).number(message.epoch).number(message.seq).text(message.records);
    const bool known = message.type >= message_type::hello && message.type <= message_type::ack;
    if (!known || !from.complete())
        return error::malformed_message;
    return {};
}

std::size_t record_size(std::string_view in) {
    if (in.size() < kRecordHead || load_u32(in.data()) != kRecordMagic)
        return 0;
    std::size_t size = load_u32(in.data() + 8);
    if (size < kMinRecord || size > kMaxRecord || size > in.size() - kRecordHead)
        return 0;
#ifndef KV_WITH_BUG
    if (crc32(in.substr(8, 4 + size)) != load_u32(in.data() + 4))
        return 0;
#endif
    return kRecordHead + size;
}

error_code decode(std::string_view& in, record& entry) {
    const std::size_t size = record_size(in);
    decoder from(in.substr(0, size));
    std::uint32_t head = 0;
    from.number(head).number(head).number(head);
    from.number(entry.epoch).number(entry.seq).number(entry.kind);
    from.number(entry.client).number(entry.client_seq).text(entry.key).text(entry.value);
    if (!from.intact())
        return error::malformed_message;
    in.remove_prefix(size);
    return {};
}

}  // namespace kv
