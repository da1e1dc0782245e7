// Pieces of memory that a thread lets go of and keeps for its next ones, by size.
//
// An operation is allocated with each call and freed before the next one, over and over; a campaign makes
// worlds by the thousand, each of the same few hundred small objects. malloc takes longer for the one than
// the rest of the call, and its own cache holds seven of a size. Threads share nothing; a piece may be freed
// on another thread than took it. Under AddressSanitizer all goes to operator new, so that it sees each
// object begin and end.
#ifndef SQUALL_KEPT_MEMORY_H
#define SQUALL_KEPT_MEMORY_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace squall::detail {

// By names of their own: code under AddressSanitizer and code that is not may be linked together.
#if defined(__SANITIZE_ADDRESS__)
#define SQUALL_MEMORY_IS_CHECKED 1
#elif defined(__has_feature)
#define SQUALL_MEMORY_IS_CHECKED __has_feature(address_sanitizer)
#else
#define SQUALL_MEMORY_IS_CHECKED 0
#endif
#if SQUALL_MEMORY_IS_CHECKED
inline namespace checked_memory {
inline constexpr bool keeps_memory = false;
#else
inline namespace plain_memory {
inline constexpr bool keeps_memory = true;
#endif
#undef SQUALL_MEMORY_IS_CHECKED

class kept_memory {
public:
    static void* allocate(std::size_t size) {
        if constexpr (!keeps_memory) {
            return ::operator new(size);
        } else {
            if (size > largest) [[unlikely]]
                return ::operator new(size);
            const std::size_t index = index_of(size);
            shelf& mine = shelves_[index];
            if (piece* const found = mine.first) [[likely]] {
                mine.first = found->next;
                ++mine.room;
                return found;
            }
            return ::operator new(capacity(index));
        }
    }
    // `size` as it was asked for.
    static void deallocate(void* memory, std::size_t size) noexcept {
        if constexpr (!keeps_memory) {
            ::operator delete(memory);
        } else {
            if (size > largest) [[unlikely]] {
                ::operator delete(memory);
                return;
            }
            const std::size_t index = index_of(size);
            if (shelves_[index].room != 0) [[likely]]
                put(memory, index);
            else
                put_on_full(memory, index);
        }
    }

private:
    // Pieces of 8, 24, ... 504 bytes, as what malloc gives with its own 8 makes whole steps of 16; above that
    // of 1024, 1536, ... 16,384, the size of a world.
    static constexpr std::size_t small_sizes = 32;
    static constexpr std::size_t largest_small = small_sizes * 16 - 8;
    static constexpr std::size_t largest = 16'384;
    static constexpr std::size_t sizes = small_sizes + largest / 512;
    static constexpr std::size_t kept_of = 65'536;  // bytes of one size

    static constexpr std::size_t index_of(std::size_t size) {
        return size <= largest_small ? (size + 7) / 16 : small_sizes - 1 + (size + 511) / 512;
    }
    static constexpr std::size_t capacity(std::size_t index) {
        return index < small_sizes ? index * 16 + 8 : (index - small_sizes + 1) * 512;
    }

    struct piece {
        piece* next;
    };
    struct shelf {
        piece* first;
        std::uint32_t room;  // so many more are kept; 0 before the thread's first, and once the thread ends
    };
    struct emptied_at_end;

    static void put(void* memory, std::size_t index) noexcept {
        shelves_[index].first = ::new (memory) piece{shelves_[index].first};
        --shelves_[index].room;
    }
    static void put_on_full(void* memory, std::size_t index) noexcept;

    static constinit inline thread_local std::array<shelf, sizes> shelves_{};
};

// For containers, and for operations whose handlers bring no allocator.
template <class T>
class kept_allocator {
    static constexpr bool is_wide = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

public:
    using value_type = T;

    kept_allocator() = default;
    template <class U>
    // NOLINTNEXTLINE(google-explicit-constructor): as allocators convert
    constexpr kept_allocator(const kept_allocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / sizeof(T)) [[unlikely]]
            throw std::bad_array_new_length();
        if constexpr (is_wide)
            return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{alignof(T)}));
        else
            return static_cast<T*>(kept_memory::allocate(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if constexpr (is_wide)
            ::operator delete(memory, std::align_val_t{alignof(T)});
        else
            kept_memory::deallocate(memory, count * sizeof(T));
    }
    friend bool operator==(const kept_allocator&, const kept_allocator&) noexcept { return true; }
};
template <>
class kept_allocator<void> {
public:
    using value_type = void;
    friend bool operator==(const kept_allocator&, const kept_allocator&) noexcept { return true; }
};

}  // namespace checked_memory or plain_memory
}  // namespace squall::detail

#endif  // SQUALL_KEPT_MEMORY_H
