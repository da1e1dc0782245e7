// squall_add_simulation(), in a project of its own.
#include "command.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::cli::test {
namespace {

class AddSimulation : public in_directory {
protected:
    // Configures a project with one simulation, the fake, added with these words.
    static std::string configured(const std::string& words, const std::string& options) {
        std::ofstream("CMakeLists.txt")
            << "cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES NONE)\n"
               "enable_testing()\ninclude(\"" SQUALL_CMAKE_DIR
               "/SquallAddSimulation.cmake\")\n"
               "add_executable(fake IMPORTED)\nset_target_properties(fake PROPERTIES "
               "IMPORTED_LOCATION \"" FAKE_SIMULATION "\")\nsquall_add_simulation("
            << words << ")\n";
        return shell(SQUALL_CMAKE " -S . -B build " + options);
    }
    static std::string ctest(const std::string& options) {
        return shell("cd build && " SQUALL_CTEST " " + options);
    }

    static std::string shell(const std::string& command) {
        const std::string line = "(" + command + ") > shell.txt 2>&1";
        const int status = std::system(line.c_str());
        std::ostringstream text;
        text << std::ifstream("shell.txt").rdbuf();
        return text.str() + (status == 0 ? "[well]" : "[failed]");
    }
    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
};

const std::string with_squall = "-DSQUALL_EXECUTABLE=" SQUALL_EXECUTABLE;

// Fails if the campaign is not run, its failure is no failure of the test, or its results are not kept.
TEST_F(AddSimulation, MakesATestByItselfAndACampaign) {
    ASSERT_TRUE(
        has(configured("fake SEEDS 30 OPTIONS --keep-going ARGUMENTS --fail=7 LABELS mine", with_squall),
            "[well]"));
    const std::string ran = ctest("--output-on-failure");
    EXPECT_TRUE(has(ran, "50% tests passed, 1 tests failed out of 2")) << ran;
    EXPECT_TRUE(has(ran, "fake.campaign")) << ran;
    EXPECT_TRUE(has(ran, "squall replay --seed 7 -- ")) << ran;
    EXPECT_EQ(query("build/fake.db", "SELECT count(*) FROM run"), "30");
    EXPECT_TRUE(has(ctest("-LE campaign"), "100% tests passed, 0 tests failed out of 1"));
    EXPECT_TRUE(has(ctest("-N -L mine"), "Total Tests: 2"));
}

TEST_F(AddSimulation, ACampaignThatPassesIsATestThatPasses) {
    ASSERT_TRUE(has(configured("fake PROFILE calm JOBS 1", with_squall), "[well]"));
    EXPECT_TRUE(has(ctest(""), "100% tests passed, 0 tests failed out of 2"));
    EXPECT_EQ(query("build/fake.db", "SELECT count(*) || profile FROM run, campaign"), "1000calm");
    // Again, and for a part of ctest's own.
    EXPECT_TRUE(has(ctest("-R campaign"), "100% tests passed"));
}

TEST_F(AddSimulation, WithoutSquallTheProgramIsStillTested) {
    ASSERT_TRUE(has(configured("fake SEEDS 30", with_squall + " -DSQUALL_CAMPAIGNS=OFF"), "[well]"));
    EXPECT_TRUE(has(ctest(""), "100% tests passed, 0 tests failed out of 1"));
    std::filesystem::remove_all("build");
    const std::string without = configured("fake SEEDS 30", "-DSQUALL_EXECUTABLE=");
    ASSERT_TRUE(has(without, "[well]")) << without;
    EXPECT_TRUE(has(without, "no squall executable, so no test fake.campaign")) << without;
    EXPECT_TRUE(has(ctest(""), "100% tests passed, 0 tests failed out of 1"));
}

TEST_F(AddSimulation, WhatMakesNoSenseIsToldByCMake) {
    EXPECT_TRUE(has(configured("other SEEDS 30", with_squall), "there is neither a target other"));
    EXPECT_TRUE(has(configured("fake SEEDS", with_squall), "no value for SEEDS"));
}

}  // namespace
}  // namespace squall::cli::test
