// Output for the Antithesis platform: where the environment has ANTITHESIS_OUTPUT_DIR, assertions, and what
// the functions below say, are written to `sdk.jsonl` in that directory, in the shapes of that platform's
// "fallback SDK" (protocol 1.1.0). Without the variable nothing is written, and the functions do nothing.
//
// All assertions of the program are declared at its start, also those that nothing comes near. After that,
// each says when it first held and when it first did not; numeric ones also when their operands come nearer
// than ever. A violated assertion outside of a run is written and the program goes on: the platform decides.
#ifndef SQUALL_ANTITHESIS_H
#define SQUALL_ANTITHESIS_H

#include <squall/assertions.h>

namespace squall {

namespace detail {
void send_setup_complete(const details& about);
void send_event(const char* name, const details& about);
}  // namespace detail

// The system is up; faults may begin. Details in pairs: setup_complete("nodes", 3).
template <class... Details>
void setup_complete(const Details&... about) {
    detail::send_setup_complete(detail::make_details("", about...));
}

// Something worth a line in the platform's log: send_event("leader elected", "node", id).
template <class... Details>
void send_event(const char* name, const Details&... about) {
    detail::send_event(name, detail::make_details("", about...));
}

}  // namespace squall

#endif  // SQUALL_ANTITHESIS_H
