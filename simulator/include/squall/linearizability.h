// Whether a history (history.h) is linearizable by a sequential model (models.h, sequential_model.h).
//
//   const squall::registers_model<std::string, std::optional<std::string>> model;
//   const auto result = squall::check_linearizable(model, history.operations());
//   if (result.verdict != squall::linearizability::holds)
//       throw squall::check_failed(to_text(result));
//
// docs/reference/linearizability.md.
#ifndef SQUALL_LINEARIZABILITY_H
#define SQUALL_LINEARIZABILITY_H

#include <squall/counter_example.h>
#include <squall/history.h>
#include <squall/linear_search.h>
#include <squall/sequential_model.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace squall {

// Counted, not timed: a history comes to the same verdict everywhere. A step is one application of the model
// or one comparison with what was tried before.
struct linearizability_limits {
    std::uint64_t steps = 20'000'000;
    std::uint64_t shrink_steps = 2'000'000;  // for the counter-example, beyond those
    std::uint64_t memory_bytes =
        512ull * 1024 * 1024;  // about, beside the history; of one partition at a time
};

enum class linearizability : std::uint8_t {
    holds,
    violated,
    unknown,  // a limit was reached before it was clear
};

struct linearizability_result {
    linearizability verdict = linearizability::holds;
    std::uint64_t operations = 0;  // without those that failed
    std::uint64_t partitions = 0;
    std::uint64_t steps = 0;         // of the search
    std::uint64_t shrink_steps = 0;  // of the counter-example
    // Unless it is violated: of each partition, in the order of their first calls, a linearization, as
    // indices into the history; empty for one that is undecided.
    std::vector<std::vector<std::size_t>> orders = {};
    std::optional<counter_example> failure = {};  // of the first partition that is not linearizable
    std::vector<std::string> undecided = {};      // partitions whose search ended at a limit
};

// What came out in a few lines, with the counter-example if there is one.
std::string to_text(const linearizability_result& result, std::size_t columns = 100);

namespace detail {

// The states of one partition, each kept once.
template <class M>
class model_states final : public state_space {
public:
    using operation_type = recorded_operation<typename M::input, typename M::output>;

    // `members` are indices into `history`; operation n of the search is history[members[n]].
    model_states(const M& model, std::span<const operation_type> history,
                 std::span<const std::size_t> members)
        : model_(&model),
          history_(history),
          members_(members) {
        id_of(model.init());
    }

    std::optional<state_id> step(state_id from, std::uint32_t op) override {
        const operation_type& about = history_[members_[op]];
        auto next = model_step(*model_, states_[from], about.input, about.output);
        if (!next)
            return std::nullopt;
        return id_of(std::move(*next));
    }
    bool equal(std::uint32_t a, std::uint32_t b) const override {
        if constexpr (std::equality_comparable<typename M::input> &&
                      std::equality_comparable<typename M::output>) {
            const operation_type& one = history_[members_[a]];
            const operation_type& other = history_[members_[b]];
            return one.input == other.input && one.output == other.output;
        } else {
            return false;
        }
    }
    std::uint64_t bytes() const override {
        return held_ + states_.size() * sizeof(typename M::state) + hashes_.capacity() * 8 +
               slots_.size() * 4;
    }
    const typename M::state& operator[](state_id id) const { return states_[id]; }

private:
    static constexpr state_id none = ~state_id{0};

    state_id id_of(typename M::state&& state) {
        if ((states_.size() + 1) * 2 > slots_.size())
            grow();
        const std::uint64_t hash = hash_of(state);
        std::size_t slot = hash & (slots_.size() - 1);
        for (; slots_[slot] != none; slot = (slot + 1) & (slots_.size() - 1))
            if (hashes_[slots_[slot]] == hash && states_[slots_[slot]] == state)
                return slots_[slot];
        slots_[slot] = static_cast<state_id>(states_.size());
        held_ += held_bytes(state);
        states_.push_back(std::move(state));
        hashes_.push_back(hash);
        return slots_[slot];
    }
    void grow() {
        slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, none);
        for (state_id id = 0; id < states_.size(); ++id) {
            std::size_t slot = hashes_[id] & (slots_.size() - 1);
            while (slots_[slot] != none)
                slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = id;
        }
    }

    const M* model_;
    std::span<const operation_type> history_;
    std::span<const std::size_t> members_;
    std::deque<typename M::state> states_;
    std::vector<std::uint64_t> hashes_;
    std::vector<state_id> slots_;  // a power of two of them
    std::uint64_t held_ = 0;
};

struct partition {
    std::string key = {};                   // as text
    std::vector<std::size_t> members = {};  // by their calls
    std::vector<interval> intervals = {};
};

