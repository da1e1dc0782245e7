// Random bits for libraries that draw them without an executor, from generators of their own: in a simulated
// process they are to come from the seed.
#ifndef SQUALL_LIBRARY_RANDOM_H
#define SQUALL_LIBRARY_RANDOM_H

#include <cstdint>

namespace squall::detail {

// Set on a thread while it runs a simulated world; false where no process of it runs. Null in the real world.
inline thread_local bool (*library_bits)(std::uint64_t& bits) noexcept = nullptr;

// 64 bits for the simulated process whose code runs on this thread; false if there is none.
inline bool draw_library_bits(std::uint64_t& bits) noexcept {
    return library_bits != nullptr && library_bits(bits);
}

}  // namespace squall::detail

#endif  // SQUALL_LIBRARY_RANDOM_H
