// Text of the record.
#include "record.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace squall::simulator {
namespace {

std::string_view name_of(event_kind kind) {
    switch (kind) {
        case event_kind::boot:
            return "boots";
        case event_kind::exit:
            return "exits";
        case event_kind::crash:
            return "crashes";
        case event_kind::connect:
            return "connected to";
        case event_kind::accept:
            return "accepted";
        case event_kind::refuse:
            return "refused by";
        case event_kind::deliver:
            return "received from";
        case event_kind::end_of_stream:
            return "saw the end of the stream from";
        case event_kind::reset:
            return "saw a reset from";
        case event_kind::partition:
            return "partition";
        case event_kind::heal:
            return "partitions healed";
        case event_kind::sync:
            return "synced";
        case event_kind::fault:
            return "fault";
        case event_kind::violation:
            return "VIOLATION";
        case event_kind::note:
            return "log";
        case event_kind::phase:
            return "phase";
        case event_kind::pause:
            return "stands still";
        case event_kind::resume:
            return "goes on";
        case event_kind::datagram:
            return "received a datagram from";
        case event_kind::lost:
            return "is never to have a datagram from";
    }
    return "?";
}

bool has_text(event_kind kind) {
    return kind == event_kind::fault || kind == event_kind::violation || kind == event_kind::note ||
           kind == event_kind::phase || kind == event_kind::partition || kind == event_kind::exit;
}

}  // namespace

void record::add_fault(std::uint64_t time, std::uint32_t process, const fault_record& fault) {
    ++counts_[fault.kind];
    faults_.push_back(fault);
    char id[24];
    std::snprintf(id, sizeof id, "%016" PRIx64, fault.decision);
    std::string text(fault.kind);
    if (!fault.detail.empty())
        text += " " + fault.detail;
    text += " [" + std::string(id) + "]";
    add_text(time, event_kind::fault, process, std::move(text));
}

std::string record::render(const entry& e, const std::vector<std::string>& process_names) const {
    char stamp[40];
    std::snprintf(stamp, sizeof stamp, "%12.6f s  ", static_cast<double>(e.time) * 1e-9);
    std::string line = stamp;
    std::string who = e.process == nobody ? "-" : process_names[e.process];
    who.resize(std::max<std::size_t>(who.size(), 12), ' ');
    line += who + "  ";
    line += name_of(e.kind);
    if (e.other != nobody)
        line += " " + process_names[e.other];
    if (e.kind == event_kind::deliver || e.kind == event_kind::datagram || e.kind == event_kind::lost)
        line += ": " + std::to_string(e.amount) + " bytes";
    if (has_text(e.kind) && e.amount < notes_.size())
        line += ": " + notes_[e.amount];
    return line;
}

std::vector<std::string> record::text(const std::vector<std::string>& process_names, std::size_t most) const {
    std::vector<std::string> lines;
    if (keep_all_) {
        for (const entry& e : all_)
            lines.push_back(render(e, process_names));
        return lines;
    }
    const std::uint64_t kept = std::min({count_, std::uint64_t{ring_.size()}, std::uint64_t{most}});
    for (std::uint64_t i = count_ - kept; i < count_; ++i)
        lines.push_back(render(ring_[i % ring_.size()], process_names));
    return lines;
}

}  // namespace squall::simulator
