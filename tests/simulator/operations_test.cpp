// The alphabet of operations: shares, subsets, independence of what is added, the end of chaos.
#include <squall/operations.h>

#include "kit_support.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace squall::testing_support;
using squall::operation_call;
using squall::operations;

struct seen {
    std::string name;
    std::uint64_t step, ordinal, argument;
    bool operator==(const seen&) const = default;
};

// An alphabet of these names, weight 1 each, that notes its calls.
operations<std::vector<seen>> noting(const std::vector<std::string>& names) {
    operations<std::vector<seen>> alphabet;
    for (const std::string& name : names)
        alphabet.add(name, 1, [](operation_call& call, std::vector<seen>& calls) -> asio::awaitable<void> {
            calls.push_back({std::string(call.name), call.step, call.ordinal, call.random.next()});
            co_return;
        });
    return alphabet;
}

std::vector<seen> calls_of(const std::vector<std::string>& names, std::uint64_t seed, bool swarm = false,
                           std::uint64_t count = 300) {
    std::vector<seen> calls;
    run_client(
        [&](squall::workload_context& self) -> asio::awaitable<void> {
            auto alphabet = noting(names);
            if (!swarm)
                alphabet.all();
            co_await alphabet.run(self, count, calls);
        },
        seed);
    return calls;
}

TEST(Operations, OneSeedMakesOneSequence) {
    // Fails if anything but the seed takes part.
    const std::vector<std::string> names{"put", "get", "erase"};
    EXPECT_EQ(calls_of(names, 7), calls_of(names, 7));
    EXPECT_NE(calls_of(names, 7), calls_of(names, 8));
    EXPECT_EQ(calls_of(names, 7).size(), 300u);
}

TEST(Operations, AnotherOperationMovesNeitherOrderNorArgumentsOfTheOthers) {
    // Fails if the choice is made by one draw over the sum of weights, or arguments come from one stream.
    const auto before = calls_of({"put", "get", "erase"}, 7);
    const auto after = calls_of({"put", "scan", "get", "erase"}, 7);
    std::size_t taken = 0;
    for (std::size_t step = 0; step < before.size(); ++step) {
        if (after[step].name == "scan") {
            ++taken;
            continue;
        }
        EXPECT_EQ(after[step].name, before[step].name) << step;
    }
    EXPECT_NEAR(static_cast<double>(taken), 75, 30);
    // The n-th call of each has the arguments that it had.
    std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> arguments;
    for (const seen& call : before)
        arguments[{call.name, call.ordinal}] = call.argument;
    std::set<std::uint64_t> different;
    for (const seen& call : after) {
        different.insert(call.argument);
        if (call.name == "scan")
            continue;
        EXPECT_EQ(call.argument, (arguments[{call.name, call.ordinal}])) << call.name << call.ordinal;
    }
    EXPECT_EQ(different.size(), after.size());
}

TEST(Operations, ShareIsInProportionToWeight) {
    // Chi-square with 3 degrees of freedom: above 21.1 with a probability of 1e-4.
    const std::map<std::string, double> weights{{"a", 1}, {"b", 2}, {"c", 4}, {"d", 0.5}};
    std::map<std::string, std::uint64_t> begun;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        operations<> alphabet;
        alphabet.all();
        for (const auto& [name, weight] : weights)
            alphabet.add(name, weight, [](operation_call&) -> asio::awaitable<void> { co_return; });
        co_await alphabet.run(self, 15'000);
        for (const auto& t : alphabet.ran(self)) {
            begun[t.name] = t.begun;
            EXPECT_EQ(t.weight, weights.at(t.name));
            EXPECT_EQ(t.ended, t.begun);
        }
    });
    double chi = 0;
    for (const auto& [name, weight] : weights) {
        const double expected = 15'000 * weight / 7.5;
        chi += std::pow(static_cast<double>(begun[name]) - expected, 2) / expected;
    }
    EXPECT_LT(chi, 21.1);
}

