#include <squall/counter_example.h>

#include "printable.h"

#include <squall/linearizability.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace squall {
namespace {

// More would not fit on a line by the order of their events.
constexpr std::size_t shown_max = 36;

std::string cut(std::string text, std::size_t width) {
    if (text.size() > width)
        text.replace(std::max<std::size_t>(width, 3) - 3, std::string::npos, "...");
    return text;
}

std::string counted(std::size_t number, const char* one, const char* many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

// Where on a line the ends of the operations stand.
struct columns_of {
    std::vector<std::size_t> called;
    std::vector<std::size_t> returned;
    bool to_scale = false;
};

bool shows_order(const std::vector<shown_operation>& all, const columns_of& at) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (at.returned[i] <= at.called[i])
            return false;
        for (std::size_t j = 0; j < all.size(); ++j)
            if (all[i].returned_rank < all[j].called_rank && at.returned[i] >= at.called[j])
                return false;
    }
    return true;
}

columns_of place(const std::vector<shown_operation>& all, std::size_t width) {
    columns_of at;
    std::int64_t first = all.front().called;
    std::int64_t last = first;
    std::set<std::uint64_t> ranks;
    for (const shown_operation& each : all) {
        first = std::min(first, each.called);
        last = std::max(last, each.returned.value_or(each.called));
        ranks.insert(each.called_rank);
        if (each.returned)
            ranks.insert(each.returned_rank);
    }
    // What did not return goes on to the end of the line, beyond all that did.
    const bool open = std::any_of(all.begin(), all.end(), [](const auto& each) { return !each.returned; });
    const std::size_t room = width - (open ? 3 : 1);
    const double span = static_cast<double>(last) - static_cast<double>(first);
    const auto scaled = [&](std::int64_t time) {
        const double part = (static_cast<double>(time) - static_cast<double>(first)) / (span > 0 ? span : 1);
        return std::min(room, static_cast<std::size_t>(part * static_cast<double>(room) + 0.5));
    };
    std::map<std::uint64_t, std::size_t> by_rank;
    for (const std::uint64_t rank : ranks) {
        const std::size_t position = by_rank.size();
        by_rank[rank] = ranks.size() < 2 ? 0 : position * room / (ranks.size() - 1);
    }
    for (const bool to_scale : {true, false}) {
        at = {};
        at.to_scale = to_scale;
        for (const shown_operation& each : all) {
            at.called.push_back(to_scale ? scaled(each.called) : by_rank.at(each.called_rank));
            at.returned.push_back(!each.returned ? width - 1
                                  : to_scale     ? scaled(*each.returned)
                                                 : by_rank.at(each.returned_rank));
        }
        if (shows_order(all, at))
            break;
    }
    return at;
}

void draw(std::string& line, std::size_t from, std::size_t to, bool returned, std::size_t number,
          const std::string& text) {
    line.resize(std::max(line.size(), to + 1), ' ');
    for (std::size_t i = from + 1; i < to; ++i)
        line[i] = returned ? '-' : '.';
    line[from] = '|';
    line[to] = returned ? '|' : '?';
    const std::size_t inside = to - from - 1;
    std::string label = std::to_string(number) + ":" + text;
    if (label.size() > inside)
        label = std::to_string(number);
    if (label.size() <= inside)
        line.replace(from + 1 + (inside > label.size() + 1 ? 1 : 0), label.size(), label);
}

// The lines of all clients, each client's as many as it has operations at once.
void draw_lanes(std::string& out, const counter_example& why, std::size_t columns) {
    const std::vector<shown_operation>& all = why.operations;
    std::size_t label_width = 0;
    std::map<int, std::vector<std::size_t>> clients;
    for (std::size_t i = 0; i < all.size(); ++i) {
        clients[all[i].client].push_back(i);
        label_width = std::max(label_width, ("client " + std::to_string(all[i].client)).size());
    }
    ++label_width;
    const columns_of at = place(all, columns - label_width);
    for (const auto& [client, members] : clients) {
        std::vector<std::pair<std::string, std::uint64_t>> lines;  // and the return of the last one drawn
        for (const std::size_t i : members) {
            auto line = std::find_if(lines.begin(), lines.end(),
                                     [&](const auto& each) { return each.second < all[i].called_rank; });
            if (line == lines.end())
                line = lines.insert(lines.end(), {std::string(), 0});
            line->second = all[i].returned_rank;
            draw(line->first, at.called[i], at.returned[i], all[i].returned.has_value(), i + 1,
                 printable(all[i].description));
        }
        std::string label = "client " + std::to_string(client);
        for (const auto& [line, end] : lines) {
            out += label + std::string(label_width - label.size(), ' ') + line + "\n";
            label.clear();
        }
    }
    if (!at.to_scale)
        out += "(by the order of events, not to scale)\n";
}

void list(std::string& out, const counter_example& why, std::size_t columns) {
    for (std::size_t i = 0; i < why.operations.size(); ++i) {
        const shown_operation& each = why.operations[i];
        const std::string head = "  " + std::to_string(i + 1) + ": ";
        const std::string tail = "  (client " + std::to_string(each.client) + ", " +
                                 std::to_string(each.called) + " to " +
                                 (each.returned ? std::to_string(*each.returned) : "?") + ", " +
                                 (each.placed != 0 ? "placed as number " + std::to_string(each.placed)
                                  : each.stuck     ? "does not fit"
                                                   : "not placed") +
                                 ")";
        out += head +
               cut(printable(each.description), columns - std::min(columns - 8, head.size() + tail.size())) +
               tail + "\n";
    }
}

}  // namespace

