// The phases of a run, and what its injectors do to processes and links.
#include "store.h"

#include <squall/fault_text.h>

#include <algorithm>
#include <cmath>

namespace squall {
namespace {

using namespace testing_support;
using testing::HasSubstr;

std::size_t line_of(const std::vector<std::string>& log, const char* text) {
    const auto found = std::find_if(log.begin(), log.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    });
    return static_cast<std::size_t>(found - log.begin());
}

class sleeper : public workload {
public:
    explicit sleeper(nanoseconds time) : time_(time) {}
    asio::awaitable<void> run(workload_context& self) override { co_await sleep(self.executor(), time_); }

private:
    nanoseconds time_;
};
simulation::program idle_forever() {
    return [](process_context& self) -> asio::awaitable<void> {
        for (;;)
            co_await sleep(self.executor(), 1s);
    };
}
simulation::plan sleepers(int servers, simulation::program body, nanoseconds time) {
    simulation::plan plan;
    plan.name = "sleepers";
    plan.groups.push_back({"server", servers, std::move(body)});
    plan.workloads.push_back({"client", 1, [time] { return std::make_unique<sleeper>(time); }});
    plan.chaos_duration = time;
    return plan;
}

// Fails if a fault happens before chaos or after it, sites included.
TEST(Phases, FaultsHappenInChaosOnly) {
    std::size_t all = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto plan = store_plan(20);
        plan.chaos_duration = 3s;  // clients are busy for longer
        plan.tune = [](faults& f) { f.program.activation = 1; };
        const auto result = run_seed(plan, {.seed = seed, .chosen = profile::hostile, .keep_log = true});
        EXPECT_EQ(result.ended.how, verdict::passed) << "seed " << seed << ": " << result.ended.message;
        const auto chaos = line_of(result.tail, "== chaos ==");
        const auto heal = line_of(result.tail, "== heal ==");
        const auto check = line_of(result.tail, "== check ==");
        ASSERT_TRUE(chaos < heal && heal < check && check < result.tail.size());
        for (const auto& fault : faults_in(result.tail))
            EXPECT_TRUE(fault.line > chaos && fault.line < heal) << result.tail[fault.line];
        all += faults_in(result.tail).size();
    }
    EXPECT_GT(all, 200u);
}

// What became of the servers of a run.
struct history {
    int alive = 0;
    int fewest = 1000;
    std::map<std::string, nanoseconds> died;
    std::vector<nanoseconds> down;
};
simulation::program recorded(history& h) {
    return [&h](process_context& self) -> asio::awaitable<void> {
        struct life {
            life(history& of, process_context& context) : h(of), self(context) {
                ++h.alive;
                if (const auto found = h.died.find(self.name()); found != h.died.end())
                    h.down.push_back(self.now() - found->second);
            }
            life(const life&) = delete;
            ~life() {
                h.fewest = std::min(h.fewest, --h.alive);
                h.died[self.name()] = self.now();
            }
            history& h;
            process_context& self;
        } const here(h, self);
        for (;;)
            co_await sleep(self.executor(), 1s);
    };
}
std::uint64_t count_of(const run_result& result, std::string_view kind) {
    for (const auto& [name, count] : result.faults)
        if (name == kind)
            return count;
    return 0;
}

// Fails if crashes come too often or too seldom, of the wrong sort, or if down times leave their bounds.
TEST(Attrition, CrashesAtItsRateAndRestartsInTime) {
    double crashes = 0;
    double silent = 0;
    std::vector<nanoseconds> down;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        history h;
        auto plan = sleepers(5, recorded(h), 60s);
        plan.tune = [](faults& f) {
            f = {};
            f.attrition.every = 2s;
            f.attrition.restart_min = 20ms;
            f.attrition.restart_max = 80ms;
            f.attrition.silent = 0.3;
            f.attrition.max_dead = 5;
        };
        const auto result = run_seed(plan, {.seed = seed, .chosen = profile::hostile});
        EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
        crashes += static_cast<double>(count_of(result, "crash") + count_of(result, "power-cut"));
        silent += static_cast<double>(count_of(result, "power-cut"));
        down.insert(down.end(), h.down.begin(), h.down.end());
    }
    EXPECT_NEAR(crashes, 40 * 60 / 2.001, 5 * std::sqrt(1200));
    EXPECT_NEAR(silent, crashes * 0.3, 5 * std::sqrt(crashes * 0.21));
    EXPECT_GT(static_cast<double>(down.size()), crashes * 0.95);
    EXPECT_LE(*std::max_element(down.begin(), down.end()), 80ms);
    EXPECT_GE(*std::min_element(down.begin(), down.end()), 1ns);
    const auto early = std::count_if(down.begin(), down.end(), [](nanoseconds d) { return d < 20ms; });
    EXPECT_LE(early, 40) << "at most the heal of each run brings one back before its time";
    EXPECT_LT(*std::min_element(down.begin(), down.end()), 25ms);
    EXPECT_GT(*std::max_element(down.begin(), down.end()), 75ms);
}

