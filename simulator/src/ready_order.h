// Which of the tasks that are ready goes first.
#ifndef SQUALL_SIMULATOR_READY_ORDER_H
#define SQUALL_SIMULATOR_READY_ORDER_H

#include <squall/faults.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace squall::simulator {

struct process_state;

class ready_order {
public:
    explicit ready_order(std::uint64_t seed) noexcept : seed_(seed) {}

    // The place of a task that becomes ready now among the events of this instant: `fifo` is that of a
    // queue's last. `chain` tells the line of work that it is of, for PCT.
    std::uint64_t place(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                        std::uint64_t events, std::uint64_t chain);

private:
    std::uint64_t window(const schedule_faults& options, process_state& owner, std::uint64_t fifo) noexcept;
    std::uint64_t pos(process_state& owner, std::uint64_t fifo) const noexcept;
    std::uint64_t pct(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                      std::uint64_t events, std::uint64_t chain);

    // Bits of choice `index` of a process's schedule.
    std::uint64_t bits(process_state& owner, std::uint64_t index) const noexcept;

    std::uint64_t seed_;
    // PCT: the chains that a change point has lowered, and to which priority; the greatest goes first.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> lowered_;
};

// Orders of tasks are spaced, so that one put behind others never ties with one of them.
constexpr unsigned order_spacing_bits = 16;

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_READY_ORDER_H
