// The bytes of one direction of a connection: written at the back, readable up to a mark, taken from the
// front.
#ifndef SQUALL_SIMULATOR_PIPE_BYTES_H
#define SQUALL_SIMULATOR_PIPE_BYTES_H

#include <cstddef>
#include <cstring>
#include <memory>

namespace squall::simulator {

// One piece of memory, which grows with what is in it at once and starts over whenever it runs empty.
class pipe_bytes {
public:
    std::size_t size() const noexcept { return end_ - head_; }  // readable and not yet
    std::size_t readable() const noexcept { return mark_ - head_; }

    [[gnu::always_inline]] void append(const void* data, std::size_t count) {
        if (capacity_ - end_ < count) [[unlikely]]
            make_room(count);
        std::memcpy(data_.get() + end_, data, count);
        end_ += count;
    }
    // What was appended first and is not readable yet; valid until the next append.
    char* arriving() noexcept { return data_.get() + mark_; }
    void arrive(std::size_t count) noexcept { mark_ += count; }
    // What is not readable yet never will be.
    void lose_arriving() noexcept { end_ = mark_; }
    const char* front() const noexcept { return data_.get() + head_; }
    // count <= readable()
    void take(std::size_t count) noexcept {
        head_ += count;
        if (head_ == end_)
            head_ = mark_ = end_ = 0;
    }

private:
    [[gnu::noinline]] void make_room(std::size_t count) {
        const std::size_t kept = size();
        if (head_ < kept ||
            capacity_ < kept + count) {  // moving would cost more than it gives, or not suffice
            std::size_t capacity = capacity_ == 0 ? 256 : capacity_;
            while (capacity < 2 * (kept + count))
                capacity *= 2;
            std::unique_ptr<char[]> fresh(new char[capacity]);
            if (kept != 0)
                std::memcpy(fresh.get(), front(), kept);
            data_ = std::move(fresh);
            capacity_ = capacity;
        } else {
            std::memmove(data_.get(), front(), kept);
        }
        mark_ -= head_;
        end_ = kept;
        head_ = 0;
    }

    std::unique_ptr<char[]> data_;
    std::size_t capacity_ = 0;
    std::size_t head_ = 0;
    std::size_t mark_ = 0;
    std::size_t end_ = 0;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_PIPE_BYTES_H
