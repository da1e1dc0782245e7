// The campaign file: refused, replaced, gone on with.
#include "campaign_file.h"
#include "command.h"
#include "error.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace squall::cli::test {
namespace {

class Campaign : public in_directory {};

TEST_F(Campaign, IsNotOverwrittenUnasked) {
    EXPECT_EQ(squall_command(run_fake({"--seeds", "5"})).exit_code, 0);
    const command_result again = squall_command(run_fake({"--seeds", "5"}));
    EXPECT_EQ(again.exit_code, 2);
    EXPECT_NE(again.err.find("--resume"), std::string::npos);
    EXPECT_EQ(squall_command(run_fake({"--seeds", "7", "--overwrite"})).exit_code, 0);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "7");
}

TEST_F(Campaign, LeavesNothingBesideIt) {
    squall_command(run_fake({"--seeds", "5"}));
    for (const auto& entry : std::filesystem::directory_iterator(".")) {
        const std::string name = entry.path().filename();
        EXPECT_TRUE(name == "squall-campaign.db" || name == "stdout.txt" || name == "stderr.txt") << name;
    }
}

TEST_F(Campaign, GoesOnWhereItStopped) {
    const std::vector<std::string> fake = {"--fail=20,60", "--random=30", "--rare=90"};
    EXPECT_EQ(squall_command(run_fake({"--seeds", "100", "--check-determinism", "0"}, fake)).exit_code, 1);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "20");
    EXPECT_EQ(
        squall_command(run_fake({"--seeds", "100", "--check-determinism", "0", "--resume"}, fake)).exit_code,
        1);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "60");
    const auto summary =
        squall_command(run_fake({"--seeds", "100", "--check-determinism", "0", "--resume", "--json"}, fake))
            .json();
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "100");
    EXPECT_EQ(summary.at("seeds"), 100);
    EXPECT_EQ(summary.at("causes")[0].at("seeds"), (std::vector<int>{20, 60}));
    // Counts are those of one campaign in one go.
    const auto whole = squall_command(run_fake({"--seeds", "100", "--check-determinism", "0", "--keep-going",
                                                "--campaign", "w.db", "--json"},
                                               fake))
                           .json();
    EXPECT_EQ(summary.at("sites"), whole.at("sites"));
    EXPECT_EQ(summary.at("faults"), whole.at("faults"));
    EXPECT_EQ(summary.at("verdicts"), whole.at("verdicts"));
    const char* sql =
        "SELECT group_concat(id || ' ' || times_true || ' ' || coalesce(first_seed, '-') || ' ' || "
        "coalesce(first_false_seed, '-')) FROM assertion";
    EXPECT_EQ(query("squall-campaign.db", sql), query("w.db", sql));
}

TEST_F(Campaign, OfAnotherCommandIsNotGoneOnWith) {
    squall_command(run_fake({"--seeds", "5"}));
    EXPECT_NE(squall_command(run_fake({"--seeds", "9", "--resume"}, {"--fail=3"}))
                  .err.find("is a campaign with the command"),
              std::string::npos);
    EXPECT_NE(squall_command(run_fake({"--seeds", "9", "--resume", "--profile", "calm"}))
                  .err.find("the profile own, not calm"),
              std::string::npos);
}

// Fails if overrides do not reach the worker's environment, are not kept for a replay, or bad ones are taken.
TEST_F(Campaign, KeepsItsOverrides) {
    EXPECT_EQ(
        squall_command(run_fake({"--seeds", "3", "--override", "name:a=5%fire", "--override", "id:b=off"}))
            .exit_code,
        0);
    EXPECT_EQ(campaign_file::read("squall-campaign.db")->info().overrides, "name:\"a\"=5%fire; id:\"b\"=off");
    EXPECT_NE(squall_command(run_fake({"--seeds", "9", "--resume"})).err.find("the overrides"),
              std::string::npos);
    const command_result bad = squall_command(run_fake({"--overwrite", "--override", "name:a=explode"}));
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_NE(bad.err.find("at position 7"), std::string::npos) << bad.err;
}

// Fails if a misspelt override runs a campaign without it.
TEST_F(Campaign, AnOverrideWithoutASiteIsAnError) {
    const command_result found = squall_command(
        run_fake({"--seeds", "3"}, {"--override-error=override: no site of this program matches 'x'"}));
    EXPECT_EQ(found.exit_code, 2);
    EXPECT_EQ(found.err, "squall: override: no site of this program matches 'x'\n");
    // What is wrong with a record is told, whatever its words, and stops nothing.
    const command_result told =
        squall_command(run_fake({"--seeds", "3"}, {"--catalog-error=override: of a record"}));
    EXPECT_EQ(told.exit_code, 0);
    EXPECT_NE(told.err.find("the site records of"), std::string::npos) << told.err;
}

TEST_F(Campaign, IsWrittenByOneSquallAtATime) {
    squall_command(run_fake({"--seeds", "5"}));
    const auto held =
        campaign_file::resume("squall-campaign.db", {{FAKE_SIMULATION}, own_profile, "", "", 1, 5, 0, 1});
    const command_result second = squall_command(run_fake({"--seeds", "9", "--resume"}));
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_NE(second.err.find("another squall is writing"), std::string::npos) << second.err;
    EXPECT_EQ(squall_command({"sites", "squall-campaign.db"}).exit_code, 0);
}

TEST_F(Campaign, OfAnotherVersionIsRefused) {
    squall_command(run_fake({"--seeds", "5"}));
    for (const std::string version : {"2", "99"}) {
        {
            database db("squall-campaign.db", database::mode::read_write);
            db.execute("PRAGMA user_version = " + version);
        }
        const command_result result = squall_command({"sites", "squall-campaign.db"});
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.err.find("schema version " + version + "; this squall reads version 4"),
                  std::string::npos)
            << result.err;
    }
}

TEST_F(Campaign, StoresTheFailingRunInFull) {
    squall_command(run_fake({"--seeds", "30", "--keep-going"}, {"--fail=7", "--abort=9"}));
    EXPECT_EQ(
        query("squall-campaign.db",
              "SELECT verdict || '|' || message || '|' || place || '|' || process FROM run WHERE seed = 7"),
        "assertion|an acknowledged write is found again|kv/client.cpp:31|client-1");
    EXPECT_EQ(query("squall-campaign.db", "SELECT tail FROM run WHERE seed = 7"),
              R"(["0.000 boot","1.500 end of seed 7"])");
    EXPECT_NE(
        query("squall-campaign.db", "SELECT output FROM run WHERE seed = 9").find("Assertion `size > 0'"),
        std::string::npos);
    EXPECT_EQ(query("squall-campaign.db",
                    "SELECT evaluated || ' ' || runs FROM site WHERE id = '00000000000000a1'"),
              "116 29");
    EXPECT_EQ(
        query("squall-campaign.db", "SELECT first_false_seed FROM assertion WHERE id = '00000000000000a4'"),
        "7");
    EXPECT_EQ(query("squall-campaign.db", "SELECT times FROM fault WHERE kind = 'clog'"), "29");
}

}  // namespace
}  // namespace squall::cli::test
