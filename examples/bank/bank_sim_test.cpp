// Money under faults: it moves, and there is never more or less of it.
#include "bank.h"
#include "common/crowd.h"

#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using bank::bug;
using bank::kind;
using common::message;
using common::words;

constexpr std::uint16_t port = 7000;
constexpr std::size_t servers = 3;

std::vector<squall::endpoint> all_servers(const squall::process_context& self) {
    std::vector<squall::endpoint> all;
    for (const auto& address : self.peers("server"))
        all.emplace_back(address, port);
    return all;
}

asio::awaitable<void> run_server(squall::process_context& self, bug planted) {
    bank::config setup;
    setup.index = static_cast<std::size_t>(self.index());
    setup.servers = all_servers(self);
    setup.planted = planted;
    setup.changed = [&self](const bank::view& now) { self.publish(now); };
    co_await std::make_shared<bank::server>(self.executor(), std::move(setup))->run();
    SQUALL_REACHABLE("a server ends because of its disk");
}

// What a client knows to have been done.
struct ledger {
    std::int64_t deposited = 0;
    std::int64_t withdrawn = 0;
};

class client final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        for (double& weight : weights_)
            weight = self.random().chance(0.2) ? 0 : self.random().real(0, 1);
        weights_[2] += 0.5;
        const std::function<asio::awaitable<void>(int)> lanes = [this, &self](int) { return lane(self); };
        co_await common::crowd(self.executor(), 50, lanes);
    }
    asio::awaitable<void> check(squall::workload_context& self) override {
        ledger clients;
        ledger bank;
        for (const auto& [name, seen] : self.world().published().every<ledger>()) {
            clients.deposited += seen->deposited;
            clients.withdrawn += seen->withdrawn;
        }
        for (const auto& [name, seen] : self.world().published().every<bank::view>()) {
            bank.deposited += seen->deposited;
            bank.withdrawn += seen->withdrawn;
        }
        SQUALL_ALWAYS(bank.deposited == clients.deposited, "each deposit is done once", "bank",
                      bank.deposited, "clients", clients.deposited);
        SQUALL_ALWAYS(bank.withdrawn == clients.withdrawn, "each withdrawal is done once", "bank",
                      bank.withdrawn, "clients", clients.withdrawn);
        co_return;
    }

private:
    asio::awaitable<void> lane(squall::workload_context& self) {
        static constexpr std::array alphabet{kind::deposit, kind::withdraw, kind::transfer, kind::balance};
        for (int i = 0; i < 10; ++i) {
            co_await common::pause(self.executor(), self.random().exponential(800ms));
            const kind asked = alphabet.at(self.random().weighted(weights_));
            const auto account = self.random().below(bank::accounts);
            const auto other = self.random().below(bank::accounts);
            const std::uint64_t amount = self.random().chance(0.1) ? 0 : self.random().below(120);
            const std::uint64_t number = static_cast<std::uint64_t>(self.index() + 1) << 32 | ++last_;
            SQUALL_SOMETIMES_EACH("each operation is asked for", "kind", static_cast<int>(asked));
            SQUALL_SOMETIMES(asked == kind::transfer && account % servers != other % servers,
                             "money goes to another server");
            message request = words(asked, number, account);
            if (asked == kind::transfer)
                request.push_back(other);
            if (asked != kind::balance)
                request.push_back(amount);
            co_await ask(self, account, std::move(request));
        }
    }

    // Until it is answered: then it is known whether it was done.
    asio::awaitable<void> ask(squall::workload_context& self, std::uint64_t account, message request) {
        const squall::endpoint server(self.peers("server").at(account % servers), port);
        std::optional<message> reply;
        for (int tried = 0; !reply; ++tried) {
            if (tried > 0)
                co_await common::pause(self.executor(), self.random().exponential(300ms));
            message copy = request;
            reply = co_await common::call(self.executor(), server, std::move(copy), 1s);
            SQUALL_SOMETIMES(!reply, "the outcome of a request is unknown");
            SQUALL_SOMETIMES(reply && tried > 0, "a request is answered when it is asked again");
        }
        const bool done = static_cast<kind>(reply->front()) == kind::done;
        SQUALL_SOMETIMES(!done, "an account has not enough");
        const auto asked = static_cast<kind>(request.front());
        const auto amount = static_cast<std::int64_t>(request.back());
        if (done && asked == kind::deposit)
            ledger_.deposited += amount;
        if (done && asked == kind::withdraw)
            ledger_.withdrawn += amount;
        self.publish(ledger_);
    }

    std::array<double, 4> weights_{};
    std::uint64_t last_ = 0;
    ledger ledger_;
};

void money_is_conserved(const squall::blackboard& all) {
    std::array<const bank::view*, servers> seen{};
    std::int64_t money = 0;
    std::int64_t expected = bank::accounts * bank::opening_balance;
    for (std::size_t i = 0; i < servers; ++i) {
        seen.at(i) = all.of<bank::view>("server/" + std::to_string(i));
        if (seen.at(i) == nullptr)
            return;  // it is down: what it has is on its disk
        money += seen.at(i)->money;
        expected += seen.at(i)->deposited - seen.at(i)->withdrawn;
        SQUALL_ALWAYS(seen.at(i)->least >= 0, "no account is overdrawn", "server", i, "balance",
                      seen.at(i)->least);
    }
    for (std::size_t from = 0; from < servers; ++from) {
        for (std::size_t to = 0; to < servers; ++to) {
            const std::int64_t on_its_way = seen.at(from)->sent.at(to) - seen.at(to)->credited.at(from);
            SQUALL_ALWAYS(on_its_way >= 0, "nothing is credited that was not debited", "from", from, "to", to,
                          "excess", -on_its_way);
            money += on_its_way;
        }
    }
    SQUALL_ALWAYS(money == expected, "money is conserved", "money", money, "expected", expected);
}

bool all_is_paid(const squall::blackboard& all) {
    std::size_t settled = 0;
    for (const auto& [name, seen] : all.every<bank::view>())
        settled += seen->promises == 0 ? 1 : 0;
    return settled == servers;
}

squall::report campaign(bug planted, std::uint64_t seeds, squall::profile chaos = squall::profile::swarm) {
    squall::simulation all("bank");
    all.processes("server", servers,
                  [planted](squall::process_context& self) { return run_server(self, planted); })
        .workload("client", 2, [] { return std::make_unique<client>(); })
        .damage_budget("server",
                       0)  // an account is on one disk only, so that one must keep what it was given
        .invariant("money", money_is_conserved, 5)
        .eventually("all transfers are paid", all_is_paid)
        .chaos(chaos)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all.run();
}

TEST(Bank, MoneyIsConserved) {
    const auto report = campaign(bug::none, 200);
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 200) << report;
}
TEST(Bank, MoneyIsConservedUnderAllFaults) {
    const auto report = campaign(bug::none, 20, squall::profile::hostile);
    EXPECT_TRUE(report.ok()) << report;
}

// The planted bugs are found, within so many seeds: docs/examples/bank.md.
TEST(Bank, ACreditTwiceIsFound) {
    const auto report = campaign(bug::credits_twice, 20);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "nothing is credited that was not debited") << report;
}
TEST(Bank, APaymentBeforeTheSyncIsFound) {
    const auto report = campaign(bug::pays_before_sync, 200);
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_EQ(report.failures.front().ended.message, "nothing is credited that was not debited") << report;
}

}  // namespace
