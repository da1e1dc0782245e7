// Who speaks to a node by hand, frame by frame, and an actor to speak to.
#ifndef SQUALL_TESTS_ACTORS_RAW_PEER_H
#define SQUALL_TESTS_ACTORS_RAW_PEER_H

#include "../../actors/src/frames.h"
#include "support.h"

#include <squall/stream.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>

namespace squall::actors::testing_support {

using namespace detail;

inline constexpr std::size_t longest = 64 * 1024;
inline constexpr auto values = asio::as_tuple(asio::deferred);
inline const asio::ip::tcp::endpoint where_it_listens(asio::ip::address_v4::loopback(), 7000);

struct tally_state {
    std::int64_t total = 0;
};
struct tally_peak {
    std::int64_t most = 0;
};

// Counts in two states: of the first the total, of the second the largest number.
class tally {
    BOOST_DESCRIBE_CLASS(tally, (), (add, add_unsaved, total, rest, leave), (), ())

public:
    static constexpr std::string_view type_name = "tally";
    explicit tally(context& self) : self_(self), total_(self, "total"), peak_(self, "peak") {}
    asio::awaitable<std::int64_t> add(std::int64_t number) {
        total_->total += number;
        co_await total_.save();
        if (number > peak_->most) {
            peak_->most = number;
            co_await peak_.save();
        }
        co_return total_->total;
    }
    std::int64_t add_unsaved(std::int64_t number) { return total_->total += number; }
    std::vector<std::int64_t> total() { return {total_->total, peak_->most}; }
    asio::awaitable<void> rest(std::chrono::milliseconds time) { co_await pause(self_.executor(), time); }
    void leave() { self_.deactivate(); }

private:
    context& self_;
    persistent<tally_state> total_;
    persistent<tally_peak> peak_;
};

inline node_options listening() {
    node_options how;
    how.listen = where_it_listens;
    how.store = std::make_shared<memory_store>();
    return how;
}

// Who speaks to a node by hand.
class peer {
public:
    explicit peer(const asio::any_io_executor& io) : stream_(io) {}

    asio::awaitable<void> connect() { co_await stream_.async_connect(where_it_listens, asio::deferred); }
    asio::awaitable<void> greet(const std::string& cluster = "squall",
                                std::uint32_t version = protocol_version,
                                std::uint32_t magic = protocol_magic) {
        co_await connect();
        hello_frame hello;
        hello.cluster = cluster;
        hello.version = version;
        hello.magic = magic;
        co_await send(frame_kind::hello, hello);
        const auto answer = co_await read();
        EXPECT_TRUE(answer);
    }
    asio::awaitable<void> write(std::string bytes) {
        // It may be cut off in the middle.
        [[maybe_unused]] const auto outcome =
            co_await asio::async_write(stream_, asio::buffer(bytes), values);
    }
    template <class Frame>
    asio::awaitable<void> send(frame_kind kind, Frame frame) {
        std::string bytes;
        append_frame(bytes, kind, frame, 8 * 1024 * 1024);
        co_await write(std::move(bytes));
    }
    // The next frame's body; none: the connection was closed.
    asio::awaitable<std::optional<std::string>> read() {
        for (;;) {
            std::string_view rest = received_;
            std::string_view body;
            if (take_frame(rest, body, longest)) {
                std::string taken(body);
                received_.erase(0, received_.size() - rest.size());
                co_return taken;
            }
            std::array<char, 4096> some{};
            auto [ec, size] = co_await stream_.async_read_some(asio::buffer(some), values);
            if (ec)
                co_return std::nullopt;
            received_.append(some.data(), size);
        }
    }
    // The answer to a request; pongs are none.
    asio::awaitable<std::optional<reply_frame>> answer() {
        const auto body = co_await read();
        std::optional<reply_frame> reply;
        if (body) {
            EXPECT_EQ(static_cast<frame_kind>(body->front()), frame_kind::reply);
            reply = decode<reply_frame>(std::string_view(*body).substr(1));
        }
        co_return reply;
    }
    // The code that the node gives for a request.
    asio::awaitable<error_code> ask(request_frame request) {
        co_await send(frame_kind::request, request);
        const auto reply = co_await answer();
        EXPECT_TRUE(reply);
        typed_call<tally, &tally::add> call;
        if (reply)
            call.decode_outcome(reply->outcome);
        co_return call.failure();
    }

private:
    squall::stream stream_;
    std::string received_;
};

inline request_frame adding(std::int64_t number, std::uint64_t ticket = 1) {
    request_frame request;
    request.ticket = ticket;
    request.caller = 77;
    request.number = ticket;
    request.type = "tally";
    request.key = "k";
    request.method = method_number("add");
    request.time_left = 10'000'000'000;
    request.arguments = encode(std::tuple<std::int64_t>(number));
    return request;
}

}  // namespace squall::actors::testing_support

#endif  // SQUALL_TESTS_ACTORS_RAW_PEER_H
