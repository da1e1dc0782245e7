// One event of a run's record, as those see it who read or export it (export.h).
#ifndef SQUALL_RECORDED_EVENT_H
#define SQUALL_RECORDED_EVENT_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace squall {

enum class event_kind : std::uint8_t {
    boot,
    exit,
    crash,
    connect,
    accept,
    refuse,
    deliver,
    end_of_stream,
    reset,
    partition,
    heal,
    sync,
    fault,
    violation,
    note,
    phase,
    pause,
    resume,
    stop,  // asked to, gracefully
    wipe,  // a new disk
    datagram,
    lost,  // a datagram that nobody is to have
    // What is on its way: in the record of runs with keep_log only.
    send,
    send_open,    // asks to connect
    send_opened,  // answers that
    send_end,
    send_reset,
    disk,  // trouble of a whole disk, and damage that a program noticed: in the text
};
// "boot", "end-of-stream", ...
std::string_view to_string(event_kind kind) noexcept;
// The kind of that name; nothing if there is none.
std::optional<event_kind> event_kind_named(std::string_view name) noexcept;

struct recorded_event {
    std::uint64_t time = 0;  // virtual nanoseconds
    event_kind kind = event_kind::note;
    std::string process = {};  // whose event it is; empty: nobody's
    std::string peer = {};     // of what goes over a connection
    std::uint64_t bytes = 0;   // where has_bytes()
    std::string text = {};     // of a log line, a fault, a partition, ...
    // Which message was sent, or has arrived: the same in both events, and of no other message in the run. 0:
    // none, or the run was not recorded in full.
    std::uint64_t message = 0;
};

// What happened, in words: "received from server/0: 64 bytes".
std::string describe(const recorded_event& e);
// A line without its end: virtual time, process, and what happened.
std::string to_text(const recorded_event& e);

// Whether `bytes` is how many bytes went.
constexpr bool has_bytes(event_kind kind) noexcept {
    return kind == event_kind::send || kind == event_kind::deliver || kind == event_kind::datagram ||
           kind == event_kind::lost;
}

// Whether something sets out, to arrive later.
constexpr bool is_send(event_kind kind) noexcept {
    return kind >= event_kind::send && kind <= event_kind::send_reset;
}

}  // namespace squall

#endif  // SQUALL_RECORDED_EVENT_H
