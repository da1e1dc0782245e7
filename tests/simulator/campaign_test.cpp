// Campaigns inside one test: which seeds run, until when, on how many threads, and what they add up to.
#include "../../simulator/src/in_order.h"
#include "support.h"

#include <squall/simulation.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace squall {
namespace {

using namespace testing_support;
using nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;

// Fails at seeds that 5 divides; its sometimes comes true at seed 3 first.
class fifth : public workload {
public:
    asio::awaitable<void> run(workload_context& self) override {
        co_await sleep(self.executor(), 1ms * static_cast<int>(1 + self.world().seed() % 3));
        SQUALL_SOMETIMES(self.world().seed() % 4 == 3, "a seed of the right kind");
        self.measure("seed", static_cast<double>(self.world().seed()));
        if (self.world().seed() % 5 == 0)
            throw check_failed("five divides <it> & \"more\"");
    }
};
simulation fifths() {
    simulation sim("fifths");
    sim.workload("w", 2, [] { return std::make_unique<fifth>(); }).chaos(profile::calm);
    return sim;
}
std::vector<std::uint64_t> failed_seeds(const report& all) {
    std::vector<std::uint64_t> seeds;
    for (const run_result& r : all.failures)
        seeds.push_back(r.seed);
    return seeds;
}
json without_machine(const report& all) {
    json j = json::parse(to_json(all));
    j.erase("wall_ns");
    j.erase("threads");
    return j;
}

TEST(InOrder, TakesInOrderWhateverTheThreads) {
    for (const unsigned threads : {1u, 2u, 7u}) {
        std::vector<std::uint64_t> taken;
        std::atomic<std::uint64_t> most_ahead = 0;
        std::atomic<std::uint64_t> done = 0;
        simulator::in_order(
            500, threads,
            [&](std::uint64_t i) {
                most_ahead = std::max(most_ahead.load(), i - std::min(i, done.load()));
                if (i % 7 == 0)
                    std::this_thread::yield();
                return i * i;
            },
            [&](std::uint64_t i, std::uint64_t square) {
                EXPECT_EQ(square, i * i);
                taken.push_back(i);
                ++done;
                return true;
            });
        ASSERT_EQ(taken.size(), 500u);
        EXPECT_TRUE(std::ranges::is_sorted(taken));
        EXPECT_LE(most_ahead, 5 * threads);
    }
}

TEST(InOrder, StopsWhenToldAndThrowsInTurn) {
    for (const unsigned threads : {1u, 3u}) {
        std::uint64_t taken = 0;
        simulator::in_order(
            1'000'000, threads, [](std::uint64_t i) { return i; },
            [&](std::uint64_t i, std::uint64_t) {
                ++taken;
                return i < 20;
            });
        EXPECT_EQ(taken, 21u);
        taken = 0;
        EXPECT_THROW(simulator::in_order(
                         1'000'000, threads,
                         [](std::uint64_t i) {
                             if (i == 30)
                                 throw std::runtime_error("30");
                             return i;
                         },
                         [&](std::uint64_t, std::uint64_t) {
                             ++taken;
                             return true;
                         }),
                     std::runtime_error);
        EXPECT_EQ(taken, 30u);
    }
}

// Fails if a campaign, which puts no passing run in words, leaves a failing one without them.
TEST(Campaign, TellsOfAFailingSeedWhatARunOfItAloneTells) {
    const report all = fifths().chaos(profile::hostile).first_seed(1).seeds(10).run("S.T");
    ASSERT_EQ(failed_seeds(all), (std::vector<std::uint64_t>{5, 10}));
    simulation::plan plan;
    plan.workloads.push_back({"w", 2, [] { return std::make_unique<fifth>(); }});
    for (const run_result& failed : all.failures) {
        const run_result alone = run_seed(plan, {.seed = failed.seed, .chosen = profile::hostile});
        EXPECT_THAT(failed.tail, testing::Contains(HasSubstr("== chaos ==")));
        EXPECT_EQ(failed.tail, alone.tail);
        EXPECT_THAT(failed.options, HasSubstr("network:"));
        EXPECT_EQ(failed.options, alone.options);
    }
    const run_result passed = run_seed(plan, {.seed = 1, .chosen = profile::hostile});
    EXPECT_FALSE(passed.tail.empty() || passed.options.empty());
}

// Fails if the number of threads shows in what a campaign comes to.
TEST(Campaign, IsTheSameOnOneThreadAndOnMany) {
    const report one = fifths().seeds(60).threads(1).run("S.T");
    const report many = fifths().seeds(60).threads(4).run("S.T");
    EXPECT_EQ(one.threads, 1u);
    EXPECT_EQ(many.threads, 4u);
    EXPECT_EQ(without_machine(one), without_machine(many));
    EXPECT_EQ(one.failures.size(), 12u);
    for (std::size_t i = 0; i < one.failures.size(); ++i)
        EXPECT_EQ(one.failures[i].digest, many.failures[i].digest);
}

// Fails if one failing seed ends a campaign that was not asked to stop there, or does not where it was.
TEST(Campaign, GoesOnAfterAFailureUnlessAsked) {
    const report all = fifths().seeds(30).run("S.T");
    EXPECT_THAT(failed_seeds(all), ElementsAre(5, 10, 15, 20, 25, 30));
    EXPECT_EQ(all.runs, 30u);
    EXPECT_EQ(all.stopped, stop_reason::all_seeds);
    EXPECT_EQ(all.stopped_because, "all seeds have run");
    for (const unsigned threads : {1u, 3u}) {
        const report first =
            fifths().seeds(30).first_seed(6).threads(threads).until_first_failure().run("S.T");
        EXPECT_THAT(failed_seeds(first), ElementsAre(10));
        EXPECT_EQ(first.runs, 5u);
        EXPECT_EQ(first.stopped, stop_reason::first_failure);
        EXPECT_EQ(first.stopped_because, "seed 10 failed");
    }
}

TEST(Campaign, RunsGivenSeedsAndShards) {
    EXPECT_THAT(failed_seeds(fifths().given_seeds({25, 3, 5, 25}).run()), ElementsAre(25, 5, 25));
    std::multiset<std::uint64_t> failed;
    std::uint64_t runs = 0;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const report shard = fifths().seeds(31).shard(i, 3).run();
        runs += shard.runs;
        for (const std::uint64_t seed : failed_seeds(shard)) {
            failed.insert(seed);
            EXPECT_EQ((seed - 1) % 3, i);
        }
    }
    EXPECT_EQ(runs, 31u);
    EXPECT_EQ(failed, (std::multiset<std::uint64_t>{5, 10, 15, 20, 25, 30}));
    EXPECT_EQ(fifths().seeds(2).shard(2, 3).run().runs, 0u);
    EXPECT_THROW(fifths().shard(3, 3), std::invalid_argument);
}

