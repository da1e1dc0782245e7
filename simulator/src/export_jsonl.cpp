// The record as JSON Lines.
#include "event_json.h"

#include <squall/export.h>

#include <ostream>

namespace squall {

void export_json_lines(std::ostream& out, std::span<const recorded_event> events) {
    // What a program logs need not be UTF-8.
    for (const recorded_event& e : events)
        out << simulator::to_json(e).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace squall
