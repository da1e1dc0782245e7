#include "rpc.h"

#include <squall/stream.h>
#include <squall/text_hash.h>
#include <squall/timer.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <utility>

namespace squall::family_tests {
namespace {

asio::awaitable<void> answer(stream peer, handler handle) {
    for (;;) {
        message request;
        const auto [read_error, n] =
            co_await asio::async_read(peer, asio::buffer(&request, sizeof request), as_result);
        if (read_error)
            co_return;
        const auto reply = co_await handle(request);
        if (!reply)
            co_return;
        const auto [write_error, m] =
            co_await asio::async_write(peer, asio::buffer(&*reply, sizeof *reply), as_result);
        if (write_error)
            co_return;
    }
}

}  // namespace

message sealed(message m) {
    m.checksum = 0;
    m.checksum = text_hash({reinterpret_cast<const char*>(&m), sizeof m});
    return m;
}
bool whole(const message& m) {
    return sealed(m).checksum == m.checksum;
}

asio::awaitable<void> sleep(process_context& self, nanoseconds time) {
    timer wait(self.executor(), time);
    co_await wait.async_wait(as_result);
}

asio::awaitable<void> serve(process_context& self, handler handle) {
    acceptor listening(self.executor(), self.endpoint(port));
    for (;;) {
        auto [error, peer] = co_await listening.async_accept(as_result);
        if (error)
            co_return;
        asio::co_spawn(self.executor(), answer(std::move(peer), handle), rethrow{});
    }
}

asio::awaitable<std::optional<message>> call(process_context& self, const asio::ip::address& to,
                                             message request, nanoseconds within) {
    const auto out = std::make_shared<stream>(self.executor());
    timer limit(self.executor(), within);
    limit.async_wait([its = std::weak_ptr(out)](error_code ec) {
        if (const auto late = its.lock(); late && !ec)
            late->close();
    });
    if (const auto [refused] = co_await out->async_connect({to, port}, as_result); refused)
        co_return std::nullopt;
    const auto [write_error, n] =
        co_await asio::async_write(*out, asio::buffer(&request, sizeof request), as_result);
    if (write_error)
        co_return std::nullopt;
    message reply;
    const auto [read_error, m] =
        co_await asio::async_read(*out, asio::buffer(&reply, sizeof reply), as_result);
    if (read_error)
        co_return std::nullopt;
    co_return reply;
}

asio::awaitable<message> insist(process_context& self, const asio::ip::address& to, message request,
                                nanoseconds within) {
    for (;;) {
        if (const auto reply = co_await call(self, to, request, within))
            co_return *reply;
        co_await sleep(self, 10ms);
    }
}

asio::awaitable<std::vector<std::optional<message>>> call_all(process_context& self,
                                                              const std::vector<asio::ip::address>& to,
                                                              message request, nanoseconds within) {
    std::vector<std::optional<message>> replies(to.size());
    std::size_t missing = to.size();
    timer done(self.executor());
    done.expires_at(timer::time_point::max());
    for (std::size_t i = 0; i < to.size(); ++i)
        asio::co_spawn(self.executor(), call(self, to[i], request, within),
                       [&, i](std::exception_ptr error, std::optional<message> reply) {
                           if (error)
                               std::rethrow_exception(error);
                           replies[i] = reply;
                           if (--missing == 0)
                               done.cancel();
                       });
    while (missing > 0)
        co_await done.async_wait(as_result);
    co_return replies;
}

}  // namespace squall::family_tests
