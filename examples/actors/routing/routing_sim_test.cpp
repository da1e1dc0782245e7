// Parcels that go from router to router under faults: none comes twice, none comes from nowhere.
#include "routing/router.h"
#include "sim/actor_client.h"
#include "sim/ghost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace actors = squall::actors;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using cluster::bug;
using cluster::form;
using cluster::known;
using cluster::outage;
using routing::parcel;
using routing::router;

constexpr std::uint32_t routers = 30;
constexpr std::uint32_t longest_way = 6;
constexpr std::uint64_t all_operations = 1500;
constexpr std::uint64_t few_operations = 60;

// Each hop of each parcel: how often it was sent there, and how often it was received.
class tally {
public:
    void tell(routing::event what, const parcel& which) {
        auto& [sent, received] = hops_[{which.id, which.hop}];
        ++(what == routing::event::sent ? sent : received);
        SQUALL_ALWAYS(received <= sent, "no more is received than was sent", "parcel", which.id, "hop",
                      which.hop, "sent", sent, "received", received);
        SQUALL_SOMETIMES(which.hop + 1 == longest_way, "a parcel goes the longest way");
    }

private:
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<std::uint32_t, std::uint32_t>> hops_;
};

class client final : public cluster::actor_client {
public:
    client(form how, bug planted) : actor_client(how, planted, all_operations, few_operations) {
        using call = squall::operation_call;
        alphabet()
            .add("send message", 6, [this](call& c) { return post(c); })
            .add("send request", 3, [this](call& c) { return request(c); })
            .add("activate remotely", 2, [this](call& c) { return move(c); })
            .add("partition", 0.1, [](call& c) { return ask(c, outage::cut); })
            .add("heal", 0.4, [](call& c) { return ask(c, outage::heal); })
            .add("crash bus", 0.05, [](call& c) { return ask(c, outage::crash); })
            .add("restore bus", 0.4, [](call& c) { return ask(c, outage::restore); })
            .always("send message")
            .always("send request");
    }

    asio::awaitable<void> check(squall::workload_context& self) override {
        std::map<std::uint32_t, routing::router_state> found;
        // From the last router to the first: what is still on its way is seen where it was, not where it will
        // be.
        for (std::uint32_t i = routers; i-- > 0;) {
            const auto look = [this, i] { return checked<router>(std::to_string(i)).call<&router::look>(); };
            found[i] = co_await cluster::ask_until_answered(self.executor(), look);
        }
        for (const auto& [which, outcome] : parcels_) {
            std::size_t came = 0;  // so far on its way
            for (std::size_t hop = 0; hop < which.way.size(); ++hop) {
                const auto& taken = found.at(which.way[hop]).taken;
                const auto here = taken.find(which.id);
                if (here == taken.end())
                    continue;
                SQUALL_ALWAYS(here->second == 1, "a parcel was taken once", "parcel", which.id);
                SQUALL_ALWAYS(came == hop, "a parcel leaves no router of its way out", "parcel", which.id);
                ++came;
            }
            SQUALL_ALWAYS(outcome != known::answered || came == which.way.size(),
                          "a request that was answered went all the way", "parcel", which.id);
            SQUALL_ALWAYS(outcome != known::handled || came > 0, "what was handled is there", "parcel",
                          which.id);
            SQUALL_ALWAYS(outcome != known::nothing || came == 0, "what had no effect is nowhere", "parcel",
                          which.id);
            SQUALL_SOMETIMES(came > 0 && came < which.way.size(), "a parcel is lost on its way");
        }
    }

private:
    parcel drawn_parcel(squall::operation_call& c) {
        parcel made;
        made.id = next_number(c.self);
        std::map<std::uint32_t, bool> way;
        const std::uint64_t length = 1 + c.random.below(longest_way);
        while (way.size() < length)
            way[static_cast<std::uint32_t>(c.random.below(routers))] = true;
        for (const auto& [stop, taken] : way)
            made.way.push_back(stop);
        cluster::ghost<tally>(c.self.world()).tell(routing::event::sent, made);
        return made;
    }
    actors::ref<router> first_of(squall::operation_call& c, const parcel& which) {
        actors::call_options how;
        how.timeout = 10s;
        const bool again = c.random.chance(0.7);
        how.mode = again ? actors::delivery::at_least_once : actors::delivery::at_most_once;
        return here().get<router>(std::to_string(which.way.front())).with(how);
    }

    asio::awaitable<void> request(squall::operation_call& c) {
        const parcel made = drawn_parcel(c);
        auto call = first_of(c, made).call<&router::request>(made);
        const known outcome = co_await cluster::outcome_of<cluster::no_refusal>(std::move(call));
        parcels_.emplace_back(made, outcome);
    }
    asio::awaitable<void> post(squall::operation_call& c) {
        const parcel made = drawn_parcel(c);
        auto call = first_of(c, made).send<&router::post>(made);
        const known outcome = co_await cluster::outcome_of<cluster::no_refusal>(std::move(call));
        // A mailbox had it, and that is all: it may be lost with its node.
        parcels_.emplace_back(made, outcome == known::answered ? known::unknown : outcome);
    }
    asio::awaitable<void> move(squall::operation_call& c) {
        const auto where = cluster::node_at(c.self, drawn_node(c));
        auto call = drawn<router>(c, routers).call<&router::move_to>(where);
        co_await cluster::outcome_of<cluster::no_refusal>(std::move(call));
    }
    static asio::awaitable<void> ask(squall::operation_call& c, outage what) {
        cluster::ask_for(c.self, what, drawn_node(c));
        co_return;
    }

    std::vector<std::pair<parcel, known>> parcels_;
};

squall::report campaign(form how, int size, std::uint64_t seeds, bug planted = bug::none) {
    cluster::plan all;
    all.name = "routing of actors";
    all.nodes = size;
    all.clients = size;
    all.planted = planted;
    all.seeds = seeds;
    all.add_actors = [](actors::node& here, const actors::type_options& type, squall::world& world,
                        const std::shared_ptr<cluster::watcher>& watched) {
        const router::observer told = [&world](routing::event what, const parcel& which) {
            cluster::ghost<tally>(world).tell(what, which);
        };
        here.add<router>(type, [watched, told](actors::context& self) {
            return std::make_unique<router>(self, watched, told);
        });
    };
    all.make_client = [how, planted] { return std::make_unique<client>(how, planted); };
    return cluster::simulate(all).run();
}

TEST(ActorRouting, ConstrainedOneByOne) {
    const auto report = campaign(form::constrained, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorRouting, ConstrainedTwoByTwo) {
    const auto report = campaign(form::constrained, 2, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorRouting, ConstrainedTenByTen) {
    const auto report = campaign(form::constrained, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorRouting, AutonomousOneByOne) {
    const auto report = campaign(form::autonomous, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorRouting, AutonomousTwoByTwo) {
    const auto report = campaign(form::autonomous, 2, MANY_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 100) << report;
}
TEST(ActorRouting, AutonomousTenByTen) {
    const auto report = campaign(form::autonomous, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/actors.md.
void expect_found(bug planted, std::uint64_t within, const testing::Matcher<std::string>& message) {
    const auto report = campaign(form::autonomous, 3, within, planted);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_THAT(report.failures.front().ended.message, message) << report;
}
TEST(ActorRouting, ForwardingWithoutLimitIsFound) {
    expect_found(bug::forwards_without_limit, 300, testing::Eq("no message is forwarded without end"));
}
TEST(ActorRouting, RetriesWithoutDeduplicationAreFound) {
    expect_found(bug::no_deduplication, 100, testing::Eq("no more is received than was sent"));
}

}  // namespace
