// The builder: phases, verdicts, determinism.
#include <squall/simulation.h>

#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> echo(squall::stream peer) {
    char data[64];
    for (;;) {
        const auto [read_error, n] = co_await peer.async_read_some(asio::buffer(data), as_result);
        if (read_error)
            co_return;
        const auto [write_error, written] =
            co_await asio::async_write(peer, asio::buffer(data, n), as_result);
        if (write_error)
            co_return;
    }
}

asio::awaitable<void> echo_server(squall::process_context& self) {
    squall::acceptor acceptor(self.executor());
    boost::system::error_code ec;
    acceptor.listen(self.endpoint(7), ec);
    if (ec)
        throw boost::system::system_error(ec);
    for (;;) {
        auto [error, peer] = co_await acceptor.async_accept(as_result);
        if (error)
            co_return;
        asio::co_spawn(self.executor(), echo(std::move(peer)), asio::detached);
    }
}

class pinger : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        for (int i = 0; i < 50; ++i) {
            squall::stream server(self.executor());
            const auto [refused] =
                co_await server.async_connect({self.peers("server").front(), 7}, as_result);
            if (refused)
                continue;
            char data[16] = "ping";
            auto [write_error, n] = co_await asio::async_write(server, asio::buffer(data), as_result);
            if (write_error)
                continue;
            squall::timer wait(self.executor(), 1s);
            const auto [read_error, m] = co_await asio::async_read(server, asio::buffer(data), as_result);
            if (!read_error)
                SQUALL_REACHABLE("a ping came back");
        }
    }
};

squall::simulation ping() {
    squall::simulation s("ping");
    s.processes("server", 2, echo_server).workload("client", 2, [] { return std::make_unique<pinger>(); });
    s.tune([](squall::faults& f) {
        f.network.connect_hangs = 0;
        f.attrition.silent = 0;
        f.network.clog = 0;
    });
    return s;
}

TEST(Simulation, APingComesBackInACalmWorld) {
    auto report = ping().chaos(squall::profile::calm).seeds(3).run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty());
}

TEST(Simulation, SurvivesItsOwnChaos) {
    auto report = ping().seeds(50).run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
