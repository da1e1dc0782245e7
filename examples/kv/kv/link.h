// Frames with checksums over one connection, with a deadline for each direction.
#ifndef KV_LINK_H
#define KV_LINK_H

#include "kv/error.h"
#include "kv/limits.h"

#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace kv {

namespace asio = boost::asio;

// Completion token of every operation here: a tuple that starts with the error code.
inline constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

// Always held by a shared_ptr; belongs to one executor. At most one coroutine reads; any may send.
class link : public std::enable_shared_from_this<link> {
public:
    explicit link(squall::stream stream);

    // Connects within read_timer, which the caller arms before it.
    asio::awaitable<error_code> connect(squall::endpoint peer);
    // Starts sending; to be called once connected.
    void start();

    // Reads a frame within read_timer, which the caller arms before it.
    asio::awaitable<error_code> read_frame(std::string& payload);
    // Queues a frame. An error means that it will not be sent; success only that it may be.
    error_code send(std::string_view payload);

    // Ends everything under way on the connection; more than once is fine.
    void close();
    bool is_open() const { return stream_.is_open(); }

    squall::timer read_timer;
    std::size_t in_flight = 0;  // requests without an answer, counted by the owner

private:
    asio::awaitable<void> write_queued();
    void close_when_due(squall::timer& deadline);

    squall::stream stream_;
    squall::timer write_timer_;
    squall::timer wake_;
    std::string queued_;
};

}  // namespace kv

#endif  // KV_LINK_H
