// squall replay: the seed again, and whether it is the same execution.
#include "command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::cli::test {
namespace {

class Replay : public in_directory {};

std::vector<std::string> replay_fake(std::vector<std::string> options,
                                     const std::vector<std::string>& fake = {}) {
    std::vector<std::string> words = run_fake(std::move(options), fake);
    words.front() = "replay";
    return words;
}

TEST_F(Replay, TellsVerdictPlaceAndTheLastEvents) {
    const command_result result = squall_command(replay_fake({"--seed", "7"}, {"--fail=7"}));
    EXPECT_EQ(result.exit_code, 1);
    for (const char* part : {"assertion", "an acknowledged write is found again", "kv/client.cpp:31",
                             "client-1", "1.5 s", "end of seed 7"}) {
        EXPECT_NE(result.out.find(part), std::string::npos) << part << "\n" << result.out;
    }
    EXPECT_EQ(squall_command(replay_fake({"--seed", "8"}, {"--fail=7"})).exit_code, 0);
}

TEST_F(Replay, AVetoedDecisionIsPassedOn) {
    EXPECT_EQ(
        squall_command(replay_fake({"--seed", "7", "--veto", "00000000000000f1"}, {"--fail=7"})).exit_code,
        0);
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--veto", "f1"}, {"--fail=7"})).exit_code, 2);
}

// Fails if a misspelt override replays a seed without it: where the filter names the test nothing looks the
// program through before.
TEST_F(Replay, AnOverrideWithoutASiteIsAnError) {
    const std::string none = "--override-error=override: no site of this program matches 'x'";
    for (const std::vector<std::string>& fake :
         {std::vector<std::string>{none},
          {none, "--gtest_filter=Fake.Test1"},
          {none + "@Fake.Test2", "--tests=2", "--gtest_filter=Fake.Test2"}}) {
        const command_result result =
            squall_command(replay_fake({"--seed", "7", "--override", "x=fire"}, fake));
        EXPECT_EQ(result.exit_code, 2) << fake.back();
        EXPECT_EQ(result.err, "squall: override: no site of this program matches 'x'\n");
        EXPECT_EQ(result.out, "");
    }
}

TEST_F(Replay, TheLogIsOnStdoutAndTheProgramsOwnWordsOnStderr) {
    const command_result result = squall_command(replay_fake({"--seed", "7", "--log"}, {"--say=7"}));
    EXPECT_TRUE(
        result.out.starts_with("    0.000000 s  client-1      log: event 0 of seed 7\n"
                               "    0.001000 s  client-1      log: event 1 of seed 7\n"))
        << result.out;
    EXPECT_NE(result.err.find("the program says something about seed 7"), std::string::npos);
}

std::string content(const char* file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST_F(Replay, TheRecordIsWhatTheWorkerTold) {
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--record", "r.txt"})).exit_code, 0);
    EXPECT_EQ(content("r.txt"),
              "    0.000000 s  client-1      log: event 0 of seed 7\n"
              "    0.001000 s  client-1      log: event 1 of seed 7\n"
              "    0.002000 s  client-1      log: event 2 of seed 7\n");
    // A campaign has no one run to record.
    EXPECT_EQ(squall_command(run_fake({"--seeds", "3"}), {{"SQUALL_RECORD", "no.txt"}}).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists("no.txt"));
}

// Fails if the record of a run that takes its process down is lost with the process, or is of another run.
TEST_F(Replay, ARunThatTakesItsProcessDownLeavesItsRecordAndLastEvents) {
    const std::string events =
        "    0.000000 s  client-1      log: event 0 of seed 9\n"
        "    0.001000 s  client-1      log: event 1 of seed 9\n"
        "    0.002000 s  client-1      log: event 2 of seed 9\n";
    const std::vector<std::pair<std::string, std::string>> deaths = {
        {"--segv=9", "crash: signal 11"}, {"--abort=9", "crash: Assertion `size > 0' failed"},
        {"--exit=9", "exit: "},           {"--hang=9", "hang: no result within 0.3 s"},
        {"--garbage=9", "protocol: "},    {"--eat=9", "memory: more than 128 MiB"}};
    for (const auto& [how, end] : deaths) {
        SCOPED_TRACE(how);
        std::ofstream("r.txt") << "another run";
        const command_result died =
            squall_command(replay_fake({"--seed", "9", "--record", "r.txt", "--memory-limit", "128M",
                                        "--hang-timeout", how == "--hang=9" ? "300ms" : "60s"},
                                       {how}));
        EXPECT_EQ(died.exit_code, 1) << died.err;
        const std::string record = content("r.txt");
        EXPECT_TRUE(record.starts_with(events + "    0.002000 s  -             VIOLATION: " + end)) << record;
        EXPECT_NE(died.out.find("the last 3 events"), std::string::npos) << died.out;
        EXPECT_NE(died.out.find("log: event 2 of seed 9"), std::string::npos) << died.out;
        EXPECT_NE(died.out.find("virtual time  0.002 s"), std::string::npos) << died.out;
    }
}

// Fails if a worker that tells of events for ever is waited for for ever.
TEST_F(Replay, EventsAreNoResult) {
    const command_result endless =
        squall_command(replay_fake({"--seed", "9", "--hang-timeout", "300ms"}, {"--log-for-ever=9"}));
    EXPECT_EQ(endless.exit_code, 1);
    EXPECT_NE(endless.out.find("hang"), std::string::npos) << endless.out;
}

TEST_F(Replay, AWorkerWithoutEventsLeavesNoRecord) {
    std::ofstream("none.jsonl");
    const command_result none =
        squall_command(replay_fake({"--seed", "7", "--record", "r.shiviz"}, {"--record-from=none.jsonl"}));
    EXPECT_EQ(none.exit_code, 0);
    EXPECT_NE(none.err.find("no record was written to r.shiviz"), std::string::npos) << none.err;
    EXPECT_FALSE(std::filesystem::exists("r.shiviz"));
    const command_result nowhere = squall_command(replay_fake({"--seed", "7", "--record", "none/r.shiviz"}));
    EXPECT_EQ(nowhere.exit_code, 2);
    EXPECT_NE(nowhere.err.find("cannot write none/r.shiviz"), std::string::npos) << nowhere.err;
}

TEST_F(Replay, ARecordOfNoKnownFormatIsRefused) {
    const command_result result = squall_command(replay_fake({"--seed", "7", "--record", "r.xml"}));
    EXPECT_EQ(result.exit_code, 2);
    for (const char* part : {"r.xml", ".txt", ".jsonl", ".json ", ".shiviz"}) {
        EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
    }
}

TEST_F(Replay, ComparesWithADigest) {
    const auto first = squall_command(replay_fake({"--seed", "7", "--json"})).json();
    EXPECT_TRUE(first.at("same").is_null());
    const std::string digest = first.at("digest");
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--digest", digest})).exit_code, 0);
    const command_result other = squall_command(replay_fake({"--seed", "7", "--digest", "0000000000000001"}));
    EXPECT_EQ(other.exit_code, 3);
    EXPECT_NE(other.out.find("not the same execution"), std::string::npos);
}

TEST_F(Replay, TakesEverythingFromACampaign) {
    squall_command(run_fake({"--seeds", "30", "--keep-going", "--profile", "hostile"},
                            {"--tests=2", "--fail=7", "--segv=9"}));
    const command_result failed = squall_command({"replay", "--campaign", "squall-campaign.db", "8"});
    EXPECT_EQ(failed.exit_code, 2);  // both simulations ran it
    EXPECT_NE(failed.err.find("which simulation"), std::string::npos) << failed.err;
    const command_result one =
        squall_command({"replay", "--campaign", "squall-campaign.db", "--seed", "7", "--", FAKE_SIMULATION,
                        "--tests=2", "--fail=7", "--gtest_filter=Fake.Test2"});
    EXPECT_EQ(one.exit_code, 1);
    EXPECT_NE(one.out.find("the same execution as recorded"), std::string::npos) << one.out;
    EXPECT_EQ(squall_command({"replay", "--campaign", "squall-campaign.db", "99"}).exit_code, 2);
}

TEST_F(Replay, WritesATraceByTheNameOfItsFormat) {
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--trace", "perfetto"})).exit_code, 0);
    EXPECT_NE(content("seed-7.json").find("traceEvents"), std::string::npos);
    EXPECT_NE(content("seed-7.json").find("event 2 of seed 7"), std::string::npos);
    EXPECT_EQ(squall_command(replay_fake({"--seed", "8", "--trace", "shiviz=a.log"})).exit_code, 0);
    EXPECT_NE(content("a.log").find("ns log: event 2 of seed 8\n"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists("a.log.shiviz"));
    // Nothing but the trace is on stdout.
    const command_result piped =
        squall_command(replay_fake({"--seed", "9", "--trace", "jsonl=-"}, {"--fail=9"}));
    EXPECT_EQ(piped.exit_code, 1);
    EXPECT_EQ(std::count(piped.out.begin(), piped.out.end(), '\n'), 3) << piped.out;
    EXPECT_TRUE(piped.out.starts_with("{\"time_ns\":0,\"kind\":\"log\",\"process\":\"client-1\",\"text\":"))
        << piped.out;
    EXPECT_EQ(squall_command(replay_fake({"--seed", "9", "--log", "--trace", "jsonl=-"})).exit_code, 2);
    EXPECT_NE(piped.err.find("an acknowledged write is found again"), std::string::npos) << piped.err;
    for (const char* wrong : {"xml", "text=", "perfetto:a.json"}) {
        const command_result result = squall_command(replay_fake({"--seed", "7", "--trace", wrong}));
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.err.find("--trace"), std::string::npos) << result.err;
    }
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--trace", "text", "--record", "r.txt"})).exit_code,
              2);
}

// Fails if gdb does not get the worker, or does not stop where it fails.
TEST_F(Replay, StopsInGdbWhereTheRunFails) {
    if (std::system("command -v gdb > gdb.txt") != 0) {
        GTEST_SKIP() << "no gdb here";
    }
    const command_result failed = squall_command(replay_fake({"--seed", "7", "--gdb"}, {"--fail=7"}));
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_NE(failed.out.find("Breakpoint 1"), std::string::npos) << failed.out;
    EXPECT_NE(failed.out.find("run_seed"), std::string::npos) << failed.out;
    EXPECT_NE(failed.err.find("assertion: an acknowledged write is found again"), std::string::npos)
        << failed.err;
    const command_result crashed = squall_command(replay_fake({"--seed", "7", "--gdb"}, {"--segv=7"}));
    EXPECT_EQ(crashed.exit_code, 1);
    EXPECT_NE(crashed.out.find("received signal SIGSEGV"), std::string::npos) << crashed.out;
    EXPECT_NE(crashed.out.find("misbehave"), std::string::npos) << crashed.out;
    const command_result exits = squall_command(replay_fake({"--seed", "7", "--gdb"}, {"--exit=7"}));
    EXPECT_NE(exits.out.find("exit_group"), std::string::npos) << exits.out;
    EXPECT_NE(exits.out.find("misbehave"), std::string::npos) << exits.out;
    // Nobody could interrupt it.
    const command_result hangs =
        squall_command(replay_fake({"--seed", "7", "--gdb", "--hang-timeout", "300ms"}, {"--hang=7"}));
    EXPECT_EQ(hangs.exit_code, 2);
    EXPECT_NE(hangs.err.find("without a terminal"), std::string::npos) << hangs.err;
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--gdb"})).exit_code, 0);
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--gdb", "--log"})).exit_code, 2);
    const command_result none =
        squall_command(replay_fake({"--seed", "7", "--gdb"}), {{"PATH", "/nonexistent"}});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_NE(none.err.find("gdb"), std::string::npos) << none.err;
}

// Fails if two executions are taken for one, or it is not told where they part.
TEST_F(Replay, TwiceNamesTheFirstEventThatDiffers) {
    EXPECT_EQ(squall_command(replay_fake({"--seed", "7", "--twice"})).exit_code, 0);
    const command_result differ =
        squall_command(replay_fake({"--seed", "7", "--twice", "--json"}, {"--random=7"}));
    EXPECT_EQ(differ.exit_code, 3);
    EXPECT_EQ(differ.json().at("same"), false);
    EXPECT_EQ(differ.json().at("line"), 3);
    EXPECT_EQ(differ.json().at("first")[0], "    0.000000 s  client-1      log: event 0 of seed 7");
    EXPECT_NE(differ.json().at("first")[2], differ.json().at("second")[2]);
}

// Fails if it is not told between which events a changed program parts from what the campaign has.
TEST_F(Replay, SaysWhereARunPartsFromTheRecordedOne) {
    squall_command(run_fake({"--seeds", "9", "--keep-going", "--quiet"}, {"--fail=7"}));
    const command_result changed = squall_command({"replay", "--campaign", "squall-campaign.db", "7", "--",
                                                   FAKE_SIMULATION, "--fail=7", "--parts-at=20"});
    EXPECT_EQ(changed.exit_code, 3);
    EXPECT_NE(changed.out.find("the same until event 16, but not at event 32"), std::string::npos)
        << changed.out;
    EXPECT_NE(changed.out.find("built anew"), std::string::npos) << changed.out;
    const command_result random = squall_command(
        {"replay", "--campaign", "squall-campaign.db", "7", "--", FAKE_SIMULATION, "--fail=7", "--random=7"});
    EXPECT_NE(random.out.find("two runs of today differ as well"), std::string::npos) << random.out;
}

TEST_F(Replay, ACrashIsToldWithWhatTheProcessPrinted) {
    const command_result result = squall_command(replay_fake({"--seed", "9"}, {"--abort=9"}));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.out.find("| fake_simulation: /src/kv/log.cpp:88"), std::string::npos) << result.out;
    EXPECT_EQ(squall_command(replay_fake({"--seed", "9", "--hang-timeout", "300ms"}, {"--hang=9"})).exit_code,
              1);
    EXPECT_EQ(squall_command(replay_fake({"--seed", "9"}, {"--exit=9"})).exit_code, 1);
    EXPECT_EQ(squall_command(replay_fake({"--seed", "9"}, {"--garbage=9"})).exit_code, 1);
}

TEST_F(Replay, AskForOneOfSeveralSimulations) {
    const command_result result = squall_command(replay_fake({"--seed", "9"}, {"--tests=2"}));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find("Fake.Test1 (kv), Fake.Test2 (kv)"), std::string::npos) << result.err;
    EXPECT_EQ(
        squall_command(replay_fake({"--seed", "9"}, {"--tests=2", "--gtest_filter=Fake.Test2"})).exit_code,
        0);
    EXPECT_EQ(
        squall_command(replay_fake({"--seed", "9"}, {"--tests=2", "--gtest_filter=Fake.Test3"})).exit_code,
        2);
}

}  // namespace
}  // namespace squall::cli::test
