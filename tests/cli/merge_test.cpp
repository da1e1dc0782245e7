// squall merge and squall prune: nothing is lost, nothing is counted twice.
#include "command.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace squall::cli::test {
namespace {

class Merge : public in_directory {};
class Prune : public in_directory {};

const std::vector<std::string> misbehaving = {"--tests=2", "--fail=%50+7", "--segv=%40+2", "--rare=77"};

void run_shard(const std::string& shard, const std::string& file) {
    squall_command(run_fake(
        {"--seeds", "240", "--keep-going", "--quiet", "--shard", shard, "--campaign", file}, misbehaving));
}

// Everything in a campaign file that does not depend on time, on how it came about and on the order of rows.
std::vector<std::string> contents(const std::string& file) {
    std::vector<std::string> result;
    for (const char* sql : {"SELECT group_concat(r) FROM (SELECT test || seed || verdict || message || place "
                            "|| process || digest || events "
                            "|| virtual_ns || faults || coalesce(tail, '-') || coalesce(options, '-') AS r "
                            "FROM run JOIN simulation ON "
                            "simulation.id = simulation ORDER BY test, seed)",
                            "SELECT group_concat(id || kind || rule || file || line || detail) FROM catalog",
                            "SELECT group_concat(id || runs || ' ' || evaluated || ' ' || activated || ' ' "
                            "|| fired || ' ' || fired_runs || ' ' "
                            "|| first_seed) FROM site",
                            "SELECT group_concat(id || runs || ' ' || times_true || ' ' || times_false || ' "
                            "' || coalesce(first_seed, '-') || "
                            "' ' || coalesce(first_false_seed, '-')) FROM assertion",
                            "SELECT group_concat(id || runs || ' ' || first_seed) FROM coverage",
                            "SELECT group_concat(kind || times) FROM fault",
                            "SELECT first_seed || ' ' || seed_count || ' ' || shard_index || '/' || "
                            "shard_count || command || profile FROM "
                            "campaign"}) {
        result.push_back(query(file, sql));
    }
    return result;
}

TEST_F(Merge, OfAllShardsIsTheWholeCampaign) {
    for (const char* shard : {"3", "1", "2"}) {
        run_shard(std::string(shard) + "/3", std::string("s") + shard + ".db");
    }
    squall_command(
        run_fake({"--seeds", "240", "--keep-going", "--quiet", "--campaign", "whole.db"}, misbehaving));
    const command_result merged =
        squall_command({"merge", "--out", "all.db", "s3.db", "s1.db", "s2.db", "--json"});
    EXPECT_EQ(merged.exit_code, 0) << merged.err;
    EXPECT_EQ(merged.json().at("seeds"), 480);
    EXPECT_EQ(merged.json().at("notes").size(), 0u);
    EXPECT_EQ(contents("all.db"), contents("whole.db"));
    EXPECT_EQ(query("all.db", "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(query("all.db", "SELECT stopped FROM campaign"), "merged");
    EXPECT_EQ(query("all.db", "SELECT exit_code FROM campaign"),
              query("whole.db", "SELECT exit_code FROM campaign"));
    EXPECT_EQ(query("all.db", "SELECT count(*) FROM run a JOIN run b ON a.id < b.id AND a.seed > b.seed"),
              "0");
    // In the order of the seeds whatever the order of the files.
    EXPECT_EQ(squall_command({"merge", "--out", "again.db", "s1.db", "s2.db", "s3.db"}).exit_code, 0);
    const char* runs = "SELECT group_concat(seed || ' ' || simulation || verdict) FROM run";
    EXPECT_EQ(query("all.db", runs).size(), query("again.db", runs).size());
    // The result is a campaign like any other.
    EXPECT_EQ(squall_command({"replay", "--campaign", "all.db", "7", "--", FAKE_SIMULATION, "--tests=2",
                              "--fail=%50+7", "--gtest_filter=Fake.Test2"})
                  .exit_code,
              1);
    EXPECT_EQ(squall_command({"sites", "all.db", "--unreached"}).exit_code, 4);
}

TEST_F(Merge, SaysWhichShardsAreMissing) {
    run_shard("1/3", "s1.db");
    run_shard("3/3", "s3.db");
    const command_result merged = squall_command({"merge", "--out", "all.db", "s1.db", "s3.db"});
    EXPECT_EQ(merged.exit_code, 0) << merged.err;
    EXPECT_NE(merged.out.find("1 shard is missing: 2/3"), std::string::npos) << merged.out;
    // What is missing can be run, now by one.
    squall_command(run_fake({"--seeds", "240", "--keep-going", "--quiet", "--campaign", "all.db", "--resume"},
                            misbehaving));
    EXPECT_EQ(query("all.db", "SELECT count(*) FROM run"), "480");
}

TEST_F(Merge, RefusesWhatDoesNotBelongTogether) {
    run_shard("1/2", "s1.db");
    const auto refused = [](const std::vector<std::string>& words, const std::string& part) {
        const command_result result = squall_command(words);
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
        EXPECT_FALSE(std::filesystem::exists("all.db"));
    };
    std::filesystem::copy_file("s1.db", "copy.db");
    refused({"merge", "--out", "all.db", "s1.db", "copy.db"}, "is in two of the files");
    refused({"merge", "--out", "s1.db", "s1.db", "--overwrite"}, "is one of the files to merge");
    refused({"merge", "--out", "all.db", "s1.db", "none.db"}, "there is no campaign file none.db");
    squall_command(run_fake({"--seeds", "9", "--quiet", "--campaign", "other.db"}));
    refused({"merge", "--out", "all.db", "s1.db", "other.db"}, "no parts of one campaign: the command");
    squall_command(
        run_fake({"--seeds", "9", "--quiet", "--campaign", "calm.db", "--profile", "calm"}, misbehaving));
    refused({"merge", "--out", "all.db", "s1.db", "calm.db"}, "the profile is own and calm");
    std::ofstream("text.db") << "hello";
    refused({"merge", "--out", "all.db", "s1.db", "text.db"}, "text.db");
    refused({"merge", "--out", "all.db"}, "CAMPAIGN");
    // What was there stays where a merge fails.
    squall_command({"merge", "--out", "kept.db", "s1.db"});
    const std::string before = query("kept.db", "SELECT count(*) FROM run");
    EXPECT_EQ(squall_command({"merge", "--out", "kept.db", "s1.db", "copy.db", "--overwrite"}).exit_code, 2);
    EXPECT_EQ(query("kept.db", "SELECT count(*) FROM run"), before);
    for (const auto& entry : std::filesystem::directory_iterator(".")) {
        EXPECT_EQ(entry.path().string().find("merging"), std::string::npos) << entry.path();
    }
}

TEST_F(Prune, OfPassingRunsKeepsTheSumsAndTheCampaignGoesOn) {
    const std::vector<std::string> fake = {"--fail=%50+7", "--segv=%40+2"};
    squall_command(run_fake({"--seeds", "2000", "--keep-going", "--quiet"}, fake));
    squall_command(run_fake({"--seeds", "2300", "--keep-going", "--quiet", "--campaign", "whole.db"}, fake));
    const auto before = std::filesystem::file_size("squall-campaign.db");
    const command_result pruned =
        squall_command({"prune", "--passing", "--details", "1", "squall-campaign.db", "--json"});
    EXPECT_EQ(pruned.exit_code, 0) << pruned.err;
    EXPECT_EQ(pruned.json().at("passing"), 1910);
    EXPECT_EQ(pruned.json().at("details"), 88);
    EXPECT_LT(std::filesystem::file_size("squall-campaign.db"), before / 2);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "90");
    EXPECT_EQ(query("squall-campaign.db", "SELECT sum(runs) FROM pruned"), "1910");
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run WHERE tail IS NOT NULL"), "2");
    const auto resumed =
        squall_command(run_fake({"--seeds", "2300", "--keep-going", "--quiet", "--json", "--resume"}, fake))
            .json();
    EXPECT_EQ(resumed.at("seeds"), 2300);
    EXPECT_EQ(resumed.at("events"), 2300 * 42 - 58 * 42);
    EXPECT_EQ(resumed.at("verdicts").at("passed"), 2300 - 46 - 58);
    EXPECT_EQ(query("squall-campaign.db", "SELECT min(seed) FROM run WHERE verdict = 'passed'"), "2001");
    EXPECT_EQ(query("squall-campaign.db", "SELECT evaluated FROM site"),
              query("whole.db", "SELECT evaluated FROM site"));
    // Once more, and into a merge.
    EXPECT_EQ(squall_command({"prune", "--passing", "squall-campaign.db"}).exit_code, 0);
    EXPECT_EQ(squall_command({"merge", "--out", "m.db", "squall-campaign.db", "--json"}).json().at("seeds"),
              2300);
    EXPECT_NE(squall_command({"merge", "--out", "n.db", "squall-campaign.db", "whole.db"})
                  .err.find("in two of the files"),
              std::string::npos);
}

TEST_F(Prune, MakesRunsThatDidNotSurviveRunAgain) {
    squall_command(run_fake({"--seeds", "100", "--keep-going", "--quiet"}, {"--segv=%40+2", "--exit=5"}));
    EXPECT_EQ(squall_command({"prune", "--again", "crash", "squall-campaign.db"}).exit_code, 0);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "97");
    squall_command(
        run_fake({"--seeds", "100", "--keep-going", "--quiet", "--resume"}, {"--segv=%40+2", "--exit=5"}));
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) || ' ' || count(DISTINCT seed) FROM run"),
              "100 100");
    EXPECT_EQ(query("squall-campaign.db",
                    "SELECT group_concat(seed) FROM (SELECT seed FROM run WHERE verdict = 'crash' "
                    "ORDER BY seed)"),
              "2,42,82");
}

TEST_F(Prune, ChangesNothingUnasked) {
    squall_command(run_fake({"--seeds", "5", "--quiet"}));
    for (const std::vector<std::string>& words : {std::vector<std::string>{"prune", "squall-campaign.db"},
                                                  {"prune", "--again", "assertion", "squall-campaign.db"},
                                                  {"prune", "--details", "few", "squall-campaign.db"},
                                                  {"prune", "--passing", "none.db"},
                                                  {"prune", "--passing"}}) {
        const command_result result = squall_command(words);
        EXPECT_EQ(result.exit_code, 2) << result.out;
        EXPECT_TRUE(result.err.starts_with("squall: ")) << result.err;
    }
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "5");
}

}  // namespace
}  // namespace squall::cli::test
