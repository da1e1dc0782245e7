// Between one piece of memory and the buffers of an operation.
#ifndef SQUALL_SIMULATOR_BUFFERS_COPY_H
#define SQUALL_SIMULATOR_BUFFERS_COPY_H

#include <squall/operation.h>

#include <algorithm>
#include <cstring>

namespace squall::simulator {

template <class Buffers>
std::size_t total(const Buffers& buffers) noexcept {
    if (buffers.count == 1)
        return buffers.data[0].size();
    std::size_t sum = 0;
    for (std::size_t i = 0; i < buffers.count; ++i)
        sum += buffers.data[i].size();
    return sum;
}

// Calls `take(data, size)` for the first `most` bytes of the buffers, piece by piece; how many there were.
template <class Buffers, class Take>
std::size_t for_each_piece(const Buffers& buffers, std::size_t most, Take take) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < buffers.count && done < most; ++i) {
        const std::size_t n = std::min(buffers.data[i].size(), most - done);
        take(buffers.data[i].data(), n);
        done += n;
    }
    return done;
}

// Copies what fits of `size` bytes into the buffers; how many that were.
inline std::size_t scatter(const char* from, std::size_t size, const mutable_buffers& into) {
    if (into.count == 1) [[likely]] {
        size = std::min(size, into.data[0].size());
        std::memcpy(into.data[0].data(), from, size);
        return size;
    }
    return for_each_piece(into, size, [&from](void* to, std::size_t n) {
        std::memcpy(to, from, n);
        from += n;
    });
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_BUFFERS_COPY_H
