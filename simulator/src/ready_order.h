// Which of the tasks that are ready goes first.
#ifndef SQUALL_SIMULATOR_READY_ORDER_H
#define SQUALL_SIMULATOR_READY_ORDER_H

#include <squall/faults.h>

#include <cstdint>
#include <vector>

namespace squall::simulator {

struct process_state;

class ready_order {
public:
    explicit ready_order(std::uint64_t seed) noexcept : seed_(seed) {}

    // The place of a task that becomes ready now among the events of this instant: `fifo` is that of a
    // queue's last.
    std::uint64_t place(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                        std::uint64_t events) noexcept;

private:
    std::uint64_t window(const schedule_faults& options, process_state& owner, std::uint64_t fifo) noexcept;
    std::uint64_t pos(process_state& owner, std::uint64_t fifo) const noexcept;
    std::uint64_t pct(const schedule_faults& options, process_state& owner, std::uint64_t fifo,
                      std::uint64_t events) noexcept;

    std::uint64_t seed_;
    std::vector<std::uint64_t> priorities_;  // PCT: by process; 0: not drawn yet; the greatest goes first
    std::uint32_t changes_made_ = 0;
};

// Orders of tasks are spaced, so that one put behind others never ties with one of them.
constexpr unsigned order_spacing_bits = 16;

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_READY_ORDER_H
