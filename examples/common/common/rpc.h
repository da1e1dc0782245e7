// Requests and replies over streams: each call has a connection of its own and a time-out.
//
// A call without a reply leaves open whether the request took effect, or will: what is still on its way
// arrives however late. Services must bear that.
#ifndef EXAMPLE_COMMON_RPC_H
#define EXAMPLE_COMMON_RPC_H

#include "common/message.h"

#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace common {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// Completion token of every operation here: a tuple that starts with the error code.
inline constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

// Closes the connection unless it goes out of scope before the time is over.
class deadline {
public:
    deadline(const std::shared_ptr<squall::stream>& connection, nanoseconds time);

private:
    squall::timer timer_;
};

asio::awaitable<void> pause(asio::any_io_executor executor, nanoseconds time);

// One frame. False, or nothing, where the connection ended or the frame is broken: the connection is of no
// more use then.
asio::awaitable<bool> send(squall::stream& connection, message what);
asio::awaitable<std::optional<message>> receive(squall::stream& connection);

// Connects, asks and waits for the reply.
asio::awaitable<std::optional<message>> call(asio::any_io_executor executor, squall::endpoint peer,
                                             message request, nanoseconds time_out);

// Makes the reply to a request; an empty one is not sent, and ends the connection.
using service = std::function<asio::awaitable<message>(message)>;

// Serves all who connect, side by side, until its process ends. A connection is served one request after the
// other, and closed when none comes for 10 s. What `answer` refers to is to be owned by it: sessions go on
// after this coroutine is gone.
asio::awaitable<void> serve(asio::any_io_executor executor, squall::endpoint local, service answer);

}  // namespace common

#endif  // EXAMPLE_COMMON_RPC_H
