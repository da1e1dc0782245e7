#include "kv/link.h"

#include "kv/wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace kv {
namespace {
constexpr std::size_t kFrameHead = 8;
}

link::link(squall::stream stream)
    : read_timer(stream.get_executor()),
      stream_(std::move(stream)),
      write_timer_(stream_.get_executor()),
      wake_(stream_.get_executor()) {}

void link::close_when_due(squall::timer& deadline) {
    deadline.async_wait([weak = weak_from_this()](error_code ec) {
        auto self = weak.lock();
        if (self && !ec)
            self->close();
    });
}

asio::awaitable<error_code> link::connect(squall::endpoint peer) {
    close_when_due(read_timer);
    auto [ec] = co_await stream_.async_connect(peer, use_tuple);
    read_timer.cancel();
    co_return ec;
}

void link::start() {
    asio::co_spawn(
        stream_.get_executor(), [self = shared_from_this()] { return self->write_queued(); }, asio::detached);
}

asio::awaitable<error_code> link::read_frame(std::string& payload) {
    close_when_due(read_timer);
    std::array<char, kFrameHead> head;
    auto [ec, size] = co_await asio::async_read(stream_, asio::buffer(head), use_tuple);
    if (!ec && load_u32(head.data()) > kMaxFrame)
        ec = error::frame_too_large;
    if (!ec) {
        payload.resize(load_u32(head.data()));
        std::tie(ec, size) = co_await asio::async_read(stream_, asio::buffer(payload), use_tuple);
    }
    if (!ec && crc32(payload) != load_u32(head.data() + 4))
        ec = error::bad_checksum;
    read_timer.cancel();
    co_return ec;
}

error_code link::send(std::string_view payload) {
    if (!stream_.is_open())
        return error::disconnected;
    if (payload.size() > kMaxFrame)
        return error::frame_too_large;
    if (queued_.size() + payload.size() > kMaxQueued)
        return error::busy;
    append_u32(queued_, static_cast<std::uint32_t>(payload.size()));
    append_u32(queued_, crc32(payload));
    queued_ += payload;
    wake_.cancel();
    return {};
}

asio::awaitable<void> link::write_queued() {
    std::string sending;
    while (stream_.is_open()) {
        if (queued_.empty()) {
            wake_.expires_at(squall::timer::time_point::max());
            co_await wake_.async_wait(use_tuple);
            continue;
        }
        sending.clear();
        sending.swap(queued_);
        write_timer_.expires_after(kWriteTimeout);
        close_when_due(write_timer_);
        auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(sending), use_tuple);
        write_timer_.cancel();
        if (ec)
            close();
    }
}

void link::close() {
    stream_.close();
    read_timer.cancel();
    write_timer_.cancel();
    wake_.cancel();
}

}  // namespace kv
