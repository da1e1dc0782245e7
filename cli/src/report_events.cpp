// Records and logs of runs as columns.
#include "report_events.h"

#include "text.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

// Texts by number, in the order in which they came.
class text_table {
public:
    std::int64_t number(const json& event, const char* field) {
        const auto found = event.find(field);
        if (found == event.end() || !found->is_string()) {
            return -1;
        }
        const auto [at, is_new] = numbers_.try_emplace(found->get_ref<const std::string&>(),
                                                       static_cast<std::int64_t>(texts_.size()));
        if (is_new) {
            texts_.push_back(at->first);
        }
        return at->second;
    }
    json take() { return std::move(texts_); }

private:
    std::unordered_map<std::string, std::int64_t> numbers_;
    std::vector<std::string> texts_;
};

bool is_event(const json& value) {
    return value.is_object() && value.contains("time_ns") && value["time_ns"].is_number_integer() &&
           value.contains("kind") && value["kind"].is_string();
}

class columns {
public:
    void add(const json& event) {
        const auto at = event["time_ns"].get<std::int64_t>();
        t_.push_back(at - before_);
        before_ = at;
        k_.push_back(kinds_.number(event, "kind"));
        p_.push_back(processes_.number(event, "process"));
        q_.push_back(processes_.number(event, "peer"));
        x_.push_back(texts_.number(event, "text"));
        const auto bytes = event.find("bytes");
        b_.push_back(bytes != event.end() && bytes->is_number_unsigned() ? bytes->get<std::uint64_t>() : 0);
        m_.push_back(-1);
        const auto message = event.find("message");
        if (message != event.end() && message->is_string()) {
            pair_up(message->get<std::string>());
        }
    }

    std::int64_t last_time() const { return before_; }

    json take(std::uint64_t left_out, std::uint64_t damaged) {
        return {{"events", m_.size()},
                {"left_out", left_out},
                {"damaged", damaged},
                {"kinds", kinds_.take()},
                {"processes", processes_.take()},
                {"texts", texts_.take()},
                {"t", std::move(t_)},
                {"k", std::move(k_)},
                {"p", std::move(p_)},
                {"q", std::move(q_)},
                {"x", std::move(x_)},
                {"b", std::move(b_)},
                {"m", std::move(m_)}};
    }

private:
    // A message that arrives twice has its first arrival at the other end.
    void pair_up(std::string message) {
        const auto number = static_cast<std::int64_t>(m_.size()) - 1;
        const auto [first, is_new] = sent_.try_emplace(std::move(message), number);
        if (is_new) {
            return;
        }
        m_.back() = first->second;
        std::int64_t& other = m_[static_cast<std::size_t>(first->second)];
        if (other < 0) {
            other = number;
        }
    }

    text_table kinds_;
    text_table processes_;
    text_table texts_;
    std::vector<std::int64_t> t_, k_, p_, q_, x_, m_;
    std::vector<std::uint64_t> b_;
    std::unordered_map<std::string, std::int64_t> sent_;
    std::int64_t before_ = 0;
};

// Puts the value behind, and takes the first away if there are too many.
template <class Value>
void keep_last(std::deque<Value>& kept, Value value, std::size_t most, std::uint64_t& left_out) {
    kept.push_back(std::move(value));
    if (kept.size() > most) {
        kept.pop_front();
        ++left_out;
    }
}

struct kind_words {
    std::string_view words;
    std::string_view kind;
    bool has_peer;
};

