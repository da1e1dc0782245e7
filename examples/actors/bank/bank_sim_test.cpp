// Money on actors under faults: it moves, there is never more or less of it, and what a client was told
// holds.
#include "bank/books.h"
#include "bank/ledger.h"
#include "sim/actor_client.h"
#include "sim/ghost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

namespace {

namespace actors = squall::actors;
namespace asio = boost::asio;
using namespace std::chrono_literals;
using bank::account;
using bank::kind;
using cluster::bug;
using cluster::form;

constexpr std::uint64_t accounts = 20;
constexpr std::uint64_t all_operations = 1000;
constexpr std::uint64_t few_operations = 60;

class client final : public cluster::actor_client {
public:
    client(form how, bug planted) : actor_client(how, planted, all_operations, few_operations) {
        using call = squall::operation_call;
        alphabet()
            .add("create", 3, [this](call& c) { return change(c, kind::open); })
            .add("deposit", 4, [this](call& c) { return change(c, kind::deposit); })
            .add("withdraw", 4, [this](call& c) { return change(c, kind::withdraw); })
            .add("transfer", 6, [this](call& c) { return change(c, kind::transfer); })
            .add("check balance", 2, [this](call& c) { return balance(c); })
            .add("close", 1, [this](call& c) { return change(c, kind::close); })
            .add("deactivate", 1, [this](call& c) { return leave(c); })
            .add("migrate", 1, [this](call& c) { return move(c); })
            .always("create");
    }

    asio::awaitable<void> check(squall::workload_context& self) override {
        std::map<std::string, bank::account_state> found;
        for (std::uint64_t i = 0; i < accounts; ++i) {
            const std::string key = std::to_string(i);
            const auto look = [this, key] { return checked<account>(key).call<&account::look>(); };
            for (int tried = 0; tried == 0 || !found[key].debts.empty(); ++tried) {
                SQUALL_ALWAYS(tried < 100, "all debts are paid when the faults are over", "account", key);
                found[key] = co_await cluster::ask_until_answered(self.executor(), look);
                if (!found[key].debts.empty())
                    co_await cluster::pause(self.executor(), 200ms);
            }
        }
        cluster::ghost<bank::books>(self.world()).check();
        ledger_.check(found);
    }

private:
    asio::awaitable<void> change(squall::operation_call& c, kind what) {
        const auto asked = drawn<account>(c, accounts);
        const std::string other = std::to_string(c.random.below(accounts));
        const std::int64_t amount = what == kind::open ? c.random.range(0, 10'000) : c.random.range(0, 1'000);
        co_await ledger_.change(asked, next_number(c.self), what, amount, other);
    }
    asio::awaitable<void> balance(squall::operation_call& c) {
        auto call = drawn<account>(c, accounts).call<&account::balance>();
        co_await cluster::outcome_of<bank::refused>(std::move(call));
    }
    asio::awaitable<void> leave(squall::operation_call& c) {
        auto call = drawn<account>(c, accounts).call<&account::leave>();
        co_await cluster::outcome_of<bank::refused>(std::move(call));
    }
    asio::awaitable<void> move(squall::operation_call& c) {
        const auto where = cluster::node_at(c.self, drawn_node(c));
        auto call = drawn<account>(c, accounts).call<&account::move_to>(where);
        co_await cluster::outcome_of<bank::refused>(std::move(call));
    }

    bank::ledger ledger_;
};

void add_accounts(actors::node& here, const actors::type_options& type, squall::world& world,
                  const std::shared_ptr<cluster::watcher>& watched) {
    const account::observer committed = [&world](const std::string& key, std::uint64_t version,
                                                 const bank::account_state& state) {
        auto& books = cluster::ghost<bank::books>(world);
        books.committed(key, version, state);
        books.check();
    };
    here.add<account>(type, [watched, committed](actors::context& self) {
        return std::make_unique<account>(self, watched, committed);
    });
}

squall::report campaign(form how, int size, std::uint64_t seeds, bug planted = bug::none) {
    cluster::plan all;
    all.name = "bank of actors";
    all.nodes = size;
    all.clients = size;
    all.planted = planted;
    all.seeds = seeds;
    all.add_actors = add_accounts;
    all.make_client = [how, planted] { return std::make_unique<client>(how, planted); };
    return cluster::simulate(all).run();
}

TEST(ActorBank, ConstrainedOneByOne) {
    const auto report = campaign(form::constrained, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorBank, ConstrainedTwoByTwo) {
    const auto report = campaign(form::constrained, 2, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorBank, ConstrainedTenByTen) {
    const auto report = campaign(form::constrained, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorBank, AutonomousOneByOne) {
    const auto report = campaign(form::autonomous, 1, FEW_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
}
TEST(ActorBank, AutonomousTwoByTwo) {
    const auto report = campaign(form::autonomous, 2, MANY_SEEDS);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 100) << report;
}
TEST(ActorBank, AutonomousTenByTen) {
    const auto report = campaign(form::autonomous, 10, FEW_SEEDS / 4);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/actors.md.
void expect_found(bug planted, std::uint64_t within, const testing::Matcher<std::string>& message) {
    const auto report = campaign(form::autonomous, 3, within, planted);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_THAT(report.failures.front().ended.message, message) << report;
}
TEST(ActorBank, AStoreWithoutEpochsIsFound) {
    expect_found(bug::no_epoch_check, 300,
                 testing::AnyOf("money is conserved", "what was acknowledged is kept"));
}
TEST(ActorBank, RetriesWithoutDeduplicationAreFound) {
    expect_found(bug::no_deduplication, 100, testing::Eq("an operation is done once"));
}

}  // namespace
