#include "kv/replica.h"

#include "kv/backup.h"
#include "kv/primary.h"

#include <boost/asio/co_spawn.hpp>

namespace kv {

std::shared_ptr<replica> replica::make(asio::any_io_executor executor, replica_config config) {
    if (config.primary)
        return std::make_shared<primary>(std::move(executor), std::move(config));
    return std::make_shared<backup>(std::move(executor), std::move(config));
}

replica::replica(asio::any_io_executor executor, replica_config config)
    : executor_(executor),
      config_(std::move(config)),
      log_(executor, config_.directory),
      acceptor_(executor),
      flush_wake_(executor),
      end_(executor) {}

asio::awaitable<void> replica::run() {
    auto self = shared_from_this();
    co_await log_.open();
    co_await prepare();
    error_code ec;
    acceptor_.listen(config_.listen, ec);
    if (ec) {
        stop();
        throw boost::system::system_error(ec, "listening");
    }
    config_.log("serving, " + std::to_string(log_.last_seq()) + " log records");
    spawn(flush_log());
    spawn(accept_connections());
    while (!stopped_) {
        end_.expires_at(squall::timer::time_point::max());
        co_await end_.async_wait(use_tuple);
    }
    stop();
    if (failure_)
        std::rethrow_exception(failure_);
}

void replica::stop() {
    stopped_ = true;
    acceptor_.close();
    for (auto& connection : links_)
        connection->close();
    flush_wake_.cancel();
    end_.cancel();
}

void replica::fail(std::exception_ptr reason) {
    if (!failure_)
        failure_ = reason;
    stop();
}

void replica::spawn(asio::awaitable<void> task) {
    asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](std::exception_ptr reason) {
        if (reason)
            self->fail(reason);
    });
}

void replica::track(const std::shared_ptr<link>& connection) {
    links_.push_back(connection);
    if (stopped_)
        connection->close();
}

void replica::drop(const std::shared_ptr<link>& connection) {
    connection->close();
    std::erase(links_, connection);
}

asio::awaitable<void> replica::accept_connections() {
    squall::timer pause(executor_);
    while (!stopped_) {
        auto [ec, stream] = co_await acceptor_.async_accept(use_tuple);
        if (ec) {
            pause.expires_after(kAcceptRetry);
            co_await pause.async_wait(use_tuple);
        } else if (links_.size() < kMaxConnections) {
            spawn(run_connection(std::make_shared<link>(std::move(stream))));
        }
    }
}

asio::awaitable<void> replica::run_connection(std::shared_ptr<link> connection) {
    track(connection);
    connection->start();
    try {
        co_await serve(connection);
    } catch (const wal_error&) {
        drop(connection);
        throw;
    } catch (const std::exception& problem) {
        config_.log(std::string("connection closed: ") + problem.what());
    }
    drop(connection);
}

asio::awaitable<void> replica::flush_log() {
    while (!stopped_) {
        if (log_.synced_seq() == log_.last_seq()) {
            flush_wake_.expires_at(squall::timer::time_point::max());
            co_await flush_wake_.async_wait(use_tuple);
            continue;
        }
        co_await log_.flush();
        on_synced();
    }
}

}  // namespace kv
