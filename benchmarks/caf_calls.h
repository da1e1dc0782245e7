// The peer of actor_bench: the same calls with the C++ Actor Framework, where it is installed (libcaf-dev).
#ifndef SQUALL_BENCHMARKS_CAF_CALLS_H
#define SQUALL_BENCHMARKS_CAF_CALLS_H

#include <cstdint>

namespace caf_calls {

// So many round trips from one event-based actor to another, one after the other.
void by_test_coordinator(std::int64_t count);  // on the calling thread
void scheduled(std::int64_t count);            // by its scheduler, with one worker

}  // namespace caf_calls

#endif  // SQUALL_BENCHMARKS_CAF_CALLS_H
