// The memory of operations: what a thread has let go of is kept for its next ones, by size.
//
// An operation is allocated with each call and freed before the next one, over and over. malloc takes longer
// for that than the rest of the call.
#ifndef SQUALL_OPERATION_MEMORY_H
#define SQUALL_OPERATION_MEMORY_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace squall::detail {

// AddressSanitizer is to see each operation freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool keeps_memory = false;
#elif defined(__has_feature)
inline constexpr bool keeps_memory = !__has_feature(address_sanitizer);
#else
inline constexpr bool keeps_memory = true;
#endif

// One thread's pieces. Keeps none until the first was given.
struct kept_pieces {
    // Pieces of 8, 24, ... 504 bytes: what malloc gives with its own 8 makes whole steps of 16.
    static constexpr std::size_t sizes = 32;
    static constexpr std::size_t index(std::size_t size) { return (size + 7) / 16; }
    static constexpr std::size_t capacity(std::size_t index) { return index * 16 + 8; }

    struct piece {
        piece* next;
    };
    struct shelf {
        piece* first;
        std::uint32_t room;  // so many more are kept
    };
    std::array<shelf, sizes> shelves;
    bool asked;  // for the first time
};
inline constinit thread_local kept_pieces pieces_of_thread{};

// Frees a piece for which there is no room; the first time makes room.
void free_piece(void* memory, std::size_t index) noexcept;

inline void* take_piece(std::size_t size) {
    const std::size_t index = kept_pieces::index(size);
    if (index < kept_pieces::sizes) [[likely]] {
        kept_pieces::shelf& shelf = pieces_of_thread.shelves[index];
        if (kept_pieces::piece* const first = shelf.first) [[likely]] {
            shelf.first = first->next;
            ++shelf.room;
            return first;
        }
    }
    return ::operator new(kept_pieces::capacity(index));
}

inline void give_piece(void* memory, std::size_t size) noexcept {
    const std::size_t index = kept_pieces::index(size);
    if (index < kept_pieces::sizes) [[likely]] {
        kept_pieces::shelf& shelf = pieces_of_thread.shelves[index];
        if (shelf.room != 0) [[likely]] {
            shelf.first = ::new (memory) kept_pieces::piece{shelf.first};
            --shelf.room;
            return;
        }
    }
    free_piece(memory, index);
}

// The allocator of operations whose handlers bring none.
template <class T>
class operation_allocator {
public:
    using value_type = T;

    operation_allocator() = default;
    template <class U>
    constexpr operation_allocator(const operation_allocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        if constexpr (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
            return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{alignof(T)}));
        else
            return static_cast<T*>(take_piece(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if constexpr (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__)
            ::operator delete(memory, std::align_val_t{alignof(T)});
        else
            give_piece(memory, count * sizeof(T));
    }
    friend bool operator==(const operation_allocator&, const operation_allocator&) noexcept { return true; }
};
template <>
class operation_allocator<void> {
public:
    using value_type = void;
    friend bool operator==(const operation_allocator&, const operation_allocator&) noexcept { return true; }
};

}  // namespace squall::detail

#endif  // SQUALL_OPERATION_MEMORY_H
