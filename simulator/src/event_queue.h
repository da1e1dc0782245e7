// What is to happen when: a 4-ary heap of plain entries for later, a list for now.
//
// What is ready now is linked through the operations themselves. Entries for later name a slot, and the slot
// points to the operation. The first of all may stand beside the heap: what comes next is often what was
// scheduled last, and then goes through without it. In both an operation can be taken out (cancelled, or gone
// with its process) without a search; the entry that it leaves in the heap is skipped when its turn comes.
#ifndef SQUALL_SIMULATOR_EVENT_QUEUE_H
#define SQUALL_SIMULATOR_EVENT_QUEUE_H

#include "kept_memory.h"

#include <squall/operation.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace squall::simulator {

// Names an operation that is scheduled for later: a slot and its generation. Stale once it has run or was
// taken out. 0: none.
using event_ticket = std::uint64_t;
// What an operation has for a ticket that is ready; names none.
inline constexpr event_ticket ready_ticket = ~event_ticket{0};

class event_queue {
public:
    struct event {
        std::uint64_t time;   // nanoseconds
        std::uint64_t order;  // among events of one time; unique
        std::uint32_t slot;
    };

    // At `time`, among others of that time by `order`.
    event_ticket push(std::uint64_t time, std::uint64_t order, operation* op) {
        return push_inline(time, order, op);
    }
    // The same where each message passes.
    [[gnu::always_inline]] event_ticket push_inline(std::uint64_t time, std::uint64_t order, operation* op) {
        const std::uint32_t index = claim(op);
        const event fresh{time, order, index};
        if (first_.slot == none && (heap_.empty() || earlier(fresh, heap_.front())))
            first_ = fresh;
        else
            push_behind(fresh);
        return ticket_of(index);
    }
    // Now, after all that is ready already. Takes the operation's links.
    void push_ready(operation* op) noexcept {
        op->ticket = ready_ticket;
        op->next = nullptr;
        op->previous = last_ready_;
        (last_ready_ != nullptr ? last_ready_->next : first_ready_) = op;
        last_ready_ = op;
    }
    // The first that is ready, taken out; null if nothing is.
    operation* pop_ready() noexcept {
        operation* const op = first_ready_;
        if (op != nullptr) {
            first_ready_ = op->next;
            (first_ready_ != nullptr ? first_ready_->previous : last_ready_) = nullptr;
        }
        return op;
    }
    void take_ready(operation* op) noexcept {
        (op->previous != nullptr ? op->previous->next : first_ready_) = op->next;
        (op->next != nullptr ? op->next->previous : last_ready_) = op->previous;
    }
    // The first of this owner's that is ready, taken out; null if none is. Looks at all before it.
    operation* take_ready_of(const void* owner) noexcept {
        operation* op = first_ready_;
        while (op != nullptr && op->owner != owner)
            op = op->next;
        if (op != nullptr)
            take_ready(op);
        return op;
    }

    // Never: only to be taken out.
    event_ticket push_parked(operation* op) {
        const std::uint32_t index = claim(op);
        slots_[index].link = parked;
        return ticket_of(index);
    }

    // Takes the operation out; null if it is not there any more.
    operation* take(event_ticket name) noexcept {
        slot* const place = find(name);
        if (place == nullptr)
            return nullptr;
        age(*place);
        operation* const op = std::exchange(place->op, nullptr);
        if (place->link == parked)  // no entry will come by to free the slot
            free(static_cast<std::uint32_t>(name));
        return op;
    }

    // Whether nothing is to happen any more. Looks at everything.
    bool idle() const noexcept {
        return first_ready_ == nullptr && std::none_of(slots_.begin(), slots_.end(), [](const slot& s) {
                   return s.op != nullptr && s.link != parked;
               });
    }

    bool holds(event_ticket name) const noexcept {
        return const_cast<event_queue*>(this)->find(name) != nullptr;
    }

    // The next of those for later, and its time; null at the end. Skips what was taken out.
    [[gnu::always_inline]] operation* pop_later(std::uint64_t& time) noexcept {
        if (first_.slot != none) {
            time = first_.time;
            if (operation* op = release(std::exchange(first_.slot, none)))
                return op;
        }
        return pop_heap(time);
    }

private:
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
    slot* find(event_ticket name) noexcept {
        const auto index = static_cast<std::uint32_t>(name);
        if (name == 0 || index >= slots_.size())
            return nullptr;
        slot& s = slots_[index];
        return s.generation == static_cast<std::uint32_t>(name >> 32) && s.op != nullptr ? &s : nullptr;
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
    [[gnu::noinline]] operation* pop_heap(std::uint64_t& time) noexcept {
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
    [[gnu::noinline]] void push_behind(const event& fresh) {
        if (first_.slot != none && earlier(fresh, first_))
            push_heap(std::exchange(first_, fresh));
        else
            push_heap(fresh);
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
    operation* first_ready_ = nullptr;
    operation* last_ready_ = nullptr;
    kept_vector<slot> slots_;
    std::uint32_t free_ = none;  // the first free one
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_EVENT_QUEUE_H
