#include "link.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace squall::actors::detail {
namespace {

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
    auto [ec] = co_await stream_.async_connect(peer, as_a_tuple);
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
    auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(bytes), as_a_tuple);
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
    asio::co_spawn(executor_, write(), asio::detached);
    asio::co_spawn(executor_, watch(asks), asio::detached);
}

asio::awaitable<std::string_view> link::read() {
    std::string_view body;
    while (!next(body)) {
        auto [ec, got] = co_await async_more();
        came(ec, got);
    }
    co_return body;
}

bool link::next(std::string_view& body) {
    std::string_view rest(received_.data() + taken_, received_end_ - taken_);
    const bool whole = take_frame(rest, body, limits_.max_frame);
    if (whole)
        taken_ = received_end_ - rest.size();
    return whole;
}

void link::came(error_code ec, std::size_t size) {
    received_end_ += size;
    if (ec)
        throw boost::system::system_error(ec);
    heard_ = true;
}

// What is left of a frame goes to the front. Only growing fills memory with zeros.
void link::make_room() {
    const std::size_t left = received_end_ - taken_;
    std::memmove(received_.data(), received_.data() + taken_, left);
    taken_ = 0;
    received_end_ = left;
    if (received_.size() - left < read_size)
        received_.resize(std::max(left + read_size, 2 * received_.size()));
}

asio::awaitable<void> link::write() {
    const auto self = shared_from_this();
    std::string writing;
    while (!closed_) {
        if (queued_.empty()) {
            co_await more_.async_wait(waiting_, asio::deferred);
            continue;
        }
        writing.clear();
        writing.swap(queued_);
        // Mostly one write takes it all, and a composed operation would cost more than it.
        for (std::size_t done = 0; done < writing.size() && !closed_;) {
            auto [ec, size] = co_await stream_.async_write_some(asio::buffer(writing) + done, as_a_tuple);
            done += size;
            if (ec)
                close();
        }
    }
}

asio::awaitable<void> link::watch(bool asks) {
    const auto self = shared_from_this();
    // The one who is asked has more patience, lest both give up when one is late.
    const int patience = asks ? signs_per_silence : 2 * signs_per_silence;
    for (int quiet = 0; !closed_;) {
        clock_.expires_after(limits_.silence_timeout / signs_per_silence);
        co_await clock_.async_wait(as_a_tuple);
        if (closed_)
            break;
        quiet = std::exchange(heard_, false) ? 0 : quiet + 1;
        if (quiet >= patience)
            close();
        else if (asks)
            send(frame_kind::ping, empty_frame{});
    }
}

void link::close() {
    if (closed_)
        return;
    closed_ = true;
    stream_.close();
    clock_.cancel();
    if (more_.waiting())
        more_.wake(waiting_);
}

}  // namespace squall::actors::detail
