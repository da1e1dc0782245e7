// A site in words, and the end of a process there.
#ifndef SQUALL_RUNTIME_WHERE_H
#define SQUALL_RUNTIME_WHERE_H

#include <cstdint>
#include <string>

namespace squall::detail {

// "function (file:line)" of the place with this index; of hand-written sites and knobs "function name
// (file:line)".
std::string where(std::uint32_t index);

// What an override's `panic` does.
[[noreturn]] void panic_at(std::uint32_t index);

}  // namespace squall::detail

#endif  // SQUALL_RUNTIME_WHERE_H
