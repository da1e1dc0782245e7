// Guests that come, go and move about under faults, and are never at two places.
#include "directory/guest.h"
#include "sim/actor_client.h"
#include "sim/ghost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace {

namespace actors = squall::actors;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using cluster::bug;
using cluster::form;
using cluster::known;
using directory::guest;
using directory::sight;

constexpr std::uint64_t guests = 50;
constexpr std::uint64_t all_operations = 2000;
constexpr std::uint64_t few_operations = 60;

// What all clients together have been told.
struct sights {
    struct one {
        std::uint64_t asked = 0;                           // visits that may have been
        std::uint64_t told = 0;                            // visits that certainly were
        std::map<std::uint64_t, actors::node_address> at;  // by epoch
    };
    std::map<std::string, one> of;
};

class client final : public cluster::actor_client {
public:
    client(form how, bug planted) : actor_client(how, planted, all_operations, few_operations) {
        using call = squall::operation_call;
        alphabet()
            .add("activate", 8, [this](call& c) { return visit(c); })
            .add("deactivate", 2, [this](call& c) { return leave(c); })
            .add("migrate", 3, [this](call& c) { return move(c); })
            .add("look up", 3, [this](call& c) { return look_up(c); })
            .add("crash node", 0.1, [](call& c) { return crash(c); })
            .always("activate");
    }

    // Each can be had once all is healed, and has been visited as often as the clients know.
    asio::awaitable<void> check(squall::workload_context& self) override {
        const auto all = static_cast<std::uint64_t>(self.group_size());
        for (auto i = static_cast<std::uint64_t>(self.index()); i < guests; i += all) {
            const std::string key = std::to_string(i);
            const auto look = [this, key] { return checked<guest>(key).call<&guest::look>(); };
            const sight found = co_await cluster::ask_until_answered(self.executor(), look);
            const auto& all_told = seen(self).of[key];
            SQUALL_ALWAYS(found.visits >= all_told.told, "a visit that was acknowledged is kept", "guest",
                          key, "visits", found.visits, "told", all_told.told);
            SQUALL_ALWAYS(found.visits <= all_told.asked, "a visit is done once", "guest", key, "visits",
                          found.visits, "asked", all_told.asked);
        }
    }

private:
    static sights& seen(squall::process_context& self) { return cluster::ghost<sights>(self.world()); }

    asio::awaitable<void> visit(squall::operation_call& c) {
        const auto to = drawn<guest>(c, guests);
        auto& mine = seen(c.self).of[to.key()];
        ++mine.asked;
        const std::uint64_t before = mine.told;
        const auto call = [&]() -> asio::awaitable<void> {
            auto asked = to.call<&guest::visit>();
            const sight found = co_await std::move(asked);
            SQUALL_ALWAYS(found.visits > before, "a visit comes after those that were acknowledged before it",
                          "guest", to.key(), "visits", found.visits, "before", before);
            // An epoch is one activation's, on one node.
            const auto at = mine.at.emplace(found.epoch, found.where).first;
            SQUALL_ALWAYS(at->second == found.where, "an activation is at one place", "guest", to.key(),
                          "epoch", found.epoch);
            SQUALL_SOMETIMES(mine.at.size() > 2, "a guest is seen in three activations");
            ++mine.told;
        };
        const known outcome = co_await cluster::outcome_of<cluster::no_refusal>(call());
        mine.told += outcome == known::handled ? 1 : 0;
        mine.asked -= outcome == known::nothing ? 1 : 0;
    }
    asio::awaitable<void> leave(squall::operation_call& c) {
        auto call = drawn<guest>(c, guests).call<&guest::leave>();
        co_await cluster::outcome_of<cluster::no_refusal>(std::move(call));
    }
    asio::awaitable<void> move(squall::operation_call& c) {
        const auto where = cluster::node_at(c.self, drawn_node(c));
        auto call = drawn<guest>(c, guests).call<&guest::move_to>(where);
        co_await cluster::outcome_of<cluster::no_refusal>(std::move(call));
    }
    // What the directory says is at one place, and never an earlier activation than one that it told of.
    asio::awaitable<void> look_up(squall::operation_call& c) {
        const std::string key = std::to_string(c.random.below(guests));
        const actors::actor_id who{std::string(guest::type_name), key};
        const auto& mine = seen(c.self).of[key];
        const std::uint64_t before = mine.at.empty() ? 0 : mine.at.rbegin()->first;
        std::optional<actors::location> found;
        try {
            auto asked = places().lookup(who);
            found = co_await std::move(asked);
        } catch (const actors::call_failed&) {
            co_return;
        }
        SQUALL_SOMETIMES(found.has_value(), "the directory knows where a guest is");
        SQUALL_SOMETIMES(!found.has_value(), "a guest is nowhere");
        if (!found)
            co_return;
        SQUALL_ALWAYS(found->epoch >= before, "the directory forgets no later activation", "guest", key,
                      "epoch", found->epoch, "before", before);
        const auto at = mine.at.find(found->epoch);
        SQUALL_ALWAYS(at == mine.at.end() || at->second == found->node.address,
                      "a guest is where the directory says", "guest", key, "epoch", found->epoch);
    }
    static asio::awaitable<void> crash(squall::operation_call& c) {
        cluster::ask_for(c.self, cluster::outage::crash, drawn_node(c));
        co_return;
    }
};

squall::report campaign(form how, int size, std::uint64_t seeds, bug planted = bug::none) {
    cluster::plan all;
    all.name = "directory of actors";
    all.nodes = size;
    all.clients = size;
    all.planted = planted;
    all.seeds = seeds;
    all.add_actors = [](actors::node& here, const actors::type_options& type, squall::world&,
                        const std::shared_ptr<cluster::watcher>& watched) {
        here.add<guest>(type,
                        [watched](actors::context& self) { return std::make_unique<guest>(self, watched); });
    };
    all.make_client = [how, planted] { return std::make_unique<client>(how, planted); };
    return cluster::simulate(all).run();
}

TEST(ActorDirectory, ConstrainedOneByOne) {
    const auto report = campaign(form::constrained, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorDirectory, ConstrainedTwoByTwo) {
    const auto report = campaign(form::constrained, 2, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorDirectory, ConstrainedTenByTen) {
    const auto report = campaign(form::constrained, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorDirectory, AutonomousOneByOne) {
    const auto report = campaign(form::autonomous, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorDirectory, AutonomousTwoByTwo) {
    const auto report = campaign(form::autonomous, 2, MANY_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 100) << report;
}
TEST(ActorDirectory, AutonomousTenByTen) {
    const auto report = campaign(form::autonomous, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/actors.md.
void expect_found(bug planted, std::uint64_t within, const testing::Matcher<std::string>& message) {
    const auto report = campaign(form::autonomous, 3, within, planted);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_THAT(report.failures.front().ended.message, message) << report;
}
TEST(ActorDirectory, ADirectoryThatKeepsCrashedNodesIsFound) {
    expect_found(bug::crashed_nodes_stay, 100,
                 testing::Eq("every actor can be reached when the faults are over"));
}
TEST(ActorDirectory, AStoreWithoutEpochsIsFound) {
    expect_found(bug::no_epoch_check, 300,
                 testing::AnyOf("a visit comes after those that were acknowledged before it",
                                "a visit that was acknowledged is kept"));
}

}  // namespace
