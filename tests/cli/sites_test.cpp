// squall sites, as a user sees it.
#include "command.h"
#include "sqlite.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace squall::cli::test {
namespace {

class Sites : public in_directory {};

TEST_F(Sites, OfAnObjectFile) {
    const command_result result = squall_command({"sites", SAMPLE_SITES});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(
        result.out.find(
            "00000000000000b1  error-return  error-return  kv/log.cpp:12  kv::log::sync    return errc"),
        std::string::npos)
        << result.out;
    EXPECT_NE(result.out.find("2 sites: 1 coverage, 1 error-return"), std::string::npos) << result.out;
}

TEST_F(Sites, AreFiltered) {
    EXPECT_EQ(
        squall_command({"sites", SAMPLE_SITES, "--json", "--kind", "error_return"}).json().at("sites").size(),
        1u);
    EXPECT_EQ(squall_command({"sites", SAMPLE_SITES, "--json", "--rule", "cov*"}).json().at("sites").size(),
              1u);
    EXPECT_EQ(squall_command({"sites", SAMPLE_SITES, "--json", "--function", "*::append"})
                  .json()
                  .at("sites")
                  .size(),
              1u);
    const command_result misspelt = squall_command({"sites", SAMPLE_SITES, "--kind", "eror-return"});
    EXPECT_EQ(misspelt.exit_code, 2);
    EXPECT_EQ(misspelt.err, "squall: --kind: no kind 'eror-return' (did you mean error-return?)\n");
    // A kind that squall has and this binary has not.
    EXPECT_EQ(squall_command({"sites", SAMPLE_SITES, "--kind", "sometimes-each"}).exit_code, 0);
    const auto none = squall_command({"sites", SAMPLE_SITES, "--json", "--file", "*.h"}).json();
    EXPECT_EQ(none.at("sites").size(), 0u);
    EXPECT_EQ(none.at("total"), 2);
}

TEST_F(Sites, OfACampaignHaveCounts) {
    squall_command(run_fake({"--seeds", "12"}));
    const command_result result = squall_command({"sites", "squall-campaign.db"});
    EXPECT_NE(result.out.find("evaluated 48, activated 6, fired 3"), std::string::npos) << result.out;
    const auto open = squall_command({"sites", "squall-campaign.db", "--unreached", "--json"}).json();
    EXPECT_EQ(open.at("sites").size(), 2u);
    const auto site = squall_command({"sites", "squall-campaign.db", "--kind", "error-return", "--json"})
                          .json()
                          .at("sites")[0];
    EXPECT_EQ(site.at("first_fired").at("seed"), 4);
}

#ifdef SQUALL_WITH_CLANG
// Fails if the source must be instrumented first, or is changed by listing it.
TEST_F(Sites, OfSourceAreWhatInstrumentWouldPutThere) {
    std::filesystem::create_directory("src");
    const std::string code =
        "bool put(int n) {\n    if (n < 0)\n        return false;\n    return true;\n}\n"
        "int main(int argc, char**) {\n    return put(argc) ? 0 : 1;\n}\n";
    std::ofstream("src/a.cpp") << code;
    const std::string here = std::filesystem::current_path();
    std::ofstream("compile_commands.json") << nlohmann::json::array(
        {{{"directory", here}, {"file", here + "/src/a.cpp"}, {"command", "c++ -c src/a.cpp"}}});
    const command_result listed = squall_command({"sites", "src", "-p", ".", "--json"});
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    const auto parsed = listed.json();
    EXPECT_EQ(parsed.at("target"), "src");
    EXPECT_FALSE(std::filesystem::exists("src/squall-sites.json"));
    EXPECT_EQ(squall_command({"instrument", "-p", ".", "--out", "out", "src"}).exit_code, 0);
    EXPECT_EQ(squall_command({"sites", "out", "--json"}).json().at("sites"), parsed.at("sites"));
    EXPECT_EQ(squall_command({"sites", "src/a.cpp", "-p", ".", "--rules", "error-return", "--json"})
                  .json()
                  .at("sites")[0]
                  .at("kind"),
              "error-return");
    const command_result none = squall_command({"sites", "src", "-p", "nowhere"});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_TRUE(none.err.starts_with("squall: ")) << none.err;
    EXPECT_EQ(none.err.find("squall: squall:"), std::string::npos) << none.err;
}
#endif

// Fails if a script cannot tell by the exit code that something was never evaluated, or is told so of what
// nobody needs to reach.
TEST_F(Sites, NeverEvaluatedAreAnExitCode) {
    squall_command(run_fake({"--seeds", "12"}));
    const auto unreached = [](std::vector<std::string> options) {
        options.insert(options.begin(), {"sites", "squall-campaign.db", "--unreached"});
        return squall_command(options);
    };
    EXPECT_EQ(unreached({}).exit_code, 4);
    EXPECT_EQ(unreached({"--json"}).exit_code, 4);
    EXPECT_EQ(unreached({"--kind", "error-return,coverage"}).exit_code, 0);
    EXPECT_EQ(unreached({"--file", "kv/server.cpp"}).exit_code, 4);
    {
        database db("squall-campaign.db", database::mode::read_write);
        db.execute("UPDATE site SET runs = 0, evaluated = 0");
        db.execute("UPDATE catalog SET kind = 'unreachable' WHERE id = '00000000000000a6'");
    }
    EXPECT_EQ(unreached({"--kind", "error-return"}).exit_code, 4);
    EXPECT_EQ(unreached({"--kind", "unreachable"}).exit_code, 0);
    EXPECT_EQ(unreached({"--file", "*.h"}).exit_code, 0);
    EXPECT_EQ(squall_command({"sites", "squall-campaign.db"}).exit_code, 0);
}

TEST_F(Sites, AreSorted) {
    squall_command(run_fake({"--seeds", "12"}));
    const auto ids = [](const std::string& keys) {
        std::string all;
        const auto listing = squall_command({"sites", "squall-campaign.db", "--json", "--sort", keys}).json();
        for (const auto& site : listing.at("sites")) {
            all += site.at("id").get<std::string>().back();
        }
        return all;
    };
    EXPECT_EQ(ids("file"), "234516");  // a2 to a4 in client.cpp, a5 before a1 in log.cpp, a6 in server.cpp
    EXPECT_EQ(ids("id"), "123456");
    EXPECT_EQ(ids("kind,detail"), "451623");  // always, coverage, error-return, reachable, sometimes
    EXPECT_EQ(ids("evaluated"), "123456");    // 48, 12, 12, 12, 12, 0: of the same number in order of place
    EXPECT_EQ(ids("fired,id"), "123456");
    EXPECT_EQ(ids("runs,function,id"), "234156");
    const command_result unknown = squall_command({"sites", SAMPLE_SITES, "--sort", "size"});
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_NE(unknown.err.find("no 'size' to sort by; there are id, kind"), std::string::npos) << unknown.err;
    const command_result counts = squall_command({"sites", SAMPLE_SITES, "--sort", "kind,fired"});
    EXPECT_EQ(counts.exit_code, 2);
    EXPECT_NE(counts.err.find("name a campaign file"), std::string::npos) << counts.err;
}

TEST_F(Sites, OfAnOutputDirectory) {
    std::filesystem::create_directory("out");
    std::ofstream("out/squall-sites.json")
        << R"({"format": "squall-sites", "schema": 1, "sites": [{"id":"00000000000000c1","kind":2,"rule":"timeout","file":"a.cpp",)"
           R"("line":3,"column":5,"function":"f","detail":"5s"}]})";
    EXPECT_EQ(squall_command({"sites", "out", "--json"}).json().at("sites")[0].at("kind"), "duration");
    std::ofstream("out/squall-sites.json") << "{\"format\":";
    EXPECT_NE(squall_command({"sites", "out"}).err.find("is damaged"), std::string::npos);
}

TEST_F(Sites, OfWhatHasNoneSaysTheWayOut) {
    for (const char* target : {FAKE_SIMULATION, ".", "missing", "stdout.txt", "/dev/null"}) {
        const command_result result = squall_command({"sites", target});
        EXPECT_EQ(result.exit_code, 2) << target;
        EXPECT_TRUE(result.err.starts_with("squall: ")) << result.err;
    }
    EXPECT_NE(squall_command({"sites", FAKE_SIMULATION}).err.find("--gc-sections"), std::string::npos);
    EXPECT_NE(squall_command({"sites", SAMPLE_SITES, "--unreached"}).err.find("name a campaign file"),
              std::string::npos);
}

}  // namespace
}  // namespace squall::cli::test