// By seed, the tallies of each client of a few.
std::map<std::uint64_t, std::vector<std::vector<squall::operation_tally>>> tallies_of(
    std::uint64_t seeds, int clients, const std::function<void(operations<>&)>& change) {
    std::map<std::uint64_t, std::vector<std::vector<squall::operation_tally>>> all;
    const auto report =
        clients_that(
            [&](squall::workload_context& self) -> asio::awaitable<void> {
                operations<> alphabet;
                for (const char* name : {"a", "b", "c", "d"})
                    alphabet.add(name, 1, [](operation_call&) -> asio::awaitable<void> { co_return; });
                change(alphabet);
                all[self.world().seed()].push_back(alphabet.ran(self));
                co_return;
            },
            clients)
            .seeds(seeds)
            .run();
    EXPECT_TRUE(report.ok()) << report;
    return all;
}

TEST(Operations, EachSeedKeepsASubsetOfItsOwn) {
    // Fails without the swarm, if a seed can be left with nothing, or if clients of a seed differ.
    const auto all = tallies_of(1000, 2, [](operations<>&) {});
    std::map<std::string, int> kept;
    std::set<std::string> subsets;
    for (const auto& [seed, clients] : all) {
        ASSERT_EQ(clients.size(), 2u);
        EXPECT_EQ(clients[0], clients[1]);
        std::string subset;
        for (const auto& t : clients[0])
            if (t.kept) {
                subset += t.name;
                ++kept[t.name];
            }
        EXPECT_FALSE(subset.empty()) << "seed " << seed;
        subsets.insert(subset);
    }
    EXPECT_EQ(subsets.size(), 15u);  // all but the empty one
    for (const auto& [name, seeds] : kept)
        EXPECT_NEAR(seeds, 500 + 1000 / 64, 60) << name;  // 1/2, and a quarter of the 1/16 that had nothing
}

TEST(Operations, AllAndAlwaysKeepWhatTheyName) {
    for (const auto& [seed, clients] : tallies_of(50, 1, [](operations<>& o) { o.all(); }))
        for (const auto& t : clients[0])
            EXPECT_TRUE(t.kept);
    int others = 0;
    for (const auto& [seed, clients] : tallies_of(200, 1, [](operations<>& o) { o.always("c"); })) {
        EXPECT_TRUE(clients[0][2].kept);
        others += clients[0][0].kept ? 1 : 0;
    }
    EXPECT_NEAR(others, 100, 35);
}

TEST(Operations, WeightsVaryBySeedWithinTheFactor) {
    // Fails if they do not vary, leave the bounds, or are not centred on the weight.
    int above = 0;
    double least = 1, most = 1;
    for (const auto& [seed, clients] : tallies_of(300, 1, [](operations<>& o) { o.vary_weights(4); })) {
        const double weight = clients[0][1].weight;
        above += weight > 1 ? 1 : 0;
        least = std::min(least, weight);
        most = std::max(most, weight);
        EXPECT_NE(weight, clients[0][0].weight);
    }
    EXPECT_NEAR(above, 150, 45);
    EXPECT_GE(least, 0.25);
    EXPECT_LT(least, 0.3);
    EXPECT_LE(most, 4);
    EXPECT_GT(most, 3.5);
}

TEST(Operations, AnOperationThatTheSeedGoesWithoutNeverRuns) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::set<std::string> called;
        run_client(
            [&](squall::workload_context& self) -> asio::awaitable<void> {
                std::vector<seen> calls;
                auto alphabet = noting({"a", "b", "c", "d"});
                co_await alphabet.run(self, 200, calls);
                for (const seen& call : calls)
                    called.insert(call.name);
                for (const auto& t : alphabet.ran(self)) {
                    EXPECT_EQ(called.contains(t.name), t.kept) << t.name;
                    EXPECT_EQ(t.begun > 0, t.kept) << t.name;
                }
            },
            seed);
    }
}

