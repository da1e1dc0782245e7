// Pieces of memory that a thread keeps from one world to its next.
//
// A campaign makes worlds by the thousand, each of the same few hundred small objects, and malloc's own cache
// holds seven of a size. Here each thread has a list of free pieces for each size, filled by what its worlds
// leave and emptied when it ends. Threads share nothing; an object may be freed on another thread than made
// it. Under AddressSanitizer all goes to operator new, so that it sees each object begin and end.
#ifndef SQUALL_SIMULATOR_KEPT_MEMORY_H
#define SQUALL_SIMULATOR_KEPT_MEMORY_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <new>
#include <utility>
#include <vector>

namespace squall::simulator {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool keeps_memory = false;
#elif defined(__has_feature)
inline constexpr bool keeps_memory = !__has_feature(address_sanitizer);
#else
inline constexpr bool keeps_memory = true;
#endif

class kept_memory {
public:
    static void* allocate(std::size_t size) {
        if (!keeps_memory || size > largest)
            return ::operator new(size);
        shelf& mine = shelves_.of_size[(size + grain - 1) / grain];
        piece* const found = mine.first;
        if (found == nullptr) [[unlikely]]
            return ::operator new((size + grain - 1) / grain * grain);
        mine.first = found->next;
        --mine.count;
        return found;
    }
    // `size` as it was asked for.
    static void deallocate(void* memory, std::size_t size) noexcept {
        if (!keeps_memory || size > largest) {
            ::operator delete(memory);
            return;
        }
        shelf& mine = shelves_.of_size[(size + grain - 1) / grain];
        if (mine.count >= mine.most) [[unlikely]]
            return put_on_full(mine, memory);
        put(mine, memory);
    }

private:
    static constexpr std::size_t grain = 32;        // bytes: sizes are rounded up to it
    static constexpr std::size_t largest = 16'384;  // bytes: a world
    static constexpr std::size_t kept_of = 65'536;  // bytes of one size

    struct piece {
        piece* next;
    };
    struct shelf {
        piece* first;
        std::uint32_t count;
        std::uint32_t most;  // 0 before the thread's first piece, and once the thread ends
    };
    struct shelves {
        std::array<shelf, largest / grain + 1> of_size;
    };
    struct emptied_at_end {
        emptied_at_end() noexcept;
        ~emptied_at_end();
    };

    static void put(shelf& on, void* memory) noexcept {
        on.first = ::new (memory) piece{on.first};
        ++on.count;
    }
    static void put_on_full(shelf& on, void* memory) noexcept;

    static constinit inline thread_local shelves shelves_{};
};

// To derive from, for objects made with new.
struct in_kept_memory {
    static void* operator new(std::size_t size) { return kept_memory::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        kept_memory::deallocate(memory, size);
    }
};

// For containers.
template <class T>
class kept_allocator {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

public:
    using value_type = T;
    kept_allocator() = default;
    template <class U>
    // NOLINTNEXTLINE(google-explicit-constructor): as allocators convert
    kept_allocator(const kept_allocator<U>&) noexcept {}
    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / sizeof(T))
            throw std::bad_array_new_length();
        return static_cast<T*>(kept_memory::allocate(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        kept_memory::deallocate(memory, count * sizeof(T));
    }
    friend bool operator==(const kept_allocator&, const kept_allocator&) noexcept { return true; }
};

template <class T>
using kept_vector = std::vector<T, kept_allocator<T>>;
template <class Key, class T>
using kept_map = std::map<Key, T, std::less<Key>, kept_allocator<std::pair<const Key, T>>>;

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_KEPT_MEMORY_H
