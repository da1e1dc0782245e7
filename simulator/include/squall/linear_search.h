// The search for a linearization, without the types of a model: operations are intervals, states are numbers.
// For linearizability.h, which is what to include.
//
// Wing and Gong (1993) try, from a state, every operation that was called before all others that are left
// have returned. Lowe (2017) adds that a pair of state and operations placed is tried once, and that what
// must return first goes first. Here, moreover:
//   - an operation that reads only and has its answer in the present state is placed at once;
//   - operations that need not happen are placed only where something depends on them, fewest first; of two
//     ways to the same state with the same required operations the one that used up more of them is dropped;
//     of equal ones the first called goes first.
//   - what was impossible in some state is placed where it is possible, before what always is; among the
//   latter
//     a hint of the model decides.
// No choice depends on anything but the input.
#ifndef SQUALL_LINEAR_SEARCH_H
#define SQUALL_LINEAR_SEARCH_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace squall::detail {

using state_id = std::uint32_t;

// The model, with its states numbered from 0, which is the first. Equal states have one number.
class state_space {
public:
    // After operation `op`, an index into the intervals of the search; nothing if it cannot be.
    virtual std::optional<state_id> step(state_id from, std::uint32_t op) = 0;
    // Whether two operations have equal inputs and outputs, as far as that can be said.
    virtual bool equal(std::uint32_t a, std::uint32_t b) const = 0;
    // About what the states hold in memory.
    virtual std::uint64_t bytes() const = 0;

protected:
    ~state_space() = default;
};

struct interval {
    std::uint64_t called = 0;    // ranks: no two ends of intervals are equal
    std::uint64_t returned = 0;  // ~0 of what need not happen
    bool required = true;
    bool reads_only = false;
    std::uint64_t hint = 0;  // of two that could be next the one with less is more likely
};

enum class found : std::uint8_t { linearization, none, out_of_budget };

struct search_result {
    found what = found::out_of_budget;
    std::uint64_t steps = 0;
    // Operations in the order found; where there is none the longest that came past most returns.
    std::vector<std::uint32_t> order = {};
    state_id last = 0;  // the state after it
    // Where there is none: the operation before whose return no order came, and all that were tried after the
    // longest order, that one among them. What is called after its return has no part in the failure.
    std::uint32_t culprit = 0;
    std::vector<std::uint32_t> unplaced = {};
};

// `intervals` in the order of their calls; those that are not `required` never return. A step is one
// application of the model or one comparison with what was tried before. Memory, about, in bytes.
search_result search_linearization(state_space& states, std::span<const interval> intervals,
                                   std::uint64_t steps_max, std::uint64_t memory_max);

// Of an input for which there is none: which operations make it so. The others may happen at any time after
// their calls, or not at all, and there is none still.
struct essence {
    std::vector<std::uint32_t> needed;  // in the order of their calls
    // Older operations that were left as they are, without a look at each.
    std::vector<std::uint32_t> untouched;
    std::uint64_t steps = 0;
};
essence shrink_failure(state_space& states, std::span<const interval> intervals, const search_result& failure,
                       std::uint64_t steps_max, std::uint64_t memory_max);

}  // namespace squall::detail

#endif  // SQUALL_LINEAR_SEARCH_H
