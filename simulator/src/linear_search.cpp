#include <squall/linear_search.h>

#include "linear_tried.h"

#include <algorithm>
#include <limits>

namespace squall::detail {
namespace {

constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();

// The required operations in the order of their calls, those that are placed taken out; any can be put back
// in the reverse order.
class open_list {
public:
    explicit open_list(std::size_t size) : after_(size + 1), before_(size + 1) {
        for (std::size_t i = 0; i <= size; ++i) {
            after_[i] = static_cast<std::uint32_t>(i == size ? 0 : i + 1);
            before_[i] = static_cast<std::uint32_t>(i == 0 ? size : i - 1);
        }
        end_ = static_cast<std::uint32_t>(size);
    }
    std::uint32_t first() const { return after_[end_]; }
    std::uint32_t next(std::uint32_t at) const { return after_[at]; }
    std::uint32_t end() const { return end_; }
    void take(std::uint32_t at) {
        after_[before_[at]] = after_[at];
        before_[after_[at]] = before_[at];
    }
    void put_back(std::uint32_t at) {
        after_[before_[at]] = at;
        before_[after_[at]] = at;
    }

private:
    std::vector<std::uint32_t> after_;  // a ring through end_
    std::vector<std::uint32_t> before_;
    std::uint32_t end_ = 0;
};

class search {
public:
    search(state_space& states, std::span<const interval> intervals, std::uint64_t steps_max,
           std::uint64_t memory_max)
        : states_(states),
          all_(intervals),
          steps_max_(steps_max),
          memory_max_(memory_max),
          required_(indices(intervals, true)),
          optional_(indices(intervals, false)),
          words_((optional_.size() + 63) / 64),
          open_(required_.size()),
          choosy_(required_.size()),
          top_(required_.size() + 1) {
        find_twins();
    }

    search_result run() {
        options_.push_back({0, nothing, nothing});
        bits_.resize(words_);
        tried(0, bits_of(0), 0);
        enter();
        while (!levels_.empty()) {
            if (open_.first() == open_.end())
                return finish();
            if (over_budget()) {
                result_.what = found::out_of_budget;
                result_.steps = steps_;
                return std::move(result_);
            }
            advance();
        }
        result_.what = found::none;
        result_.steps = steps_;
        return std::move(result_);
    }

private:
    // A state reached by the required operations placed so far and some optional ones after the last of them.
    struct option {
        state_id state;
        std::uint32_t parent;    // the option before the last of these; nothing: none
        std::uint32_t via;       // that last one, as an index of optional_
        bool begun = false;      // reads were looked at
        bool committed = false;  // one of them was placed: nothing else need be tried
    };
    // The required operations placed so far are the `taken` of the levels below. On a level the options are
    // gone through twice. First only what must return next is tried, or what makes that possible: what is
    // placed before it has to be is often in the way later. Then everything is.
    struct level {
        // From here in candidates_: what may be placed next. First what must return first, then by hint and
        // return.
        std::size_t candidates = 0;
        std::size_t options = 0;        // from here in options_
        std::size_t option = 0;         // the present one
        std::uint32_t candidate = 0;    // the next to try with it
        std::uint32_t taken = nothing;  // by which the level above was reached
        bool thorough = false;          // the second time
        bool opened = false;            // the present option has been begun with
        bool blocked = false;           // what must return next is not possible in it
    };

    static std::vector<std::uint32_t> indices(std::span<const interval> intervals, bool required) {
        std::vector<std::uint32_t> all;
        for (std::size_t i = 0; i < intervals.size(); ++i)
            // What need not happen and changes nothing is never needed.
            if (intervals[i].required == required && (required || !intervals[i].reads_only))
                all.push_back(static_cast<std::uint32_t>(i));
        return all;
    }
    // Before each optional operation an equal one, if one of the 64 before it is.
    void find_twins() {
        twin_.assign(optional_.size(), nothing);
        for (std::size_t i = 0; i < optional_.size(); ++i)
            for (std::size_t j = i; j-- > (i < 64 ? 0 : i - 64);)
                if (states_.equal(optional_[i], optional_[j])) {
                    twin_[i] = static_cast<std::uint32_t>(j);
                    break;
                }
    }

    std::span<const std::uint64_t> bits_of(std::size_t option) const {
        return std::span(bits_).subspan(option * words_, words_);
    }
    static bool has(std::span<const std::uint64_t> bits, std::size_t i) {
        return (bits[i / 64] >> (i % 64) & 1) != 0;
    }
    const interval& required(std::uint32_t at) const { return all_[required_[at]]; }

    bool over_budget() const {
        return steps_ >= steps_max_ || tried_.full() ||
               tried_.bytes() + states_.bytes() + bits_.capacity() * 8 +
                       options_.capacity() * sizeof(option) >
                   memory_max_;
    }