TEST(Operations, CallsAreAMetricAlsoWhereThereWereNone) {
    // Fails if an operation that no seed tried has no row.
    const auto report = run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        operations<> alphabet("bank");
        for (const char* name : {"a", "b", "c", "d"})
            alphabet.add(name, 1, [](operation_call&) -> asio::awaitable<void> { co_return; });
        co_await alphabet.run(self, 60);
        co_await alphabet.run_in_flight(self, 10, 40);
    });
    double calls = 0;
    for (const char* name : {"a", "b", "c", "d"}) {
        ASSERT_TRUE(report.metrics.contains(std::string("bank: ") + name + " calls"));
        calls += report.metrics.at(std::string("bank: ") + name + " calls").sum;
    }
    EXPECT_EQ(calls, 100);
}

TEST(Operations, RunsUntilChaosEnds) {
    // Fails if it goes on, ends early, or never lets virtual time go on.
    squall::nanoseconds last{0};
    std::uint64_t begun = 0;
    auto s = clients_that([&](squall::workload_context& self) -> asio::awaitable<void> {
        operations<> alphabet;
        alphabet.add("nap", 1, [](operation_call& call) { return nap(call.self, 10ms); });
        alphabet.pause(5ms);
        co_await alphabet.run_until_chaos_ends(self);
        last = self.now();
        EXPECT_FALSE(self.chaos());
        begun = alphabet.ran(self)[0].begun;
        co_await alphabet.run_until_chaos_ends(self);
        EXPECT_EQ(alphabet.ran(self)[0].begun, begun);
    });
    const auto report = s.chaos_duration(2s).seeds(1).run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_GE(last, 2s);
    EXPECT_LT(last, 2200ms);
    EXPECT_NEAR(static_cast<double>(begun), 133, 25);  // of 15 ms each
}

TEST(Operations, OperationsOfNoDurationAreALivelockAndNoHang) {
    auto s = clients_that([&](squall::workload_context& self) -> asio::awaitable<void> {
        operations<> alphabet;
        alphabet.add("nothing", 1, [](operation_call&) -> asio::awaitable<void> { co_return; });
        co_await alphabet.run_until_chaos_ends(self);
    });
    const auto report = s.seeds(1).run();
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures[0].ended.how, squall::verdict::livelock);
}

TEST(Operations, AnExceptionIsCountedAndThrown) {
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        operations<> alphabet;
        alphabet.add("bad", 1, [](operation_call& call) -> asio::awaitable<void> {
            if (call.ordinal == 2)
                throw std::runtime_error("bad");
            co_return;
        });
        bool thrown = false;
        try {
            co_await alphabet.run(self, 10);
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        const auto tally = alphabet.ran(self)[0];
        EXPECT_EQ(tally.begun, 3u);
        EXPECT_EQ(tally.ended, 2u);
        EXPECT_EQ(tally.threw, 1u);
    });
}

TEST(Operations, RefusesWhatMakesNoSense) {
    operations<> alphabet;
    const auto nothing = [](operation_call&) -> asio::awaitable<void> { co_return; };
    alphabet.add("a", 1, nothing);
    EXPECT_THROW(alphabet.add("a", 1, nothing), std::invalid_argument);
    EXPECT_THROW(alphabet.add("", 1, nothing), std::invalid_argument);
    EXPECT_THROW(alphabet.add("b", 0, nothing), std::invalid_argument);
    EXPECT_THROW(alphabet.always("b"), std::invalid_argument);
    EXPECT_THROW(alphabet.vary_weights(0.5), std::invalid_argument);
    EXPECT_THROW(alphabet.pause(-1ns), std::invalid_argument);
    // Shared by two seeds it would make the second's luck depend on the first.
    auto s = clients_that([&](squall::workload_context& self) { return alphabet.run(self, 1); });
    const auto report = s.seeds(2).run();
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_THAT(report.failures[0].ended.message, ::testing::HasSubstr("belongs to client/0"));
    EXPECT_THROW(alphabet.all(), std::logic_error);
}

}  // namespace
