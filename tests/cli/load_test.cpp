// What campaigns must stand: seeds that crash, hang and eat memory by the hundred, a parent that is killed at
// any moment, and a disk that fills up.
#include "command.h"

#include <squall/decisions.h>

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

namespace squall::cli::test {
namespace {

class Load : public in_directory {};

std::string mark() {
    return "--mark=" + std::filesystem::current_path().filename().string();
}

// 5 % crash, 1 % hang and 1 % eat memory, as fast as they can to a little more than the limit. Those that
// hang take no processor, so that many workers wait for them at once, and the time of a hang can be one that
// a loaded machine does not take for a run that ends. Fails if a seed is lost, counted twice or charged with
// what another did.
TEST_F(Load, EverySeedOfTenThousandIsAccountedFor) {
    constexpr std::uint64_t seeds = 10'000;
    const command_result result =
        squall_command(run_fake({"--seeds", std::to_string(seeds), "--keep-going", "--json", "--hang-timeout",
                                 "15s", "--memory-limit", "100M", "--jobs", "24"},
                                {"--segv=%20+3", "--hang=%100+7", "--eat=%100+9", "--eat-mib=112", mark()}),
                       {{"PATH", "/nonexistent"}});  // no gdb, for which there are tests of its own
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const auto verdicts = result.json().at("verdicts");
    EXPECT_EQ(verdicts.at("crash"), seeds / 20);
    EXPECT_EQ(verdicts.at("hang"), seeds / 100);
    EXPECT_EQ(verdicts.at("memory"), seeds / 100);
    EXPECT_EQ(verdicts.at("passed"), seeds - seeds / 20 - seeds / 50);
    const char* db = "squall-campaign.db";
    EXPECT_EQ(query(db,
                    "SELECT count(*) || ' ' || count(DISTINCT seed) || ' ' || min(seed) || ' ' || max(seed) "
                    "FROM run"),
              std::to_string(seeds) + " " + std::to_string(seeds) + " 1 " + std::to_string(seeds));
    EXPECT_EQ(query(db,
                    "SELECT count(*) FROM run WHERE verdict <> CASE WHEN seed % 20 = 3 THEN 'crash' WHEN "
                    "seed % 100 = "
                    "7 THEN 'hang' WHEN seed % 100 = 9 THEN 'memory' ELSE 'passed' END"),
              "0");
    EXPECT_EQ(query(db, "PRAGMA integrity_check"), "ok");
    EXPECT_TRUE(eventually([] { return processes_with(mark()) == 0; }));
}

// Fails if a kill leaves a worker, a torn file or a seed that is in it twice or not at all in the end.
TEST_F(Load, AParentThatIsKilledTwentyTimesLosesNothing) {
    const std::vector<std::string> fake = {"--slow-us=400", "--segv=%20+3", "--fail=%50+1", mark()};
    std::string before = "0";
    for (std::uint64_t round = 0; round < 20; ++round) {
        // From the start of the process, so that some come before there is a file, and some in a commit.
        const auto moment = std::chrono::microseconds(mix(8, 4711, round) % 400'000);
        std::vector<std::string> words = {"--seeds",    "20000", "--keep-going", "--quiet",
                                          "--campaign", "c.db",  "--jobs",       "3"};
        if (std::filesystem::exists("c.db")) {
            words.emplace_back("--resume");
        }
        squall_command(run_fake(words, fake), {}, [&](pid_t squall) {
            std::this_thread::sleep_for(moment);
            kill(squall, SIGKILL);
        });
        EXPECT_TRUE(eventually([] { return processes_with(mark()) == 0; })) << "round " << round;
        if (std::filesystem::exists("c.db")) {
            EXPECT_EQ(query("c.db", "PRAGMA integrity_check"), "ok");
            EXPECT_EQ(query("c.db", "SELECT count(*) = count(DISTINCT seed) FROM run"), "1");
            const std::string now = query("c.db", "SELECT count(*) FROM run");
            EXPECT_GE(std::stol(now), std::stol(before));
            before = now;
        }
    }
    std::vector<std::string> words = {"--seeds", "3000", "--keep-going", "--json", "--campaign", "c.db"};
    if (std::filesystem::exists("c.db")) {
        words.emplace_back("--resume");
    }
    squall_command(run_fake(words, fake));
    EXPECT_GE(std::stol(query("c.db", "SELECT count(DISTINCT seed) FROM run")), 3000);
    // Seeds are committed in order, so that there is no gap.
    EXPECT_EQ(query("c.db", "SELECT max(seed) = count(*) AND min(seed) = 1 FROM run"), "1");
    EXPECT_EQ(query("c.db", "SELECT count(*) FROM run WHERE (verdict = 'crash') <> (seed % 20 = 3)"), "0");
    // What sites did in runs that are in the file is in its sums, once.
    EXPECT_EQ(
        query("c.db", "SELECT (SELECT evaluated FROM site) = 4 * count(*) FROM run WHERE verdict <> 'crash'"),
        "1");
}

// Fails if a worker's own child outlives a parent that is killed.
TEST_F(Load, WhatWorkersStartedDiesWithTheParentToo) {
    squall_command(
        run_fake({"--time", "none", "--quiet", "--jobs", "2"}, {"--child", "--slow-us=1000", mark()}), {},
        [&](pid_t squall) {
            // squall, its guard, and two workers with a child each.
            EXPECT_TRUE(eventually([] { return processes_with(mark()) >= 6; }));
            kill(squall, SIGKILL);
        });
    EXPECT_TRUE(eventually([] { return processes_with(mark()) == 0; }));
}

// Files may grow to so many bytes and no further.
class file_size_limit {
public:
    explicit file_size_limit(rlim_t bytes) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit less = {bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &less);
    }
    ~file_size_limit() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

// Fails if a write that does not succeed ends squall by a signal, tears the file, or leaves nothing to go on
// with.
TEST_F(Load, AFullDiskKeepsWhatWasCommittedAndTheCampaignGoesOn) {
    command_result full;
    {
        const file_size_limit limit(400 << 10);
        full = squall_command(
            run_fake({"--seeds", "30000", "--keep-going", "--quiet"}, {"--fail=%7+1", mark()}));
    }
    EXPECT_EQ(full.exit_code, 2);
    EXPECT_TRUE(full.err.starts_with("squall: campaign file squall-campaign.db: ")) << full.err;
    EXPECT_NE(full.err.find("--resume"), std::string::npos) << full.err;
    EXPECT_EQ(processes_with(mark()), 0);
    EXPECT_EQ(query("squall-campaign.db", "PRAGMA integrity_check"), "ok");
    const long kept = std::stol(query("squall-campaign.db", "SELECT count(*) FROM run"));
    EXPECT_GT(kept, 0);
    EXPECT_LT(kept, 30'000);
    const command_result rest = squall_command(
        run_fake({"--seeds", "30000", "--keep-going", "--quiet", "--resume"}, {"--fail=%7+1", mark()}));
    EXPECT_EQ(rest.exit_code, 1) << rest.err;
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) || ' ' || max(seed) FROM run"), "30000 30000");
    EXPECT_EQ(query("squall-campaign.db", "SELECT evaluated FROM site"), "120000");
}

}  // namespace
}  // namespace squall::cli::test
