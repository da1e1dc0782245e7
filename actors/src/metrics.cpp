#include <squall/actors/metrics.h>

#include <squall/actors/node.h>

#include <fmt/format.h>

#include <map>

namespace squall::actors {
namespace {

struct described_counter {
    const char* name;
    const char* help;
    std::uint64_t counters::* value;
};
constexpr described_counter all_counters[] = {
    {"activations_total", "activations that came to be active", &counters::activations},
    {"activation_failures_total", "activations that did not", &counters::activation_failures},
    {"deactivations_total", "activations that ended", &counters::deactivations},
    {"calls_total", "calls begun on this node", &counters::calls},
    {"calls_failed_total", "of them, ended by an error of delivery", &counters::calls_failed},
    {"messages_local_total", "messages to actors on this node from this node", &counters::messages_local},
    {"messages_in_total", "messages from other nodes", &counters::messages_in},
    {"messages_out_total", "messages to other nodes, each attempt", &counters::messages_out},
    {"forwards_total", "messages sent on to where their actor had gone", &counters::forwards},
    {"retries_total", "messages that were tried again", &counters::retries},
    {"duplicates_total", "messages that came again and were not handled again", &counters::duplicates},
    {"turns_total", "messages handled", &counters::turns},
    {"handler_errors_total", "of them, by an undeclared exception", &counters::handler_errors},
    {"expired_total", "calls whose deadline came first", &counters::expired},
    {"busy_total", "messages that found a mailbox full", &counters::busy},
    {"connects_total", "connections opened", &counters::connects},
    {"connections_lost_total", "connections that ended", &counters::connections_lost},
    {"bad_frames_total", "connections given up for what came over them", &counters::bad_frames},
    {"saves_total", "states saved, or tried to", &counters::saves},
    {"fenced_total", "saves refused because of a later activation", &counters::fenced},
    {"expulsions_total", "times the directory gave this node up", &counters::expulsions},
};

std::string label(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string prometheus_text(const node& of) {
    std::string out;
    for (const described_counter& each : all_counters)
        out += fmt::format(
            "# HELP squall_actors_{0} {1}.\n# TYPE squall_actors_{0} counter\nsquall_actors_{0} {2}\n",
            each.name, each.help, of.count().*each.value);
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> types;
    for (const activation_info& each : of.activations()) {
        auto& [count, waiting] = types[each.type];
        ++count;
        waiting += each.waiting;
    }
    out += "# HELP squall_actors_active activations at the moment.\n# TYPE squall_actors_active gauge\n";
    for (const auto& [type, numbers] : types)
        out += fmt::format("squall_actors_active{{type=\"{}\"}} {}\n", label(type), numbers.first);
    out +=
        "# HELP squall_actors_waiting messages in mailboxes at the moment.\n"
        "# TYPE squall_actors_waiting gauge\n";
    for (const auto& [type, numbers] : types)
        out += fmt::format("squall_actors_waiting{{type=\"{}\"}} {}\n", label(type), numbers.second);
    return out;
}

std::string activation_table(const node& of) {
    std::string out =
        fmt::format("{:<8} {:>20} {:>8} {:>8}  {}\n", "state", "epoch", "waiting", "running", "actor");
    for (const activation_info& each : of.activations())
        out += fmt::format("{:<8} {:>20} {:>8} {:>8}  {}\n", each.active ? "active" : "changing", each.epoch,
                           each.waiting, each.running, to_string(actor_id{each.type, each.key}));
    return out;
}

}  // namespace squall::actors
