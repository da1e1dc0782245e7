#include "http/client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <chrono>
#include <utility>

namespace notes {
namespace {

using namespace asio::experimental::awaitable_operators;

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr int attempts = 5;
constexpr std::chrono::seconds attempt_limit(1);
constexpr std::chrono::milliseconds pause_between(200);

}  // namespace

asio::awaitable<error_code> client::put(std::string name, std::uint64_t version, std::string text) {
    request ask(http::verb::put, "/notes/" + name, 11, std::move(text));
    ask.set("Version", std::to_string(version));
    response reply;
    const error_code ec = co_await call(ask, reply);
    if (!ec && reply.result() == http::status::conflict)
        co_return asio::error::operation_aborted;
    co_return ec;
}

asio::awaitable<error_code> client::get(std::string name, std::optional<note>& found) {
    request ask(http::verb::get, "/notes/" + name, 11);
    response reply;
    const error_code ec = co_await call(ask, reply);
    found.reset();
    if (!ec && reply.result() == http::status::ok) {
        const auto digits = reply["Version"];
        note& got = found.emplace(note{0, std::move(reply.body())});
        std::from_chars(digits.data(), digits.data() + digits.size(), got.version);
    }
    co_return ec;
}

asio::awaitable<error_code> client::call(request& ask, response& reply) {
    ask.set(http::field::host, host_);
    ask.prepare_payload();
    timer clock(executor_);
    error_code ec;
    for (int tried = 0; tried < attempts; ++tried) {
        if (tried != 0) {
            clock.expires_after(pause_between);
            co_await clock.async_wait(use_tuple);
        }
        clock.expires_after(attempt_limit);
        const auto outcome = co_await (attempt(ask, reply) || clock.async_wait(use_tuple));
        ec = outcome.index() == 0 ? std::get<0>(outcome) : error_code(asio::error::timed_out);
        if (!ec)
            co_return ec;
        connection_.reset();  // whatever comes on it is no answer to the next request
    }
    co_return ec;
}

asio::awaitable<error_code> client::attempt(request& ask, response& reply) {
    if (!connection_)
        if (const error_code ec = co_await connect())
            co_return ec;
    const auto [write_error, written] = co_await http::async_write(*connection_, ask, use_tuple);
    if (write_error)
        co_return write_error;
    reply = {};
    const auto [read_error, read] = co_await http::async_read(*connection_, buffer_, reply, use_tuple);
    if (!read_error && !reply.keep_alive())
        connection_.reset();
    co_return read_error;
}

asio::awaitable<error_code> client::connect() {
    resolver names(executor_);
    auto [ec, found] = co_await names.async_resolve(host_, service_, use_tuple);
    for (const endpoint at : found) {
        stream made(executor_);
        std::tie(ec) = co_await made.async_connect(at, use_tuple);
        if (!ec) {
            buffer_.clear();
            connection_.emplace(std::move(made));
            break;
        }
    }
    co_return ec;
}

}  // namespace notes