// Fails if more of a group are down together than the user declared as tolerable.
TEST(Attrition, KeepsWithinMaxDead) {
    for (const int most : {1, 2}) {
        int fewest = 1000;
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            history h;
            auto plan = sleepers(4, recorded(h), 60s);
            plan.tune = [most](faults& f) {
                f = {};
                f.attrition.every = 100ms;
                f.attrition.restart_min = 1s;
                f.attrition.restart_max = 5s;
                f.attrition.max_dead = most;
            };
            // The end of the run ends all, so only what was seen before it counts.
            class watcher : public workload {
            public:
                explicit watcher(history& of, int& result) : h(of), fewest(result) {}
                asio::awaitable<void> run(workload_context& self) override {
                    co_await sleep(self.executor(), 60s);
                }
                asio::awaitable<void> check(workload_context&) override {
                    fewest = std::min(fewest, h.fewest);
                    EXPECT_EQ(h.alive, 4) << "healed";
                    co_return;
                }
                history& h;
                int& fewest;
            };
            plan.workloads.push_back({"watcher", 1, [&] { return std::make_unique<watcher>(h, fewest); }});
            const auto result = run_seed(plan, {.seed = seed, .chosen = profile::hostile});
            EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
        }
        EXPECT_EQ(fewest, 4 - most);
    }
}

// Fails if a server that returned stays down, comes back at once, or counts as a fault.
TEST(Exit, OfAServerIsFollowedByARestart) {
    std::vector<std::pair<std::string, std::uint32_t>> boots;
    std::map<std::string, nanoseconds> ended;
    std::vector<nanoseconds> down;
    auto plan = sleepers(
        2,
        [&](process_context& self) -> asio::awaitable<void> {
            if (const auto before = ended.find(self.name()); before != ended.end())
                down.push_back(self.now() - before->second);
            boots.emplace_back(self.name(), self.boot());
            co_await sleep(self.executor(), 1s);
            ended[self.name()] = self.now();
        },
        20s);
    plan.tune = [](faults& f) {
        f = {};
        f.attrition.restart_min = 100ms;
        f.attrition.restart_max = 2s;
    };
    const auto result = run_seed(plan, {.seed = 1, .chosen = profile::hostile});
    EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
    EXPECT_THAT(result.faults, testing::IsEmpty());
    EXPECT_THAT(down, testing::Each(testing::AllOf(testing::Ge(100ms), testing::Le(2s))));
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    for (const auto& [name, boot] : boots)
        EXPECT_EQ(boot, ++(name == "server/0" ? first : second));
    EXPECT_TRUE(first >= 6 && second >= 6);
}

// Fails if an exit of one server changes when another one comes back.
TEST(Exit, RestartTimesAreOfTheProcess) {
    const auto down_times = [](bool other_exits) {
        std::vector<nanoseconds> starts;
        auto plan = sleepers(
            2,
            [&starts, other_exits](process_context& self) -> asio::awaitable<void> {
                if (self.index() == 1)
                    starts.push_back(self.now());
                co_await sleep(self.executor(), self.index() == 1 ? 1s
                                                : other_exits     ? 300ms
                                                                  : nanoseconds(1h));
            },
            30s);
        run_seed(plan, {.seed = 4, .chosen = profile::calm});
        return starts;
    };
    EXPECT_EQ(down_times(false), down_times(true));
}

// Fails if partitions do not come at their rate, or never of each sort.
TEST(Partitions, ComeAtTheirRateInEachDirection) {
    double cuts = 0;
    double one_way = 0;
    double alone = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        auto plan = sleepers(4, idle_forever(), 60s);
        plan.tune = [](faults& f) {
            f = {};
            f.partitions.every = 1s;
            f.partitions.time = 1ms;
        };
        const auto result = run_seed(plan, {.seed = seed, .chosen = profile::hostile, .keep_log = true});
        EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
        cuts += static_cast<double>(count_of(result, "partition"));
        for (const auto& line : result.tail) {
            if (line.find("partition: ") == std::string::npos)
                continue;
            one_way += line.find(" cannot ") != std::string::npos ? 1 : 0;
            alone += line.find(',') == std::string::npos ? 1 : 0;
        }
    }
    // Of the random splits of five processes one in sixteen has an empty side.
    EXPECT_NEAR(cuts, 40 * 60 / 1.002 * (1 - 1.0 / 32), 5 * std::sqrt(2400));
    EXPECT_NEAR(one_way, cuts * 0.4, 5 * std::sqrt(cuts * 0.24));
    EXPECT_GT(alone, cuts * 0.5);
}

