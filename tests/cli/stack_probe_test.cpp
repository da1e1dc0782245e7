// Where a wedged run stands is told, by gdb or by the worker itself.
#include "stack_probe.h"

#include "command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace squall::cli::test {
namespace {

class Stack : public in_directory {};

TEST(StacksOfGdb, AreKeptWithoutTheRest) {
    EXPECT_EQ(
        stacks_of_gdb(
            "[Thread debugging using libthread_db enabled]\npause () at pause.c:29\n#0  pause () at "
            "pause.c:29\n#1  wedged () at a.cpp:3\n29\tpause.c: No such file or directory.\n#0  poll ()\n"
            "[Inferior 1 (process 3) detached]\n"),
        "thread 1:\n  #0  pause () at pause.c:29\n  #1  wedged () at a.cpp:3\nthread 2:\n  #0  poll ()\n");
    EXPECT_EQ(stacks_of_gdb("ptrace: Operation not permitted.\n"), "");
    EXPECT_EQ(stacks_of_gdb(""), "");
}

// Fails if a hang is charged without a word about where, or the wedged worker is not killed after it.
TEST_F(Stack, OfAHangIsInTheSummaryAndInTheFile) {
    if (std::system("command -v gdb > gdb.txt") != 0) {
        GTEST_SKIP() << "no gdb here";
    }
    const std::string mark = "--mark=" + std::filesystem::current_path().filename().string();
    const command_result result = squall_command(
        run_fake({"--seeds", "20", "--keep-going", "--quiet", "--hang-timeout", "1s"}, {"--hang=7", mark}));
    EXPECT_NE(result.out.find("wedged_for_ever"), std::string::npos) << result.out;
    EXPECT_NE(
        query("squall-campaign.db", "SELECT output FROM run WHERE verdict = 'hang'").find("wedged_for_ever"),
        std::string::npos);
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "20");
    EXPECT_EQ(processes_with(mark), 0);
    const command_result replayed = squall_command(
        {"replay", "--seed", "7", "--hang-timeout", "500ms", "--", FAKE_SIMULATION, "--hang=7"});
    EXPECT_NE(replayed.out.find("wedged_for_ever"), std::string::npos) << replayed.out;
}

TEST(GdbAllowance, IsOfSomeAtOnceAndSomeInAll) {
    gdb_allowance some(2, 5);
    EXPECT_TRUE(some.take());
    EXPECT_TRUE(some.take());
    EXPECT_FALSE(some.take());
    for (int i = 0; i < 3; ++i) {
        some.give_back();
        EXPECT_TRUE(some.take());
    }
    some.give_back();
    EXPECT_FALSE(some.take()) << "five were given";
}

// Fails if a campaign with many hangs starts as many gdbs. This one only notes when it begins and ends; the
// workers then tell their stacks themselves.
TEST_F(Stack, IsAskedOfFewGdbsAtOnceAndInAll) {
    std::filesystem::create_directory("bin");
    std::ofstream("bin/gdb") << "#!/bin/sh\necho begin >> " << std::filesystem::current_path().string()
                             << "/gdbs.txt\nsleep 0.2\necho end >> "
                             << std::filesystem::current_path().string() << "/gdbs.txt\n";
    std::filesystem::permissions("bin/gdb", std::filesystem::perms::owner_all);
    const std::string path = std::filesystem::current_path().string() + "/bin:" + std::getenv("PATH");
    squall_command(
        run_fake({"--seeds", "60", "--jobs", "10", "--keep-going", "--quiet", "--hang-timeout", "1s"},
                 {"--hang=%2+1"}),
        {{"PATH", path}});
    EXPECT_EQ(query("squall-campaign.db",
                    "SELECT count(*) FROM run WHERE verdict = 'hang' AND output LIKE "
                    "'%squall: end of the stack%'"),
              "30");
    int running = 0;
    int most = 0;
    int all = 0;
    std::ifstream notes("gdbs.txt");
    for (std::string word; notes >> word;) {
        running += word == "begin" ? 1 : -1;
        all += word == "begin" ? 1 : 0;
        most = std::max(most, running);
    }
    EXPECT_LE(most, 2);
    EXPECT_GT(all, 0);
    EXPECT_LE(all, 20);
}

// SIGQUIT is ignored in what a shell without job control puts into the background.
TEST_F(Stack, ComesFromTheWorkerWhereThereIsNoGdb) {
    const auto before = std::signal(SIGQUIT, SIG_IGN);
    const command_result result = squall_command(
        run_fake({"--seeds", "20", "--keep-going", "--quiet", "--hang-timeout", "500ms"}, {"--hang=7"}),
        {{"PATH", "/nonexistent"}});
    std::signal(SIGQUIT, before);
    const std::string output = query("squall-campaign.db", "SELECT output FROM run WHERE verdict = 'hang'");
    EXPECT_NE(output.find("squall: the stack"), std::string::npos) << output;
    EXPECT_NE(output.find("fake_simulation(+0x"), std::string::npos) << output;
    EXPECT_NE(output.find("squall: end of the stack"), std::string::npos) << output;
    EXPECT_EQ(query("squall-campaign.db", "SELECT count(*) FROM run"), "20");
}

}  // namespace
}  // namespace squall::cli::test
