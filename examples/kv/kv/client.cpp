#include "kv/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace kv {
namespace {

error_code to_error(status code) {
    switch (code) {
        case status::ok:
        case status::not_found:
            return {};
        case status::busy:
            return error::busy;
        case status::not_primary:
            return error::not_primary;
        case status::invalid:
            return error::invalid_argument;
        case status::unavailable:
            break;
    }
    return error::unavailable;
}

}  // namespace

client::client(asio::any_io_executor executor, squall::endpoint primary)
    : executor_(executor),
      primary_(primary),
      random_(executor),
      connected_(executor),
      id_(random_()) {
    connected_.expires_at(squall::timer::time_point::max());
}

asio::awaitable<error_code> client::get(std::string key, std::optional<std::string>& value) {
    request ask;
    ask.kind = request_kind::get;
    ask.key = std::move(key);
    reply answer;
    error_code ec = co_await call(ask, answer);
    value.reset();
    if (!ec && answer.code == status::ok)
        value = std::move(answer.value);
    co_return ec;
}

asio::awaitable<error_code> client::put(std::string key, std::string value) {
    co_return co_await write(request_kind::put, std::move(key), std::move(value));
}

asio::awaitable<error_code> client::del(std::string key) {
    co_return co_await write(request_kind::del, std::move(key), std::string());
}

asio::awaitable<error_code> client::write(request_kind kind, std::string key, std::string value) {
    request ask;
    ask.kind = kind;
    ask.client = id_;
    ask.client_seq = ++last_write_;
    ask.key = std::move(key);
    ask.value = std::move(value);
    reply answer;
    co_return co_await call(ask, answer);
}

void client::stop() {
    stopped_ = true;
    if (link_)
        link_->close();
    for (auto& [id, waiting] : pending_)
        waiting->connection->close();
}

asio::awaitable<error_code> client::call(request& ask, reply& answer) {
    auto self = shared_from_this();
    if (ask.key.empty() || ask.key.size() > kMaxKey || ask.value.size() > kMaxValue)
        co_return error::invalid_argument;
    std::chrono::milliseconds backoff = kRetryBackoff;
    squall::timer pause(executor_);
    for (int tried = 1;; ++tried) {
        error_code ec = co_await attempt(ask, answer);
        if (!ec)
            ec = to_error(answer.code);
        if (!ec || ec == error::invalid_argument || tried == kMaxAttempts || stopped_)
            co_return ec;
        ++count_.retries;
        const auto jitter = std::chrono::milliseconds(random_() % (backoff.count() + 1));
        pause.expires_after(backoff + jitter);
        co_await pause.async_wait(use_tuple);
        backoff = std::min<std::chrono::milliseconds>(2 * backoff, kRetryBackoffMax);
    }
}

asio::awaitable<error_code> client::attempt(request& ask, reply& answer) {
    error_code ec = co_await ensure_connected();
    if (ec)
        co_return ec;
    auto connection = link_;
    auto waiting = std::make_shared<pending>(executor_, connection);
    ask.id = next_request_++;
    pending_[ask.id] = waiting;
    ++connection->in_flight;
    ec = connection->send(encode(ask));
    if (!ec) {
        waiting->done.expires_after(kRequestTimeout);
        co_await waiting->done.async_wait(use_tuple);
    }
    pending_.erase(ask.id);
    if (!waiting->answer) {
        // The connection is suspect. New requests take another one; those still under way on this one keep
        // their chance.
        if (!ec)
            ec = connection->is_open() ? error::timed_out : error::disconnected;
        if (ec == error::timed_out)
            ++count_.time_outs;
        if (link_ == connection)
            link_.reset();
    }
    if (--connection->in_flight == 0 && link_ != connection)
        connection->close();
    if (waiting->answer)
        answer = std::move(*waiting->answer);
    co_return ec;
}

asio::awaitable<error_code> client::ensure_connected() {
    while (connecting_)
        co_await connected_.async_wait(use_tuple);
    if (stopped_)
        co_return error::disconnected;
    if (link_ && link_->is_open())
        co_return error_code();
    connecting_ = true;
    error_code ec = co_await connect();
    connecting_ = false;
    connected_.cancel();
    co_return ec;
}

asio::awaitable<error_code> client::connect() {
    auto connection = std::make_shared<link>(squall::stream(executor_));
    connection->read_timer.expires_after(kConnectTimeout);
    error_code ec = co_await connection->connect(primary_);
    if (!ec && stopped_)
        ec = error::disconnected;
    if (ec)
        co_return ec;
    ++count_.connects;
#ifdef KV_WITH_BUG
    next_request_ = 1;  // each connection numbers its own requests
#endif
    link_ = connection;
    connection->start();
    asio::co_spawn(
        executor_, [self = shared_from_this(), this, connection] { return read_replies(connection); },
        asio::detached);
    co_return error_code();
}

asio::awaitable<void> client::read_replies(std::shared_ptr<link> connection) {
    std::string payload;
    for (;;) {
        reply answer;
        connection->read_timer.expires_after(kIdleTimeout);
        error_code ec = co_await connection->read_frame(payload);
        if (!ec)
            ec = decode(payload, answer);
        if (ec)
            break;
        auto found = pending_.find(answer.id);
        if (found == pending_.end()) {
            ++count_.late_replies;
            continue;
        }
        found->second->answer = std::move(answer);
        found->second->done.cancel();
    }
    connection->close();
    for (auto& [id, waiting] : pending_)
        if (waiting->connection == connection)
            waiting->done.cancel();
}

}  // namespace kv
