// Injectors: what each does to processes, as those see it, and how it is vetoed.
#include "support.h"

#include <squall/clock.h>
#include <squall/fault_text.h>
#include <squall/file.h>
#include <squall/simulation.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace squall {
namespace {

using namespace testing_support;
using testing::Contains;
using testing::Each;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class sleeper : public workload {
public:
    explicit sleeper(nanoseconds time, std::set<std::string> vetoes = {})
        : time_(time),
          vetoes_(std::move(vetoes)) {}
    asio::awaitable<void> run(workload_context& self) override { co_await sleep(self.executor(), time_); }
    std::set<std::string> vetoes() const override { return vetoes_; }

private:
    nanoseconds time_;
    std::set<std::string> vetoes_;
};

// `servers` processes in zones of two, two zones to a data center, and a client that waits.
simulation::plan cluster(int servers, simulation::program body, nanoseconds time, std::string faults) {
    simulation::plan plan;
    plan.name = "cluster";
    plan.groups.push_back({"server", servers, std::move(body)});
    plan.workloads.push_back({"client", 1, [time] { return std::make_unique<sleeper>(time); }});
    plan.placement = [](const std::string&, int index) {
        return location{"m" + std::to_string(index), "z" + std::to_string(index / 2),
                        "d" + std::to_string(index / 4)};
    };
    plan.chaos_duration = time;
    plan.fault_changes = {"calm", std::move(faults)};
    return plan;
}
simulation::program idle() {
    return [](process_context& self) -> asio::awaitable<void> {
        for (;;)
            co_await sleep(self.executor(), 1s);
    };
}
run_result run_of(const simulation::plan& plan, std::uint64_t seed = 1,
                  std::vector<std::uint64_t> vetoed = {}) {
    auto result = run_seed(
        plan, {.seed = seed, .vetoed = std::move(vetoed), .chosen = profile::hostile, .keep_log = true});
    EXPECT_EQ(result.ended.how, verdict::passed) << "seed " << seed << ": " << result.ended.message;
    return result;
}
std::uint64_t count_of(const run_result& result, std::string_view kind) {
    for (const auto& [name, count] : result.faults)
        if (name == kind)
            return count;
    return 0;
}
// Fails if a pause is not felt by the process, or felt by another one.
TEST(Pauses, HoldAProcessUpForTheirTime) {
    std::map<std::string, nanoseconds> longest;
    std::map<std::string, nanoseconds> total;
    auto plan = cluster(
        3,
        [&](process_context& self) -> asio::awaitable<void> {
            for (nanoseconds last = self.now();;) {
                co_await sleep(self.executor(), 1ms);
                const nanoseconds gap = self.now() - last - 1ms;
                longest[self.name()] = std::max(longest[self.name()], gap);
                total[self.name()] += gap;
                last = self.now();
            }
        },
        60s, "pauses.every=2s, pauses.time=200ms");
    const auto result = run_of(plan);
    const double pauses = static_cast<double>(count_of(result, "pause"));
    EXPECT_NEAR(pauses, 30, 5 * std::sqrt(30));
    EXPECT_EQ(result.faults.size(), 1u);
    nanoseconds all{0};
    for (const auto& [name, time] : total) {
        all += time;
        EXPECT_GT(longest[name], 50ms) << name;
    }
    EXPECT_NEAR(static_cast<double>(all.count()) * 1e-9, pauses * 0.2, 5 * std::sqrt(pauses) * 0.2);
}

// What writes of one process took, and how many of them never ended.
struct write_times {
    std::vector<nanoseconds> took;
    int unanswered = 0;
};
simulation::program writer(write_times& times) {
    return [&times](process_context& self) -> asio::awaitable<void> {
        file log(self.executor());
        if (const auto [ec] = co_await log.async_open("log", open_mode::write | open_mode::create, as_result);
            ec)
            co_return;
        for (;;) {
            struct answer {
                ~answer() { unanswered += open ? 1 : 0; }
                int& unanswered;
                bool open = true;
            } pending{times.unanswered};
            const nanoseconds before = self.now();
            co_await log.async_write_some_at(0, asio::buffer("x", 1), as_result);
            pending.open = false;
            times.took.push_back(self.now() - before);
            co_await sleep(self.executor(), 1ms);
        }
    };
}

// Fails if a stall, a slow disk, or a dead one does not show in what accesses take, or none answers after
// chaos.
TEST(DiskTrouble, ShowsInWhatAccessesTake) {
    const auto run = [](const std::string& kind) {
        write_times times;
        auto plan =
            cluster(1, writer(times), 61s, "disk_trouble.every=2s, disk_trouble.stall_time=300ms" + kind);
        plan.chaos_duration = 60s;
        const auto result = run_of(plan);
        EXPECT_EQ(result.faults.size(), 1u);
        return std::pair{times, result.faults.front()};
    };
    const auto [stalled, stalls] = run("");
    EXPECT_EQ(stalls.first, "disk-stall");
    EXPECT_GT(*std::ranges::max_element(stalled.took), 300ms);
    EXPECT_LE(std::ranges::count_if(stalled.took, [](nanoseconds t) { return t > 5ms; }),
              std::ssize(stalled.took) / 20);
    const auto [slowed, slow] = run(", disk_trouble.slow=1, disk_trouble.slow_factor=20");
    EXPECT_EQ(slow.first, "disk-slow");
    EXPECT_LT(*std::ranges::max_element(slowed.took), 100ms);
    EXPECT_GT(std::ranges::count_if(slowed.took, [](nanoseconds t) { return t > 2ms; }),
              5 * std::ranges::count_if(stalled.took, [](nanoseconds t) { return t > 2ms; }));
    const auto [lost, dead] = run(", disk_trouble.dead=1");
    EXPECT_EQ(dead.first, "disk-dead");
    EXPECT_GT(*std::ranges::max_element(lost.took), 40s) << "until the end of chaos";
}

// Fails if more disks of a group are lost at a time than processes may be down.
TEST(DiskTrouble, LosesNoMoreDisksAtATimeThanMaxDead) {
    for (const std::uint32_t most : {1u, 2u}) {
        auto plan =
            cluster(5, idle(), 60s,
                    "disk_trouble.every=100ms, disk_trouble.dead=1, attrition.every=2s, attrition.max_dead=" +
                        std::to_string(most));
        std::map<std::string, bool> down;
        for (int i = 0; i < 5; ++i)
            down["server/" + std::to_string(i)] = false;
        std::ptrdiff_t worst = 0;
        for (const recorded_event& e : run_of(plan).record) {
            if (e.kind == event_kind::boot && down.contains(e.process))
                down[e.process] = false;
            if (e.kind == event_kind::crash ||
                (e.kind == event_kind::fault && e.text.starts_with("disk-dead")))
                down[e.process] = true;
            worst = std::max(worst, std::ranges::count_if(down, [](const auto& p) { return p.second; }));
        }
        EXPECT_EQ(worst, static_cast<std::ptrdiff_t>(most));
    }
}

// Fails if steps do not show on the wall clock of their process, or the clocks are wrong after chaos.
TEST(ClockTrouble, StepsWallClocksUntilTheEndOfChaos) {
    std::vector<nanoseconds> steps;
    std::map<std::string, nanoseconds> off;
    auto plan = cluster(
        2,
        [&](process_context& self) -> asio::awaitable<void> {
            const auto offset = [&] {
                return wall_clock::now(self.executor()).time_since_epoch() - 1'704'067'200s - self.now();
            };
            for (nanoseconds last = offset();;) {
                co_await sleep(self.executor(), 1ms);
                off[self.name()] = offset();
                if (off[self.name()] != last && self.now() < 60s)
                    steps.push_back(off[self.name()] - last);
                last = off[self.name()];
            }
        },
        60s, "clock_trouble.every=1s, clock_trouble.step_max=10s");
    class looker : public workload {
    public:
        explicit looker(std::map<std::string, nanoseconds>& offsets) : offsets_(offsets) {}
        asio::awaitable<void> run(workload_context& self) override { co_await sleep(self.executor(), 60s); }
        asio::awaitable<void> check(workload_context& self) override {
            co_await sleep(self.executor(), 10ms);
            for (const auto& [name, offset] : offsets_)
                EXPECT_EQ(offset, 0ns) << name;
        }

    private:
        std::map<std::string, nanoseconds>& offsets_;
    };
    plan.workloads.push_back({"looker", 1, [&] { return std::make_unique<looker>(off); }});
    const auto result = run_of(plan);
    EXPECT_NEAR(static_cast<double>(steps.size()), 60, 5 * std::sqrt(60));
    EXPECT_EQ(steps.size(), count_of(result, "clock-step"));
    EXPECT_LT(*std::ranges::min_element(steps), -5s);
    EXPECT_GT(*std::ranges::max_element(steps), 5s);
    for (const nanoseconds step : steps)
        EXPECT_LE(std::abs(step.count()), nanoseconds(10s).count());
}

// Fails if attrition by place takes one process where it is to take all of its place, or more than that.
TEST(Attrition, TakesAWholePlaceAtOnce) {
    struct place {
        const char* name;
        std::size_t together;
    };
    for (const place& p : {place{"machine", 1}, place{"zone", 2}, place{"datacenter", 4}}) {
        auto plan =
            cluster(8, idle(), 60s,
                    "attrition.every=5s, attrition.max_dead=8, attrition.restart_max=100ms, attrition." +
                        std::string(p.name) + "=1");
        std::map<std::uint64_t, std::set<std::string>> at;
        for (const recorded_event& e : run_of(plan).record)
            if (e.kind == event_kind::crash)
                at[e.time].insert(e.process);
        EXPECT_GT(at.size(), 3u);
        for (const auto& [time, names] : at) {
            ASSERT_EQ(names.size(), p.together) << p.name;
            const std::size_t first = static_cast<std::size_t>(names.begin()->back() - '0');
            EXPECT_EQ(first % p.together, 0u);
            EXPECT_EQ(static_cast<std::size_t>(names.rbegin()->back() - '0'), first + p.together - 1);
        }
    }
}

// Fails if a place that is too large for max_dead goes down, or nothing does instead of it.
TEST(Attrition, LowersAKillThatIsNotSurvivable) {
    auto plan = cluster(8, idle(), 60s, "attrition.every=1s, attrition.zone=1, attrition.restart_max=100ms");
    std::map<std::uint64_t, int> at;
    for (const recorded_event& e : run_of(plan).record)
        if (e.kind == event_kind::crash)
            ++at[e.time];
    EXPECT_GT(at.size(), 30u);
    for (const auto& [time, count] : at)
        EXPECT_EQ(count, 1);
}

// Fails if fewer stay up than the plan asks for.
TEST(Attrition, KeepsUpWhatIsAskedFor) {
    for (const std::uint32_t keep : {0u, 3u, 5u}) {
        auto plan =
            cluster(5, idle(), 60s, "attrition.every=100ms, attrition.max_dead=5, attrition.restart_min=5s");
        plan.groups[0].keep_up = keep;
        int up = 0;
        int fewest = 5;
        for (const recorded_event& e : run_of(plan).record) {
            up += e.kind == event_kind::boot && e.process.starts_with("server") ? 1 : 0;
            if (e.kind == event_kind::crash)
                fewest = std::min(fewest, --up);
        }
        EXPECT_EQ(fewest, static_cast<int>(keep));
    }
}

// Fails if a graceful stop kills at once, never kills, or the process stays down.
TEST(Attrition, GracefulStopsAskFirst) {
    std::vector<nanoseconds> grace;
    std::vector<nanoseconds> left;
    int boots = 0;
    auto plan = cluster(
        2,
        [&](process_context& self) -> asio::awaitable<void> {
            struct end {
                ~end() {
                    if (self.stopping())
                        grace.push_back(self.now() - asked);
                }
                process_context& self;
                std::vector<nanoseconds>& grace;
                nanoseconds asked{0};
            } here{self, grace};
            ++boots;
            co_await self.stop_requested();
            here.asked = self.now();
            if (self.index() == 0) {
                co_await sleep(self.executor(), 10ms);
                left.push_back(10ms);
                co_return;
            }
            co_await sleep(self.executor(), 1h);
        },
        100s, "attrition.every=3s, attrition.graceful=1, attrition.grace_min=1s, attrition.grace_max=2s");
    const auto result = run_of(plan);
    EXPECT_EQ(result.faults.size(), 1u);
    EXPECT_GT(count_of(result, "graceful-stop"), 10u);
    EXPECT_GT(left.size(), 3u);
    EXPECT_GE(boots, static_cast<int>(count_of(result, "graceful-stop")) - 1);
    std::ranges::sort(grace);
    EXPECT_LE(grace.front(), 10ms);
    EXPECT_GE(grace.back(), 1s);
    EXPECT_LE(grace.back(), 2s);
    EXPECT_EQ(std::ranges::count_if(grace, [](nanoseconds g) { return g > 10ms && g < 1s; }), 0);
}

// Writes a synced file on the first boot, and looks for it on later ones.
simulation::program keeper(std::map<std::string, int>& lost) {
    return [&lost](process_context& self) -> asio::awaitable<void> {
        file kept(self.executor());
        const bool first = self.boot() == 1;
        const auto [ec] = co_await kept.async_open(
            "kept", first ? open_mode::write | open_mode::create : open_mode::read | open_mode::write,
            as_result);
        if (ec && !first)
            ++lost[self.name()];
        if (first) {
            co_await kept.async_sync(as_result);
            co_await async_sync_directory(self.executor(), "", as_result);
        }
        kept.close();
        co_await sleep(self.executor(), 1h);
    };
}

// Fails if a wipe leaves the disk, or more disks of a group are lost than its budget.
TEST(Attrition, WipesNoMoreDisksThanTheBudget) {
    for (const std::uint32_t budget : {0u, 1u, 2u, 99u}) {
        std::size_t most = 0;
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            std::map<std::string, int> lost;
            auto plan = cluster(5, keeper(lost), 60s,
                                "attrition.every=500ms, attrition.wipe=1, attrition.restart_max=100ms, "
                                "attrition.max_dead=2");
            if (budget < 99)
                plan.groups[0].damage_budget = budget;
            const auto result = run_of(plan, seed);
            EXPECT_EQ(count_of(result, "wipe") > 0, budget > 0);
            most = std::max(most, lost.size());
        }
        EXPECT_EQ(most, budget == 99 ? 1 : budget) << "without a budget damaged_copies counts, which is 1";
    }
}

