// Elections under faults: no term has two leaders, and once all is healed one leads and all follow.
#include "leader_election.h"

#include <squall/injector.h>
#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using common::words;
using leader_election::bug;
using leader_election::kind;
using leader_election::nobody;
using leader_election::view;

constexpr std::uint16_t port = 7000;

asio::awaitable<void> run_node(squall::process_context& self, bug planted) {
    leader_election::config setup;
    setup.index = static_cast<std::uint64_t>(self.index());
    for (const auto& address : self.peers("node"))
        setup.nodes.emplace_back(address, port);
    setup.planted = planted;
    setup.changed = [&self](const view& now) { self.publish(now); };
    setup.below = [&self](std::uint64_t bound) { return self.random().below(bound); };
    co_await std::make_shared<leader_election::node>(self.executor(), std::move(setup))->run();
    SQUALL_REACHABLE("a node ends because of its disk");
}

// Asks all nodes who leads, and remembers: leaders of one term need not lead at the same time to be two.
class observer final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        while (self.chaos()) {
            for (const auto& address : self.peers("node")) {
                const auto reply = co_await common::call(self.executor(), squall::endpoint(address, port),
                                                         words(kind::status), 200ms);
                if (reply && reply->size() == 3)
                    remember(reply->at(0), reply->at(2));
            }
            co_await common::pause(self.executor(), self.random().exponential(100ms));
        }
        SQUALL_SOMETIMES(leaders_.size() > 3, "four terms have leaders");
    }

private:
    void remember(std::uint64_t term, std::uint64_t leader) {
        if (leader == nobody)
            return;
        const auto [known, added] = leaders_.emplace(term, leader);
        SQUALL_ALWAYS(known->second == leader, "a term has one leader for ever", "term", term, "leader",
                      known->second, "another", leader);
    }
    std::map<std::uint64_t, std::uint64_t> leaders_;  // by term
};

// Kills nodes while a vote of theirs is on its way to the disk, which crashes at random seldom meet.
class voter_trouble final : public squall::injector {
public:
    std::string name() const override { return "voter_trouble"; }
    asio::awaitable<void> run(squall::fault_context& chaos) override {
        for (std::uint64_t k = 0; co_await chaos.wait(2ms); ++k) {
            for (squall::process* node : chaos.processes()) {
                const view* seen = chaos.world().published().of<view>(node->name());
                if (seen != nullptr && seen->voting && chaos.may_take_down({node}) &&
                    chaos.strikes("crash-of-a-voter", k, 0.02, *node)) {
                    SQUALL_REACHABLE("a node dies while it votes");
                    chaos.crash(*node, false, 50ms);
                }
            }
        }
    }
};

void one_leader_a_term(const squall::blackboard& all) {
    std::map<std::uint64_t, std::string> leaders;
    for (const auto& [name, seen] : all.every<view>()) {
        if (!seen->leads)
            continue;
        const auto [other, added] = leaders.emplace(seen->term, name);
        SQUALL_ALWAYS(added, "a term has one leader", "term", seen->term, "leader", other->second, "another",
                      name);
    }
    SQUALL_SOMETIMES(leaders.size() > 1, "an old leader does not know yet");
}

bool all_follow_one(const squall::blackboard& all) {
    const auto nodes = all.every<view>();
    std::size_t leading = 0;
    for (const auto& [name, seen] : nodes) {
        leading += seen->leads ? 1 : 0;
        if (seen->leader == nobody || seen->leader != nodes.front().second->leader ||
            seen->term != nodes.front().second->term)
            return false;
    }
    return leading == 1;
}

squall::report campaign(bug planted, std::uint64_t seeds, squall::profile chaos = squall::profile::swarm) {
    squall::simulation all("leader election");
    all.processes("node", {3, 5},
                  [planted](squall::process_context& self) { return run_node(self, planted); })
        .workload("observer", 1, [] { return std::make_unique<observer>(); })
        .inject([] { return std::make_unique<voter_trouble>(); })
        .damage_budget("node", 0)  // votes are on one disk only
        .invariant("one leader a term", one_leader_a_term, 5)
        .eventually("all follow one leader", all_follow_one)
        .chaos_duration(20s)
        .chaos(chaos)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all.run();
}

TEST(LeaderElection, ATermHasOneLeader) {
    const auto report = campaign(bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 200) << report;
}
TEST(LeaderElection, ATermHasOneLeaderUnderAllFaults) {
    const auto report = campaign(bug::none, 20, squall::profile::hostile);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/leader_election.md.
TEST(LeaderElection, ASplitBrainByHalvesIsFound) {
    const auto report = campaign(bug::half_is_enough, 20);
    ASSERT_FALSE(report.failures.empty()) << report;
}
TEST(LeaderElection, ASplitBrainByAForgottenVoteIsFound) {
    const auto report = campaign(bug::votes_before_sync, 500);
    ASSERT_FALSE(report.failures.empty()) << report;
}

}  // namespace
