// --faults: changes of single fault values, on their way from the command line and files to the workers.
#include "campaign_file.h"
#include "command.h"
#include "error.h"
#include "faults_option.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace squall::cli::test {
namespace {

class Faults : public in_directory {};

std::string plain(std::string_view text) {
    return plain_fault_changes(text, "--faults");
}

std::string problem_of(std::string_view text) {
    try {
        return "none: " + plain(text);
    } catch (const error& problem) {
        return problem.what();
    }
}

std::vector<std::string> replay_that_fails(std::vector<std::string> options) {
    std::vector<std::string> words = run_fake(std::move(options), {"--fail=3"});
    words.front() = "replay";
    return words;
}

void write(const char* path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

// Fails if a form of the text comes out as something else to the worker.
TEST_F(Faults, AreOneLineInWhateverForm) {
    EXPECT_EQ(plain(" network.flip_bit=0.01,attrition.every=2s;\n calm\n\n"),
              "network.flip_bit=0.01; attrition.every=2s; calm");
    EXPECT_EQ(
        plain("network: flip_bit=0.01 window=4096\n# a comment, whole\npartitions=off, # no more, this"),
        "network: flip_bit=0.01 window=4096; partitions=off");
    EXPECT_EQ(
        plain(
            "\n{\"network\": {\"flip_bit\": 0.01, // often\n \"latency_min\": \"1ms\"}, \"clogs\": \"off\"}"),
        "network.flip_bit=0.01; network.latency_min=1ms; clogs=off");
    EXPECT_EQ(plain(""), "");
    EXPECT_EQ(plain(" ,;\n# nothing"), "");
}

// Fails if what a file holds is not taken at its place among the others.
TEST_F(Faults, OfAFileComeInItsPlace) {
    write("lines.txt", "# of Monday\r\nnetwork.window=512\r\npartitions=off");
    write("all.json", R"({"network": {"flip_bit": 0.5}})");
    write("empty", "");
    EXPECT_EQ(plain("calm, @lines.txt, @all.json, @empty, network.window=9"),
              "calm; network.window=512; partitions=off; network.flip_bit=0.5; network.window=9");
}

// Fails if a mistake that the worker would see differently, or in another directory, is passed on.
TEST_F(Faults, ThatCannotBeTakenAreRefused) {
    write("self.txt", "calm\n@self.txt");
    write("binary", std::string("calm\0partitions=off", 19));
    write("broken.json", "{\"network\": ");
    write("long.txt", std::string(200'000, ' '));
    std::filesystem::create_directory("directory");
    EXPECT_EQ(problem_of("@missing.txt"), "--faults: cannot read 'missing.txt': No such file or directory");
    EXPECT_EQ(problem_of("calm,@directory"), "--faults: cannot read 'directory': it is a directory");
    EXPECT_EQ(problem_of("@long.txt"), "--faults: cannot read 'long.txt': it has more than 100,000 bytes");
    EXPECT_EQ(problem_of("@/dev/zero"), "--faults: cannot read '/dev/zero': it has more than 100,000 bytes");
    EXPECT_EQ(problem_of("@self.txt"), "--faults: in self.txt: '@self.txt' names another file");
    EXPECT_NE(problem_of("@binary").find("in binary: 'calm\\x00partitions=off' holds a control character"),
              std::string::npos)
        << problem_of("@binary");
    EXPECT_NE(problem_of("@broken.json").find("in broken.json: begins with { but is not JSON"),
              std::string::npos);
    for (const char* json :
         {R"({"network": {"window": "1; calm"}})", R"({"@lines": "off"})", R"({"calm, x": 1})",
          R"({"network": {"window": [1, 2]}})", R"({"network": {"window": ""}})"}) {
        EXPECT_NE(problem_of(json).find("is not a fault value's name and one value"), std::string::npos)
            << problem_of(json);
    }
    EXPECT_NE(problem_of(std::string(60'000, 'a') + "," + std::string(60'000, 'b')).find("more than 100,000"),
              std::string::npos);
    const std::string half(60'000, 'a');
    const command_result both = squall_command(run_fake({"--faults", half}), {{"SQUALL_FAULTS", half}});
    EXPECT_EQ(both.exit_code, 2);
    EXPECT_EQ(both.err, "squall: --faults: more than 100,000 bytes of fault changes\n");
}

// Fails if a campaign's workers do not have them, or its file and summary do not keep them.
TEST_F(Faults, OfACampaignReachWorkersFileAndSummary) {
    write("lines.txt", "partitions=off\n");
    const command_result result = squall_command(
        run_fake({"--seeds", "5", "--json", "--faults", "network.flip_bit=0.01", "--faults", "@lines.txt"},
                 {"--fail=3"}),
        {{"SQUALL_FAULTS", "calm"}});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    const std::string all = "calm; network.flip_bit=0.01; partitions=off";
    EXPECT_EQ(query("squall-campaign.db", "SELECT options FROM run WHERE seed = 3"),
              "loss=0.1 faults=" + all);
    EXPECT_EQ(query("squall-campaign.db", "SELECT fault_changes FROM campaign"), all);
    EXPECT_EQ(campaign_file::read("squall-campaign.db")->info().fault_changes, all);
    EXPECT_EQ(result.json().at("fault_changes"), all);
    const std::string replay = result.json().at("causes")[0].at("replay");
    EXPECT_TRUE(replay.starts_with("squall replay --seed 3 --faults '" + all + "' -- ")) << replay;
    const command_result none = squall_command(run_fake({"--seeds", "5", "--overwrite"}, {"--fail=3"}));
    EXPECT_EQ(none.out.find("--faults"), std::string::npos) << none.out;
    EXPECT_EQ(query("squall-campaign.db", "SELECT fault_changes FROM campaign"), "");
}

// Fails if a campaign goes on with other faults than it began with.
TEST_F(Faults, OfAnotherCampaignAreNotGoneOnWith) {
    squall_command(run_fake({"--seeds", "5", "--faults", "partitions=off, clogs=off"}));
    const command_result none = squall_command(run_fake({"--seeds", "9", "--resume"}));
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_NE(none.err.find("with the fault changes partitions=off; clogs=off, not none"), std::string::npos)
        << none.err;
    EXPECT_EQ(squall_command(run_fake({"--seeds", "9", "--resume", "--faults", "clogs=off"})).exit_code, 2);
    write("same.json", R"({"clogs": "off"})");
    EXPECT_EQ(squall_command(run_fake({"--seeds", "9", "--resume", "--faults", "@same.json"}),
                             {{"SQUALL_FAULTS", "partitions=off"}})
                  .exit_code,
              0);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "9");
}

// Fails if a replay has not the campaign's faults, or has them although others are asked for.
TEST_F(Faults, OfAReplayAreTheCampaignsUnlessGiven) {
    write("lines.txt", "partitions=off");
    squall_command(run_fake({"--seeds", "5", "--faults", "@lines.txt"}, {"--fail=3"}));
    std::filesystem::remove("lines.txt");
    const command_result same = squall_command({"replay", "--campaign", "squall-campaign.db", "3"});
    EXPECT_EQ(same.exit_code, 1) << same.err;
    EXPECT_NE(same.out.find("faults=partitions=off\n"), std::string::npos) << same.out;
    EXPECT_NE(same.out.find("the same execution as recorded"), std::string::npos) << same.out;
    const auto other =
        squall_command({"replay", "--campaign", "squall-campaign.db", "--json", "--faults", "calm", "3"});
    EXPECT_EQ(other.exit_code, 3);
    EXPECT_EQ(other.json().at("options"), "loss=0.1 faults=calm");
    const auto alone =
        squall_command(replay_that_fails({"--seed", "3", "--json", "--faults", "{\"clogs\": \"off\"}"}),
                       {{"SQUALL_FAULTS", "partitions=off"}});
    EXPECT_EQ(alone.json().at("options"), "loss=0.1 faults=partitions=off; clogs=off");
}

// Fails if a misspelt value runs without it, or if the file that was asked for is not there.
TEST_F(Faults, ThatTheWorkerDoesNotKnowAreAnError) {
    for (const auto& words : {run_fake({"--seeds", "5", "--faults", "no_such=1"}),
                              replay_that_fails({"--seed", "3", "--faults", "no_such=1"})}) {
        const command_result result = squall_command(words);
        EXPECT_EQ(result.exit_code, 2) << words.front();
        EXPECT_EQ(result.err, "squall: SQUALL_FAULTS: no fault value is called 'no_such'\n");
    }
    for (const auto& words : {run_fake({"--seeds", "5", "--faults", "@none.txt"}),
                              replay_that_fails({"--seed", "3", "--faults", "@none.txt"})}) {
        const command_result result = squall_command(words);
        EXPECT_EQ(result.exit_code, 2) << words.front();
        EXPECT_EQ(result.err, "squall: --faults: cannot read 'none.txt': No such file or directory\n");
    }
    const command_result inherited =
        squall_command(run_fake({"--seeds", "5"}), {{"SQUALL_FAULTS", "@none.txt"}});
    EXPECT_EQ(inherited.err, "squall: SQUALL_FAULTS: cannot read 'none.txt': No such file or directory\n");
    EXPECT_FALSE(std::filesystem::exists("squall-campaign.db"));
}

}  // namespace
}  // namespace squall::cli::test