// Fails if a partition by zone leaves out one of the zone or takes another in.
TEST(Partitions, ByZoneAndByDataCenter) {
    for (const std::string place : {"zone", "datacenter"}) {
        auto plan = cluster(8, idle(), 60s,
                            "partitions.every=1s, partitions.time=10ms, partitions.by_" + place + "=1");
        std::set<std::string> sides;
        for (const recorded_event& e : run_of(plan).record)
            if (e.kind == event_kind::partition)
                sides.insert(e.text.substr(0, e.text.find(" cut off")).substr(0, e.text.find(" cannot")));
        sides.erase("client/0");  // stands in no place: alone
        std::set<std::string> expected;
        if (place == "zone")
            expected = {"server/0, server/1", "server/2, server/3", "server/4, server/5",
                        "server/6, server/7"};
        else
            expected = {"server/0, server/1, server/2, server/3", "server/4, server/5, server/6, server/7"};
        EXPECT_EQ(sides, expected);
    }
}

// Fails if a swizzle does not take several off the network, one by one, and give all of them back in time.
TEST(Clogging, SwizzlesTakeOffAndGiveBackInAnotherOrder) {
    auto plan = cluster(6, idle(), 120s, "clogging.every=5s, clogging.time=2s, clogging.share=0.7");
    const auto result = run_of(plan);
    std::vector<nanoseconds> off;
    std::vector<nanoseconds> back;
    for (const recorded_event& e : result.record) {
        if (e.time > 119'000'000'000)
            break;
        if (e.kind == event_kind::partition)
            off.emplace_back(static_cast<std::int64_t>(e.time));
        if (e.kind == event_kind::heal)
            back.emplace_back(static_cast<std::int64_t>(e.time));
    }
    EXPECT_EQ(result.faults.size(), 1u);
    EXPECT_GT(count_of(result, "swizzle"), 30u);
    EXPECT_GT(off.size(), 30u);
    EXPECT_LE(off.size() - back.size(), 7u);
    EXPECT_GT(std::set<nanoseconds>(off.begin(), off.end()).size(), off.size() * 9 / 10) << "one by one";
}

class every_second : public injector {
public:
    explicit every_second(std::vector<nanoseconds>* hits = nullptr) : hits_(hits) {}
    std::string name() const override { return "every_second"; }
    asio::awaitable<void> run(fault_context& chaos) override {
        for (std::uint64_t k = 0; co_await chaos.wait(1s); ++k) {
            // Its text is gone before the run is.
            const std::string kind = "hiccup-" + std::to_string(k % 2);
            process& victim = *chaos.processes()[chaos.choices(k).below(chaos.processes().size())];
            if (!chaos.strikes(kind, k, 0.5, victim))
                continue;
            if (hits_ != nullptr)
                hits_->push_back(chaos.world().now());
            victim.pause(1ms);
        }
    }

private:
    std::vector<nanoseconds>* hits_;
};

// Fails if a user's injector is not run in chaos and there alone, or its faults are not recorded.
TEST(Injectors, OfTheUserAreRunInChaos) {
    std::vector<nanoseconds> hits;
    auto plan = cluster(3, idle(), 100s, "");
    plan.injectors.push_back([&] { return std::make_unique<every_second>(&hits); });
    const auto result = run_of(plan);
    EXPECT_NEAR(static_cast<double>(hits.size()), 50, 25);
    EXPECT_EQ(count_of(result, "hiccup-0") + count_of(result, "hiccup-1"), hits.size());
    EXPECT_LE(hits.back(), 100s);
    EXPECT_EQ(result.faults.size(), 2u);
}

// Fails if a vetoed fault happens, or any fault before it changes.
TEST(Injectors, EachFaultIsVetoedAlone) {
    auto plan = cluster(3, idle(), 30s,
                        "attrition.every=2s, pauses.every=1s, partitions.every=2s, clogging.every=5s");
    plan.injectors.push_back([] { return std::make_unique<every_second>(); });
    const auto all = run_of(plan).fault_list;
    ASSERT_GT(all.size(), 40u);
    EXPECT_THAT(all, Contains(testing::AllOf(testing::Field(&happened_fault::kind, "pause"),
                                             testing::Field(&happened_fault::process, HasSubstr("server/")),
                                             testing::Field(&happened_fault::detail, HasSubstr("for ")),
                                             testing::Field(&happened_fault::time, Ge(1ms)))));
    for (std::size_t i = 0; i < all.size(); i += 5) {
        const auto without = run_of(plan, 1, {all[i].decision}).fault_list;
        EXPECT_THAT(without, Not(Contains(all[i])));
        ASSERT_GE(without.size(), i);
        EXPECT_TRUE(std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), without.begin()))
            << i;
    }
}

