// What the record keeps, and how it is told.
#include "record.h"

#include <squall/hex.h>

#include <algorithm>
#include <utility>

namespace squall::simulator {
namespace {

bool has_text(event_kind kind) {
    return kind == event_kind::violation || kind == event_kind::note || kind == event_kind::phase ||
           kind == event_kind::partition || kind == event_kind::heal || kind == event_kind::exit ||
           kind == event_kind::disk;
}

std::string text_of(const fault_record& fault) {
    std::string text(fault.kind);
    if (!fault.detail.empty())
        text += " " + fault.detail;
    return text + " [" + hex(fault.decision) + "]";
}

}  // namespace

void record::add_fault(std::uint64_t time, std::uint32_t process, fault_record fault) {
    ++counts_[fault.kind];
    faults_.push_back({time, process, std::move(fault)});
    add(time, event_kind::fault, process, nobody, faults_.size() - 1);
}

void record::keep(const entry& next, std::uint64_t message) {
    all_.push_back(next);
    messages_.push_back(message);
    if (listener_)
        tell_last();
}

void record::tell_last() {
    const entry& e = all_.back();
    const auto unknown = [this](std::uint32_t process) {
        return process != nobody && process >= known_names_.size();
    };
    if (unknown(e.process) || unknown(e.other))
        known_names_ = names_();
    recorded_event words = in_words(e, known_names_);
    words.message = messages_.back();
    listener_(words);
}

void record::add_send(std::uint64_t time, event_kind kind, std::uint32_t process, std::uint32_t other,
                      std::uint64_t bytes, std::uint64_t message) {
    keep({time, kind, process, other, bytes}, message);
    ++count_;
}

recorded_event record::in_words(const entry& e, const std::vector<std::string>& process_names) const {
    recorded_event words;
    words.time = e.time;
    words.kind = e.kind;
    if (e.process != nobody)
        words.process = process_names[e.process];
    if (e.other != nobody)
        words.peer = process_names[e.other];
    if (e.kind == event_kind::fault)
        words.text = text_of(faults_[e.amount].fault);
    else if (!has_text(e.kind))
        words.bytes = e.amount;
    else if (e.amount < notes_.size())
        words.text = notes_[e.amount];
    return words;
}

std::vector<recorded_event> record::all(const std::vector<std::string>& process_names) const {
    std::vector<recorded_event> events;
    events.reserve(all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) {
        events.push_back(in_words(all_[i], process_names));
        events.back().message = messages_[i];
    }
    return events;
}

std::vector<std::string> record::text(const std::vector<std::string>& process_names, std::size_t most) const {
    std::vector<std::string> lines;
    if (keep_all_) {
        for (const entry& e : all_)
            lines.push_back(to_text(in_words(e, process_names)));
        return lines;
    }
    const std::uint64_t kept = std::min({count_, std::uint64_t{ring_.size()}, std::uint64_t{most}});
    for (std::uint64_t i = count_ - kept; i < count_; ++i)
        lines.push_back(to_text(in_words(ring_[i % ring_.size()], process_names)));
    return lines;
}

}  // namespace squall::simulator
