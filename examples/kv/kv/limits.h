// Every size limit and time-out of the store in one place.
#ifndef KV_LIMITS_H
#define KV_LIMITS_H

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kv {

using namespace std::chrono_literals;

// Sizes, in bytes.
inline constexpr std::size_t kMaxKey = 256;
inline constexpr std::size_t kMaxValue = 64 * 1024;
inline constexpr std::size_t kMaxRecord = kMaxKey + kMaxValue + 64;  // body of a log record
inline constexpr std::size_t kMaxBatch = 64 * 1024;                  // a batch is closed once it is this long
inline constexpr std::size_t kMaxFrame = kMaxBatch + 2 * kMaxRecord;
inline constexpr std::size_t kMaxQueued = 8 * 1024 * 1024;  // waiting to be sent on one connection

// Counts.
inline constexpr std::size_t kMaxConnections = 256;
inline constexpr std::size_t kMaxInFlight = 64;         // writes of one connection waiting for their commit
inline constexpr std::uint64_t kMaxUncommitted = 4096;  // records of the primary that no backup has yet
inline constexpr std::uint64_t kReplicationWindow =
    64;                                 // records sent to a backup beyond what it has acknowledged
inline constexpr int kMaxAttempts = 6;  // of one client request

// Servers.
inline constexpr auto kReplicationTimeout =
    1s;                                    // a write that is not committed by then is answered `unavailable`
inline constexpr auto kHeartbeat = 200ms;  // an idle primary sends an empty batch this often
inline constexpr auto kPeerTimeout = 1s;   // a replica that is silent for so long is disconnected
inline constexpr auto kReconnectDelay = 100ms;
inline constexpr auto kAcceptRetry = 50ms;
inline constexpr auto kIdleTimeout = 10s;  // a client connection without a frame for so long is closed
inline constexpr auto kWriteTimeout = 2s;  // a peer that takes nothing for so long is disconnected

// Clients. A request outlasts the primary's own time-out, so that its answer can still arrive.
inline constexpr auto kConnectTimeout = 500ms;
inline constexpr auto kRequestTimeout = 2s;
inline constexpr auto kRetryBackoff = 20ms;  // doubled per attempt, with jitter
inline constexpr auto kRetryBackoffMax = 500ms;

}  // namespace kv

#endif  // KV_LIMITS_H
