// Which messages that are sent at least once an actor has handled.
#ifndef SQUALL_ACTORS_SRC_DEDUPLICATION_H
#define SQUALL_ACTORS_SRC_DEDUPLICATION_H

#include <squall/actors/call.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace squall::actors::detail {

// The part that is saved with a state.
struct handled_messages {
    std::uint64_t caller = 0;
    std::uint64_t oldest = 0;  // all below have been answered: their copies are late
    std::vector<std::uint64_t> numbers;
};

class deduplication {
public:
    enum class verdict : std::uint8_t {
        first,     // to be handled
        running,   // it is being handled, or waits: its sink has been replaced by the new message's
        answered,  // `answer` is its outcome
        lost,      // it was handled by an earlier activation
        late,      // its caller has had its answer long since
        full,      // too many of this caller's are remembered
    };

    verdict look(call_base& call, std::string& answer);
    void forget(const call_base& call);  // it was not handled after all
    void answered(const call_base& call, std::string answer);
    // What is to be saved with a state that the call, if it is one of these, has changed.
    std::vector<handled_messages> with(const call_base* call) const;
    void saved(const call_base& call);
    void loaded(const std::vector<handled_messages>& handled);
    // Lets go of the calls under way: the node has ended, and nobody will answer them.
    void drop_calls();

private:
    struct entry {
        call_ptr running;
        std::string answer;
        bool saved = false;  // in this activation or an earlier one
        bool answered = false;
    };
    struct caller {
        std::uint64_t oldest = 0;
        std::map<std::uint64_t, entry> calls;
        std::uint64_t used = 0;  // for which one to forget
    };
    caller& of(std::uint64_t id);
    entry* find(const call_base& call);  // null if it is not remembered

    std::map<std::uint64_t, caller> callers_;
    std::uint64_t uses_ = 0;
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_DEDUPLICATION_H
