// The schedules.
#include "ready_order.h"

#include "process_state.h"

#include <squall/decisions.h>

#include <algorithm>

namespace squall::simulator {
namespace {

constexpr std::uint64_t schedule_stream = stream_key("squall.schedule");
constexpr std::uint64_t change_stream = stream_key("squall.schedule.change");

// A rank in the upper bits, the order of arrival in the lower 40: among equals a queue.
constexpr unsigned arrival_bits = 40;
constexpr std::uint64_t ranked(std::uint64_t rank, std::uint64_t fifo) noexcept {
    return (rank << arrival_bits) | ((fifo >> order_spacing_bits) & ((std::uint64_t{1} << arrival_bits) - 1));
}
constexpr std::uint64_t ranks = std::uint64_t{1} << (64 - arrival_bits);

}  // namespace

std::uint64_t ready_order::place(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                                 std::uint64_t events, std::uint64_t chain) {
    switch (options.policy) {
        case schedule_policy::window:
            return window(options, owner, fifo);
        case schedule_policy::pos:
            return pos(owner, fifo);
        case schedule_policy::pct:
            return pct(options, owner, fifo, events, chain);
    }
    return fifo;
}

std::uint64_t ready_order::bits(process_state& owner, std::uint64_t index) const noexcept {
    if (!owner.schedule_mixed)
        owner.schedule_mixed = mix_stream(seed_, stream_key(owner.stream, schedule_stream));
    return mix_index(*owner.schedule_mixed, index);
}

std::uint64_t ready_order::window(const schedule_faults& options, process_state& owner,
                                  std::uint64_t fifo) noexcept {
    const std::uint64_t behind =
        bits(owner, owner.ready_tasks++) % (std::uint64_t{options.reorder_window} + 1);
    constexpr std::uint64_t spacing = std::uint64_t{1} << order_spacing_bits;
    // Of two in one place the later one goes first: with a window of one, two tasks can change places.
    return fifo + behind * spacing + (spacing - 1 - (fifo >> order_spacing_bits) % spacing);
}

std::uint64_t ready_order::pos(process_state& owner, std::uint64_t fifo) const noexcept {
    const std::uint64_t drawn = bits(owner, owner.ready_tasks++);
    return ranked(drawn >> arrival_bits, fifo);
}

// Threads are what the paper gives priorities to; here those are the chains of tasks that each make the next
// one ready.
std::uint64_t ready_order::pct(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                               std::uint64_t events, std::uint64_t chain) {
    // Change point i lowers the chain that is ready when it comes to a priority below all others so far.
    while (lowered_.size() + 1 < options.pct_depth &&
           events >= mix(seed_, change_stream, lowered_.size()) %
                         (options.pct_events == 0 ? 1 : options.pct_events))
        lowered_.emplace_back(chain, options.pct_depth - 1 - lowered_.size());
    const auto found = std::find_if(lowered_.rbegin(), lowered_.rend(),
                                    [chain](const auto& one) { return one.first == chain; });
    const std::uint64_t mine =
        found != lowered_.rend() ? found->second : ranks / 2 + bits(owner, chain) % (ranks / 2);
    return ranked(ranks - 1 - mine, fifo);
}

}  // namespace squall::simulator
