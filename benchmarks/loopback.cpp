#include "loopback.h"

#include "actor_workloads.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include <frames.h>

namespace loopback {
namespace {

namespace asio = boost::asio;
using actor_workloads::counter;
using actor_workloads::rethrow;
using asio::ip::tcp;
using squall::actors::node;
namespace frames = squall::actors::detail;

// Of the bodies that a call of counter::add makes, with its kind.
constexpr std::size_t request_size = 49;
constexpr std::size_t reply_size = 12;
constexpr std::size_t longest = 1024 * 1024;

tcp::endpoint free_port(asio::io_context& io) {
    const tcp::acceptor any(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return any.local_endpoint();
}

void append(std::string& out, std::size_t size) {
    const std::size_t start = out.size();
    out.append(frames::frame_header + size, 'x');
    frames::seal_frame(out, start, longest);
}

// The frames that come over a connection; several may come at once.
class incoming {
public:
    explicit incoming(tcp::socket& from) : from_(from) {}
    // How many, at least one.
    asio::awaitable<std::int64_t> some() {
        std::int64_t found = 0;
        while (found == 0) {
            const std::size_t got = co_await from_.async_read_some(
                asio::buffer(bytes_.data() + had_, bytes_.size() - had_), asio::use_awaitable);
            std::string_view rest(bytes_.data(), had_ + got);
            std::string_view body;
            while (frames::take_frame(rest, body, longest))
                ++found;
            had_ = rest.size();
            std::memmove(bytes_.data(), rest.data(), had_);
        }
        co_return found;
    }

private:
    tcp::socket& from_;
    std::array<char, 16 * 1024> bytes_{};
    std::size_t had_ = 0;  // bytes of a frame that is not whole
};

// Answers each frame, until the other side closes.
asio::awaitable<void> serve(tcp::acceptor& acceptor) {
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    peer.set_option(tcp::no_delay(true));
    incoming requests(peer);
    std::string out;
    try {
        for (;;) {
            std::int64_t more = co_await requests.some();
            for (out.clear(); more > 0; --more)
                append(out, reply_size);
            co_await asio::async_write(peer, asio::buffer(out), asio::use_awaitable);
        }
    } catch (const boost::system::system_error&) {
        co_return;
    }
}

asio::awaitable<void> ask(tcp::socket& peer, tcp::endpoint where, std::int64_t count,
                          std::int64_t at_a_time) {
    co_await peer.async_connect(where, asio::use_awaitable);
    peer.set_option(tcp::no_delay(true));
    incoming replies(peer);
    std::string out;
    std::int64_t begun = 0;
    for (std::int64_t more = at_a_time, done = 0; done < count;) {
        out.clear();
        for (; more > 0 && begun < count; --more, ++begun)
            append(out, request_size);
        if (!out.empty())
            co_await asio::async_write(peer, asio::buffer(out), asio::use_awaitable);
        more = co_await replies.some();
        done += more;
    }
    peer.close();
}

asio::awaitable<void> call(squall::actors::ref<counter> one, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        co_await one.call<&counter::add>(1);
}

}  // namespace

void echoes(std::int64_t count, std::int64_t callers) {
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket peer(io);
    asio::co_spawn(io, serve(acceptor), rethrow);
    asio::co_spawn(io, ask(peer, acceptor.local_endpoint(), count, callers), rethrow);
    io.run();
}

void calls(std::int64_t count, std::int64_t callers) {
    asio::io_context io(1);
    squall::actors::node_options options;
    options.listen = free_port(io);
    node callee(io.get_executor(), options);
    squall::actors::type_options fixed;
    fixed.fixed = true;
    callee.add<counter>(fixed);
    node caller(io.get_executor());
    std::int64_t left = callers;
    const auto program = [&]() -> asio::awaitable<void> {
        co_await callee.start();
        co_await caller.start();
        for (std::int64_t i = 0; i < callers; ++i) {
            auto one = caller.at<counter>(*options.listen, "one");
            asio::co_spawn(io, call(std::move(one), count / callers), [&](const std::exception_ptr& thrown) {
                rethrow(thrown);
                if (--left == 0)
                    io.stop();
            });
        }
    };
    asio::co_spawn(io, program, rethrow);
    io.run();
}

}  // namespace loopback
