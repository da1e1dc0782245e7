// A first-in, first-out queue of plain values in one piece of memory, for queues that are nearly always
// short.
#ifndef SQUALL_SIMULATOR_SMALL_QUEUE_H
#define SQUALL_SIMULATOR_SMALL_QUEUE_H

#include <cstddef>
#include <vector>

namespace squall::simulator {

template <class T>
class small_queue {
public:
    bool empty() const noexcept { return head_ == items_.size(); }
    std::size_t size() const noexcept { return items_.size() - head_; }
    const T& front() const noexcept { return items_[head_]; }
    T& front() noexcept { return items_[head_]; }
    T* begin() noexcept { return items_.data() + head_; }
    T* end() noexcept { return items_.data() + items_.size(); }
    void clear() noexcept {
        items_.clear();
        head_ = 0;
    }
    void push_back(const T& item) {
        if (head_ > 32 && head_ * 2 > items_.size()) {  // amortised: half of it has passed
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        items_.push_back(item);
    }
    void pop_front() noexcept {
        if (++head_ == items_.size()) {
            items_.clear();
            head_ = 0;
        }
    }

private:
    std::vector<T> items_;
    std::size_t head_ = 0;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_SMALL_QUEUE_H
