// Pings under faults: so many and each answered exactly once, and as many as chaos lasts.
#include "common/crowd.h"
#include "ping_pong.h"

#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ping_pong::bug;

constexpr std::uint16_t port = 7000;

// What a server and a client publish.
struct server_view {
    std::uint64_t served = 0;  // in this boot
};
struct client_view {
    std::map<int, std::uint64_t> sent;  // by server
    std::uint64_t received = 0;
    std::uint64_t all_sent = 0;
};

asio::awaitable<void> server(squall::process_context& self) {
    return ping_pong::run_server(self.executor(), self.endpoint(port), self.boot(),
                                 [&self](std::uint64_t served) { self.publish(server_view{served}); });
}

// What all clients have in common: pings with numbers of their own, and pongs that are looked at.
class client : public squall::workload {
public:
    explicit client(bug planted) : planted_(planted) {}

protected:
    using pingers = std::map<int, std::unique_ptr<ping_pong::pinger>>;  // by server

    asio::awaitable<bool> ping(squall::workload_context& self, ping_pong::pinger& to, int which) {
        const std::uint64_t number = ++last_;
        ++view_.sent[which];
        ++view_.all_sent;
        self.publish(view_);
        const auto began = self.now();
        const squall::nanoseconds patience =
            self.random().chance(0.5) ? self.random().duration(1ms, 20ms) : self.random().duration(100ms, 2s);
        const auto pong = co_await to.ping(number, patience);
        SQUALL_SOMETIMES(!pong, "a ping gets no pong in time");
        SQUALL_SOMETIMES(pong && patience < 20ms, "a pong comes in a short time");
        if (!pong)
            co_return false;
        SQUALL_ALWAYS(pong->number == number, "a pong answers its ping", "ping", number, "pong",
                      pong->number);
        SQUALL_SOMETIMES(pong->boot > 1, "a server that was started again answers");
        SQUALL_SOMETIMES(pong->served > 50, "a server has much to do");
        ++view_.received;
        self.publish(view_);
        self.measure("round-trip-ms", static_cast<double>((self.now() - began).count()) / 1e6);
        co_return true;
    }
    // The pinger of a lane for a server.
    ping_pong::pinger& pinger_for(squall::workload_context& self, pingers& own, int which) const {
        auto& found = own[which];
        if (!found) {
            const auto& address = self.peers("server").at(static_cast<std::size_t>(which));
            found = std::make_unique<ping_pong::pinger>(self.executor(), squall::endpoint(address, port),
                                                        planted_);
        }
        return *found;
    }
    static int any_server(squall::workload_context& self) {
        return static_cast<int>(self.random().below(self.peers("server").size()));
    }

    client_view view_;

private:
    bug planted_;
    std::uint64_t last_ = 0;
};

// The constrained form: twenty pings one after the other, each tried until it is answered.
class constrained final : public client {
public:
    using client::client;
    static constexpr std::uint64_t pings = 20;

    asio::awaitable<void> run(squall::workload_context& self) override {
        pingers own;
        for (std::uint64_t i = 0; i < pings; ++i) {
            co_await common::pause(self.executor(), self.random().exponential(300ms));
            int which = any_server(self);
            while (!co_await ping(self, pinger_for(self, own, which), which))
                which = any_server(self);
        }
    }
    asio::awaitable<void> check(squall::workload_context& self) override {
        SQUALL_ALWAYS(view_.received == pings, "each ping is answered once", "received", view_.received);
        std::uint64_t all = 0;
        for (const auto& [name, view] : self.world().published().every<client_view>())
            all += view->received;
        SQUALL_ALWAYS(all == pings * static_cast<std::uint64_t>(self.group_size()), "and so are all clients'",
                      "received", all);
        co_return;
    }
};

// The autonomous form: lanes that do anything in any order until chaos ends. Nothing is counted on; what must
// hold is said by assertions and invariants.
class autonomous final : public client {
public:
    using client::client;

