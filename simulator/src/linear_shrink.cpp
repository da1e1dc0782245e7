// Which operations make a history not linearizable.
#include <squall/linear_search.h>

#include <algorithm>
#include <limits>

namespace squall::detail {
namespace {

// Of the operations before the failure this many are looked at one by one.
constexpr std::size_t looked_at_max = 64;

class shrinking {
public:
    shrinking(state_space& states, std::span<const interval> intervals, const search_result& failure,
              std::uint64_t steps_max, std::uint64_t memory_max)
        : states_(states),
          all_(intervals),
          end_(intervals[failure.culprit].returned),
          steps_max_(steps_max),
          // A trial that takes much longer than the search did says that the operations had better stay.
          trial_max_(failure.steps * 10 + 20'000),
          memory_max_(memory_max),
          needed_(intervals.size(), false) {}

    essence run() {
        // What returns later has no part in it, whether it is called before or not.
        std::vector<std::uint32_t> relevant;
        for (std::size_t i = 0; i < all_.size(); ++i)
            if (all_[i].required && all_[i].returned <= end_) {
                needed_[i] = true;
                relevant.push_back(static_cast<std::uint32_t>(i));
            }
        essence result;
        const std::size_t old = relevant.size() - std::min(relevant.size(), looked_at_max);
        const std::span all(relevant);
        if (old != 0 && !without(all.first(old)))
            result.untouched.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(old));
        drop_from(all.subspan(old));
        for (const std::uint32_t each : all.subspan(old))
            if (needed_[each])
                result.needed.push_back(each);
        result.steps = steps_;
        return result;
    }

private:
    // Halves, quarters, ... of the operations, the oldest first.
    void drop_from(std::span<const std::uint32_t> operations) {
        for (std::size_t size = (operations.size() + 1) / 2; size != 0; size = size == 1 ? 0 : (size + 1) / 2)
            for (std::size_t at = 0; at < operations.size(); at += size)
                without(operations.subspan(at, std::min(size, operations.size() - at)));
    }

    // Whether it fails without these as well; if so, they are not needed from now on.
    bool without(std::span<const std::uint32_t> operations) {
        std::vector<std::uint32_t> changed;
        for (const std::uint32_t each : operations)
            if (needed_[each])
                changed.push_back(each);
        for (const std::uint32_t each : changed)
            needed_[each] = false;
        if (changed.empty() || fails())
            return true;
        for (const std::uint32_t each : changed)
            needed_[each] = true;
        return false;
    }

    bool fails() {
        std::vector<interval> weaker(all_.begin(), all_.end());
        for (std::size_t i = 0; i < weaker.size(); ++i) {
            if (needed_[i])
                continue;
            weaker[i].required = false;
            weaker[i].returned = std::numeric_limits<std::uint64_t>::max();
            if (weaker[i].called > end_)
                weaker[i].reads_only = true;  // that is, it is left out
        }
        if (steps_ >= steps_max_)
            return false;
        const auto trial =
            search_linearization(states_, weaker, std::min(trial_max_, steps_max_ - steps_), memory_max_);
        steps_ += trial.steps;
        return trial.what == found::none;
    }

    state_space& states_;
    const std::span<const interval> all_;
    const std::uint64_t end_;
    const std::uint64_t steps_max_;
    const std::uint64_t trial_max_;
    const std::uint64_t memory_max_;
    std::vector<bool> needed_;
    std::uint64_t steps_ = 0;
};

}  // namespace

essence shrink_failure(state_space& states, std::span<const interval> intervals, const search_result& failure,
                       std::uint64_t steps_max, std::uint64_t memory_max) {
    return shrinking(states, intervals, failure, steps_max, memory_max).run();
}

}  // namespace squall::detail
