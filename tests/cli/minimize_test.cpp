// Minimizing: what is left still fails by the same cause, and nothing of it can be left out.
#include "minimize.h"

#include "command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace squall::cli::test {
namespace {

class Minimize : public in_directory {};

std::string id_of(int number) {
    std::string text = std::to_string(number);
    return std::string(16 - text.size(), '0') + text;
}

// A run with faults 1 to `count` that fails if all of `needed` happen. Vetoing `opens` lets fault 900 happen.
trial imagined(const std::vector<std::string>& veto, int count, const std::set<int>& needed, int opens = 0) {
    const std::set<std::string> without(veto.begin(), veto.end());
    trial t;
    bool fails = true;
    for (int i = 1; i <= count; ++i) {
        if (without.contains(id_of(i))) {
            fails = fails && !needed.contains(i);
        } else {
            t.faults.push_back({id_of(i), i % 3 == 0 ? "crash" : "clog", "", i, ""});
        }
    }
    if (opens != 0 && without.contains(id_of(opens)) && !without.contains(id_of(900))) {
        t.faults.push_back({id_of(900), "late", "", 900, ""});
    }
    t.result.verdict = fails ? verdict::assertion : verdict::passed;
    t.result.message = fails ? "it broke" : "";
    return t;
}

struct found {
    std::set<std::string> faults;
    std::size_t runs = 0;
    bool complete = true;
};

found minimized_of(int count, const std::set<int>& needed, int opens = 0, std::size_t most = 100'000) {
    found result;
    const trial_runner run = [&](const auto& vetoes, const auto& good) -> std::optional<trial_hit> {
        for (std::size_t i = 0; i < vetoes.size(); ++i) {
            ++result.runs;
            trial t = imagined(vetoes[i], count, needed, opens);
            if (good(t)) {
                return trial_hit{i, std::move(t)};
            }
        }
        return std::nullopt;
    };
    const minimized m =
        minimize(imagined({}, count, needed), {}, run, [&](std::size_t) { return result.runs < most; });
    EXPECT_EQ(m.result.message, "it broke");
    for (const fault_message& fault : m.faults) {
        result.faults.insert(fault.id);
    }
    // What it says is true of the run that has these vetoes.
    const trial again = imagined(m.veto, count, needed, opens);
    EXPECT_EQ(again.faults.size(), m.faults.size());
    EXPECT_EQ(again.result.message, "it broke");
    result.complete = m.complete;
    return result;
}

std::set<std::string> ids(const std::set<int>& numbers) {
    std::set<std::string> result;
    for (const int number : numbers) {
        result.insert(id_of(number));
    }
    return result;
}

TEST(MinimizeSearch, LeavesWhatIsNeeded) {
    for (const std::set<int>& needed : {std::set<int>{1},
                                        {500},
                                        {3, 7},
                                        {1, 250, 500},
                                        {249, 250, 251, 252},
                                        {2, 4, 6, 8, 10, 300, 302, 499}}) {
        const found result = minimized_of(500, needed);
        EXPECT_EQ(result.faults, ids(needed));
        EXPECT_TRUE(result.complete);
        // Far fewer than one for each fault.
        EXPECT_LT(result.runs, 250u) << needed.size();
    }
}

TEST(MinimizeSearch, NoneIsNeededIfItFailsWithoutAny) {
    const found result = minimized_of(300, {});
    EXPECT_TRUE(result.faults.empty());
    EXPECT_EQ(result.runs, 1u);
}

TEST(MinimizeSearch, FaultsThatAVetoLetsHappenAreVetoedAsWell) {
    EXPECT_EQ(minimized_of(100, {10, 20}, 5).faults, ids({10, 20}));
    // One for one is no gain.
    EXPECT_EQ(minimized_of(2, {1}, 2).faults, ids({1, 2}));
}

TEST(MinimizeSearch, ALimitLeavesWhatWasFoundByThen) {
    const found result = minimized_of(500, {3, 7, 100, 450}, 0, 12);
    EXPECT_FALSE(result.complete);
    EXPECT_GT(result.faults.size(), 4u);
    EXPECT_LT(result.faults.size(), 500u);
}

std::vector<std::string> minimize_fake(std::vector<std::string> options,
                                       const std::vector<std::string>& fake) {
    std::vector<std::string> words = run_fake(std::move(options), fake);
    words.front() = "minimize";
    return words;
}

TEST_F(Minimize, FindsTheFaultsWhateverTheJobsAndARecipeReplaysThem) {
    std::set<std::string> told;
    for (const char* jobs : {"1", "2", "5"}) {
        const command_result result =
            squall_command(minimize_fake({"--seed", "7", "--json", "--jobs", jobs}, {"--needs=7"}));
        ASSERT_EQ(result.exit_code, 0) << result.err;
        auto json = result.json();
        EXPECT_EQ(json.at("faults_before"), 12);
        EXPECT_EQ(json.at("faults").size(), 2u);
        EXPECT_EQ(json.at("faults")[0].at("id"), "0000000000000003");
        EXPECT_EQ(json.at("faults")[1].at("id"), "0000000000000008");
        EXPECT_EQ(json.at("faults")[1].at("kind"), "crash");
        EXPECT_EQ(json.at("veto").size(), 11u);  // the thirteenth among them
        EXPECT_EQ(json.at("complete"), true);
        json.erase("runs");  // the one that may differ: how many were begun before their turn
        told.insert(json.dump());
    }
    EXPECT_EQ(told.size(), 1u);
    const command_result replayed = squall_command({"replay", "--recipe", "seed-7.recipe.json"});
    EXPECT_EQ(replayed.exit_code, 1) << replayed.err;
    EXPECT_NE(replayed.out.find("the same execution as recorded"), std::string::npos) << replayed.out;
    const command_result other = squall_command(
        {"replay", "--recipe", "seed-7.recipe.json", "--", FAKE_SIMULATION, "--needs=8", "--random=7"});
    EXPECT_EQ(other.exit_code, 3) << other.out;
}

TEST_F(Minimize, ARunThatTakesTheProcessDownIsMinimizedToo) {
    const command_result result = squall_command(
        minimize_fake({"--seed", "7", "--json", "--out", "r.json", "--jobs", "3"}, {"--needs-crash=7"}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.json().at("verdict"), "crash");
    EXPECT_EQ(result.json().at("faults").size(), 2u);
    EXPECT_TRUE(std::filesystem::exists("r.json"));
}

TEST_F(Minimize, TakesTheSeedFromACampaignAndTellsInWords) {
    squall_command(
        run_fake({"--seeds", "30", "--keep-going", "--quiet", "--profile", "hostile"}, {"--needs=7"}));
    const command_result result = squall_command({"minimize", "--campaign", "squall-campaign.db", "7"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    for (const char* part : {"2 of 12 faults are enough", "server/0", "clog of seed 7  [0000000000000003]",
                             "squall replay --recipe seed-7.recipe.json"}) {
        EXPECT_NE(result.out.find(part), std::string::npos) << part << "\n" << result.out;
    }
    EXPECT_NE(squall_command({"minimize", "--campaign", "squall-campaign.db", "8"}).err.find("seed 8 passes"),
              std::string::npos);
}

TEST_F(Minimize, WhatIsNoRecipeIsRefused) {
    const auto refused = [](const std::string& content, const std::string& part) {
        std::ofstream("r.json") << content;
        const command_result result = squall_command({"replay", "--recipe", "r.json"});
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    };
    refused("hello", "not a JSON object");
    refused("{}", "r.json is no recipe");
    refused(R"({"version":9,"command":[],"test":"","seed":1})", "its version is 9");
    refused(R"({"version":1,"command":["x"],"test":"A.b","seed":1,"veto":["zz"]})", "'zz' is not the id");
    refused(R"({"version":1,"command":["x"],"test":"A.b","seed":-1})", "is no recipe");
    EXPECT_EQ(squall_command({"replay", "--recipe", "none.json"}).exit_code, 2);
    EXPECT_EQ(squall_command({"replay", "--recipe", "r.json", "--seed", "3"}).exit_code, 2);
}

}  // namespace
}  // namespace squall::cli::test