    asio::awaitable<void> run(squall::workload_context& self) override {
        // Each client likes other operations, so that some runs have much of one and none of another.
        for (double& weight : weights_)
            weight = self.random().chance(0.3) ? 0 : self.random().real(0, 1);
        weights_[do_ping] += 0.5;
        const std::function<asio::awaitable<void>(int)> lanes = [this, &self](int) { return lane(self); };
        co_await common::crowd(self.executor(), 8, lanes);
    }

private:
    enum operation { do_ping, do_burst, do_connect, do_disconnect, do_switch, do_rest, operations };

    asio::awaitable<void> lane(squall::workload_context& self) {
        pingers own;
        int server = any_server(self);
        while (self.chaos()) {
            const auto next = self.random().weighted(weights_);
            SQUALL_SOMETIMES_EACH("each operation is tried", "operation", next);
            ping_pong::pinger& to = pinger_for(self, own, server);
            switch (next) {
                case do_ping:
                    co_await ping(self, to, server);
                    break;
                case do_burst:
                    for (auto left = self.random().below(10); left > 0; --left)
                        co_await ping(self, to, server);
                    break;
                case do_connect:
                    co_await to.connect(1s);
                    break;
                case do_disconnect:
                    SQUALL_SOMETIMES(to.connected(), "a client ends a connection that stands");
                    to.disconnect();
                    break;
                case do_switch:
                    server = any_server(self);
                    break;
                default:
                    break;
            }
            // Also between operations that take no time, or this would be a loop without end.
            co_await common::pause(self.executor(), self.random().exponential(50ms));
        }
    }

    std::array<double, operations> weights_{};
};

void no_pong_from_nothing(const squall::blackboard& all) {
    std::map<int, std::uint64_t> sent;
    for (const auto& [name, view] : all.every<client_view>()) {
        SQUALL_ALWAYS(view->received <= view->all_sent, "no more pongs than pings", "client", name);
        for (const auto& [server, count] : view->sent)
            sent[server] += count;
    }
    for (const auto& [name, view] : all.every<server_view>()) {
        const int index = std::stoi(name.substr(name.find('/') + 1));
        SQUALL_ALWAYS(view->served <= sent[index], "no server serves what was not sent", "server", name);
    }
}

template <class Client>
squall::report campaign(const char* name, int clients, int servers, bug planted, std::uint64_t seeds,
                        squall::profile chaos = squall::profile::swarm) {
    squall::simulation all(name);
    all.processes("server", servers, server)
        .workload("client", clients, [planted] { return std::make_unique<Client>(planted); })
        .invariant("pongs are answers", no_pong_from_nothing, 20)
        .chaos_duration(10s)
        .chaos(chaos)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all.run();
}

TEST(PingPong, OneByOne) {
    const auto report = campaign<constrained>("ping-pong 1x1", 1, 1, bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(PingPong, TwoByTwo) {
    const auto report = campaign<constrained>("ping-pong 2x2", 2, 2, bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(PingPong, TenByTen) {
    const auto report = campaign<constrained>("ping-pong 10x10", 10, 10, bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(PingPong, UntilChaosEnds) {
    const auto report = campaign<autonomous>("autonomous ping-pong", 3, 3, bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(PingPong, UntilChaosEndsUnderAllFaults) {
    const auto report =
        campaign<autonomous>("ping-pong under all faults", 3, 3, bug::none, 20, squall::profile::hostile);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bug is found, within so many seeds: docs/examples/ping_pong.md.
TEST(PingPong, APongOfAnotherPingIsFound) {
    const auto report = campaign<constrained>("ping-pong with a bug", 2, 2, bug::first_pong_wins, 20);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "a pong answers its ping") << report;
}
TEST(PingPong, APongOfAnotherPingIsFoundUntilChaosEnds) {
    const auto report =
        campaign<autonomous>("autonomous ping-pong with a bug", 3, 3, bug::first_pong_wins, 5);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "a pong answers its ping") << report;
}

}  // namespace
