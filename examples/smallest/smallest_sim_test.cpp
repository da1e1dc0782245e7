// The smallest useful test: a server that listens, and a client that gets through to it in the end.
#include <squall/simulation.h>
#include <squall/stream.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <memory>

namespace {

constexpr auto use_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

boost::asio::awaitable<void> server(squall::process_context& self) {
    squall::acceptor listener(self.executor(), self.endpoint(80));
    for (;;)
        co_await listener.async_accept(use_tuple);
}

class client final : public squall::workload {
public:
    boost::asio::awaitable<void> run(squall::workload_context& self) override {
        const squall::endpoint address(self.peers("server").at(0), 80);
        for (bool connected = false; !connected;) {
            squall::stream connection(self.executor());
            const auto [ec] = co_await connection.async_connect(address, use_tuple);
            connected = !ec;
            SQUALL_SOMETIMES(!connected, "a client is not let in");
        }
    }
};

TEST(Smallest, AClientGetsThrough) {
    const auto report = squall::simulation("smallest")
                            .processes("server", 1, server)
                            .workload("client", 1, [] { return std::make_unique<client>(); })
                            .seeds(100)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