    // With the required operations as they are placed now, the last of them before `top`.
    bool tried(state_id state, std::span<const std::uint64_t> optional, std::uint32_t top) {
        key_.assign({state, top});
        for (std::uint32_t at = open_.first(); at != open_.end() && at < top; at = open_.next(at))
            key_.push_back(at);
        return tried_.seen(key_, optional, steps_);
    }

    // A level above, on which the last of the options is the first.
    void enter() {
        level next;
        next.candidates = candidates_.size();
        next.options = next.option = options_.size() - 1;
        std::uint64_t first_return = std::numeric_limits<std::uint64_t>::max();
        for (std::uint32_t at = open_.first(); at != open_.end() && required(at).called < first_return;
             at = open_.next(at)) {
            candidates_.push_back(at);
            first_return = std::min(first_return, required(at).returned);
        }
        const auto begin = candidates_.begin() + static_cast<std::ptrdiff_t>(next.candidates);
        const auto returns_first = [&](std::uint32_t x, std::uint32_t y) {
            return required(x).returned < required(y).returned;
        };
        if (begin != candidates_.end()) {
            std::iter_swap(begin, std::min_element(begin, candidates_.end(), returns_first));
            std::sort(begin + 1, candidates_.end(), [&](std::uint32_t x, std::uint32_t y) {
                return required(x).hint != required(y).hint ? required(x).hint < required(y).hint
                                                            : returns_first(x, y);
            });
        }
        levels_.push_back(next);
    }

    std::optional<state_id> step(state_id from, std::uint32_t op) {
        ++steps_;
        return states_.step(from, op);
    }
    std::optional<state_id> step_required(state_id from, std::uint32_t at) {
        const auto next = step(from, required_[at]);
        if (!next)
            choosy_[at] = true;
        return next;
    }

    // Does the next thing: goes a level up or down, or to the next option.
    void advance() {
        level& here = levels_.back();
        if (here.option == options_.size()) {
            if (here.thorough) {
                leave();
            } else {
                here.thorough = true;
                here.option = here.options;
            }
            return;
        }
        if (!here.opened) {
            here.opened = true;
            here.candidate = 0;
            here.blocked = true;
            if (!options_[here.option].begun && place_read(here))
                return;
        }
        if (!options_[here.option].committed) {
            if (here.thorough ? place_any(here) : place_urgent(here))
                return;
            // The first time only the first option makes others: they are many.
            if ((here.option == here.options) != here.thorough)
                widen(here);
        }
        ++here.option;
        here.opened = false;
    }

    // These return whether they tried to place something, and are to be asked again.
    bool place_read(level& here) {
        options_[here.option].begun = true;
        for (std::size_t i = here.candidates; i < candidates_.size(); ++i) {
            const std::uint32_t at = candidates_[i];
            const state_id state = options_[here.option].state;
            if (!required(at).reads_only || !step_required(state, at))
                continue;
            options_[here.option].committed = true;
            place(at, state);
            return true;
        }
        return false;
    }
    bool place_urgent(level& here) {
        const state_id state = options_[here.option].state;
        const std::size_t count = candidates_.size() - here.candidates;
        const std::uint32_t urgent = candidates_[here.candidates];
        // Thrice through the candidates: the choosy ones; those likely to be before the urgent one, and that
        // one itself; if it is blocked those that make it possible.
        while (here.candidate < (here.blocked ? 3 : 2) * count) {
            const std::size_t turn = here.candidate / count;
            const std::size_t i = here.candidate++ % count;
            const std::uint32_t at = candidates_[here.candidates + (turn == 1 ? (i + 1) % count : i)];
            if (required(at).reads_only || choosy_[at] != (turn == 0))
                continue;
            if (at == urgent ? turn == 2 : turn == 1 && required(at).hint >= required(urgent).hint)
                continue;
            const auto next = step_required(state, at);
            if (!next || (turn == 2 && !step_required(*next, urgent)))
                continue;
            here.blocked = here.blocked && at != urgent;
            place(at, *next);
            return true;
        }
        return false;
    }
    bool place_any(level& here) {
        while (here.candidates + here.candidate < candidates_.size()) {
            const std::uint32_t at = candidates_[here.candidates + here.candidate++];
            if (required(at).reads_only)
                continue;
            if (const auto next = step_required(options_[here.option].state, at)) {
                place(at, *next);
                return true;
            }
        }
        return false;
    }

    // Goes a level up by that operation, unless that was tried.
    void place(std::uint32_t at, state_id next) {
        level& here = levels_.back();
        const std::size_t from = here.option;
        open_.take(at);
        here.taken = at;
        const std::size_t depth = levels_.size();
        top_[depth] = std::max(top_[depth - 1], at + 1);
        if (tried(next, bits_of(from), top_[depth])) {
            open_.put_back(at);
            return;
        }
        options_.push_back({next, nothing, nothing});
        bits_.resize(options_.size() * words_);
        std::copy_n(bits_.begin() + static_cast<std::ptrdiff_t>(from * words_), words_,
                    bits_.end() - static_cast<std::ptrdiff_t>(words_));
        enter();
    }

