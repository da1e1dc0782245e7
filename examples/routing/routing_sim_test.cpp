// Messages under faults: each that was accepted is delivered once, or reported lost once.
#include "common/crowd.h"
#include "routing.h"

#include <squall/buggify.h>
#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <memory>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using common::words;
using routing::bug;
using routing::kind;

constexpr std::uint16_t port = 7000;
constexpr int nodes = 5;

struct queue {
    std::size_t waiting = 0;
};

asio::awaitable<void> run_node(squall::process_context& self, bug planted) {
    routing::config setup;
    setup.index = static_cast<std::uint64_t>(self.index());
    for (const auto& address : self.peers("node"))
        setup.ring.emplace_back(address, port);
    setup.capacity = SQUALL_KNOB(std::size_t{30}, 1, 30);
    setup.planted = planted;
    setup.waiting_changed = [&self](std::size_t now) { self.publish(queue{now}); };
    setup.ended = [&self](const routing::endings& now) { self.publish(now); };
    co_await std::make_shared<routing::node>(self.executor(), std::move(setup))->run();
    SQUALL_REACHABLE("a node ends because of its disk");
}

// How often each message came to an end, of the nodes that are up.
std::map<std::uint64_t, int> ends(const squall::blackboard& all) {
    std::map<std::uint64_t, int> sum;
    for (const auto& [name, seen] : all.every<routing::endings>())
        for (const auto& [id, times] : *seen)
            sum[id] += times;
    return sum;
}

class client final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        burst_ = self.random().chance(0.5) ? 1 : 8;
        hot_spot_ = self.random().chance(0.5);
        const std::function<asio::awaitable<void>(int)> lanes = [this, &self](int) { return lane(self); };
        co_await common::crowd(self.executor(), 8, lanes);
    }
    // All of them at last.
    asio::awaitable<void> check(squall::workload_context& self) override {
        const auto ended = ends(self.world().published());
        for (const auto& [id, accepted] : sent_) {
            const auto found = ended.find(id);
            const int times = found == ended.end() ? 0 : found->second;
            SQUALL_ALWAYS(times == (accepted ? 1 : 0), "a message is delivered once or reported lost once",
                          "message", id, "times", times, "accepted", accepted);
        }
        co_return;
    }

private:
    asio::awaitable<void> lane(squall::workload_context& self) {
        for (int i = 0; i < 10; ++i) {
            co_await common::pause(self.executor(), self.random().exponential(800ms));
            const std::function<asio::awaitable<void>(int)> one = [this, &self](int) { return submit(self); };
            co_await common::crowd(self.executor(), burst_, one);
        }
    }
    // Until it is answered: then it is known whether the network has it.
    asio::awaitable<void> submit(squall::workload_context& self) {
        const std::uint64_t id = static_cast<std::uint64_t>(self.index() + 1) << 32 | ++last_;
        const auto origin = static_cast<std::size_t>(self.random().below(nodes));
        const std::uint64_t to = hot_spot_ && self.random().chance(0.8) ? 0 : self.random().below(nodes);
        const squall::endpoint node(self.peers("node").at(origin), port);
        SQUALL_SOMETIMES_EACH("messages go each way", "from", origin, "to", to);
        std::optional<common::message> reply;
        while (!reply) {
            reply = co_await common::call(self.executor(), node, words(kind::pass, id, to), 1s);
            SQUALL_SOMETIMES(!reply, "it is unknown whether a message was accepted");
            if (!reply)
                co_await common::pause(self.executor(), self.random().exponential(300ms));
        }
        sent_[id] = static_cast<kind>(reply->front()) == kind::accepted;
        SQUALL_SOMETIMES(!sent_[id], "a message is refused at its origin");
    }

    int burst_ = 1;
    bool hot_spot_ = false;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, bool> sent_;  // whether it was accepted
};

void no_message_ends_twice(const squall::blackboard& all) {
    for (const auto& [id, times] : ends(all))
        SQUALL_ALWAYS(times == 1, "no message ends twice", "message", id, "times", times);
}

bool nothing_waits(const squall::blackboard& all) {
    int idle = 0;
    for (const auto& [name, seen] : all.every<queue>())
        idle += seen->waiting == 0 ? 1 : 0;
    return idle == nodes;
}

squall::report campaign(bug planted, std::uint64_t seeds, squall::profile chaos = squall::profile::swarm) {
    squall::simulation all("routing");
    all.processes("node", nodes, [planted](squall::process_context& self) { return run_node(self, planted); })
        .workload("client", 2, [] { return std::make_unique<client>(); })
        .damage_budget("node", 0)  // a message is on one disk only
        .invariant("each message ends once", no_message_ends_twice, 100)
        .eventually("no message waits", nothing_waits)
        .chaos(chaos)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all.run();
}

TEST(Routing, EachMessageIsDeliveredOnceOrReportedLost) {
    const auto report = campaign(bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 200) << report;
}
TEST(Routing, EachMessageIsDeliveredOnceOrReportedLostUnderAllFaults) {
    const auto report = campaign(bug::none, 20, squall::profile::hostile);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/routing.md.
TEST(Routing, GivingUpIsFound) {
    const auto report = campaign(bug::gives_up, 100);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "no message ends twice") << report;
}
TEST(Routing, AForgottenRefusalIsFound) {
    const auto report = campaign(bug::forgets_refusals, 200);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "no message ends twice") << report;
}

}  // namespace