class lucky : public workload {
public:
    explicit lucky(std::uint64_t from) : from_(from) {}
    asio::awaitable<void> run(workload_context& self) override {
        if (self.world().seed() == from_)
            SQUALL_REACHABLE("the seed from which on nothing is new");
        co_return;
    }

private:
    std::uint64_t from_;
};

// Fails if a campaign stops before so many seeds brought nothing new, or after that, or calls it otherwise.
TEST(Campaign, StopsWhenNothingNewComes) {
    for (const std::uint64_t from : {2u, 17u}) {
        simulation sim("quiet");
        sim.workload("w", 1, [from] { return std::make_unique<lucky>(from); }).chaos(profile::calm);
        const report all = sim.until_coverage_stable(20, 100).threads(4).run();
        EXPECT_EQ(all.stopped, stop_reason::coverage_stable);
        EXPECT_EQ(all.runs, from + 20);
        EXPECT_EQ(all.threads, 1u);
        EXPECT_THAT(all.stopped_because, HasSubstr("20 seeds brought nothing new"));
    }
    simulation never("never");
    never.workload("w", 1, [] { return std::make_unique<lucky>(9); }).chaos(profile::calm);
    const report capped = never.until_coverage_stable(20, 15).run();
    EXPECT_EQ(capped.runs, 15u);
    EXPECT_EQ(capped.stopped, stop_reason::all_seeds);
}

