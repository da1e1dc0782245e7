// Output for Antithesis: the shapes of its SDK's lines (../shared/field-facts.md, 4.3), each thing said once.
#include <squall/antithesis.h>

#include <squall/run.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using nlohmann::json;

// What the child process does: all kinds of assertions, without a run and in one.
void say_everything() {
    for (int i = 0; i < 4; ++i) {
        SQUALL_ALWAYS(i != 2, "guest: i is not two", "i", i, "text", "a \"b\"", "half", 0.5, "yes", true);
        SQUALL_SOMETIMES(i == 3, "guest: i is three", "i", i);
        SQUALL_ALWAYS_OR_UNREACHABLE(true, "guest: always or unreachable");
        SQUALL_REACHABLE("guest: reached");
        SQUALL_ALWAYS_LE(i, 10, "guest: i is at most ten");
        SQUALL_SOMETIMES_EACH("guest: each i", "i", i);
    }
    if (std::getenv("SQUALL_TEST_NEVER_SET") != nullptr) {
        SQUALL_UNREACHABLE("guest: unreachable");
        SQUALL_SOMETIMES(false, "guest: nobody comes near");
    }
    squall::setup_complete("nodes", 3);
    squall::send_event("leader elected", "node", "n1", "term", 7);
    {
        squall::run run({.seed = 1});
        const squall::run_scope bound(run);
        for (int i = 0; i < 3; ++i)
            SQUALL_SOMETIMES(i == 1, "guest: in a run i is one");
        EXPECT_EQ(run.assertion_tallies().at(0).times_true, 1u);
        EXPECT_EQ(run.assertion_tallies().at(0).times_false, 2u) << "counts in a run are as ever";
    }
}

// Runs in the child alone.
TEST(Antithesis, Child) {
    if (std::getenv("ANTITHESIS_OUTPUT_DIR") == nullptr)
        GTEST_SKIP() << "for the other tests' child";
    say_everything();
}

