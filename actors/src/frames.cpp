#include "frames.h"

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>

namespace squall::actors::detail {

std::uint32_t checksum(std::string_view bytes) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;  // Castagnoli, RFC 3720
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

void seal_frame(std::string& out, std::size_t start, std::size_t longest) {
    const std::size_t size = out.size() - start - frame_header;
    if (size > longest) {
        out.resize(start);
        throw call_failed(error::too_large);
    }
    const std::string_view body = std::string_view(out).substr(start + frame_header);
    auto* head = reinterpret_cast<unsigned char*>(out.data() + start);
    const std::uint32_t sum = checksum(body);
    boost::endian::store_little_u32(head, static_cast<std::uint32_t>(size));
    boost::endian::store_little_u32(head + 4, sum);
    boost::endian::store_little_u32(head + 8, checksum(std::string_view(out).substr(start, 8)));
}

bool take_frame(std::string_view& bytes, std::string_view& body, std::size_t longest) {
    if (bytes.size() < frame_header)
        return false;
    const auto* head = reinterpret_cast<const unsigned char*>(bytes.data());
    const std::size_t size = boost::endian::load_little_u32(head);
    const std::uint32_t sum = boost::endian::load_little_u32(head + 4);
    if (checksum(bytes.substr(0, 8)) != boost::endian::load_little_u32(head + 8))
        throw call_failed(error::bad_frame, "the checksum of a header is wrong");
    if (size > longest)
        throw call_failed(error::too_large, "a frame");
    if (size == 0)
        throw call_failed(error::bad_frame, "an empty frame");
    if (bytes.size() < frame_header + size)
        return false;
    body = bytes.substr(frame_header, size);
    if (checksum(body) != sum)
        throw call_failed(error::bad_frame, "a checksum is wrong");
    bytes.remove_prefix(frame_header + size);
    return true;
}

}  // namespace squall::actors::detail
