// One damage that a disk fault did to a file, and what became of it.
#ifndef SQUALL_DAMAGE_H
#define SQUALL_DAMAGE_H

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace squall {

// `kind` is that of the fault: "bit-rot", "phantom-write", "misdirected-write", "misdirected-read",
// "lost-sync" (entered at the crash that lost something), "torn-write" (a sector that holds noise).
struct damage {
    std::string process;
    std::string path;  // that the file had then
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // bytes from there among which the damaged ones are
    std::string_view kind;
    std::uint64_t decision = 0;        // of the fault: the id of its record
    std::chrono::nanoseconds time{0};  // virtual
    bool delivered = false;            // a read that completed brought wrong bytes of it
    bool detected = false;             // the program said that it noticed (squall::corruption_detected)
};

}  // namespace squall

#endif  // SQUALL_DAMAGE_H
