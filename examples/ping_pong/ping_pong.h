// Pings and pongs: a server that answers, and a client's connection to it.
#ifndef PING_PONG_H
#define PING_PONG_H

#include "common/rpc.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace ping_pong {

namespace asio = boost::asio;
using common::nanoseconds;
using namespace std::chrono_literals;

enum class bug {
    none,
    first_pong_wins,  // the next pong of a connection is taken for the answer, whatever ping it answers
};

struct pong {
    std::uint64_t number = 0;  // of the ping
    std::uint64_t boot = 0;    // of the server
    std::uint64_t served = 0;  // pings of that boot so far, this one among them
};

// Answers pings until its process ends; calls `on_served` with the number of pings after each.
asio::awaitable<void> run_server(asio::any_io_executor executor, squall::endpoint local, std::uint64_t boot,
                                 std::function<void(std::uint64_t)> on_served);

// A connection to one server, made when it is needed. One ping at a time.
class pinger {
public:
    pinger(asio::any_io_executor executor, squall::endpoint server, bug planted)
        : executor_(std::move(executor)),
          server_(server),
          planted_(planted) {}
    ~pinger() { disconnect(); }
    pinger(const pinger&) = delete;
    pinger& operator=(const pinger&) = delete;

    // Nothing where no pong came in time: the server may have served the ping, and its pong may come yet. The
    // connection is kept then.
    asio::awaitable<std::optional<pong>> ping(std::uint64_t number, nanoseconds time_out);
    asio::awaitable<bool> connect(nanoseconds time_out);
    void disconnect();
    bool connected() const { return mail_ != nullptr; }

private:
    // What the reader of a connection leaves for ping().
    struct mailbox;
    static asio::awaitable<void> read_pongs(std::shared_ptr<mailbox> mail);

    asio::any_io_executor executor_;
    squall::endpoint server_;
    bug planted_;
    std::shared_ptr<mailbox> mail_;  // of the present connection
};

}  // namespace ping_pong

#endif  // PING_PONG_H
