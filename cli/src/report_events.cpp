// Records and logs of runs as columns.
#include "report_events.h"

#include <nlohmann/json.hpp>

#include <deque>
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

}  // namespace squall::cli