const std::vector<json>& lines_of_a_child() {
    static const std::vector<json> lines = [] {
        const std::string directory = testing::TempDir() + "/squall_antithesis_" + std::to_string(::getpid());
        std::filesystem::create_directories(directory);
        const pid_t child = ::fork();
        if (child == 0) {
            ::setenv("ANTITHESIS_OUTPUT_DIR", directory.c_str(), 1);
            ::execl("/proc/self/exe", "child", "--gtest_filter=Antithesis.Child", "--gtest_brief=1", nullptr);
            ::_exit(99);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        std::vector<json> all;
        std::ifstream file(directory + "/sdk.jsonl");
        for (std::string line; std::getline(file, line);)
            all.push_back(json::parse(line));
        std::filesystem::remove_all(directory);
        return all;
    }();
    return lines;
}

// All lines about one assertion, in order.
std::vector<json> about(const std::string& message, const char* kind = "antithesis_assert") {
    std::vector<json> found;
    for (const json& line : lines_of_a_child())
        if (line.contains(kind) && line[kind]["message"] == message)
            found.push_back(line[kind]);
    return found;
}

// Fails if a member is missing, of another type, or one too many.
TEST(Antithesis, AssertionsHaveTheSdksShape) {
    int assertions = 0;
    for (const json& line : lines_of_a_child()) {
        if (!line.contains("antithesis_assert"))
            continue;
        ++assertions;
        const json& a = line["antithesis_assert"];
        ASSERT_EQ(a.size(), 9u) << a;
        EXPECT_TRUE(a["assert_type"].is_string() && a["display_type"].is_string());
        EXPECT_TRUE(a["condition"].is_boolean() && a["hit"].is_boolean() && a["must_hit"].is_boolean());
        EXPECT_TRUE(a["details"].is_null() || a["details"].is_object());
        EXPECT_EQ(a["id"], a["message"]);
        const json& where = a["location"];
        ASSERT_EQ(where.size(), 5u) << where;
        EXPECT_TRUE(where["begin_column"].is_number() && where["begin_line"].is_number());
        EXPECT_TRUE(where["class"].is_string() && where["file"].is_string() && where["function"].is_string());
    }
    EXPECT_GE(assertions, 20);
}

// Fails if the first line is not the SDK's, or the platform would not know the version.
TEST(Antithesis, TheFirstLineIsTheSdks) {
    const json& first = lines_of_a_child().at(0).at("antithesis_sdk");
    EXPECT_EQ(first.at("language").at("name"), "C++");
    EXPECT_TRUE(first.at("language").at("version").is_string());
    EXPECT_EQ(first.at("protocol_version"), "1.1.0");
    EXPECT_TRUE(first.at("sdk_version").is_string());
}

// Fails if the types, or whether a property must be reached, differ from the SDK's table (4.2).
TEST(Antithesis, EachMacroIsDeclaredAsTheSdkWould) {
    const auto expect = [](const char* message, const char* type, const char* display, bool must_hit,
                           bool condition) {
        const auto lines = about(message);
        ASSERT_FALSE(lines.empty()) << message;
        EXPECT_EQ(lines[0]["assert_type"], type) << message;
        EXPECT_EQ(lines[0]["display_type"], display) << message;
        EXPECT_EQ(lines[0]["must_hit"], must_hit) << message;
        EXPECT_EQ(lines[0]["condition"], condition) << message;
        EXPECT_EQ(lines[0]["hit"], false) << "a declaration comes first";
        EXPECT_TRUE(lines[0]["details"].is_null());
    };
    expect("guest: i is not two", "always", "Always", true, false);
    expect("guest: always or unreachable", "always", "AlwaysOrUnreachable", false, false);
    expect("guest: i is three", "sometimes", "Sometimes", true, false);
    expect("guest: reached", "reachability", "Reachable", true, true);
    expect("guest: unreachable", "reachability", "Unreachable", false, false);
    EXPECT_EQ(about("guest: nobody comes near").size(), 1u) << "declared, and nothing more";
}

// Fails if an outcome is written more than once, or its details are not those of that evaluation.
TEST(Antithesis, SaysTheFirstOfEachOutcome) {
    const auto always = about("guest: i is not two");
    ASSERT_EQ(always.size(), 3u);
    EXPECT_EQ(always[1]["hit"], true);
    EXPECT_EQ(always[1]["condition"], true);
    EXPECT_EQ(always[1]["details"], (json{{"i", 0}, {"text", "a \"b\""}, {"half", 0.5}, {"yes", true}}));
    EXPECT_EQ(always[2]["condition"], false);
    EXPECT_EQ(always[2]["details"]["i"], 2);
    EXPECT_EQ(always[1]["location"]["function"], "say_everything");
    const auto sometimes = about("guest: i is three");
    ASSERT_EQ(sometimes.size(), 3u);
    EXPECT_EQ(sometimes[1]["condition"], false);
    EXPECT_EQ(sometimes[2]["condition"], true);
    EXPECT_EQ(sometimes[2]["details"]["i"], 3);
    EXPECT_EQ(about("guest: reached").size(), 2u);
    EXPECT_EQ(about("guest: in a run i is one").size(), 3u);
}

// Fails if guidance has another shape, or is written where the operands come no nearer.
TEST(Antithesis, NumericAssertionsGuide) {
    const auto lines = about("guest: i is at most ten", "antithesis_guidance");
    ASSERT_EQ(lines.size(), 4u) << "i grows towards ten";
    for (int i = 0; i < 4; ++i) {
        const json& line = lines[static_cast<std::size_t>(i)];
        ASSERT_EQ(line.size(), 7u) << line;
        EXPECT_EQ(line["guidance_type"], "numeric");
        EXPECT_EQ(line["id"], line["message"]);
        EXPECT_EQ(line["maximize"], true);
        EXPECT_EQ(line["guidance_data"], (json{{"left", i}, {"right", 10}}));
        EXPECT_EQ(line["hit"], true);
        EXPECT_TRUE(line["location"].is_object());
    }
}

// Fails if the platform is not told that faults may begin, or an event is lost.
TEST(Antithesis, SetupAndEventsAreWritten) {
    int found = 0;
    for (const json& line : lines_of_a_child()) {
        if (line == json{{"antithesis_setup", {{"status", "complete"}, {"details", {{"nodes", 3}}}}}})
            ++found;
        if (line == json{{"leader elected", {{"node", "n1"}, {"term", 7}}}})
            ++found;
    }
    EXPECT_EQ(found, 2);
}

// Fails if a program that is no guest writes anything, or evaluates details.
TEST(Antithesis, WithoutTheVariableNothingIsWritten) {
    if (std::getenv("ANTITHESIS_OUTPUT_DIR") != nullptr)
        GTEST_SKIP();
    EXPECT_FALSE(squall::gate_open());
    squall::setup_complete();
    squall::send_event("nothing");
}

}  // namespace
