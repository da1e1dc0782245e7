// What is to happen when: a 4-ary heap of plain entries for later, a ring for now.
//
// Entries name a slot, and the slot points to the operation, so that an operation can be taken out
// (cancelled, or gone with its process) without a search; its entry is then skipped when its turn comes.
#ifndef SQUALL_SIMULATOR_EVENT_QUEUE_H
#define SQUALL_SIMULATOR_EVENT_QUEUE_H

#include <squall/operation.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace squall::simulator {

// Names a scheduled operation; stale once the operation has run or was taken out.
struct event_ticket {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  // 0: none

    std::uint64_t packed() const noexcept { return (std::uint64_t{generation} << 32) | slot; }
    static event_ticket unpacked(std::uint64_t word) noexcept {
        return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
    }
};

class event_queue {
public:
    struct event {
        std::uint64_t time;   // nanoseconds
        std::uint64_t order;  // among events of one time; unique
        std::uint32_t slot;
    };

    bool empty() const noexcept { return heap_.empty() && ready_count() == 0; }
    std::size_t size() const noexcept { return heap_.size() + ready_count(); }

    // At `time`, among others of that time by `order`.
    event_ticket push(std::uint64_t time, std::uint64_t order, operation* op) {
        const event_ticket name = claim(op);
        heap_.push_back({time, order, name.slot});
        sift_up(heap_.size() - 1);
        return name;
    }
    // Now, after all that is ready already.
    event_ticket push_ready(operation* op) {
        const event_ticket name = claim(op);
        ready_.push_back(name.slot);
        return name;
    }

    // Never: only to be taken out.
    event_ticket push_parked(operation* op) {
        const event_ticket name = claim(op);
        slots_[name.slot].parked = true;
        return name;
    }

    // Takes the operation out; null if it is not there any more.
    operation* take(event_ticket name) noexcept {
        if (name.generation == 0 || name.slot >= slots_.size())
            return nullptr;
        slot& s = slots_[name.slot];
        if (s.generation != name.generation)
            return nullptr;
        if (++s.generation == 0)
            s.generation = 1;
        if (s.parked) {  // no entry will come by to free the slot
            s.parked = false;
            free_.push_back(name.slot);
        }
        return std::exchange(s.op, nullptr);
    }

    // Whether nothing is to happen any more. Looks at all slots.
    bool idle() const noexcept {
        return std::none_of(slots_.begin(), slots_.end(),
                            [](const slot& s) { return s.op != nullptr && !s.parked; });
    }

    bool holds(event_ticket name) const noexcept {
        return name.generation != 0 && name.slot < slots_.size() &&
               slots_[name.slot].generation == name.generation && slots_[name.slot].op != nullptr;
    }

    // The next operation and its time, now being `now`; null at the end. Skips what was taken out.
    operation* pop(std::uint64_t now, std::uint64_t& time) noexcept {
        while (ready_head_ < ready_.size()) {
            const std::uint32_t index = ready_[ready_head_++];
            if (ready_head_ == ready_.size()) {
                ready_.clear();
                ready_head_ = 0;
            }
            if (operation* op = release(index)) {
                time = now;
                return op;
            }
        }
        while (!heap_.empty()) {
            const event first = heap_.front();
            pop_front();
            if (operation* op = release(first.slot)) {
                time = first.time;
                return op;
            }
        }
        return nullptr;
    }

private:
    struct slot {
        operation* op = nullptr;
        std::uint32_t generation = 1;
        bool parked = false;
    };

    std::size_t ready_count() const noexcept { return ready_.size() - ready_head_; }

    event_ticket claim(operation* op) {
        std::uint32_t index;
        if (free_.empty()) {
            index = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            index = free_.back();
            free_.pop_back();
        }
        slots_[index].op = op;
        return {index, slots_[index].generation};
    }
    operation* release(std::uint32_t index) noexcept {
        slot& s = slots_[index];
        operation* op = std::exchange(s.op, nullptr);
        if (op != nullptr && ++s.generation == 0)
            s.generation = 1;
        free_.push_back(index);  // capacity: no more free slots than slots
        return op;
    }

    static bool earlier(const event& a, const event& b) noexcept {
        return a.time != b.time ? a.time < b.time : a.order < b.order;
    }
    void sift_up(std::size_t at) noexcept {
        const event moving = heap_[at];
        while (at > 0) {
            const std::size_t parent = (at - 1) / 4;
            if (!earlier(moving, heap_[parent]))
                break;
            heap_[at] = heap_[parent];
            at = parent;
        }
        heap_[at] = moving;
    }
    void pop_front() noexcept {
        const event moving = heap_.back();
        heap_.pop_back();
        const std::size_t count = heap_.size();
        if (count == 0)
            return;
        std::size_t at = 0;
        for (;;) {
            const std::size_t first = at * 4 + 1;
            if (first >= count)
                break;
            std::size_t best = first;
            const std::size_t last = first + 4 < count ? first + 4 : count;
            for (std::size_t child = first + 1; child < last; ++child)
                if (earlier(heap_[child], heap_[best]))
                    best = child;
            if (!earlier(heap_[best], moving))
                break;
            heap_[at] = heap_[best];
            at = best;
        }
        heap_[at] = moving;
    }

    std::vector<event> heap_;
    std::vector<std::uint32_t> ready_;
    std::size_t ready_head_ = 0;
    std::vector<slot> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_EVENT_QUEUE_H
