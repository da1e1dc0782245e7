// Round trips between two ends over TCP on loopback, both on one thread: calls from a node to an actor of
// another, and the same number of frames of the same sizes with Asio's sockets alone.
#ifndef SQUALL_BENCHMARKS_LOOPBACK_H
#define SQUALL_BENCHMARKS_LOOPBACK_H

#include <cstdint>

namespace loopback {

// So many in all, by so many callers at a time, which share one connection.
void calls(std::int64_t count, std::int64_t callers);
void echoes(std::int64_t count, std::int64_t callers);

}  // namespace loopback

#endif  // SQUALL_BENCHMARKS_LOOPBACK_H