// Fails if drawn faults leave the swarm's rule: each family with p = 0.5, none in calm, all in hostile.
TEST(Profiles, DrawFamiliesHalfOfTheTime) {
    constexpr int seeds = 4000;
    std::map<std::string, int> on;
    int families_of_seed_alike = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const faults f = draw_faults(seed, profile::swarm);
        const std::map<std::string, bool> families{{"slow", f.network.slow_message > 0},
                                                   {"partial", f.network.partial_write > 0},
                                                   {"close", f.network.close_connection > 0},
                                                   {"flip", f.network.flip_bit > 0},
                                                   {"clog", f.network.clog > 0},
                                                   {"partition", f.partitions.every > 0ns},
                                                   {"sync", f.storage.slow_sync > 0},
                                                   {"disk", f.storage.sync_error > 0},
                                                   {"short", f.storage.short_transfer > 0},
                                                   {"crash", f.attrition.every > 0ns},
                                                   {"skew", f.time.wall_skew_max > 0ns},
                                                   {"order", f.schedule.reorder_window > 0},
                                                   {"program", f.program.activation > 0}};
        for (const auto& [name, is_on] : families)
            on[name] += is_on ? 1 : 0;
        families_of_seed_alike += families.at("clog") == families.at("crash") ? 1 : 0;
    }
    for (const auto& [name, count] : on)
        EXPECT_NEAR(count, seeds / 2, 5 * std::sqrt(seeds) / 2) << name;
    EXPECT_NEAR(families_of_seed_alike, seeds / 2, 5 * std::sqrt(seeds) / 2);
    EXPECT_EQ(to_string(draw_faults(1, profile::calm)), to_string(faults{}));
    EXPECT_EQ(to_string(draw_faults(9, profile::swarm)), to_string(draw_faults(9, profile::swarm)));
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const faults f = draw_faults(seed, profile::hostile);
        EXPECT_TRUE(f.network.clog > 0 && f.attrition.every > 0ns && f.schedule.reorder_window > 0 &&
                    f.storage.short_transfer > 0 && f.program.activation > 0);
        EXPECT_THAT(to_string(f), testing::AllOf(HasSubstr("clog="), HasSubstr("attrition: every="),
                                                 HasSubstr("late_by=")));
    }
}

// Fails if a fault happens though its value is 0, or never though all are on.
TEST(Profiles, FaultsThatAreOffStayOff) {
    const std::map<std::string, std::vector<std::string>> kinds{
        {"network.slow_message=0", {"slow-message"}},
        {"network.partial_write=0", {"partial-write"}},
        {"network.partial_read=0", {"partial-read"}},
        {"network.close_connection=0", {"close-connection", "close-silently", "half-open"}},
        {"network.connect_refused=0", {"connect-refused"}},
        {"network.connect_hangs=0", {"connect-hang"}},
        {"network.connect_slow=0", {"connect-slow"}},
        {"network.flip_bit=0", {"bit-flip"}},
        {"network.clog=0", {"clog"}},
        {"partitions=off", {"partition"}},
        {"clogging=off", {"swizzle"}},
        {"attrition=off", {"crash", "power-cut", "graceful-stop", "wipe"}},
        {"disk_trouble=off", {"disk-stall", "disk-slow", "disk-dead"}},
        {"pauses=off", {"pause"}},
        {"clock_trouble=off", {"clock-step"}},
        {"storage.slow_sync=0", {"slow-sync"}},
        {"storage.short_transfer=0", {"short-transfer"}},
        {"time.late_timer=0", {"late-timer"}},
        {"time.early_timer=0", {"early-timer"}},
        {"schedule.task_delay=0", {"task-delay"}},
    };
    auto plan = store_plan(20);
    plan.chaos_duration = 10s;
    std::map<std::string, std::uint64_t> with_all;
    for (std::uint64_t seed = 1; seed <= 40; ++seed)
        for (const auto& [kind, count] : run_seed(plan, {.seed = seed, .chosen = profile::hostile}).faults)
            with_all[kind] += count;
    for (const auto& [off, of_it] : kinds) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const auto result = run_seed(plan, {.seed = seed, .chosen = profile::hostile, .faults = off});
            for (const std::string& kind : of_it)
                EXPECT_EQ(count_of(result, kind), 0u) << off << ", seed " << seed;
        }
        for (const std::string& kind : of_it) {
            EXPECT_GT(with_all[kind], 0u) << kind;
        }
    }
}

// Fails if one more client moves the choices of another, or its first requests.
TEST(Workloads, KeepTheirLuckWhateverOthersAreThere) {
    const auto first_draws = [](int clients) {
        std::vector<std::uint64_t> draws;
        class drawer : public workload {
        public:
            explicit drawer(std::vector<std::uint64_t>& all) : draws(all) {}
            asio::awaitable<void> run(workload_context& self) override {
                for (int i = 0; i < 10; ++i) {
                    const auto value = self.random().next();
                    if (self.name() == "client/0")
                        draws.push_back(value);
                }
                co_return;
            }
            std::vector<std::uint64_t>& draws;
        };
        simulation::plan plan;
        plan.workloads.push_back({"client", clients, [&] { return std::make_unique<drawer>(draws); }});
        run_seed(plan, {.seed = 8, .chosen = profile::calm});
        return draws;
    };
    EXPECT_EQ(first_draws(1).size(), 10u);
    EXPECT_EQ(first_draws(1), first_draws(7));
}

}  // namespace
}  // namespace squall
