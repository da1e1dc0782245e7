#include "common/message.h"

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>

#include <stdexcept>

namespace common {
namespace {

namespace endian = boost::endian;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::uint32_t checksum(std::string_view frame) {
    boost::crc_32_type crc;
    crc.process_bytes(frame.data(), 4);
    crc.process_bytes(frame.data() + frame_head, frame.size() - frame_head);
    return crc.checksum();
}

}  // namespace

std::string encode(const message& what) {
    if (what.empty() || what.size() > max_words)
        throw std::length_error("a message has 1 to 64 words");
    std::string frame(frame_head + 8 * what.size(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(frame.data());
    endian::store_little_u32(out, static_cast<std::uint32_t>(what.size()));
    for (std::size_t i = 0; i < what.size(); ++i)
        endian::store_little_u64(out + frame_head + 8 * i, what[i]);
    endian::store_little_u32(out + 4, checksum(frame));
    return frame;
}

std::size_t frame_size(std::string_view head) {
    const std::size_t count = endian::load_little_u32(bytes_of(head));
    return count == 0 || count > max_words ? 0 : frame_head + 8 * count;
}

std::optional<message> decode(std::string_view& in) {
    const std::size_t size = in.size() < frame_head ? 0 : frame_size(in);
    if (size == 0 || size > in.size())
        return std::nullopt;
    const std::string_view frame = in.substr(0, size);
    if (endian::load_little_u32(bytes_of(frame) + 4) != checksum(frame))
        return std::nullopt;
    message found;
    for (std::size_t at = frame_head; at < size; at += 8)
        found.push_back(endian::load_little_u64(bytes_of(frame) + at));
    in.remove_prefix(size);
    return found;
}

}  // namespace common
