// Faults of the network that hold a connection up: it ends without a word, takes little, or is slow.
#include "families.h"

#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <string>

namespace squall::family_tests {
namespace {

simulation::program echo() {
    return [](process_context& self) {
        return serve(self, [](message m) -> asio::awaitable<std::optional<message>> { co_return m; });
    };
}

// connections that end silently: without a time-out a client waits for a reply that never comes.
simulation::plan patient_client(bool fixed) {
    simulation::plan plan;
    plan.groups.push_back({"server", 1, echo()});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (std::uint64_t i = 0; i < 20; ++i) {
            const nanoseconds begun = self.now();
            const nanoseconds within = fixed ? nanoseconds(1s) : nanoseconds(1h);
            co_await call(self, self.peers("server")[0], message{verb::ping, 0, i}, within);
            SQUALL_ALWAYS(self.now() - begun < 2s, "no call takes for ever");
        }
    }));
    return plan;
}

// windows: both sides write all that they have before they read, and each waits for the other to read.
constexpr std::size_t much = 16384;
asio::awaitable<void> write_much(std::shared_ptr<stream> to) {
    const std::string all(much, 'x');
    co_await asio::async_write(*to, asio::buffer(all), as_result);
}
asio::awaitable<void> exchange_much(process_context& self, std::shared_ptr<stream> with, bool fixed) {
    if (fixed)
        asio::co_spawn(self.executor(), write_much(with), rethrow{});
    else
        co_await write_much(with);
    std::string all(much, '\0');
    co_await asio::async_read(*with, asio::buffer(all), as_result);
}
simulation::plan both_write_first(bool fixed) {
    simulation::plan plan;
    plan.groups.push_back({"server", 1, [=](process_context& self) -> asio::awaitable<void> {
                               acceptor listening(self.executor(), self.endpoint(port));
                               auto [error, peer] = co_await listening.async_accept(as_result);
                               const auto with = std::make_shared<stream>(std::move(peer));
                               co_await exchange_much(self, with, fixed);
                               co_await self.stop_requested();
                           }});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        const auto with = std::make_shared<stream>(self.executor());
        co_await with->async_connect({self.peers("server")[0], port}, as_result);
        co_await exchange_much(self, with, fixed);
    }));
    return plan;
}

// bandwidth: a time-out that suits a fast network is kept for one in which no attempt can make it.
asio::awaitable<bool> upload_all(process_context& self, nanoseconds within) {
    const auto out = std::make_shared<stream>(self.executor());
    timer limit(self.executor(), within);
    limit.async_wait([its = std::weak_ptr(out)](error_code ec) {
        if (const auto late = its.lock(); late && !ec)
            late->close();
    });
    co_await out->async_connect({self.peers("server")[0], port}, as_result);
    const std::string all(65536, 'x');
    char reply = 0;
    for (int i = 0; i < 4; ++i)
        co_await asio::async_write(*out, asio::buffer(all), as_result);
    const auto [error, n] = co_await asio::async_read(*out, asio::buffer(&reply, 1), as_result);
    co_return !error;
}
simulation::plan uploads(bool fixed) {
    simulation::plan plan;
    plan.groups.push_back(
        {"server", 1, [](process_context& self) -> asio::awaitable<void> {
             acceptor listening(self.executor(), self.endpoint(port));
             for (;;) {
                 auto [error, peer] = co_await listening.async_accept(as_result);
                 if (error)
                     co_return;
                 asio::co_spawn(
                     self.executor(),
                     [](stream from) -> asio::awaitable<void> {
                         std::string all(4 * 65536, '\0');
                         const auto [cut, n] = co_await asio::async_read(from, asio::buffer(all), as_result);
                         if (!cut)
                             co_await asio::async_write(from, asio::buffer("!", 1), as_result);
                     }(std::move(peer)),
                     rethrow{});
             }
         }});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        nanoseconds within = 500ms;
        bool done = false;
        for (int attempt = 0; attempt < 6 && !done; ++attempt) {
            done = co_await upload_all(self, within);
            if (fixed)
                within *= 2;
        }
        SQUALL_ALWAYS(done, "an upload makes it in six attempts");
    }));
    return plan;
}

INSTANTIATE_TEST_SUITE_P(
    Connections, Family,
    testing::Values(
        family_case{"silent_ends",
                    [](faults& all, const faults& drawn) {
                        all.network.close_connection = drawn.network.close_connection;
                        all.network.close_silently = drawn.network.close_silently;
                        all.network.close_half = drawn.network.close_half;
                    },
                    patient_client, "no call takes for ever", 75},
        family_case{"windows",
                    [](faults& all, const faults& drawn) { all.network.window = drawn.network.window; },
                    both_write_first, "nothing is left to do, and client/0 (run) still waits", 10, true,
                    verdict::deadlock},
        family_case{"bandwidth",
                    [](faults& all, const faults& drawn) { all.network.bandwidth = drawn.network.bandwidth; },
                    uploads, "an upload makes it in six attempts", 25}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
