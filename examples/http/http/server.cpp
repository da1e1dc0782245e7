#include "http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

namespace notes {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds idle_limit(30);
constexpr std::string_view prefix = "/notes/";

// 0 where there is none.
template <class Message>
std::uint64_t version_of(const Message& message) {
    const auto text = message["Version"];
    std::uint64_t version = 0;
    std::from_chars(text.data(), text.data() + text.size(), version);
    return version;
}

}  // namespace

asio::awaitable<void> server::run(endpoint at) {
    const auto executor = co_await asio::this_coro::executor;
    acceptor listening(executor, at);
    timer pause(executor);
    for (;;) {
        auto [ec, connection] = co_await listening.async_accept(use_tuple);
        if (!ec) {
            asio::co_spawn(
                executor,
                [self = shared_from_this(), connection = std::move(connection)]() mutable {
                    return self->serve(std::move(connection));
                },
                asio::detached);
            continue;
        }
        pause.expires_after(std::chrono::milliseconds(100));  // out of descriptors, say
        co_await pause.async_wait(use_tuple);
    }
}

asio::awaitable<void> server::serve(stream connection) {
    timer deadline(connection.get_executor());
    boost::beast::flat_buffer buffer;
    for (;;) {
        request ask;
        deadline.expires_after(idle_limit);
        const auto got =
            co_await (http::async_read(connection, buffer, ask, use_tuple) || deadline.async_wait(use_tuple));
        if (got.index() == 1 || std::get<0>(std::get<0>(got)))
            co_return;
        response reply = answer(ask);
        reply.prepare_payload();
        deadline.expires_after(idle_limit);
        const auto sent =
            co_await (http::async_write(connection, reply, use_tuple) || deadline.async_wait(use_tuple));
        if (sent.index() == 1 || std::get<0>(std::get<0>(sent)))
            co_return;
        if (!reply.keep_alive())
            break;
    }
    error_code ignored;
    ignored = connection.shutdown(asio::socket_base::shutdown_send, ignored);
}

server::response server::answer(const request& ask) {
    response reply(http::status::ok, ask.version());
    reply.keep_alive(ask.keep_alive());
    const std::string_view target(ask.target().data(), ask.target().size());
    if (!target.starts_with(prefix) || target.size() == prefix.size()) {
        reply.result(http::status::not_found);
        return reply;
    }
    const std::string_view name = target.substr(prefix.size());
    if (ask.method() == http::verb::put) {
        note& kept = notes_[std::string(name)];
        const std::uint64_t version = version_of(ask);
        if (version > kept.version)
            kept = {version, ask.body()};
        else if (version < kept.version)
            reply.result(http::status::conflict);
        reply.set("Version", std::to_string(kept.version));
    } else if (ask.method() == http::verb::get) {
        const auto found = notes_.find(name);
        if (found == notes_.end()) {
            reply.result(http::status::not_found);
            return reply;
        }
        reply.set("Version", std::to_string(found->second.version));
        reply.body() = found->second.text;
    } else {
        reply.result(http::status::method_not_allowed);
    }
    return reply;
}

}  // namespace notes
