// The command with a real simulation: minimized, replayed from the recipe, compared, in gdb.
#include "command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

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

}  // namespace
}  // namespace squall::cli::test
