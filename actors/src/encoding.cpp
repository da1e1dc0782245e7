#include <squall/actors/encoding.h>

#include <algorithm>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/parse_context.h>
#include <google/protobuf/wire_format_lite.h>

namespace squall::actors {

using google::protobuf::internal::VarintParse;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

namespace {
constexpr int max_depth = 100;
constexpr std::size_t longest_varint = 10;
}  // namespace

// Valid until the next call.
unsigned char* encoder::room(std::size_t size) {
    if (held_.size() - used_ < size)
        finish();
    return reinterpret_cast<unsigned char*>(held_.data() + used_);
}
void encoder::put_long(std::uint64_t value) {
    unsigned char* const start = room(longest_varint);
    used_ += static_cast<std::size_t>(CodedOutputStream::WriteVarint64ToArray(value, start) - start);
}
void encoder::put_signed(std::int64_t value) {
    put(WireFormatLite::ZigZagEncode64(value));
}
void encoder::put_float(float value) {
    CodedOutputStream::WriteLittleEndian32ToArray(WireFormatLite::EncodeFloat(value), room(sizeof value));
    used_ += sizeof value;
}
void encoder::put_double(double value) {
    CodedOutputStream::WriteLittleEndian64ToArray(WireFormatLite::EncodeDouble(value), room(sizeof value));
    used_ += sizeof value;
}
void encoder::put(std::string_view bytes) {
    put(std::uint64_t{bytes.size()});
    if (bytes.size() <= held_.size() - used_) {
        std::copy(bytes.begin(), bytes.end(), held_.data() + used_);
        used_ += bytes.size();
    } else {
        finish();
        out_.append(bytes);
    }
}

void decoder::fail(const char* what) {
    throw call_failed(error::malformed, what);
}

// The parser looks at ten bytes; where there are fewer, at zeros after them.
std::uint64_t decoder::get_long() {
    std::uint64_t value = 0;
    std::array<char, longest_varint> tail{};
    const std::size_t here = left();
    const char* from = at_;
    if (here < longest_varint)
        from = std::copy(at_, end_, tail.data()) - here;
    const char* const next = VarintParse(from, &value);
    if (next == nullptr || static_cast<std::size_t>(next - from) > here)
        fail("a number is cut off or too long");
    at_ += next - from;
    return value;
}
std::int64_t decoder::get_signed() {
    return WireFormatLite::ZigZagDecode64(get());
}
const unsigned char* decoder::take(std::size_t size) {
    if (left() < size)
        fail("a number is cut off");
    return reinterpret_cast<const unsigned char*>(std::exchange(at_, at_ + size));
}
float decoder::get_float() {
    std::uint32_t bits = 0;
    CodedInputStream::ReadLittleEndian32FromArray(take(sizeof bits), &bits);
    return WireFormatLite::DecodeFloat(bits);
}
double decoder::get_double() {
    std::uint64_t bits = 0;
    CodedInputStream::ReadLittleEndian64FromArray(take(sizeof bits), &bits);
    return WireFormatLite::DecodeDouble(bits);
}
std::size_t decoder::get_count() {
    const std::uint64_t count = get();
    if (count > left())
        fail("more is announced than there are bytes left");
    return static_cast<std::size_t>(count);
}
void decoder::get(std::string& bytes) {
    const std::size_t size = get_count();
    bytes.assign(at_, size);
    at_ += size;
}
void decoder::finish() const {
    if (at_ != end_)
        fail("there are bytes left over");
}

decoder::level::level(decoder& in) : in_(in) {
    if (in.depth_ == max_depth)
        fail("values are nested too deep");
    ++in.depth_;
}

}  // namespace squall::actors
