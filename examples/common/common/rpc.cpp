#include "common/rpc.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace common {
namespace {

constexpr nanoseconds idle_time = 10s;

asio::awaitable<void> session(std::shared_ptr<squall::stream> connection, std::shared_ptr<service> answer) {
    for (;;) {
        std::optional<message> request;
        {
            const deadline idle(connection, idle_time);
            request = co_await receive(*connection);
        }
        if (!request)
            co_return;
        message reply = co_await (*answer)(std::move(*request));
        if (reply.empty())
            co_return;
        const deadline stuck(connection, idle_time);
        if (!co_await send(*connection, std::move(reply)))
            co_return;
    }
}

}  // namespace

deadline::deadline(const std::shared_ptr<squall::stream>& connection, nanoseconds time)
    : timer_(connection->get_executor(), time) {
    timer_.async_wait([connection](boost::system::error_code ec) {
        if (!ec)
            connection->close();
    });
}

asio::awaitable<void> pause(asio::any_io_executor executor, nanoseconds time) {
    squall::timer over(executor, time);
    co_await over.async_wait(use_tuple);
}

asio::awaitable<bool> send(squall::stream& connection, message what) {
    const std::string frame = encode(what);
    const auto [ec, size] = co_await asio::async_write(connection, asio::buffer(frame), use_tuple);
    co_return !ec;
}

asio::awaitable<std::optional<message>> receive(squall::stream& connection) {
    std::string frame(frame_head, '\0');
    auto [ec, size] = co_await asio::async_read(connection, asio::buffer(frame), use_tuple);
    const std::size_t whole = ec ? 0 : frame_size(frame);
    if (whole == 0)
        co_return std::nullopt;
    frame.resize(whole);
    const auto rest = asio::buffer(frame) + frame_head;
    std::tie(ec, size) = co_await asio::async_read(connection, rest, use_tuple);
    if (ec)
        co_return std::nullopt;
    std::string_view in(frame);
    co_return decode(in);
}

asio::awaitable<std::optional<message>> call(asio::any_io_executor executor, squall::endpoint peer,
                                             message request, nanoseconds time_out) {
    const auto connection = std::make_shared<squall::stream>(executor);
    const deadline end(connection, time_out);
    const auto [ec] = co_await connection->async_connect(peer, use_tuple);
    if (ec)
        co_return std::nullopt;
    if (!co_await send(*connection, std::move(request)))
        co_return std::nullopt;
    co_return co_await receive(*connection);
}

asio::awaitable<void> serve(asio::any_io_executor executor, squall::endpoint local, service answer) {
    squall::acceptor listener(executor, local);
    const auto shared = std::make_shared<service>(std::move(answer));
    for (;;) {
        auto [ec, connection] = co_await listener.async_accept(use_tuple);
        if (ec) {
            co_await pause(executor, 100ms);
            continue;
        }
        auto owned = std::make_shared<squall::stream>(std::move(connection));
        asio::co_spawn(executor, session(std::move(owned), shared), asio::detached);
    }
}

}  // namespace common
