// What is to happen when: a 4-ary heap of plain entries for later, a list for now.
//
// What is ready now stands in the list by itself. Entries for later name a slot, and the slot points to the
// operation. The first of all may stand beside the heap: what comes next is often what was scheduled last,
// and then goes through without it. In both an operation can be taken out (cancelled, or gone with its
// process) without a search; what it leaves is skipped when its turn comes.
#ifndef SQUALL_SIMULATOR_EVENT_QUEUE_H
#define SQUALL_SIMULATOR_EVENT_QUEUE_H

#include "kept_memory.h"

#include <squall/operation.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace squall::simulator {

// Names a scheduled operation; stale once the operation has run or was taken out. 0: none. With the highest
// bit a position among what is ready, else a slot and its generation.
using event_ticket = std::uint64_t;

class event_queue {
public:
    struct event {
        std::uint64_t time;   // nanoseconds
        std::uint64_t order;  // among events of one time; unique
        std::uint32_t slot;
    };

    // At `time`, among others of that time by `order`.
    event_ticket push(std::uint64_t time, std::uint64_t order, operation* op) {
        const std::uint32_t index = claim(op);
        const event fresh{time, order, index};
        if (first_.slot != none) {
            if (!earlier(fresh, first_))
                push_heap(fresh);
            else
                push_heap(std::exchange(first_, fresh));
        } else if (heap_.empty() || earlier(fresh, heap_.front())) {
            first_ = fresh;
        } else {
            push_heap(fresh);
        }
        return ticket_of(index);
    }
    // Now, after all that is ready already.
    event_ticket push_ready(operation* op) {
        if (ready_.size() == ready_.capacity()) [[unlikely]]
            grow(ready_);
        ready_.push_back(op);
        return ready_bit | (passed_ + ready_.size() - 1);
    }

    // Never: only to be taken out.
    event_ticket push_parked(operation* op) {
        const std::uint32_t index = claim(op);
        slots_[index].link = parked;
        return ticket_of(index);
    }

    // Takes the operation out; null if it is not there any more.
    operation* take(event_ticket name) noexcept {
        operation** const place = find(name);
        if (place == nullptr)
            return nullptr;
        if ((name & ready_bit) == 0) {
            const auto index = static_cast<std::uint32_t>(name);
            slot& s = slots_[index];
            age(s);
            if (s.link == parked)  // no entry will come by to free the slot
                free(index);
        }
        return std::exchange(*place, nullptr);
    }

    // Whether nothing is to happen any more. Looks at everything.
    bool idle() const noexcept {
        return std::all_of(ready_.begin() + static_cast<std::ptrdiff_t>(ready_head_), ready_.end(),
                           [](const operation* op) { return op == nullptr; }) &&
               std::none_of(slots_.begin(), slots_.end(),
                            [](const slot& s) { return s.op != nullptr && s.link != parked; });
    }

    bool holds(event_ticket name) const noexcept {
        return const_cast<event_queue*>(this)->find(name) != nullptr;
    }

    // The next operation and its time, now being `now`; null at the end. Skips what was taken out.
    operation* pop(std::uint64_t now, std::uint64_t& time) noexcept {
        while (ready_head_ < ready_.size()) {
            operation* const op = ready_[ready_head_++];
            if (ready_head_ == ready_.size()) {
                passed_ += ready_.size();
                ready_.clear();
                ready_head_ = 0;
            }
            if (op != nullptr) {
                time = now;
                return op;
            }
        }
        return pop_later(time);
    }

private:
    static constexpr event_ticket ready_bit = event_ticket{1} << 63;
    static constexpr std::uint32_t none = 0xffffffffu;  // no slot has this index
    static constexpr std::uint32_t parked = none - 1;   // nor this one

    struct slot {
        operation* op = nullptr;
        std::uint32_t generation = 1;  // 31 bits, never 0
        std::uint32_t link = none;     // of a free one: the next; of a taken one: `parked`, or none
    };

    event_ticket ticket_of(std::uint32_t index) const noexcept {
        return (event_ticket{slots_[index].generation} << 32) | index;
    }
    static void age(slot& s) noexcept { s.generation = s.generation == 0x7fffffffu ? 1 : s.generation + 1; }

    // Where the operation of that ticket stands; null if it does not any more.
    operation** find(event_ticket name) noexcept {
        if ((name & ready_bit) != 0) {
            const std::uint64_t at = (name ^ ready_bit) - passed_;  // wraps for what has passed
            return at < ready_.size() && at >= ready_head_ && ready_[at] != nullptr ? &ready_[at] : nullptr;
        }
        const auto index = static_cast<std::uint32_t>(name);
        if (name == 0 || index >= slots_.size())
            return nullptr;
        slot& s = slots_[index];
        return s.generation == static_cast<std::uint32_t>(name >> 32) && s.op != nullptr ? &s.op : nullptr;
    }

    // Out of the way of the usual, which then needs no registers of its callers.
    template <class T>
    [[gnu::noinline]] static void grow(kept_vector<T>& full) {
        full.reserve(std::max<std::size_t>(16, full.size() * 2));
    }
    std::uint32_t claim(operation* op) {
        const std::uint32_t index = free_;
        if (index == none) [[unlikely]]
            return claim_new(op);
        slot& s = slots_[index];
        free_ = s.link;
        s.op = op;
        s.link = none;
        return index;
    }
    [[gnu::noinline]] std::uint32_t claim_new(operation* op) {
        slots_.emplace_back().op = op;
        return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    void free(std::uint32_t index) noexcept {
        slots_[index].link = free_;
        free_ = index;
    }
    operation* release(std::uint32_t index) noexcept {
        slot& s = slots_[index];
        operation* op = std::exchange(s.op, nullptr);
        if (op != nullptr)
            age(s);
        free(index);
        return op;
    }
    operation* pop_later(std::uint64_t& time) noexcept {
        if (first_.slot != none) {
            time = first_.time;
            if (operation* op = release(std::exchange(first_.slot, none)))
                return op;
        }
        while (!heap_.empty()) {
            const event next = heap_.front();
            pop_front();
            if (operation* op = release(next.slot)) {
                time = next.time;
                return op;
            }
        }
        return nullptr;
    }

    static bool earlier(const event& a, const event& b) noexcept {
        return a.time != b.time ? a.time < b.time : a.order < b.order;
    }
    void push_heap(const event& fresh) {
        if (heap_.size() == heap_.capacity()) [[unlikely]]
            grow(heap_);
        heap_.push_back(fresh);
        if (heap_.size() > 1)
            sift_up(heap_.size() - 1);
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

    event first_{0, 0, none};  // earlier than the heap's, if it names a slot
    kept_vector<event> heap_;
    kept_vector<operation*> ready_;
    std::size_t ready_head_ = 0;
    std::uint64_t passed_ = 0;  // what stood in ready_ before its present first
    kept_vector<slot> slots_;
    std::uint32_t free_ = none;  // the first free one
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_EVENT_QUEUE_H