TEST(Campaign, StopsWhenTheTimeIsOver) {
    simulation sim = fifths();
    const report all = sim.seeds(1'000'000'000).time_limit(1ns).threads(2).run();
    EXPECT_EQ(all.stopped, stop_reason::wall_time);
    EXPECT_EQ(all.runs, 1u);
}

// The binary has sometimes-assertions that no campaign here can make true.
TEST(Campaign, SaysWhenNotEverySometimesWasTrue) {
    const report all = fifths().until_sometimes(12).run();
    EXPECT_EQ(all.runs, 12u);
    EXPECT_EQ(all.stopped, stop_reason::all_seeds);
    EXPECT_THAT(all.notes, ElementsAre(HasSubstr("after 12 seeds, the cap")));
}

const assertion_row& row_of(const report& all, std::string_view message) {
    return *std::ranges::find_if(
        all.assertions, [&](const assertion_row& row) { return catalog_at(row.index).detail == message; });
}

TEST(Report, AddsRunsUp) {
    const report all = fifths().seeds(20).run("S.T");
    const assertion_row& row = row_of(all, "a seed of the right kind");
    EXPECT_EQ(row.runs, 20u);
    EXPECT_EQ(row.runs_true, 5u);
    EXPECT_EQ(row.first_true, 3u);
    EXPECT_EQ(row.times_true, 9u);
    EXPECT_EQ(row.times_true + row.times_false, 36u) << "a failing workload ends its run at once";
    EXPECT_EQ(row_of(all, "the seed from which on nothing is new").runs, 0u);
    EXPECT_THAT(all.never_true, IsEmpty());
    const metric& m = all.metrics.at("seed");
    EXPECT_EQ(m.count, 36u);
    EXPECT_EQ(m.least, 1);
    EXPECT_EQ(m.most, 20);
    EXPECT_EQ(m.sum, 2 * 210 - 50);
    EXPECT_GT(all.events, 20u);
    EXPECT_GT(all.virtual_time, 20ms);
}

TEST(Report, AsTextNamesCausesAndTheCommand) {
    const report all = fifths().seeds(20).run("Suite.Name");
    const std::string text = to_text(all);
    EXPECT_THAT(text,
                AllOf(HasSubstr("simulation 'fifths': 20 runs, seeds from 1, 4 failed; all seeds have run"),
                      HasSubstr("seed 5: check: five divides <it>"), HasSubstr("in w/"),
                      HasSubstr("SQUALL_SEED=5 with this test alone (--gtest_filter=Suite.Name)"),
                      HasSubstr("and 1 more: 20\n"),
                      HasSubstr("never evaluated: the seed from which on nothing is new"),
                      HasSubstr("seed: 36 times"), Not(HasSubstr("\033["))));
    EXPECT_THAT(to_text(all, true), HasSubstr("\033[31m4 failed\033[0m"));
    EXPECT_FALSE(all.ok());
    try {
        all.throw_if_failed();
        ADD_FAILURE() << "it did not throw";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), text);
    }
    EXPECT_NO_THROW(fifths().given_seeds({1}).run().throw_if_failed());
}

TEST(Report, AsJsonAndJUnit) {
    const report all = fifths().seeds(20).run("Suite.Name");
    const json j = json::parse(to_json(all));
    EXPECT_EQ(j["runs"], 20);
    EXPECT_EQ(j["failures"].size(), 4u);
    EXPECT_EQ(j["failures"][0]["message"], "five divides <it> & \"more\"");
    EXPECT_EQ(j["metrics"]["seed"]["count"], 36);
    EXPECT_EQ(j["stopped"], "all-seeds");
    const std::string xml = to_junit(all);
    EXPECT_THAT(xml,
                AllOf(HasSubstr("tests=\"5\" failures=\"4\" errors=\"0\""), HasSubstr("name=\"seed 20\""),
                      HasSubstr("message=\"five divides &lt;it&gt; &amp; &quot;more&quot;\""),
                      HasSubstr("name=\"16 runs passed\"")));
    EXPECT_THAT(xml, Not(HasSubstr("<it>")));
}

TEST(Metric, MergesInAnyOrder) {
    metric a;
    metric b;
    for (const double x : {3.0, -1.0})
        a.add(x);
    b.add(10);
    metric ab = a;
    ab.merge(b);
    metric ba = b;
    ba.merge(a);
    ba.merge(metric{});
    EXPECT_EQ(ab, ba);
    EXPECT_EQ(ab, (metric{3, 12, -1, 10}));
}

// What a run's workload sees of its surroundings.
struct surroundings {
    std::vector<std::string> servers;
    std::vector<location> places;
    int clients = 0;
    std::size_t blue = 0;
};
std::mutex seen_mutex;
class looker : public workload {
public:
    explicit looker(std::vector<surroundings>& all) : all_(all) {}
    asio::awaitable<void> run(workload_context& self) override {
        surroundings seen;
        const topology& t = self.topology();
        for (const peer* p : t.group("server")) {
            seen.servers.push_back(p->name);
            seen.places.push_back(p->where);
            EXPECT_EQ(t.find(p->name), p);
            EXPECT_EQ(t.at(p->address), p);
            EXPECT_EQ(self.peers("server").at(static_cast<std::size_t>(p->index)), p->address);
        }
        for (const location& where : seen.places) {
            if (where.zone.empty())  // as the clients'
                continue;
            const auto together = [&](auto of, std::string location::* place) {
                return std::ranges::count(seen.places, where.*place, place) == std::ssize(of);
            };
            EXPECT_TRUE(together(t.in_zone(where.zone), &location::zone));
            EXPECT_TRUE(together(t.in_datacenter(where.datacenter), &location::datacenter));
            EXPECT_TRUE(together(t.on_machine(where.machine), &location::machine));
        }
        EXPECT_EQ(t.find("server/99"), nullptr);
        EXPECT_EQ(self.group(), "looker");
        seen.clients = self.group_size();
        seen.blue = t.tagged("colour", "blue").size();
        if (self.index() == 0) {
            const std::lock_guard lock(seen_mutex);
            all_.push_back(std::move(seen));
        }
        co_return;
    }

private:
    std::vector<surroundings>& all_;
};
simulation::program idle() {
    return [](process_context& self) -> asio::awaitable<void> { co_await sleep(self.executor(), 1h); };
}

