// The record as JSON Lines.
#include <squall/export.h>
#include <squall/hex.h>

#include <nlohmann/json.hpp>

#include <ostream>

namespace squall {

void export_json_lines(std::ostream& out, std::span<const recorded_event> events) {
    using json = nlohmann::ordered_json;
    for (const recorded_event& e : events) {
        json line{{"time_ns", e.time}, {"kind", to_string(e.kind)}};
        if (!e.process.empty())
            line["process"] = e.process;
        if (!e.peer.empty())
            line["peer"] = e.peer;
        if (e.kind == event_kind::send || e.kind == event_kind::deliver)
            line["bytes"] = e.bytes;
        if (e.message != 0)
            line["message"] = hex(e.message);
        if (!e.text.empty())
            line["text"] = e.text;
        // What a program logs need not be UTF-8.
        out << line.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
    }
}

}  // namespace squall