std::string to_text(const counter_example& why, std::size_t columns) {
    columns = std::max<std::size_t>(columns, 60);
    std::string out = "not linearizable: ";
    if (!why.partition.empty())
        out += "key " + cut(printable(why.partition), columns / 2) + ": ";
    out += counted(why.total, "operation", "operations") + "; " +
           (why.prefix.empty() ? "none" : std::to_string(why.prefix.size())) +
           " can be placed, and then none of the rest\n";
    if (!why.operations.empty())
        draw_lanes(out, why, columns);
    list(out, why, columns);
    if (!why.state.empty())
        out += cut("state after " + counted(why.prefix.size(), "operation", "operations") + ": " +
                       printable(why.state),
                   columns) +
               "\n";
    const auto hidden = [&](std::size_t number, const char* what) {
        if (number != 0)
            out += "not shown: " + counted(number, "operation", "operations") + " " + what + "\n";
    };
    hidden(why.earlier, "from before, not examined");
    hidden(why.irrelevant, "that make no difference");
    hidden(why.later, "called after this");
    hidden(why.crowded_out, "more, for want of room");
    return out;
}

std::string to_json(const counter_example& why) {
    using json = nlohmann::ordered_json;
    json operations = json::array();
    for (const shown_operation& each : why.operations) {
        json one{{"index", each.index},
                 {"client", each.client},
                 {"description", printable(each.description)},
                 {"called", each.called},
                 {"returned", each.returned ? json(*each.returned) : json()},
                 {"placed", each.placed != 0 ? json(each.placed) : json()},
                 {"stuck", each.stuck},
                 {"needed", each.needed}};
        operations.push_back(std::move(one));
    }
    const json all{{"partition", printable(why.partition)},
                   {"total", why.total},
                   {"operations", std::move(operations)},
                   {"prefix", why.prefix},
                   {"state", printable(why.state)},
                   {"not_shown",
                    {{"earlier", why.earlier},
                     {"irrelevant", why.irrelevant},
                     {"later", why.later},
                     {"crowded_out", why.crowded_out}}}};
    return all.dump();
}

std::string to_text(const linearizability_result& result, std::size_t columns) {
    const std::string size = counted(result.operations, "operation", "operations") + " in " +
                             counted(result.partitions, "partition", "partitions") + ", " +
                             counted(result.steps, "step", "steps");
    switch (result.verdict) {
        case linearizability::holds:
            return "linearizable: " + size + "\n";
        case linearizability::violated:
            return result.failure ? to_text(*result.failure, columns) : "not linearizable: " + size + "\n";
        case linearizability::unknown:
            break;
    }
    std::string out = "not known to be linearizable: " + size + ", then a limit; " +
                      counted(result.undecided.size(), "partition is", "partitions are") + " undecided\n";
    for (std::size_t i = 0; i < std::min<std::size_t>(result.undecided.size(), 10); ++i)
        if (!result.undecided[i].empty())
            out += cut("  key " + printable(result.undecided[i]), columns) + "\n";
    return out;
}

namespace detail {

counter_example assemble(std::span<const interval> intervals, const search_result& failure,
                         const essence& what, const std::function<shown_operation(std::uint32_t)>& shown) {
    counter_example made;
    made.total = intervals.size();
    made.prefix.assign(failure.order.begin(), failure.order.end());
    std::vector<std::size_t> placed(intervals.size(), 0);
    for (std::size_t i = 0; i < failure.order.size(); ++i)
        placed[failure.order[i]] = i + 1;
    const std::set<std::uint32_t> stuck(failure.unplaced.begin(), failure.unplaced.end());
    const std::set<std::uint32_t> needed(what.needed.begin(), what.needed.end());

    // By what tells most: the one that had to go next, those needed from the last to the first, the rest.
    std::vector<std::uint32_t> choice{failure.culprit};
    choice.insert(choice.end(), what.needed.rbegin(), what.needed.rend());
    choice.insert(choice.end(), failure.unplaced.begin(), failure.unplaced.end());
    std::set<std::uint32_t> chosen;
    std::set<std::uint32_t> wanted;
    for (const std::uint32_t each : choice) {
        wanted.insert(each);
        if (chosen.size() < shown_max)
            chosen.insert(each);
    }
    made.crowded_out = wanted.size() - chosen.size();
    for (const std::uint32_t each : chosen) {
        made.operations.push_back(shown(each));
        made.operations.back().placed = placed[each];
        made.operations.back().stuck = stuck.contains(each);
        made.operations.back().needed = needed.contains(each);
    }
    const std::set<std::uint32_t> untouched(what.untouched.begin(), what.untouched.end());
    for (std::uint32_t i = 0; i < intervals.size(); ++i)
        if (!wanted.contains(i))
            ++(intervals[i].called > intervals[failure.culprit].returned ? made.later
               : untouched.contains(i)                                   ? made.earlier
                                                                         : made.irrelevant);
    return made;
}

}  // namespace detail
}  // namespace squall
