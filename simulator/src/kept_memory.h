// What a world is made of, in memory that its thread keeps for the next one.
#ifndef SQUALL_SIMULATOR_KEPT_MEMORY_H
#define SQUALL_SIMULATOR_KEPT_MEMORY_H

#include <squall/kept_memory.h>

#include <cstddef>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace squall::simulator {

using detail::keeps_memory;
using detail::kept_allocator;
using detail::kept_memory;

// To derive from, for objects made with new.
struct in_kept_memory {
    static void* operator new(std::size_t size) { return kept_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        kept_memory::deallocate(memory, size);
    }
};

template <class T>
using kept_vector = std::vector<T, kept_allocator<T>>;
template <class Key, class T>
using kept_map = std::map<Key, T, std::less<Key>, kept_allocator<std::pair<const Key, T>>>;

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_KEPT_MEMORY_H
