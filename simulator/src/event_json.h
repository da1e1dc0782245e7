// A recorded event as an object: a line of JSON Lines, and what a worker sends of a run that is logged.
#ifndef SQUALL_SIMULATOR_EVENT_JSON_H
#define SQUALL_SIMULATOR_EVENT_JSON_H

#include <squall/hex.h>
#include <squall/recorded_event.h>

#include <nlohmann/json.hpp>

namespace squall::simulator {

// docs/reference/record.md, JSON Lines. Texts may be anything that the program logged.
inline nlohmann::ordered_json to_json(const recorded_event& e) {
    nlohmann::ordered_json line{{"time_ns", e.time}, {"kind", to_string(e.kind)}};
    if (!e.process.empty())
        line["process"] = e.process;
    if (!e.peer.empty())
        line["peer"] = e.peer;
    if (has_bytes(e.kind))
        line["bytes"] = e.bytes;
    if (e.message != 0)
        line["message"] = hex(e.message);
    if (!e.text.empty())
        line["text"] = e.text;
    return line;
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_EVENT_JSON_H
