#include "kv/error.h"

#include <string>

namespace kv {
namespace {

class kv_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "kv"; }
    std::string message(int value) const override {
        switch (static_cast<error>(value)) {
            case error::timed_out:
                return "no answer in time";
            case error::disconnected:
                return "connection lost before the answer";
            case error::unavailable:
                return "not committed in time";
            case error::busy:
                return "too many requests under way";
            case error::not_primary:
                return "not the primary";
            case error::invalid_argument:
                return "key or value empty or too long";
            case error::frame_too_large:
                return "frame too large";
            case error::bad_checksum:
                return "frame checksum wrong";
            case error::malformed_message:
                return "malformed message";
        }
        return "unknown error " + std::to_string(value);
    }
};

}  // namespace

const boost::system::error_category& category() noexcept {
    static const kv_category instance;
    return instance;
}

}  // namespace kv
