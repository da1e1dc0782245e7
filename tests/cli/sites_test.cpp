// squall sites, as a user sees it.
#include "command.h"

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