// In the order of their first calls.
template <class M>
std::vector<partition> partitions_of(
    const M& model, std::span<const recorded_operation<typename M::input, typename M::output>> history) {
    std::vector<std::size_t> by_call;
    for (std::size_t i = 0; i < history.size(); ++i)
        if (history[i].end != call_end::failed)
            by_call.push_back(i);
    std::sort(by_call.begin(), by_call.end(),
              [&](std::size_t a, std::size_t b) { return history[a].called_rank < history[b].called_rank; });
    std::vector<partition> all;
    const auto put = [&](partition& into, std::size_t i) {
        const auto& about = history[i];
        const bool returned = about.end == call_end::returned;
        into.members.push_back(i);
        into.intervals.push_back({about.called_rank, returned ? about.returned_rank : never, returned,
                                  model_reads_only(model, about.input, about.output)});
    };
    if constexpr (has_key<M>) {
        std::map<std::remove_cvref_t<decltype(model.key(history[0].input))>, std::size_t> places;
        for (const std::size_t i : by_call) {
            const auto [found, is_new] = places.try_emplace(model.key(history[i].input), all.size());
            if (is_new)
                all.push_back({text_of(found->first)});
            put(all[found->second], i);
        }
    } else if (!by_call.empty()) {
        all.emplace_back();
        for (const std::size_t i : by_call)
            put(all.front(), i);
    }
    if constexpr (requires(
                      const std::vector<const recorded_operation<typename M::input, typename M::output>*>&
                          calls) {
                      { model.order_hints(calls) } -> std::same_as<std::vector<std::uint64_t>>;
                  })
        for (partition& each : all) {
            std::vector<const recorded_operation<typename M::input, typename M::output>*> calls;
            for (const std::size_t i : each.members)
                calls.push_back(&history[i]);
            const std::vector<std::uint64_t> hints = model.order_hints(calls);
            for (std::size_t i = 0; i < each.intervals.size(); ++i)
                each.intervals[i].hint = hints.at(i);
        }
    return all;
}

template <class M>
counter_example explain(const M& model,
                        std::span<const recorded_operation<typename M::input, typename M::output>> history,
                        const partition& of, model_states<M>& states, const search_result& failure,
                        const essence& what) {
    const auto shown = [&](std::uint32_t op) {
        const auto& about = history[of.members[op]];
        const bool returned = about.end == call_end::returned;
        return shown_operation{.index = of.members[op],
                               .client = about.client,
                               .description = model.describe(about.input, about.output),
                               .called = about.called.value,
                               .returned = returned ? std::optional(about.returned.value) : std::nullopt,
                               .called_rank = about.called_rank,
                               .returned_rank = returned ? about.returned_rank : never};
    };
    const auto state = [&](state_id id) -> std::string {
        if constexpr (requires { model.describe_state(states[id]); })
            return model.describe_state(states[id]);
        else
            return {};
    };
    counter_example made = assemble(of.intervals, failure, what, shown);
    made.partition = of.key;
    made.state = state(failure.last);
    for (std::size_t& each : made.prefix)
        each = of.members[each];
    return made;
}

}  // namespace detail

// Throws std::length_error for a partition of 2^32 operations or more. What the model throws goes through.
template <sequential_model M>
linearizability_result check_linearizable(
    const M& model,
    std::type_identity_t<std::span<const recorded_operation<typename M::input, typename M::output>>> history,
    const linearizability_limits& limits = {}) {
    linearizability_result result;
    std::vector<detail::partition> all = detail::partitions_of(model, history);
    result.partitions = all.size();
    std::vector<std::vector<std::size_t>> orders(all.size());
    std::vector<std::size_t> left(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        left[i] = i;
        result.operations += all[i].members.size();
        if (all[i].members.size() >= ~std::uint32_t{0})
            throw std::length_error("squall: a partition of the history has 2^32 operations or more");
    }
    // First each partition has an equal share of the steps that are left, then those that it was too small
    // for share what the others did not need.
    for (int round = 0; round < 2 && !left.empty(); ++round) {
        std::vector<std::size_t> undecided;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const detail::partition& here = all[left[i]];
            detail::model_states<M> states(model, history, here.members);
            const std::uint64_t share =
                (limits.steps - std::min(limits.steps, result.steps)) / (left.size() - i);
            const auto searched =
                detail::search_linearization(states, here.intervals, share, limits.memory_bytes);
            result.steps += searched.steps;
            if (searched.what == detail::found::out_of_budget) {
                undecided.push_back(left[i]);
            } else if (searched.what == detail::found::linearization) {
                for (const std::uint32_t op : searched.order)
                    orders[left[i]].push_back(here.members[op]);
            } else {
                const auto what = detail::shrink_failure(states, here.intervals, searched,
                                                         limits.shrink_steps, limits.memory_bytes);
                result.shrink_steps = what.steps;
                result.verdict = linearizability::violated;
                result.failure = detail::explain(model, history, here, states, searched, what);
                return result;
            }
        }
        left = std::move(undecided);
    }
    for (const std::size_t each : left)
        result.undecided.push_back(all[each].key);
    result.verdict = left.empty() ? linearizability::holds : linearizability::unknown;
    result.orders = std::move(orders);
    return result;
}

}  // namespace squall

#endif  // SQUALL_LINEARIZABILITY_H