// Fails if counts leave their range, miss an end of it, or are the same for all groups of a seed.
TEST(Counts, AreDrawnPerSeed) {
    std::vector<surroundings> all;
    simulation sim("counts");
    sim.processes("server", {1, 5}, idle())
        .tags("server", "colour", {"blue", "red"})
        .workload("looker", {1, 3}, [&] { return std::make_unique<looker>(all); })
        .chaos(profile::calm)
        .seeds(200);
    const report result = sim.run();
    EXPECT_TRUE(result.ok()) << result;
    ASSERT_EQ(all.size(), 200u);
    std::set<std::size_t> servers;
    std::set<int> clients;
    std::set<std::pair<std::size_t, int>> both;
    for (const surroundings& s : all) {
        servers.insert(s.servers.size());
        clients.insert(s.clients);
        both.emplace(s.servers.size(), s.clients);
        EXPECT_EQ(s.blue, (s.servers.size() + 1) / 2);
    }
    EXPECT_THAT(servers, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(clients, ElementsAre(1, 2, 3));
    EXPECT_EQ(both.size(), 15u);
}

TEST(Clusters, SpreadTheirProcesses) {
    std::vector<surroundings> all;
    simulation sim("cluster");
    sim.cluster("server", {.datacenters = 2, .zones = {1, 3}, .machines = 2, .processes = {1, 2}}, idle())
        .workload("looker", 1, [&] { return std::make_unique<looker>(all); })
        .chaos(profile::calm)
        .seeds(60);
    const report result = sim.run();
    EXPECT_TRUE(result.ok()) << result;
    std::set<std::size_t> sizes;
    for (const surroundings& s : all) {
        sizes.insert(s.servers.size());
        EXPECT_EQ(s.places.front(), (location{"dc0-z0-m0", "dc0-z0", "dc0"}));
        EXPECT_EQ(s.places.back().datacenter, "dc1");
        EXPECT_EQ(s.places.back().machine, s.places.back().zone + "-m1");
        std::set<std::string> zones;
        for (const location& where : s.places)
            zones.insert(where.zone);
        EXPECT_EQ(s.servers.size() % (zones.size() * 2), 0u);
    }
    EXPECT_THAT(sizes, ElementsAre(4, 8, 12, 16, 24));
}

// Fails if chaos_ended() does not end with chaos.
TEST(Context, TellsWhenChaosIsOver) {
    class until_the_end : public workload {
        asio::awaitable<void> setup(workload_context& self) override {
            EXPECT_FALSE(self.chaos());
            co_await self.chaos_ended();
        }
        asio::awaitable<void> run(workload_context& self) override {
            EXPECT_TRUE(self.chaos());
            co_await self.chaos_ended();
            EXPECT_FALSE(self.chaos());
            EXPECT_GE(self.now(), 7s);
            EXPECT_LE(self.now(), 7100ms);
            co_await self.chaos_ended();
        }
    };
    simulation sim("end");
    sim.workload("w", 2, [] { return std::make_unique<until_the_end>(); }).chaos_duration(7s).seeds(20);
    const report result = sim.run();
    EXPECT_TRUE(result.ok()) << result;
}

TEST(Builder, RefusesNonsenseCounts) {
    simulation sim("s");
    sim.processes("server", 3, idle());
    EXPECT_THROW(sim.processes("server", 3, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("", 3, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("a/b", 3, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("squall", 3, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("none", 0, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("back", {5, 3}, idle()), std::invalid_argument);
    EXPECT_THROW(sim.processes("many", {1, 65536}, idle()), std::invalid_argument);
    EXPECT_THROW(sim.workload("server", 1, nullptr), std::invalid_argument);
    EXPECT_THROW(sim.workload("w", -1, nullptr), std::invalid_argument);
    EXPECT_THROW(sim.cluster("c", {.datacenters = 100, .zones = 100, .machines = 100}, idle()),
                 std::invalid_argument);
    EXPECT_THROW(sim.tags("client", "k", {"v"}), std::invalid_argument);
    EXPECT_THROW(sim.tags("server", "k", {}), std::invalid_argument);
}

}  // namespace
}  // namespace squall
