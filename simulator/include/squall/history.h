// What clients asked of a system, what it answered, and when: the history that a checker judges
// (linearizability.h).
//
//   squall::history<model::input, model::output> history;
//   auto call = history.call(lane, input, self.now());
//   const auto answer = co_await client.send(input);
//   if (answer)
//       call.returned(*answer, self.now());
//   else if (answer.error() == refused)
//       call.failed();                     // certainly did not happen
//   else
//       call.unknown();                    // timed out, say: may or may not have happened, now or later
//
// A call without an end (its coroutine was destroyed, say) is unknown.
#ifndef SQUALL_HISTORY_H
#define SQUALL_HISTORY_H

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace squall {

// A point in time: an integer in any unit, a std::chrono duration or time point (both kept as nanoseconds).
struct history_time {
    std::int64_t value = 0;

    history_time() = default;
    template <std::integral T>
    history_time(T time) : value(static_cast<std::int64_t>(time)) {}
    template <class Rep, class Period>
    history_time(std::chrono::duration<Rep, Period> time)
        : value(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()) {}
    template <class Clock, class Duration>
    history_time(std::chrono::time_point<Clock, Duration> time) : history_time(time.time_since_epoch()) {}

    auto operator<=>(const history_time&) const = default;
};

enum class call_end : std::uint8_t {
    returned,
    unknown,  // it may have happened at any time after the call, may happen yet, or never
    failed,   // it certainly did not happen
};

// The order of calls and returns is that of the ranks; times are for people.
inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

template <class Input, class Output>
struct recorded_operation {
    int client = 0;  // may have several operations at once
    Input input{};
    std::optional<Output> output = {};  // of one that returned
    history_time called = {};
    history_time returned = {};  // of one that returned
    call_end end = call_end::unknown;
    // Set by the history: no two events have the same.
    std::uint64_t called_rank = 0;
    std::uint64_t returned_rank = never;
};

// Not for several threads at once. Handles of calls must not outlive it.
template <class Input, class Output>
class history {
public:
    using operation_type = recorded_operation<Input, Output>;

    class call_handle {
    public:
        // Each throws std::logic_error for a call that has ended already; returned() also
        // std::invalid_argument, as call() does.
        void returned(Output output, history_time now) {
            operation_type& about = open();
            about.returned_rank = owner_->tick(now);
            about.returned = now;
            about.output = std::move(output);
            about.end = call_end::returned;
        }
        void unknown() { open().end = call_end::unknown; }
        void failed() { open().end = call_end::failed; }
        // Its place in operations().
        std::size_t index() const { return index_; }

    private:
        friend class history;
        call_handle(history& owner, std::size_t index) : owner_(&owner), index_(index) {}
        operation_type& open() {
            if (ended_)
                throw std::logic_error("squall: operation " + std::to_string(index_) +
                                       " of the history has ended already");
            ended_ = true;
            return owner_->operations_[index_];
        }

        history* owner_;
        std::size_t index_;
        bool ended_ = false;
    };

    history() = default;
    // Intervals from elsewhere: ranks follow from their times. What returns at the instant at which another
    // is called counts as concurrent with it. Throws std::invalid_argument for one that returns before it is
    // called, or that returned without an output.
    explicit history(std::vector<operation_type> operations) : operations_(std::move(operations)) {
        rank_by_time();
    }
    history(const history&) = delete;
    history& operator=(const history&) = delete;

    // The order in which the history is told decides what was before what; `now` may stand still, but not go
    // back (std::invalid_argument): take virtual time, not a process's wall clock.
    [[nodiscard]] call_handle call(int client, Input input, history_time now) {
        operation_type next;
        next.client = client;
        next.input = std::move(input);
        next.called_rank = tick(now);
        next.called = now;
        operations_.push_back(std::move(next));
        return call_handle(*this, operations_.size() - 1);
    }

    // In the order of the calls, or that given to the constructor.
    std::span<const operation_type> operations() const { return operations_; }

private:
    std::uint64_t tick(history_time now) {
        if (ticks_ != 0 && now < last_)
            throw std::invalid_argument("squall: the history's time goes back from " +
                                        std::to_string(last_.value) + " to " + std::to_string(now.value));
        last_ = now;
        return ticks_++;
    }
    void rank_by_time() {
        struct event {
            history_time time;
            bool is_return;
            std::size_t index;
        };
        std::vector<event> events;
        for (std::size_t i = 0; i < operations_.size(); ++i) {
            const operation_type& each = operations_[i];
            events.push_back({each.called, false, i});
            if (each.end != call_end::returned)
                continue;
            if (each.returned < each.called || !each.output)
                throw std::invalid_argument(
                    "squall: operation " + std::to_string(i) + " of the history " +
                    (each.output ? "returns before it is called" : "returned without an output"));
            events.push_back({each.returned, true, i});
        }
        std::sort(events.begin(), events.end(), [](const event& a, const event& b) {
            return std::tie(a.time, a.is_return, a.index) < std::tie(b.time, b.is_return, b.index);
        });
        for (const event& each : events) {
            operation_type& about = operations_[each.index];
            (each.is_return ? about.returned_rank : about.called_rank) = tick(each.time);
        }
    }

    std::vector<operation_type> operations_;
    std::uint64_t ticks_ = 0;
    history_time last_ = {};
};

}  // namespace squall

#endif  // SQUALL_HISTORY_H
