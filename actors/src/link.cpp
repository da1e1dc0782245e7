#include "link.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

namespace squall::actors::detail {
namespace {

constexpr auto tuple = asio::as_tuple(asio::deferred);
constexpr std::size_t read_size = 16 * 1024;
constexpr int signs_per_silence = 3;  // how often the one who asks says something, at least

}  // namespace

link::link(squall::stream stream, const link_limits& limits)
    : stream_(std::move(stream)),
      executor_(stream_.get_executor()),
      waiting_(executor_),
      limits_(limits),
      clock_(executor_) {}

asio::awaitable<void> link::connect(asio::ip::tcp::endpoint peer) {
    clock_.expires_after(limits_.connect_timeout);
    clock_.async_wait([weak = weak_from_this()](error_code aborted) {
        const auto self = weak.lock();
        if (!aborted && self)
            self->close();
    });
    auto [ec] = co_await stream_.async_connect(peer, tuple);
    clock_.cancel();
    if (ec)
        throw boost::system::system_error(ec);
}

asio::awaitable<void> link::greet(std::string cluster) {
    clock_.expires_after(limits_.connect_timeout);
    clock_.async_wait([weak = weak_from_this()](error_code aborted) {
        const auto self = weak.lock();
        if (!aborted && self)
            self->close();
    });
    hello_frame mine;
    mine.cluster = cluster;
    std::string bytes;
    append_frame(bytes, frame_kind::hello, mine, limits_.max_frame);
    auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(bytes), tuple);
    if (ec)
        throw boost::system::system_error(ec);
    const std::string_view body = co_await read();
    clock_.cancel();
    if (static_cast<frame_kind>(body.front()) != frame_kind::hello)
        throw call_failed(error::bad_frame, "no greeting");
    const auto theirs = decode<hello_frame>(body.substr(1));
    if (theirs.magic != protocol_magic || theirs.version != protocol_version || theirs.cluster != cluster)
        throw call_failed(error::version_mismatch, theirs.cluster);
}

void link::start(bool asks) {
    heard_ = steady_clock::now(executor_);
    asio::co_spawn(executor_, write(), asio::detached);
    asio::co_spawn(executor_, watch(asks), asio::detached);
}

asio::awaitable<std::string_view> link::read() {
    for (;;) {
        std::string_view rest = std::string_view(received_).substr(taken_);
        std::string_view body;
        const bool whole = take_frame(rest, body, limits_.max_frame);
        if (whole) {
            taken_ = received_.size() - rest.size();
            co_return body;
        }
        received_.erase(0, std::exchange(taken_, 0));
        const std::size_t had = received_.size();
        received_.resize(had + read_size);
        auto [ec, got] =
            co_await stream_.async_read_some(asio::buffer(received_.data() + had, read_size), tuple);
        received_.resize(had + got);
        if (ec)
            throw boost::system::system_error(ec);
        heard_ = steady_clock::now(executor_);
    }
}

asio::awaitable<void> link::write() {
    const auto self = shared_from_this();
    std::string writing;
    while (!closed_) {
        if (queued_.empty()) {
            writer_waits_ = true;
            co_await more_.async_wait(waiting_, asio::deferred);
            writer_waits_ = false;
            continue;
        }
        writing.clear();
        writing.swap(queued_);
        auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(writing), tuple);
        if (ec)
            close();
    }
}

asio::awaitable<void> link::watch(bool asks) {
    const auto self = shared_from_this();
    // The one who is asked has more patience, lest both give up when one is late.
    const auto patience = asks ? limits_.silence_timeout : 2 * limits_.silence_timeout;
    while (!closed_) {
        clock_.expires_after(limits_.silence_timeout / signs_per_silence);
        co_await clock_.async_wait(tuple);
        if (closed_)
            break;
        if (steady_clock::now(executor_) - heard_ > patience)
            close();
        else if (asks)
            send(frame_kind::ping, empty_frame{});
    }
}

void link::wake_writer() {
    if (writer_waits_) {
        writer_waits_ = false;
        more_.wake(waiting_);
    }
}

void link::close() {
    if (closed_)
        return;
    closed_ = true;
    stream_.close();
    clock_.cancel();
    wake_writer();
}

}  // namespace squall::actors::detail