// As simulator/src/recorded_event.cpp says them; of two that begin alike the longer one first.
constexpr std::array kinds_in_words = {
    kind_words{"boots", "boot", false},
    kind_words{"exits", "exit", false},
    kind_words{"crashes", "crash", false},
    kind_words{"connected to ", "connect", true},
    kind_words{"accepted ", "accept", true},
    kind_words{"refused by ", "refuse", true},
    kind_words{"received a datagram from ", "datagram", true},
    kind_words{"received from ", "deliver", true},
    kind_words{"saw the end of the stream from ", "end-of-stream", true},
    kind_words{"saw a reset from ", "reset", true},
    kind_words{"partitions healed", "heal", false},
    kind_words{"partition", "partition", false},
    kind_words{"synced", "sync", false},
    kind_words{"fault", "fault", false},
    kind_words{"VIOLATION", "violation", false},
    kind_words{"log", "log", false},
    kind_words{"phase", "phase", false},
    kind_words{"stands still", "pause", false},
    kind_words{"goes on", "resume", false},
    kind_words{"is asked to stop", "stop", false},
    kind_words{"loses its disk", "wipe", false},
    kind_words{"is never to have a datagram from ", "lost", true},
    kind_words{"sent to ", "send", true},
    kind_words{"asks to connect to ", "send-open", true},
    kind_words{"answers ", "send-opened", true},
    kind_words{"sent the end of the stream to ", "send-end", true},
    kind_words{"sent a reset to ", "send-reset", true},
    kind_words{"disk", "disk", false},
};

// "    0.250000 s  client/0      sent to server/1: 64 bytes"; nothing of a line that is none.
std::optional<json> event_of_line(const std::string& line) {
    char* end = nullptr;
    const double seconds = std::strtod(line.c_str(), &end);
    std::string_view rest(end);
    constexpr std::string_view unit = " s  ";
    if (end == line.c_str() || !rest.starts_with(unit) || !(seconds >= 0 && seconds < 9e9)) {
        return std::nullopt;
    }
    rest.remove_prefix(unit.size());
    const std::size_t gap = rest.find("  ");
    if (gap == std::string_view::npos || gap == 0) {
        return std::nullopt;
    }
    const std::string_view process = rest.substr(0, gap);
    rest.remove_prefix(std::min(rest.find_first_not_of(' ', gap), rest.size()));
    json event = {{"time_ns", std::llround(seconds * 1e6) * 1000}};
    for (const kind_words& known : kinds_in_words) {
        if (!rest.starts_with(known.words)) {
            continue;
        }
        rest.remove_prefix(known.words.size());
        event["kind"] = known.kind;
        if (process != "-") {
            event["process"] = process;
        }
        const std::size_t colon = rest.find(": ");
        if (known.has_peer) {
            event["peer"] = rest.substr(0, colon);
        }
        if (colon == std::string_view::npos) {
            return event;
        }
        const std::string_view text = rest.substr(colon + 2);
        if (known.has_peer && text.ends_with(" bytes")) {
            event["bytes"] = parse_unsigned(text.substr(0, text.size() - 6)).value_or(0);
        } else {
            event["text"] = text;
        }
        return event;
    }
    return std::nullopt;
}

}  // namespace

json events_of_record(std::istream& record, std::size_t events_max) {
    std::deque<std::string> lines;
    std::uint64_t left_out = 0;
    for (std::string line; std::getline(record, line);) {
        if (!line.empty()) {
            keep_last(lines, std::move(line), events_max, left_out);
        }
    }
    columns packed;
    std::uint64_t damaged = 0;
    for (const std::string& line : lines) {
        const json event = json::parse(line, nullptr, false);
        if (is_event(event)) {
            packed.add(event);
        } else {
            ++damaged;
        }
    }
    return packed.take(left_out, damaged);
}

json events_of_log(std::istream& log, const std::string& end, std::size_t events_max) {
    std::deque<json> events;
    std::uint64_t left_out = 0;
    for (std::string line; std::getline(log, line);) {
        if (auto event = event_of_line(line)) {
            keep_last(events, std::move(*event), events_max, left_out);
        }
    }
    columns packed;
    if (events.empty()) {
        return packed.take(0, 0);
    }
    for (const json& event : events) {
        packed.add(event);
    }
    packed.add({{"time_ns", packed.last_time()}, {"kind", "violation"}, {"text", end}});
    return packed.take(left_out, 0);
}

}  // namespace squall::cli
