// Entities that move about under faults, and are never at two places.
#include "common/crowd.h"
#include "directory.h"

#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using common::words;
using directory::bug;
using directory::entities;
using directory::kind;
using directory::nobody;

constexpr std::uint16_t port = 7000;
constexpr std::size_t nodes = 4;

squall::endpoint node_at(const squall::process_context& self, std::uint64_t index) {
    return {self.peers("node").at(index), port};
}

asio::awaitable<void> run_node(squall::process_context& self, bug planted) {
    directory::config setup;
    setup.index = static_cast<std::size_t>(self.index());
    for (std::size_t i = 0; i < nodes; ++i)
        setup.nodes.push_back(node_at(self, i));
    setup.planted = planted;
    setup.changed = [&self](const directory::view& now) { self.publish(now); };
    co_await std::make_shared<directory::node>(self.executor(), std::move(setup))->run();
    SQUALL_REACHABLE("a node ends because of its disk");
}

class client final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        for (double& weight : weights_)
            weight = self.random().chance(0.2) ? 0 : self.random().real(0, 1);
        weights_[0] += 0.5;
        // Few of them in some runs, so that much happens to each.
        busy_entities_ = self.random().chance(0.5) ? 6 : entities;
        const std::function<asio::awaitable<void>(int)> lanes = [this, &self](int) { return lane(self); };
        co_await common::crowd(self.executor(), 40, lanes);
    }

    // Nothing is stuck: each entity can be had again somewhere.
    asio::awaitable<void> check(squall::workload_context& self) override {
        const auto all = static_cast<std::uint64_t>(self.group_size());
        for (auto entity = static_cast<std::uint64_t>(self.index()); entity < entities; entity += all) {
            bool active = false;
            for (int tried = 0; tried < 50 && !active; ++tried) {
                if (tried > 0)
                    co_await common::pause(self.executor(), 200ms);
                const std::uint64_t known = co_await look_up(self, entity);
                const std::uint64_t at = known == nobody ? entity % nodes : known;
                active = co_await ask(self, at, words(kind::activate, entity)) == kind::done;
            }
            SQUALL_ALWAYS(active, "an entity can be had once all is healed", "entity", entity);
        }
    }

private:
    asio::awaitable<void> lane(squall::workload_context& self) {
        static constexpr std::array alphabet{kind::activate, kind::release, kind::move, kind::visit};
        for (int i = 0; i < 12; ++i) {
            co_await common::pause(self.executor(), self.random().exponential(800ms));
            const kind asked = alphabet.at(self.random().weighted(weights_));
            const std::uint64_t entity = self.random().below(busy_entities_);
            std::uint64_t at = self.random().below(nodes);
            // Half of the time one that does not know where it is asks around.
            if (asked != kind::activate && self.random().chance(0.5)) {
                const std::uint64_t known = co_await look_up(self, entity);
                at = known == nobody ? at : known;
            }
            auto request = words(asked, entity);
            if (asked == kind::move)
                request.push_back(self.random().below(nodes));
            const kind outcome = co_await ask(self, at, std::move(request));
            SQUALL_SOMETIMES_EACH("each operation comes to each end", "kind", static_cast<int>(asked),
                                  "outcome", static_cast<int>(outcome));
        }
    }
    static asio::awaitable<kind> ask(squall::workload_context& self, std::uint64_t at,
                                     common::message request) {
        const auto reply = co_await common::call(self.executor(), node_at(self, at), std::move(request), 2s);
        co_return reply ? static_cast<kind>(reply->front()) : kind::unknown;
    }
    static asio::awaitable<std::uint64_t> look_up(squall::workload_context& self, std::uint64_t entity) {
        const auto reply = co_await common::call(self.executor(), node_at(self, entity % nodes),
                                                 words(kind::look_up, entity), 1s);
        co_return reply && reply->size() == 3 ? reply->at(1) : nobody;
    }

    std::array<double, 4> weights_{};
    std::uint64_t busy_entities_ = entities;
};

void at_one_place(const squall::blackboard& all) {
    std::uint64_t taken = 0;
    for (const auto& [name, seen] : all.every<directory::view>()) {
        SQUALL_ALWAYS((taken & seen->active) == 0, "an entity is at one place at most", "node", name,
                      "entities", taken & seen->active);
        taken |= seen->active;
    }
    std::array<const directory::view*, nodes> views{};
    for (std::size_t at = 0; at < nodes; ++at)
        views.at(at) = all.of<directory::view>("node/" + std::to_string(at));
    for (std::size_t at = 0; at < nodes; ++at) {
        for (std::size_t e = 0; views.at(at) != nullptr && e < entities; ++e) {
            const auto* home = views.at(e % nodes);
            if (home == nullptr || (views.at(at)->active >> e & 1) == 0)
                continue;
            SQUALL_ALWAYS(home->registered.at(e) == at, "an entity is registered where it is", "entity", e,
                          "at", at, "registered", home->registered.at(e));
        }
    }
}

squall::report campaign(bug planted, std::uint64_t seeds, squall::profile chaos = squall::profile::swarm) {
    squall::simulation all("directory");
    all.processes("node", nodes, [planted](squall::process_context& self) { return run_node(self, planted); })
        .workload("client", 2, [] { return std::make_unique<client>(); })
        .damage_budget("node", 0)  // a home is on one disk only
        .invariant("one place", at_one_place, 5)
        .chaos(chaos)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all.run();
}

TEST(Directory, AnEntityIsAtOnePlaceAtMost) {
    const auto report = campaign(bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 200) << report;
}
TEST(Directory, AnEntityIsAtOnePlaceAtMostUnderAllFaults) {
    const auto report = campaign(bug::none, 20, squall::profile::hostile);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/directory.md.
TEST(Directory, ALateReleaseIsFound) {
    const auto report = campaign(bug::any_generation, 200);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "an entity is registered where it is") << report;
}
TEST(Directory, AnAnswerBeforeTheSyncIsFound) {
    const auto report = campaign(bug::answers_before_sync, 200);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "an entity is registered where it is") << report;
}

}  // namespace
