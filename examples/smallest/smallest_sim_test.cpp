#include <squall/simulation.h>
#include <squall/stream.h>

#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace {

boost::asio::awaitable<void> server(squall::process_context& self) {
    squall::acceptor listener(self.executor(), self.endpoint(80));
    for (;;)
        co_await listener.async_accept(boost::asio::use_awaitable);
}
struct client final : squall::workload {
    boost::asio::awaitable<void> run(squall::workload_context& self) override {
        squall::stream connection(self.executor());
        co_await connection.async_connect({self.peers("server").at(0), 80}, boost::asio::use_awaitable);
    }
};

TEST(Smallest, AClientConnects) {
    const auto report = squall::simulation("smallest")
                            .processes("server", 1, server)
                            .workload("client", 1, [] { return std::make_unique<client>(); })
                            .chaos(squall::profile::calm)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
