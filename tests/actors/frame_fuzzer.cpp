// libFuzzer over what a stranger may send: bytes of a connection, and bodies of frames whose checksum is
// right.
#include "../../actors/src/frames.h"

#include <squall/actors/call.h>

#include <boost/describe/class.hpp>

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace {

using namespace squall::actors;
using namespace squall::actors::detail;

struct part {
    std::int16_t number = 0;
    std::string text;
    std::vector<part> inside;
};
struct trouble {
    double how_much = 0;
    std::optional<std::string> why;
};
// Every kind of value that can be encoded.
class subject {
    BOOST_DESCRIBE_CLASS(subject, (), (method), (), ())

public:
    using throws = std::tuple<trouble>;
    std::map<std::string, std::vector<part>> method(part, std::uint8_t, std::chrono::milliseconds, float) {
        return {};
    }
};

void take_in(std::string_view body) {
    const std::string_view bytes = body.substr(1);
    switch (static_cast<frame_kind>(body.front())) {
        case frame_kind::hello:
            decode<hello_frame>(bytes);
            break;
        case frame_kind::request: {
            const auto frame = decode<request_frame>(bytes);
            typed_call<subject, &subject::method>().decode_arguments(frame.arguments);
            break;
        }
        case frame_kind::reply: {
            const auto frame = decode<reply_frame>(bytes);
            typed_call<subject, &subject::method>().decode_outcome(frame.outcome);
            break;
        }
        case frame_kind::cancel:
            decode<cancel_frame>(bytes);
            break;
        default:
            break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    constexpr std::size_t longest = 64 * 1024;
    try {
        std::string_view rest = bytes;
        std::string_view body;
        while (take_frame(rest, body, longest))
            take_in(body);
    } catch (const call_failed&) {
    }
    if (bytes.empty())
        return 0;
    try {
        take_in(bytes);
    } catch (const call_failed&) {
    }
    return 0;
}
