// What can go wrong in the store: error codes, and the one exception.
#ifndef KV_ERROR_H
#define KV_ERROR_H

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

namespace kv {

using boost::system::error_code;

enum class error {
    timed_out = 1,     // no answer in time: whether the request took effect is unknown
    disconnected,      // the same, because the connection broke
    unavailable,       // the primary could not commit in time: the same
    busy,              // too much is waiting already; nothing was done
    not_primary,       // asked a backup; nothing was done
    invalid_argument,  // empty or too long key, too long value
    frame_too_large,
    bad_checksum,  // of a frame
    malformed_message,
};

const boost::system::error_category& category() noexcept;
inline error_code make_error_code(error e) noexcept {
    return {static_cast<int>(e), category()};
}

// The log cannot be written, synced or read. What is on the disk is unknown to the running process, so it
// must end; the next one finds out by recovery.
class wal_error : public boost::system::system_error {
public:
    using system_error::system_error;
};

}  // namespace kv

template <>
struct boost::system::is_error_code_enum<kv::error> : std::true_type {};

#endif  // KV_ERROR_H
