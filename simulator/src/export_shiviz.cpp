// The record for ShiViz: each event with its vector clock.
//
// The first line is the regular expression that ShiViz parses the rest with, the second the delimiter between
// executions (there is one execution, so it is empty), as in the logs of GoVector.
#include <squall/export.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <unordered_map>

namespace squall {
namespace {

using vector_clock = std::map<std::string, std::uint64_t>;

// What is nobody's event was done by the simulator, whose own process has this name in simulations.
std::string host_of(const recorded_event& e) {
    if (e.process.empty())
        return "squall";
    std::string host = e.process;
    for (char& c : host)
        if (static_cast<unsigned char>(c) <= ' ' || c == '{' || c == '}')
            c = '_';
    return host;
}

}  // namespace

void export_shiviz(std::ostream& out, std::span<const recorded_event> events) {
    using json = nlohmann::ordered_json;
    out << "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\n";
    std::map<std::string, vector_clock> clocks;
    std::unordered_map<std::uint64_t, vector_clock> sent;  // looked up, never gone through
    for (const recorded_event& e : events) {
        const std::string host = host_of(e);
        vector_clock& clock = clocks[host];
        if (e.message != 0 && !is_send(e.kind))
            if (const auto cause = sent.find(e.message); cause != sent.end()) {
                for (const auto& [other, count] : cause->second)
                    clock[other] = std::max(clock[other], count);
                sent.erase(cause);
            }
        ++clock[host];
        if (e.message != 0 && is_send(e.kind))
            sent.emplace(e.message, clock);

        json text = json::object();
        for (const auto& [other, count] : clock)
            text[other] = count;
        std::string line = std::to_string(e.time) + " ns " + describe(e);
        for (char& c : line)
            if (c == '\n' || c == '\r')
                c = ' ';
        out << host << ' ' << text.dump(-1, ' ', false, json::error_handler_t::replace) << '\n'
            << line << '\n';
    }
}

}  // namespace squall
