// What the small systems of the family tests talk in: messages of one size, a server for them, a call.
#ifndef SQUALL_TESTS_FAMILIES_RPC_H
#define SQUALL_TESTS_FAMILIES_RPC_H

#include <squall/simulation.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

namespace squall::family_tests {

namespace asio = boost::asio;
using boost::system::error_code;

// Errors as values, never thrown.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

struct rethrow {
    void operator()(std::exception_ptr error) const {
        if (error)
            std::rethrow_exception(error);
    }
};

enum class verb : std::uint32_t { ping, get, put, acquire, release };

// Sent as it stands in memory.
struct message {
    verb what = verb::ping;
    std::uint32_t key = 0;
    std::uint64_t id = 0;
    std::uint64_t value = 0;
    std::uint64_t checksum = 0;
};

// With its checksum; and whether it is what it was then.
message sealed(message m);
bool whole(const message& m);

asio::awaitable<void> sleep(process_context& self, nanoseconds time);

// The reply; no value closes the connection in its place.
using handler = std::function<asio::awaitable<std::optional<message>>(message)>;

inline constexpr std::uint16_t port = 7;

// Takes connections on `port` and answers what comes in on them, for ever.
asio::awaitable<void> serve(process_context& self, handler handle);

// Over a connection of its own. No value after an error, or without a reply within the time.
asio::awaitable<std::optional<message>> call(process_context& self, const asio::ip::address& to,
                                             message request, nanoseconds within);
// Again and again until there is a reply.
asio::awaitable<message> insist(process_context& self, const asio::ip::address& to, message request,
                                nanoseconds within);
// All at once; in the order of `to`, when all have replied or the time is up.
asio::awaitable<std::vector<std::optional<message>>> call_all(process_context& self,
                                                              const std::vector<asio::ip::address>& to,
                                                              message request, nanoseconds within);

}  // namespace squall::family_tests

#endif  // SQUALL_TESTS_FAMILIES_RPC_H
