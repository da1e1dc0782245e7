// Many operations of one client at once: most bugs of concurrent systems need hundreds of requests that are
// under way together.
//
//   co_await squall::in_flight(self, 1000, 20'000, [&](std::uint64_t n) { return transfer(self, n); });
#ifndef SQUALL_IN_FLIGHT_H
#define SQUALL_IN_FLIGHT_H

#include <squall/simulation.h>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

namespace squall {

// What in_flight() did.
struct flight {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::size_t most_at_once = 0;
};

// As a total: no end but that of the faults.
inline constexpr std::uint64_t until_chaos_ends = std::numeric_limits<std::uint64_t>::max();

namespace detail {
asio::awaitable<flight> fly(process_context& self, std::size_t at_once, std::uint64_t total,
                            std::function<asio::awaitable<void>(std::uint64_t)> make);
}

// Keeps up to `at_once` operations under way, on the process's executor, until `total` have begun and all
// have ended. `make` makes the next one; it may take its number, from 0. Where it was called under faults
// none begins after their end; those under way go on to theirs. With until_chaos_ends and no faults it does
// nothing.
//
// The first exception ends it: no more begin, the others are cancelled (terminal cancellation), and when all
// have ended it is thrown; a log line counts further exceptions. To cancel it is the same with
// operation_aborted. An operation that ends at the instant that it began lets others go first, so that one of
// no duration that never comes to an end is a livelock, and no hang.
//
// Throws std::invalid_argument for 0 at once.
template <class Make>
asio::awaitable<flight> in_flight(process_context& self, std::size_t at_once, std::uint64_t total,
                                  Make make) {
    if constexpr (std::is_invocable_v<Make&, std::uint64_t>)
        return detail::fly(self, at_once, total, std::move(make));
    else
        return detail::fly(self, at_once, total,
                           [make = std::move(make)](std::uint64_t) mutable { return make(); });
}

}  // namespace squall

#endif  // SQUALL_IN_FLIGHT_H
