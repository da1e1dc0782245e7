// Names and words for recorded events.
#include <squall/recorded_event.h>

#include <algorithm>
#include <cstdio>

namespace squall {
namespace {

struct words {
    std::string_view name;
    std::string_view text;
};

words words_of(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::boot:
            return {"boot", "boots"};
        case event_kind::exit:
            return {"exit", "exits"};
        case event_kind::crash:
            return {"crash", "crashes"};
        case event_kind::connect:
            return {"connect", "connected to"};
        case event_kind::accept:
            return {"accept", "accepted"};
        case event_kind::refuse:
            return {"refuse", "refused by"};
        case event_kind::deliver:
            return {"deliver", "received from"};
        case event_kind::end_of_stream:
            return {"end-of-stream", "saw the end of the stream from"};
        case event_kind::reset:
            return {"reset", "saw a reset from"};
        case event_kind::partition:
            return {"partition", "partition"};
        case event_kind::heal:
            return {"heal", "healed"};
        case event_kind::sync:
            return {"sync", "synced"};
        case event_kind::fault:
            return {"fault", "fault"};
        case event_kind::violation:
            return {"violation", "VIOLATION"};
        case event_kind::note:
            return {"log", "log"};
        case event_kind::phase:
            return {"phase", "phase"};
        case event_kind::pause:
            return {"pause", "stands still"};
        case event_kind::resume:
            return {"resume", "goes on"};
        case event_kind::stop:
            return {"stop", "is asked to stop"};
        case event_kind::wipe:
            return {"wipe", "loses its disk"};
        case event_kind::datagram:
            return {"datagram", "received a datagram from"};
        case event_kind::lost:
            return {"lost", "is never to have a datagram from"};
        case event_kind::send:
            return {"send", "sent to"};
        case event_kind::send_open:
            return {"send-open", "asks to connect to"};
        case event_kind::send_opened:
            return {"send-opened", "answers"};
        case event_kind::send_end:
            return {"send-end", "sent the end of the stream to"};
        case event_kind::send_reset:
            return {"send-reset", "sent a reset to"};
        case event_kind::disk:
            return {"disk", "disk"};
    }
    return {"?", "?"};
}

}  // namespace

std::string_view to_string(event_kind kind) noexcept {
    return words_of(kind).name;
}

std::optional<event_kind> event_kind_named(std::string_view name) noexcept {
    for (int i = 0; i <= static_cast<int>(event_kind::disk); ++i)
        if (const auto kind = static_cast<event_kind>(i); to_string(kind) == name)
            return kind;
    return std::nullopt;
}

std::string describe(const recorded_event& e) {
    std::string line(words_of(e.kind).text);
    if (!e.peer.empty())
        line += " " + e.peer;
    if (has_bytes(e.kind))
        line += ": " + std::to_string(e.bytes) + " bytes";
    if (!e.text.empty())
        line += ": " + e.text;
    return line;
}

std::string to_text(const recorded_event& e) {
    char stamp[40];
    std::snprintf(stamp, sizeof stamp, "%12.6f s  ", static_cast<double>(e.time) * 1e-9);
    std::string line = stamp;
    std::string who = e.process.empty() ? "-" : e.process;
    who.resize(std::max<std::size_t>(who.size(), 12), ' ');
    return line + who + "  " + describe(e);
}

}  // namespace squall