// Fails if an injector's luck hangs on another one's.
TEST(Injectors, HaveTheirOwnLuck) {
    const auto pauses_with = [](const std::string& others) {
        std::vector<happened_fault> pauses;
        for (const auto& fault :
             run_of(cluster(3, idle(), 30s, "pauses.every=500ms, pauses.time=1ms" + others)).fault_list)
            if (fault.kind == "pause")
                pauses.push_back(fault);
        return pauses;
    };
    const auto alone = pauses_with("");
    EXPECT_GT(alone.size(), 30u);
    EXPECT_EQ(alone, pauses_with(", partitions.every=300ms, clock_trouble.every=200ms, clogging.every=1s"));
}

TEST(Injectors, AreVetoedByName) {
    const std::string all = "attrition.every=1s, pauses.every=1s, partitions.every=1s";
    auto plan = cluster(3, idle(), 30s, all);
    plan.without = {"attrition"};
    auto result = run_of(plan);
    EXPECT_EQ(count_of(result, "crash") + count_of(result, "power-cut"), 0u);
    EXPECT_GT(count_of(result, "pause"), 0u);
    EXPECT_GT(count_of(result, "partition"), 0u);
    plan.workloads.push_back(
        {"shy", 1, [] { return std::make_unique<sleeper>(1s, std::set<std::string>{"pauses"}); }});
    result = run_of(plan);
    EXPECT_EQ(count_of(result, "pause"), 0u);
    EXPECT_GT(count_of(result, "partition"), 0u);
    plan.workloads.push_back(
        {"shyer", 1, [] { return std::make_unique<sleeper>(1s, std::set<std::string>{"all"}); }});
    EXPECT_THAT(run_of(plan).faults, IsEmpty());
    plan.without = {"attritoin"};
    EXPECT_THROW(run_seed(plan, {.seed = 1}), std::logic_error);
    plan.without = {};
    plan.injectors = {[] { return std::make_unique<every_second>(); },
                      [] { return std::make_unique<every_second>(); }};
    EXPECT_THROW(run_seed(plan, {.seed = 1}), std::logic_error);
}

