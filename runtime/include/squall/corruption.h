// A program says that it noticed wrong bytes in a file: a checksum did not match, say.
//
// A simulated disk that damages files credits the damage with having been noticed, so that a test can tell
// what went through unnoticed (world::undetected_damage()). On a real disk the calls do nothing. To be called
// when the bytes have been read and found wrong; `offset` and `size` are of the range found wrong, at least
// of a part of it.
#ifndef SQUALL_CORRUPTION_H
#define SQUALL_CORRUPTION_H

#include <squall/file.h>

namespace squall {

// In an open file; nothing if it is closed.
inline void corruption_detected(const file& where, std::uint64_t offset, std::uint64_t size) {
    where.backend_->corruption_detected(offset, size);
}
// In the file of that path, of the process that the executor belongs to.
inline void corruption_detected(const asio::any_io_executor& executor, const std::string& path,
                                std::uint64_t offset, std::uint64_t size) {
    provider_of(executor).corruption_detected(path, offset, size);
}

}  // namespace squall

#endif  // SQUALL_CORRUPTION_H
