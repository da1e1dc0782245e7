// squall run, against a binary that misbehaves by seed.
#include "command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

namespace squall::cli::test {
namespace {

class Run : public in_directory {};

// Verdict, message and seeds of each cause.
std::map<std::string, std::vector<std::uint64_t>> causes(const nlohmann::json& summary) {
    std::map<std::string, std::vector<std::uint64_t>> result;
    for (const auto& cause : summary.at("causes")) {
        result[cause.at("verdict").get<std::string>()] = cause.at("seeds").get<std::vector<std::uint64_t>>();
    }
    return result;
}

TEST_F(Run, PassesWhereEverySeedDoes) {
    const command_result result = squall_command(run_fake({"--seeds", "300", "--json"}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto summary = result.json();
    EXPECT_EQ(summary.at("seeds"), 300);
    EXPECT_EQ(summary.at("stopped"), "count");
    EXPECT_EQ(summary.at("verdicts").at("passed"), 300);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(DISTINCT seed) FROM run"), "300");
    EXPECT_EQ(query("squall-campaign.db", "SELECT min(seed) || '-' || max(seed) FROM run"), "1-300");
}

TEST_F(Run, StopsAtTheFirstFailingSeedWhateverTheJobs) {
    for (const char* jobs : {"1", "2", "5"}) {
        const command_result result =
            squall_command(run_fake({"--seeds", "500", "--json", "--overwrite", "--jobs", jobs},
                                    {"--fail=200,203,230", "--slow-us=20"}));
        EXPECT_EQ(result.exit_code, 1);
        EXPECT_EQ(result.json().at("seeds"), 200) << jobs;
        EXPECT_EQ(causes(result.json()).at("assertion"), (std::vector<std::uint64_t>{200})) << jobs;
    }
}

TEST_F(Run, ChargesEachEndOfAWorkerToItsSeedAndGoesOn) {
    const command_result result =
        squall_command(run_fake({"--seeds", "1..400", "--keep-going", "--json", "--hang-timeout", "4s",
                                 "--memory-limit", "200M", "--jobs", "3"},
                                {"--fail=10,300", "--segv=20,21", "--hang=30", "--exit=40", "--eat=50",
                                 "--garbage=60", "--fail2=70"}));
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const auto found = causes(result.json());
    EXPECT_EQ(found.at("assertion"), (std::vector<std::uint64_t>{10, 300}));
    EXPECT_EQ(found.at("crash"), (std::vector<std::uint64_t>{20, 21}));
    EXPECT_EQ(found.at("hang"), (std::vector<std::uint64_t>{30}));
    EXPECT_EQ(found.at("exit"), (std::vector<std::uint64_t>{40}));
    EXPECT_EQ(found.at("memory"), (std::vector<std::uint64_t>{50}));
    EXPECT_EQ(found.at("protocol"), (std::vector<std::uint64_t>{60}));
    EXPECT_EQ(found.at("check"), (std::vector<std::uint64_t>{70}));
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) || '/' || count(DISTINCT seed) FROM run"),
              "400/400");
}

TEST_F(Run, TellsTheSameWhateverTheJobs) {
    std::set<std::string> told;
    for (const char* jobs : {"1", "2", "4"}) {
        const command_result result = squall_command(
            run_fake({"--seeds", "600", "--keep-going", "--json", "--overwrite", "--jobs", jobs},
                     {"--fail=%50+7", "--segv=%97+1", "--exit=%151+3", "--rare=400", "--tests=3"}));
        auto summary = result.json();
        summary.erase("timing");
        told.insert(summary.dump());
    }
    EXPECT_EQ(told.size(), 1u) << *told.begin() << "\n\n" << *told.rbegin();
}

TEST_F(Run, ASanitizersReportIsACrashWithItsPlace) {
    const auto summary = squall_command(run_fake({"--seeds", "9", "--json"}, {"--asan=3"})).json();
    EXPECT_EQ(summary.at("causes")[0].at("verdict"), "crash");
    EXPECT_EQ(summary.at("causes")[0].at("message"), "AddressSanitizer: heap-use-after-free");
    EXPECT_EQ(summary.at("causes")[0].at("place"), "/src/kv/store.cpp:12:5 in kv::store::get");
}

TEST_F(Run, EverySimulationGetsEverySeed) {
    const auto summary =
        squall_command(run_fake({"--seeds", "100", "--json", "--jobs", "2"}, {"--tests=3"})).json();
    EXPECT_EQ(summary.at("simulations").size(), 3u);
    EXPECT_EQ(summary.at("seeds"), 300);
    EXPECT_EQ(
        query("squall-campaign.db",
              "SELECT group_concat(n) FROM (SELECT count(DISTINCT seed) n FROM run GROUP BY simulation)"),
        "100,100,100");
}

TEST_F(Run, UntilSometimesStopsWithTheSeedThatReachesTheLast) {
    // One place of the fake is never reached, so the exit code says that the goal was missed.
    const command_result missed =
        squall_command(run_fake({"--seeds", "50", "--until-sometimes"}, {"--rare=7"}));
    EXPECT_EQ(missed.exit_code, 4);
    EXPECT_NE(missed.out.find("never evaluated  kv/server.cpp:77  a backup took over"), std::string::npos)
        << missed.out;
    EXPECT_EQ(missed.out.find("the rare thing"), std::string::npos);
}

TEST_F(Run, NamesSeedsThatAreNotDeterministic) {
    const command_result result =
        squall_command(run_fake({"--seeds", "200", "--check-determinism", "1", "--json"}, {"--random=77"}));
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_EQ(causes(result.json()).at("nondeterminism"), (std::vector<std::uint64_t>{77}));
    EXPECT_TRUE(result.json().at("causes")[0].at("replay").get<std::string>().starts_with(
        "squall replay --twice --seed 77 -- "));
    EXPECT_EQ(query("squall-campaign.db", "SELECT verdict FROM run WHERE seed = 77"), "nondeterminism");
    EXPECT_EQ(query("squall-campaign.db", "SELECT same FROM recheck WHERE seed = 77"), "0");
}

TEST_F(Run, ChecksDeterminismInAnotherProcessEvenWithOneJob) {
    for (const char* jobs : {"1", "2"}) {
        const command_result result =
            squall_command(run_fake({"--seeds", "200", "--check-determinism", "1", "--json", "--keep-going",
                                     "--overwrite", "--jobs", jobs},
                                    {"--random=%10+3"}));
        EXPECT_EQ(result.exit_code, 3);
        EXPECT_EQ(causes(result.json()).at("nondeterminism").size(), 20u);
        EXPECT_EQ(result.json().at("determinism").at("checked"), 200);
    }
}

TEST_F(Run, StopsWhenTheTimeIsUp) {
    const auto begin = std::chrono::steady_clock::now();
    const command_result result = squall_command(run_fake({"--time", "500ms", "--json"}, {"--slow-us=1000"}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.json().at("stopped"), "time");
    EXPECT_GT(result.json().at("seeds"), 10);
}

TEST_F(Run, ReproducesWithTheCommandThatItPrints) {
    const auto summary = squall_command(run_fake({"--seeds", "50", "--json", "--profile", "hostile"},
                                                 {"--tests=2", "--fail=7", "a b"}))
                             .json();
    const std::string command = summary.at("causes")[0].at("replay");
    EXPECT_EQ(command, "squall replay --seed 7 --profile hostile -- " FAKE_SIMULATION
                       " --tests=2 --fail=7 'a b' --gtest_filter=Fake.Test1");
    const command_result replayed =
        squall_command({"replay", "--seed", "7", "--profile", "hostile", "--", FAKE_SIMULATION, "--tests=2",
                        "--fail=7", "a b", "--gtest_filter=Fake.Test1"});
    EXPECT_EQ(replayed.exit_code, 1);
    EXPECT_NE(replayed.out.find("an acknowledged write is found again"), std::string::npos);
}

TEST_F(Run, SeedsUseAll64Bits) {
    const command_result result =
        squall_command(run_fake({"--seeds", "18446744073709551610..18446744073709551615", "--json"},
                                {"--fail=18446744073709551613"}));
    EXPECT_EQ(causes(result.json()).at("assertion"), (std::vector<std::uint64_t>{18446744073709551613u}));
    EXPECT_EQ(query("squall-campaign.db", "SELECT seed FROM failure"), "18446744073709551613");
}

TEST_F(Run, ShardsOfASchedulerRunTheirShareAndTheWorkersAllTests) {
    const command_result result = squall_command(run_fake({"--seeds", "10", "--json"}),
                                                 {{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "3"}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(
        query("squall-campaign.db", "SELECT group_concat(seed) FROM (SELECT seed FROM run ORDER BY seed)"),
        "2,5,8");
}

TEST_F(Run, APipeGetsNoControlCharacters) {
    const command_result result =
        squall_command(run_fake({"--seeds", "70", "--keep-going"}, {"--garbage=60"}));
    EXPECT_EQ((result.out + result.err).find('\x1b'), std::string::npos);
    EXPECT_EQ((result.out + result.err).find('\r'), std::string::npos);
}

TEST_F(Run, QuietSaysNothingOnStderr) {
    EXPECT_EQ(squall_command(run_fake({"--seeds", "50", "--quiet"})).err, "");
}

TEST_F(Run, AnInterruptKeepsTheResultsAndLeavesNoWorker) {
    const std::string mark = "--mark=" + std::filesystem::current_path().filename().string();
    const command_result result = squall_command(
        run_fake({"--time", "none", "--quiet"}, {"--slow-us=500", mark}), {}, [&](pid_t squall) {
            EXPECT_TRUE(eventually([] {
                return std::filesystem::exists("squall-campaign.db") &&
                       query("squall-campaign.db", "SELECT count(*) > 20 FROM run") == "1";
            }));
            kill(squall, SIGINT);
        });
    EXPECT_EQ(result.exit_code, 130);
    EXPECT_NE(result.out.find("stopped: interrupted"), std::string::npos) << result.out;
    EXPECT_EQ(query("squall-campaign.db", "SELECT exit_code FROM campaign"), "130");
    EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(Run, KillingSquallLeavesNoWorkerAndASoundFile) {
    const std::string mark = "--mark=" + std::filesystem::current_path().filename().string();
    for (int round = 0; round < 5; ++round) {
        const std::string before =
            std::filesystem::exists("c.db") ? query("c.db", "SELECT count(*) FROM run") : "0";
        const command_result result = squall_command(
            run_fake(
                {"--time", "none", "--quiet", "--campaign", "c.db", round == 0 ? "--overwrite" : "--resume"},
                {"--slow-us=300", "--hang=%1000000+5", mark}),
            {}, [&](pid_t squall) {
                EXPECT_TRUE(eventually([&] {
                    return std::filesystem::exists("c.db") &&
                           std::stol("0" + query("c.db", "SELECT count(*) FROM run")) >=
                               (round == 0 ? 4 : std::stol(before));
                }));
                kill(squall, SIGKILL);
            });
        EXPECT_EQ(result.exit_code, 128 + SIGKILL);
        EXPECT_TRUE(eventually([&] { return processes_with(mark) == 0; }));
        EXPECT_EQ(query("c.db", "PRAGMA integrity_check"), "ok");
        EXPECT_EQ(query("c.db", "SELECT count(*) = count(DISTINCT seed) FROM run"), "1");
    }
}

// Fails if one worker serves for ever, or a run is lost or made twice where one takes another's place.
TEST_F(Run, WorkersAreReplacedAfterSoManySeeds) {
    const auto processes = [](const char* recycle) {
        std::filesystem::remove("pids.txt");
        const auto summary = squall_command(run_fake({"--seeds", "200", "--keep-going", "--json",
                                                      "--overwrite", "--jobs", "2", "--recycle", recycle},
                                                     {"--note-pid=pids.txt", "--fail=%50+7"}))
                                 .json();
        EXPECT_EQ(summary.at("seeds"), 200);
        EXPECT_EQ(query("squall-campaign.db", "SELECT count(DISTINCT seed) FROM run"), "200");
        std::ifstream file("pids.txt");
        std::set<std::string> pids;
        for (std::string pid; file >> pid;) {
            pids.insert(pid);
        }
        return pids.size();
    };
    EXPECT_GE(processes("20"), 200u / (20 + 31));  // what was given ahead is run
    EXPECT_LE(processes("none"), 4u);
    EXPECT_EQ(squall_command(run_fake({"--recycle", "0", "--overwrite"})).exit_code, 2);
}

TEST_F(Run, WhatAWorkerStartedDiesWithIt) {
    const std::string mark = "--mark=" + std::filesystem::current_path().filename().string();
    squall_command(run_fake({"--seeds", "10", "--keep-going", "--quiet"}, {"--orphan=4", mark}));
    EXPECT_TRUE(eventually([&] { return processes_with(mark) == 0; }));
}

}  // namespace
}  // namespace squall::cli::test
