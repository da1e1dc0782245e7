// What a user gets wrong is one line that names it and the way out, and exit code 2.
#include "command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace squall::cli::test {
namespace {

class Usage : public in_directory {};

void expect_problem(const command_result& result, const std::string& part) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(result.err.starts_with("squall: ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists("squall-campaign.db"));
}

TEST_F(Usage, AVerbThatDoesNotExistSuggestsOne) {
    expect_problem(squall_command({"rnu"}), "did you mean run?");
    expect_problem(squall_command({"frobnicate"}), "there are");
    expect_problem(squall_command({}), "which verb?");
}

TEST_F(Usage, AnOptionThatDoesNotExistSuggestsOne) {
    expect_problem(squall_command({"run", "--seed", "4", "--", FAKE_SIMULATION}), "did you mean --seeds?");
    expect_problem(squall_command({"run", FAKE_SIMULATION, "--gtest_filter=X"}), "stand after --");
}

TEST_F(Usage, ASeedThatIsNoNumber) {
    expect_problem(squall_command(run_fake({"--seeds", "many"})), "--seeds: 'many'");
    expect_problem(squall_command(run_fake({"--from", "-1"})), "--from: '-1' is not a seed");
    expect_problem(squall_command({"replay", "--seed", "12x", "--", FAKE_SIMULATION}),
                   "--seed: '12x' is not a seed");
    expect_problem(squall_command({"replay", "--", FAKE_SIMULATION}), "which seed?");
}

TEST_F(Usage, OtherOptionsThatMakeNoSense) {
    expect_problem(squall_command(run_fake({"--time", "soon"})), "--time: 'soon' is not a duration");
    expect_problem(squall_command(run_fake({"--jobs", "0"})), "--jobs: '0'");
    expect_problem(squall_command(run_fake({"--profile", "wild"})), "wild");
    expect_problem(squall_command(run_fake({"--shard", "3/2"})), "--shard: '3/2'");
    expect_problem(squall_command(run_fake({"--check-determinism", "2"})), "--check-determinism");
    expect_problem(squall_command(run_fake({"--resume", "--overwrite"})), "--resume");
}

TEST_F(Usage, NoBinaryOrNoneThatCanRun) {
    expect_problem(squall_command({"run"}), "which test binary?");
    expect_problem(squall_command({"run", "--"}), "which test binary?");
    expect_problem(squall_command({"run", "--", "./missing"}), "no such file: ./missing");
    expect_problem(squall_command({"run", "--", "no_such_program_in_path"}),
                   "no program 'no_such_program_in_path' in PATH");
    std::ofstream("text.txt") << "hello";
    expect_problem(squall_command({"run", "--", "./text.txt"}), "./text.txt is not executable");
    std::ofstream("data") << "\x01\x02\x03";
    std::filesystem::permissions("data", std::filesystem::perms::owner_all);
    expect_problem(squall_command({"run", "--", "./data"}), "./data");
    expect_problem(squall_command({"run", "--", "."}), "is a directory");
}

TEST_F(Usage, ABinaryThatIsNoGoogleTest) {
    expect_problem(squall_command({"run", "--", "true"}), "not a GoogleTest program");
    expect_problem(squall_command({"run", "--", "ls"}), "not a GoogleTest program");
    expect_problem(squall_command({"replay", "--seed", "1", "--", "true"}), "not a GoogleTest program");
}

TEST_F(Usage, AGoogleTestWithoutSimulations) {
    expect_problem(squall_command(run_fake({}, {"--no-simulation"})), "no simulation in");
    expect_problem(squall_command(run_fake({}, {"--protocol=2"})), "worker protocol 2");
}

TEST_F(Usage, AWorkerThatNeverStarts) {
    const command_result result = squall_command(run_fake({"--quiet"}, {"--die-at-start"}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find("exit code 9"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("cannot open the database of tests"), std::string::npos) << result.err;
}

TEST_F(Usage, ACampaignPathThatCannotBeWritten) {
    expect_problem(squall_command(run_fake({"--campaign", "no/such/dir/c.db"})),
                   "there is no directory no/such/dir");
    expect_problem(squall_command(run_fake({"--campaign", "/proc/c.db", "--quiet"})), "/proc/c.db");
    expect_problem(squall_command(run_fake({"--campaign", ".", "--overwrite"})), "not a campaign file");
    expect_problem(squall_command(run_fake({"--campaign", "none.db", "--resume"})),
                   "no campaign file none.db");
}

TEST_F(Usage, SomebodyElsesFileIsLeftAlone) {
    std::ofstream("notes.db") << "precious";
    expect_problem(squall_command(run_fake({"--campaign", "notes.db"})), "exists already");
    expect_problem(squall_command(run_fake({"--campaign", "notes.db", "--overwrite"})), "is left alone");
    EXPECT_EQ(std::filesystem::file_size("notes.db"), 8u);
}

TEST_F(Usage, HelpAndVersionGoToStdout) {
    EXPECT_EQ(squall_command({"--version"}).out.substr(0, 7), "squall ");
    for (const char* verb : {"run", "replay", "sites"}) {
        const command_result help = squall_command({verb, "--help"});
        EXPECT_EQ(help.exit_code, 0);
        EXPECT_NE(help.out.find("Examples:"), std::string::npos) << help.out;
        EXPECT_NE(help.out.find("Exit codes:"), std::string::npos);
    }
}

}  // namespace
}  // namespace squall::cli::test
