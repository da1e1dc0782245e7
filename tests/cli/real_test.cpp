// The command with a real simulation: minimized, replayed from the recipe, compared, in gdb.
#include "command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace squall::cli::test {
namespace {

class Real : public in_directory {
protected:
    // A failing seed, with a campaign that has it.
    std::string failing_seed() {
        const command_result ran = squall_command(
            {"run", "--seeds", "60", "--keep-going", "--quiet", "--json", "--", REAL_SIMULATION});
        EXPECT_EQ(ran.exit_code, 1) << ran.err << ran.out;
        EXPECT_EQ(ran.json().at("causes")[0].at("message"), "the count of visitors never goes back")
            << ran.out;
        return std::to_string(ran.json().at("causes")[0].at("seeds")[0].get<std::uint64_t>());
    }
};

// Fails if vetoed faults happen, faults are not told, or what is left is not the one that counts.
TEST_F(Real, OneDeathOfTheServerIsEnough) {
    const std::string seed = failing_seed();
    const command_result found =
        squall_command({"minimize", "--campaign", "squall-campaign.db", seed, "--json"});
    ASSERT_EQ(found.exit_code, 0) << found.err;
    const auto json = found.json();
    EXPECT_GT(json.at("faults_before"), 1) << found.out;
    ASSERT_EQ(json.at("faults").size(), 1u) << found.out;
    EXPECT_EQ(json.at("faults")[0].at("process"), "server/0");
    const std::string kind = json.at("faults")[0].at("kind");
    EXPECT_TRUE(kind == "crash" || kind == "power-cut" || kind == "graceful-stop") << kind;
    const command_result again =
        squall_command({"replay", "--recipe", "seed-" + seed + ".recipe.json", "--json"});
    EXPECT_EQ(again.exit_code, 1) << again.err << again.out;
    EXPECT_EQ(again.json().at("same"), true);
    EXPECT_EQ(again.json().at("faults").size(), 1u) << again.out;
}

// Fails if a test that the filter names, so that nobody looks for its simulation, is not minimized.
TEST_F(Real, IsMinimizedByTheNameOfItsTest) {
    const std::string seed = failing_seed();
    const command_result found = squall_command(
        {"minimize", "--seed", seed, "--json", "--", REAL_SIMULATION, "--gtest_filter=Visitors.AreCounted"});
    ASSERT_EQ(found.exit_code, 0) << found.err;
    EXPECT_EQ(found.json().at("faults").size(), 1u) << found.out;
}

TEST_F(Real, IsTheSameInAnotherProcessAndFromTheCampaign) {
    const std::string seed = failing_seed();
    EXPECT_EQ(squall_command({"replay", "--seed", seed, "--twice", "--", REAL_SIMULATION}).exit_code, 0);
    const command_result again =
        squall_command({"replay", "--campaign", "squall-campaign.db", seed, "--json"});
    EXPECT_EQ(again.exit_code, 1) << again.err;
    EXPECT_EQ(again.json().at("same"), true);
    // Of a failing run the file has what tells where another parts from it.
    EXPECT_NE(query("squall-campaign.db", "SELECT checkpoints FROM run WHERE seed = " + seed), "[]");
    const command_result changed =
        squall_command({"replay", "--campaign", "squall-campaign.db", seed, "--faults", "attrition=off"});
    EXPECT_EQ(changed.exit_code, 3) << changed.out;
    EXPECT_NE(changed.out.find("but not at event"), std::string::npos) << changed.out;
}

TEST_F(Real, GdbStopsInTheAssertionThatFails) {
    if (std::system("command -v gdb > gdb.txt") != 0) {
        GTEST_SKIP() << "no gdb here";
    }
    const std::string seed = failing_seed();
    const command_result stopped =
        squall_command({"replay", "--campaign", "squall-campaign.db", seed, "--gdb"});
    EXPECT_EQ(stopped.exit_code, 1) << stopped.err;
    EXPECT_NE(stopped.out.find("squall_failed"), std::string::npos) << stopped.out;
    EXPECT_NE(stopped.out.find("must_not_go_back ("), std::string::npos) << stopped.out;
}

std::string content(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

// Fails if of a run that takes its process down anything is lost that happened before, by whatever it dies.
TEST_F(Real, WhatTakesItsProcessDownIsRecordedUntilThen) {
    std::string before;
    for (const auto& [how, verdict] :
         {std::pair("segv", "crash"), std::pair("hang", "hang"), std::pair("eat", "memory")}) {
        SCOPED_TRACE(how);
        const std::map<std::string, std::string> death = {{"REAL_DEATH", how}, {"PATH", "/nonexistent"}};
        const std::string patience = std::string(how) == "hang" ? "2s" : "60s";
        const std::vector<std::string> limits = {"--hang-timeout", patience, "--memory-limit", "300M"};
        const auto with_limits = [&](std::vector<std::string> words) {
            words.insert(words.begin() + 1, limits.begin(), limits.end());
            return words;
        };
        const command_result ran =
            squall_command(with_limits({"run", "--overwrite", "--seeds", "1", "--quiet", "--json", "--",
                                        REAL_SIMULATION, "--gtest_filter=Doomed.*"}),
                           death);
        EXPECT_EQ(ran.json().at("verdicts").at(verdict), 1) << ran.out << ran.err;
        const command_result again = squall_command(
            with_limits({"replay", "--campaign", "squall-campaign.db", "1", "--record", "died.jsonl"}),
            death);
        EXPECT_EQ(again.exit_code, 1) << again.err;
        EXPECT_NE(again.out.find("the end is near"), std::string::npos) << again.out;
        std::string record = content("died.jsonl");
        record.pop_back();
        const std::size_t last = record.rfind('\n') + 1;
        EXPECT_EQ(record.find("\"kind\":\"violation\",\"text\":\"" + std::string(verdict) + ": ", last),
                  record.find("\"kind\"", last))
            << record.substr(last);
        record.erase(last);
        EXPECT_NE(record.find("\"kind\":\"deliver\""), std::string::npos);
        EXPECT_TRUE(record.ends_with("\"text\":\"the end is near\"}\n")) << record;
        EXPECT_TRUE(before.empty() || before == record);
        before = record;
        const command_result drawn = squall_command(with_limits({"report", "-o", "died.html"}), death);
        if (drawn.exit_code != 2) {  // SQUALL_WITH_REPORT=OFF
            EXPECT_NE(drawn.err.find("1 cause, 1 with a diagram"), std::string::npos) << drawn.err;
        }
    }
}

// Fails if the record of an exhaustive seed is that of all its runs in a row.
TEST_F(Real, OfAnExhaustiveSeedTheLastRunIsRecorded) {
    const command_result last = squall_command({"replay", "--seed", "1", "--record", "last.txt", "--",
                                                REAL_SIMULATION, "--gtest_filter=Exhaustive.*"},
                                               {{"REAL_EXHAUST", "1"}});
    EXPECT_EQ(last.exit_code, 0) << last.err << last.out;
    const std::string record = content("last.txt");
    EXPECT_EQ(record.find("== set-up =="), record.rfind("== set-up ==")) << record;
    EXPECT_NE(record.find("== check =="), std::string::npos) << record;
}

}  // namespace
}  // namespace squall::cli::test
