// Frames over one connection.
#ifndef SQUALL_ACTORS_SRC_LINK_H
#define SQUALL_ACTORS_SRC_LINK_H

#include "frames.h"

#include <squall/actors/wait.h>
#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace squall::actors::detail {

inline constexpr auto as_a_tuple = asio::as_tuple(asio::deferred);

struct link_limits {
    std::size_t max_frame;
    std::size_t max_queued;
    std::chrono::nanoseconds connect_timeout;
    std::chrono::nanoseconds silence_timeout;
};

// Held by a shared_ptr; belongs to one executor. One coroutine reads; any may send.
class link : public std::enable_shared_from_this<link> {
public:
    link(squall::stream stream, const link_limits& limits);

    asio::awaitable<void> connect(asio::ip::tcp::endpoint peer);
    // Both sides say who they are; throws call_failed: version_mismatch, bad_frame.
    asio::awaitable<void> greet(std::string cluster);
    // Begins to write what is sent, and to watch over the peer's silence. The one who asks says something
    // often enough.
    void start(bool asks);
    // The next frame's body, valid until the next call. Throws system_error.
    asio::awaitable<std::string_view> read();
    // The same in pieces, for whoever reads on and on: while next() has none, awaits async_more() and hands
    // its results to came(), which throws as read() does.
    bool next(std::string_view& body);
    auto async_more() {
        make_room();
        return stream_.async_read_some(
            asio::buffer(received_.data() + received_end_, received_.size() - received_end_), as_a_tuple);
    }
    void came(error_code ec, std::size_t size);

    // False: it has no room, or is closed; nothing is sent then. Throws call_failed(error::too_large).
    template <class Frame>
    bool send(frame_kind kind, const Frame& frame) {
        if (closed_ || queued_.size() >= limits_.max_queued)
            return false;
        append_frame(queued_, kind, frame, limits_.max_frame);
        if (more_.waiting())
            more_.go_on();
        return true;
    }
    void close();
    bool closed() const { return closed_; }

private:
    asio::awaitable<void> write();
    asio::awaitable<void> watch(bool asks);
    void make_room();

    squall::stream stream_;
    const asio::any_io_executor executor_;
    const waiting_room waiting_;
    const link_limits limits_;
    squall::timer clock_;
    wait_slot more_;
    bool closed_ = false;
    std::string queued_;
    std::string received_;
    std::size_t received_end_ = 0;
    std::size_t taken_ = 0;  // of received_
    bool heard_ = true;      // something, since the watch last looked
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_LINK_H