    // Further options of this level: one optional operation more than the present one.
    void widen(const level& here) {
        if (optional_.empty() || candidates_.size() == here.candidates)
            return;
        const std::uint64_t first_return = required(candidates_[here.candidates]).returned;
        const std::size_t from = here.option;
        const state_id state = options_[from].state;
        for (std::uint32_t i = 0; i < optional_.size() && all_[optional_[i]].called < first_return; ++i) {
            if (has(bits_of(from), i) || (twin_[i] != nothing && !has(bits_of(from), twin_[i])))
                continue;
            const auto next = step(state, optional_[i]);
            if (!next || *next == state)
                continue;
            more_.assign(bits_of(from).begin(), bits_of(from).end());
            more_[i / 64] |= std::uint64_t{1} << (i % 64);
            if (tried(*next, more_, top_[levels_.size() - 1]))
                continue;
            options_.push_back({*next, static_cast<std::uint32_t>(from), i});
            bits_.insert(bits_.end(), more_.begin(), more_.end());
        }
    }

    // Everything on this level failed.
    void leave() {
        const level& here = levels_.back();
        remember_if_best(here);
        options_.resize(here.options);
        bits_.resize(here.options * words_);
        candidates_.resize(here.candidates);
        levels_.pop_back();
        if (levels_.empty())
            return;
        open_.put_back(levels_.back().taken);
        unchanged_ = std::min(unchanged_, levels_.size() - 1);
    }

    // An order that ends here is better than one that came past fewer returns, or as many with fewer
    // operations.
    void remember_if_best(const level& here) {
        const std::uint64_t first_return = required(candidates_[here.candidates]).returned;
        if (have_best_ &&
            (first_return < best_return_ || (first_return == best_return_ && levels_.size() <= best_depth_)))
            return;
        have_best_ = true;
        best_return_ = first_return;
        best_depth_ = levels_.size();
        write_order(unchanged_, levels_.size() - 1);
        unchanged_ = levels_.size() - 1;
        result_.last = options_[here.options].state;
        result_.culprit = required_[candidates_[here.candidates]];
        result_.unplaced.clear();
        for (std::size_t i = here.candidates; i < candidates_.size(); ++i)
            result_.unplaced.push_back(required_[candidates_[i]]);
    }
    // The order that the levels from `from` to `to` made, behind what those below have written.
    void write_order(std::size_t from, std::size_t to) {
        written_.resize(from);
        result_.order.resize(from == 0 ? 0 : written_.back());
        for (std::size_t i = from; i < to; ++i) {
            path_.clear();
            for (auto at = static_cast<std::uint32_t>(levels_[i].option); options_[at].via != nothing;
                 at = options_[at].parent)
                path_.push_back(optional_[options_[at].via]);
            result_.order.insert(result_.order.end(), path_.rbegin(), path_.rend());
            result_.order.push_back(required_[levels_[i].taken]);
            written_.push_back(result_.order.size());
        }
    }
    search_result finish() {
        write_order(0, levels_.size() - 1);
        result_.what = found::linearization;
        result_.steps = steps_;
        result_.last = options_.back().state;
        result_.unplaced.clear();
        return std::move(result_);
    }

    state_space& states_;
    const std::span<const interval> all_;
    const std::uint64_t steps_max_;
    const std::uint64_t memory_max_;
    const std::vector<std::uint32_t> required_;  // indices of all_
    const std::vector<std::uint32_t> optional_;
    std::vector<std::uint32_t> twin_;
    const std::size_t words_;  // of a set of optional operations

    std::uint64_t steps_ = 0;
    tried_configurations tried_;
    open_list open_;
    std::vector<bool> choosy_;        // of the required operations: was impossible in some state
    std::vector<std::uint32_t> top_;  // by level: one past the last required operation placed
    std::vector<level> levels_;
    std::vector<std::uint32_t> candidates_;  // of all levels, indices of required_
    std::vector<option> options_;            // of all levels
    std::vector<std::uint64_t> bits_;        // of the options

    search_result result_;
    std::vector<std::size_t> written_;  // by level: how much of the order it and those below make
    std::size_t unchanged_ = 0;         // levels that are as they were when the order was written
    bool have_best_ = false;
    std::uint64_t best_return_ = 0;
    std::size_t best_depth_ = 0;

    std::vector<std::uint32_t> key_;
    std::vector<std::uint64_t> more_;
    std::vector<std::uint32_t> path_;
};

}  // namespace

search_result search_linearization(state_space& states, std::span<const interval> intervals,
                                   std::uint64_t steps_max, std::uint64_t memory_max) {
    return search(states, intervals, steps_max, memory_max).run();
}

}  // namespace squall::detail
