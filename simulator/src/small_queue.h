// A first-in, first-out queue of plain values in one piece of memory, for queues that are nearly always
// short.
#ifndef SQUALL_SIMULATOR_SMALL_QUEUE_H
#define SQUALL_SIMULATOR_SMALL_QUEUE_H

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace squall::simulator {

template <class T>
class small_queue {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    small_queue() = default;
    small_queue(const small_queue&) = delete;
    small_queue& operator=(const small_queue&) = delete;

    bool empty() const noexcept { return head_ == tail_; }
    bool is_one() const noexcept { return tail_ - head_ == 1; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(tail_ - head_); }
    const T& front() const noexcept { return *head_; }
    T& front() noexcept { return *head_; }
    T* begin() noexcept { return head_; }
    T* end() noexcept { return tail_; }
    void clear() noexcept { head_ = tail_ = items_.get(); }
    void push_back(const T& item) {
        if (tail_ == end_) [[unlikely]]
            make_room();
        *tail_++ = item;
    }
    void pop_front() noexcept {
        if (++head_ == tail_)
            clear();
    }

private:
    // Moves what there is to the front, where half of the room or more has passed; else doubles the room.
    [[gnu::noinline]] void make_room() {
        const std::size_t count = size();
        const auto room = static_cast<std::size_t>(end_ - items_.get());
        if (room == 0 || count * 2 > room) {
            const std::size_t more = std::max<std::size_t>(4, room * 2);
            std::unique_ptr<T[]> fresh(new T[more]);
            std::copy(head_, tail_, fresh.get());
            items_ = std::move(fresh);
            end_ = items_.get() + more;
        } else {
            std::copy(head_, tail_, items_.get());
        }
        head_ = items_.get();
        tail_ = head_ + count;
    }

    std::unique_ptr<T[]> items_;
    T* head_ = nullptr;
    T* tail_ = nullptr;
    T* end_ = nullptr;  // of the room
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_SMALL_QUEUE_H
