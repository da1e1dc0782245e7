#include "ping_pong.h"

#include <squall/assertions.h>
#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <deque>

namespace ping_pong {

struct pinger::mailbox {
    explicit mailbox(const asio::any_io_executor& executor)
        : connection(std::make_shared<squall::stream>(executor)),
          arrived(executor) {}
    std::shared_ptr<squall::stream> connection;
    squall::timer arrived;
    std::deque<pong> pongs;
    bool ended = false;
};

asio::awaitable<void> run_server(asio::any_io_executor executor, squall::endpoint local, std::uint64_t boot,
                                 std::function<void(std::uint64_t)> on_served) {
    const auto served = std::make_shared<std::uint64_t>(0);
    return common::serve(
        executor, local,
        [executor, boot, served, on_served](common::message ping) -> asio::awaitable<common::message> {
            if (SQUALL_BUGGIFY_NAMED("a server takes its time"))
                co_await common::pause(executor, 1s);
            on_served(++*served);
            co_return common::words(ping.front(), boot, *served);
        });
}

asio::awaitable<std::optional<pong>> pinger::ping(std::uint64_t number, nanoseconds time_out) {
    if (!mail_) {
        const bool connected = co_await connect(time_out);
        if (!connected)
            co_return std::nullopt;
    }
    const auto mail = mail_;
    {
        const common::deadline stuck(mail->connection, time_out);
        if (!co_await common::send(*mail->connection, common::words(number))) {
            disconnect();
            co_return std::nullopt;
        }
    }
    mail->arrived.expires_after(time_out);
    for (;;) {
        while (!mail->pongs.empty()) {
            const pong found = mail->pongs.front();
            mail->pongs.pop_front();
            if (found.number == number || planted_ == bug::first_pong_wins)
                co_return found;
            SQUALL_REACHABLE("a pong came too late, and was put aside");
        }
        if (mail->ended) {
            disconnect();
            co_return std::nullopt;
        }
        const auto until = mail->arrived.expiry();
        const auto [ec] = co_await mail->arrived.async_wait(common::use_tuple);
        if (!ec)
            co_return std::nullopt;
        mail->arrived.expires_at(until);
    }
}

asio::awaitable<bool> pinger::connect(nanoseconds time_out) {
    disconnect();
    const auto mail = std::make_shared<mailbox>(executor_);
    const common::deadline stuck(mail->connection, time_out);
    const auto [ec] = co_await mail->connection->async_connect(server_, common::use_tuple);
    if (ec)
        co_return false;
    mail_ = mail;
    asio::co_spawn(executor_, read_pongs(mail), asio::detached);
    co_return true;
}

void pinger::disconnect() {
    if (mail_)
        mail_->connection->close();
    mail_.reset();
}

asio::awaitable<void> pinger::read_pongs(std::shared_ptr<mailbox> mail) {
    while (const auto frame = co_await common::receive(*mail->connection)) {
        if (frame->size() != 3)
            break;
        mail->pongs.push_back({frame->at(0), frame->at(1), frame->at(2)});
        mail->arrived.cancel();
    }
    mail->ended = true;
    mail->connection->close();
    mail->arrived.cancel();
}

}  // namespace ping_pong
