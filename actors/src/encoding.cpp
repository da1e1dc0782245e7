#include <squall/actors/encoding.h>

#include <array>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace squall::actors {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

namespace {
constexpr int max_depth = 100;
constexpr std::size_t longest_varint = 10;
}  // namespace

void encoder::put(std::uint64_t value) {
    if (value < 0x80) {  // as most are: one byte, its own
        out_ += static_cast<char>(value);
        return;
    }
    std::array<std::uint8_t, longest_varint> bytes{};
    const std::uint8_t* end = CodedOutputStream::WriteVarint64ToArray(value, bytes.data());
    out_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.data()));
}
void encoder::put_signed(std::int64_t value) {
    put(WireFormatLite::ZigZagEncode64(value));
}
void encoder::put_float(float value) {
    std::array<std::uint8_t, sizeof value> bytes{};
    CodedOutputStream::WriteLittleEndian32ToArray(WireFormatLite::EncodeFloat(value), bytes.data());
    out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
void encoder::put_double(double value) {
    std::array<std::uint8_t, sizeof value> bytes{};
    CodedOutputStream::WriteLittleEndian64ToArray(WireFormatLite::EncodeDouble(value), bytes.data());
    out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}
void encoder::put(std::string_view bytes) {
    put(std::uint64_t{bytes.size()});
    out_.append(bytes);
}

struct decoder::input {
    input(const std::uint8_t* data, int size) : stream(data, size), size(size) {}
    CodedInputStream stream;
    int size;
};

decoder::decoder(std::string_view bytes) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw call_failed(error::too_large);
    input_ = std::make_unique<input>(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
}
decoder::~decoder() = default;

void decoder::fail(const char* what) {
    throw call_failed(error::malformed, what);
}

std::uint64_t decoder::get() {
    std::uint64_t value = 0;
    if (!input_->stream.ReadVarint64(&value))
        fail("a number is cut off or too long");
    return value;
}
std::int64_t decoder::get_signed() {
    return WireFormatLite::ZigZagDecode64(get());
}
float decoder::get_float() {
    std::uint32_t bits = 0;
    if (!input_->stream.ReadLittleEndian32(&bits))
        fail("a number is cut off");
    return WireFormatLite::DecodeFloat(bits);
}
double decoder::get_double() {
    std::uint64_t bits = 0;
    if (!input_->stream.ReadLittleEndian64(&bits))
        fail("a number is cut off");
    return WireFormatLite::DecodeDouble(bits);
}
std::size_t decoder::get_count() {
    const std::uint64_t count = get();
    const int left = input_->size - input_->stream.CurrentPosition();
    if (count > static_cast<std::uint64_t>(left))
        fail("more is announced than there are bytes left");
    return static_cast<std::size_t>(count);
}
void decoder::get(std::string& bytes) {
    const std::size_t size = get_count();
    if (!input_->stream.ReadString(&bytes, static_cast<int>(size)))
        fail("a text is cut off");
}
void decoder::finish() const {
    if (input_->stream.CurrentPosition() != input_->size)
        fail("there are bytes left over");
}

decoder::level::level(decoder& in) : in_(in) {
    if (in.depth_ == max_depth)
        fail("values are nested too deep");
    ++in.depth_;
}

}  // namespace squall::actors
