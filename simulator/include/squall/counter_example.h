// Why a history is not linearizable, as text and as JSON.
//
//   not linearizable: key "x": 3 operations; 2 can be placed, and then none of the rest
//   client 0 |-1:write 1-|
//   client 1              |-2:write 2-|
//   client 2                            |-3:read -> 1-|
//   ...
#ifndef SQUALL_COUNTER_EXAMPLE_H
#define SQUALL_COUNTER_EXAMPLE_H

#include <squall/linear_search.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace squall {

struct shown_operation {
    std::size_t index = 0;  // in the history
    int client = 0;
    std::string description = {};
    std::int64_t called = 0;
    std::optional<std::int64_t> returned = {};
    std::uint64_t called_rank = 0;
    std::uint64_t returned_rank = 0;
    // Its place in the longest order, from 1; 0: none.
    std::size_t placed = 0;
    // In reach after the longest order, and impossible there. What was needed ends there.
    bool stuck = false;
    // Without it the others might be linearizable. If not, it is shown because it is stuck.
    bool needed = false;
};

struct counter_example {
    std::string partition = {};  // its key as text; empty where the model has none
    // In the order of their calls: those that contradict each other, and those that were tried in vain.
    std::vector<shown_operation> operations = {};
    // The longest order that was found, as indices into the history, and the state after it, described.
    std::vector<std::size_t> prefix = {};
    std::string state = {};
    std::size_t total = 0;  // operations of the partition

    // What is not shown:
    std::size_t earlier = 0;      // long before; whether they are needed was not looked at
    std::size_t irrelevant = 0;   // these may happen whenever they like after their call, or never: it stays
    std::size_t later = 0;        // called after the contradiction was complete
    std::size_t crowded_out = 0;  // needed or stuck, but there is no room for them
};

// At most `columns` (60 at least) wide, in printable ASCII whatever the descriptions hold. A line for each
// client, or several where its operations overlap. To scale where the scale can show what was before what, by
// the order of events where not.
std::string to_text(const counter_example& why, std::size_t columns = 100);

// {"partition": ..., "operations": [{"index": ..., "client": ..., ...}], "prefix": [...], ...}
std::string to_json(const counter_example& why);

namespace detail {

// All but the partition and the state; indices are those of the search, and `shown` says the rest.
counter_example assemble(std::span<const interval> intervals, const search_result& failure,
                         const essence& what, const std::function<shown_operation(std::uint32_t)>& shown);

}  // namespace detail
}  // namespace squall

#endif  // SQUALL_COUNTER_EXAMPLE_H