TEST(Injectors, ThatThrowFailTheRun) {
    class broken : public injector {
        std::string name() const override { return "broken"; }
        asio::awaitable<void> run(fault_context& chaos) override {
            co_await chaos.wait(1s);
            throw std::runtime_error("out of ideas");
        }
    };
    auto plan = cluster(1, idle(), 10s, "");
    plan.injectors.push_back([] { return std::make_unique<broken>(); });
    const auto result = run_seed(plan, {.seed = 1});
    EXPECT_EQ(result.ended.how, verdict::exception);
    EXPECT_EQ(result.ended.message, "injector 'broken': out of ideas");
}

// Fails if a process is left down, still, or behind a cut after chaos, or an injector goes on.
TEST(Heal, EndsWhatInjectorsDid) {
    std::map<std::string, nanoseconds> last;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto plan = cluster(
            4,
            [&last](process_context& self) -> asio::awaitable<void> {
                for (;;) {
                    last[self.name()] = self.now();
                    co_await sleep(self.executor(), 100ms);
                }
            },
            20s,
            seed % 2 == 0
                ? "pauses.every=200ms, pauses.time=1h"
                : "attrition.every=500ms, attrition.max_dead=4, attrition.restart_min=1h, "
                  "attrition.restart_max=2h, pauses.every=200ms, pauses.time=1h, partitions.every=1s, "
                  "partitions.time=1h, clogging.every=1s, clogging.time=1h");
        class late : public workload {
        public:
            explicit late(std::map<std::string, nanoseconds>& of) : last(of) {}
            asio::awaitable<void> run(workload_context& self) override {
                co_await sleep(self.executor(), 30s);
            }
            asio::awaitable<void> check(workload_context&) override {
                for (const auto& [name, time] : last)
                    EXPECT_GE(time, 29'800ms) << name;
                EXPECT_EQ(last.size(), 4u);
                co_return;
            }
            std::map<std::string, nanoseconds>& last;
        };
        plan.workloads.push_back({"late", 1, [&] { return std::make_unique<late>(last); }});
        const auto result = run_of(plan, seed);
        for (const auto& fault : result.fault_list)
            EXPECT_LE(fault.time, 20'001ms);
    }
}

// Publishes from `after` on that it is ready.
simulation::program ready_after(nanoseconds after) {
    return [after](process_context& self) -> asio::awaitable<void> {
        if (self.now() < after)
            co_await sleep(self.executor(), after - self.now());
        self.publish(true);
        co_await sleep(self.executor(), 1h);
    };
}

// Fails if a condition is asked before the faults end, is not waited for, or its absence passes.
TEST(Eventually, MustComeTrueAfterTheFaults) {
    for (const nanoseconds after : {nanoseconds(1s), nanoseconds(15s), nanoseconds(25s)}) {
        auto plan = cluster(1, ready_after(after), 10s, "");
        plan.settle_budget = 10s;
        plan.conditions.push_back(
            {"ready", [&](const blackboard& seen) { return seen.of<bool>("server/0") != nullptr; }});
        const auto result = run_seed(plan, {.seed = 1});
        if (after < 20s) {
            EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
            EXPECT_NEAR(static_cast<double>(result.virtual_time.count()) * 1e-9, after < 10s ? 10 : 15, 0.2);
        } else {
            EXPECT_EQ(result.ended.how, verdict::check);
            EXPECT_THAT(result.ended.message, HasSubstr("eventually 'ready' did not come true within 10 s"));
        }
    }
}

TEST(Eventually, ThatThrowsFailsTheRun) {
    auto plan = cluster(1, idle(), 1s, "");
    plan.conditions.push_back(
        {"odd", [](const blackboard&) -> bool { throw std::runtime_error("no such key"); }});
    const auto result = run_seed(plan, {.seed = 1});
    EXPECT_EQ(result.ended.how, verdict::check);
    EXPECT_EQ(result.ended.message, "eventually 'odd': no such key");
}

TEST(Builder, RefusesWhatMakesNoSense) {
    simulation sim("s");
    sim.processes("server", 3, idle());
    EXPECT_THROW(sim.keep_up("server", 4), std::invalid_argument);
    EXPECT_THROW(sim.keep_up("client", 1), std::invalid_argument);
    EXPECT_THROW(sim.damage_budget("server", 4), std::invalid_argument);
    EXPECT_NO_THROW(sim.keep_up("server", 2).damage_budget("server", 1));
}

}  // namespace
}  // namespace squall
