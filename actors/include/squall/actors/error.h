// What can become of a call, apart from its result and the exceptions that its actor declares.
#ifndef SQUALL_ACTORS_ERROR_H
#define SQUALL_ACTORS_ERROR_H

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <string>

namespace squall::actors {

using boost::system::error_code;

enum class error {
    // The actor may have handled the message, or may yet.
    timed_out = 1,    // no answer before the deadline
    maybe_delivered,  // the connection broke before the answer, of a message that is sent at most once
    result_lost,      // it was handled once, and its effect is in the store; its result is gone

    // The actor's code ran and failed.
    handler_failed,  // it threw what its class does not declare, or its result is larger than a frame

    // The message was not handled, and will not be.
    not_delivered,      // the deadline came before any node had taken it
    unreachable,        // a node of a fixed address cannot be reached
    busy,               // the mailbox had no room before the deadline
    unknown_type,       // no node that was asked has actors of this type
    unknown_method,     // the node's class has no method of this name
    malformed,          // the arguments are no encoding of the method's parameters
    too_large,          // of a message or a key
    activation_failed,  // its constructor, its state or its activate() failed
    would_deadlock,     // an actor that is not re-entrant called itself
    too_many_forwards,  // it moved faster than the message
    no_place,           // no node of the cluster fits the placement
    stopped,            // this node is stopping or has stopped

    // Of the store.
    fenced,             // a later activation of the actor has been here: this one is over
    conflict,           // the version in the store is not the expected one
    store_unavailable,  // the write may or may not have been done

    // Of the bus.
    bad_frame,         // a checksum or a length is wrong, or the contents make no sense
    version_mismatch,  // the peer speaks another version, or belongs to another cluster
    bad_result,        // the answer is no encoding of the method's result: the caller's class differs

    // Of registration and membership.
    duplicate_type,  // a type of this name is registered already
    expelled,        // the directory has given this node up: its lease ran out
};

}  // namespace squall::actors

template <>
struct boost::system::is_error_code_enum<squall::actors::error> : std::true_type {};

namespace squall::actors {

const boost::system::error_category& category() noexcept;
inline error_code make_error_code(error e) noexcept {
    return {static_cast<int>(e), category()};
}

// Whether a call that failed so has certainly had no effect, now or later.
bool had_no_effect(const error_code& code) noexcept;

// What a call throws for these; what() has the code's message and what the other side said.
class call_failed : public boost::system::system_error {
public:
    explicit call_failed(error code, const std::string& text = {})
        : system_error(make_error_code(code), text) {}
    explicit call_failed(error_code code, const std::string& text = {}) : system_error(code, text) {}
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_ERROR_H
