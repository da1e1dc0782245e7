#include <squall/actors/error.h>

namespace squall::actors {
namespace {

const char* text(error e) {
    switch (e) {
        case error::timed_out:
            return "no answer before the deadline; the message may have been handled";
        case error::maybe_delivered:
            return "the connection broke before the answer; the message may have been handled";
        case error::result_lost:
            return "the message was handled once, but its result is gone";
        case error::handler_failed:
            return "the actor failed";
        case error::not_delivered:
            return "no node took the message before the deadline";
        case error::unreachable:
            return "the node cannot be reached";
        case error::busy:
            return "the mailbox had no room before the deadline";
        case error::unknown_type:
            return "no such type of actors; register it with node::add";
        case error::unknown_method:
            return "the actor's class has no such method; describe it with BOOST_DESCRIBE_CLASS";
        case error::malformed:
            return "the bytes are no encoding of the type";
        case error::too_large:
            return "larger than the node's limits allow";
        case error::activation_failed:
            return "the actor could not be activated";
        case error::would_deadlock:
            return "an actor that is not re-entrant called itself";
        case error::too_many_forwards:
            return "the actor moved faster than the message could follow";
        case error::no_place:
            return "no node of the cluster fits the placement";
        case error::stopped:
            return "the node has stopped";
        case error::fenced:
            return "a later activation of the actor has taken its state over";
        case error::conflict:
            return "the stored version is not the expected one";
        case error::store_unavailable:
            return "the store did not say whether it has done it";
        case error::bad_frame:
            return "a frame is damaged or makes no sense";
        case error::version_mismatch:
            return "the peer speaks another version or belongs to another cluster";
        case error::bad_result:
            return "the answer does not fit the method's result: the two sides' classes differ";
        case error::duplicate_type:
            return "a type of this name is registered already";
        case error::expelled:
            return "the directory has given this node up";
    }
    return "unknown error";
}

class actors_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "squall.actors"; }
    std::string message(int value) const override { return text(static_cast<error>(value)); }
};

}  // namespace

const boost::system::error_category& category() noexcept {
    static const actors_category instance;
    return instance;
}

bool had_no_effect(const error_code& code) noexcept {
    if (code.category() != category())
        return false;
    switch (static_cast<error>(code.value())) {
        case error::not_delivered:
        case error::unreachable:
        case error::busy:
        case error::unknown_type:
        case error::unknown_method:
        case error::malformed:
        case error::too_large:
        case error::activation_failed:
        case error::would_deadlock:
        case error::too_many_forwards:
        case error::no_place:
        case error::stopped:
            return true;
        default:
            return false;
    }
}

}  // namespace squall::actors
