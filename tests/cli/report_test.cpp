// squall report: what it reads out of a campaign, and the diagram of a failing seed.
#include "command.h"
#include "report_estimate.h"
#include "report_events.h"
#include "report_page.h"
#include "sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace squall::cli::test {
namespace {

using json = nlohmann::ordered_json;

class Report : public in_directory {};

void make_campaign(std::vector<std::string> options, const std::vector<std::string>& fake = {}) {
    options.insert(options.end(), {"--campaign", "c.db", "--quiet", "--keep-going"});
    squall_command(run_fake(std::move(options), fake));
}

nlohmann::json report_of_campaign() {
    const command_result result = squall_command({"report", "c.db", "--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.json();
}

std::string content(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

void write(const std::string& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

// What the page holds as its data.
json data_in(const std::string& page) {
    const std::string before = "<script type=\"application/json\" id=\"squall-data\">";
    const std::size_t at = page.find(before) + before.size();
    return json::parse(page.substr(at, page.find("</script>", at) - at));
}

// Fails if the estimate is another than the formula of Chao (1987) in its bias-corrected form.
TEST(Estimate, IsChao2AndGoodTuring) {
    const std::vector<std::uint64_t> runs_of_each = {1, 1, 1, 2, 7, 10, 0, 0};
    const discovery_estimate left = estimate_discovery(10, runs_of_each);
    EXPECT_EQ(left.observed, 6u);
    EXPECT_EQ(left.once, 3u);
    EXPECT_EQ(left.twice, 1u);
    EXPECT_DOUBLE_EQ(left.total, 6 + 0.9 * 3 * 2 / (2 * 2));
    EXPECT_DOUBLE_EQ(left.next_run, 0.3);
}

TEST(Estimate, SaysNothingIsLeftWhereNothingWasSeenOnceAlone) {
    EXPECT_DOUBLE_EQ(estimate_discovery(10, std::vector<std::uint64_t>{2, 3, 0}).total, 2);
    EXPECT_DOUBLE_EQ(estimate_discovery(0, {}).total, 0);
    EXPECT_DOUBLE_EQ(estimate_discovery(0, {}).next_run, 0);
}

TEST_F(Report, GroupsFailingSeedsByCauseAndCountsThemAll) {
    make_campaign({"--seeds", "300"}, {"--fail=%10+7", "--fail2=%50+9", "--segv=33"});
    const nlohmann::json report = report_of_campaign();
    EXPECT_EQ(report["version"], 1);
    EXPECT_EQ(report["verdict"], "failed");
    EXPECT_EQ(report["totals"]["runs"], 300);
    EXPECT_EQ(report["totals"]["failing"], 37);
    EXPECT_EQ(report["totals"]["causes"], 3);
    EXPECT_EQ(report["verdicts"]["passed"], 263);
    EXPECT_EQ(report["simulations"][0]["failing"], 37);
    const nlohmann::json& first = report["causes"][0];
    EXPECT_EQ(first["message"], "an acknowledged write is found again");
    EXPECT_EQ(first["runs"], 30);
    EXPECT_EQ(first["seeds"].size(), 30u);
    EXPECT_EQ(first["seeds"][1], 17);
    EXPECT_EQ(first["first_position"], 7);
    EXPECT_EQ(first["place"], "kv/client.cpp:31");
    EXPECT_THAT(first["replay"].get<std::string>(), testing::StartsWith("squall replay --seed 7 -- "));
    EXPECT_EQ(report["causes"][1]["message"], "replicas agree");
    EXPECT_EQ(report["causes"][1]["runs"], 6);
    EXPECT_EQ(report["causes"][2]["verdict"], "crash");
    EXPECT_EQ(report["curves"]["causes"], nlohmann::json::parse("[[7,1],[9,2],[33,3]]"));
    EXPECT_EQ(report["curves"]["failing"].size(), 37u);
    EXPECT_EQ(report["estimates"]["causes"]["once"], 1);
}

TEST_F(Report, SeedsOfACauseAreCappedAndTheirNumberIsTold) {
    make_campaign({"--seeds", "250"}, {"--fail=%1+0"});
    const nlohmann::json report = report_of_campaign();
    EXPECT_EQ(report["causes"][0]["runs"], 250);
    EXPECT_EQ(report["causes"][0]["seeds"].size(), 100u);
}

TEST_F(Report, TablesAndCurvesAreThoseOfTheCampaign) {
    make_campaign({"--seeds", "10..29"}, {"--rare=25"});
    const nlohmann::json report = report_of_campaign();
    EXPECT_EQ(report["verdict"], "passed");
    EXPECT_EQ(report["sites"][0]["evaluated"], 80);
    EXPECT_EQ(report["sites"][0]["fired"], 5);
    EXPECT_EQ(report["sites"][0]["first_fired"]["seed"], 12);
    EXPECT_EQ(report["coverage"][0]["runs"], 20);
    EXPECT_EQ(report["assertions"].size(), 4u);
    // Seed 25 is the sixteenth.
    EXPECT_EQ(report["curves"]["sometimes"], nlohmann::json::parse("[[1,1],[16,2]]"));
    EXPECT_EQ(report["totals"]["sometimes"]["total"], 3);
    EXPECT_EQ(report["totals"]["sometimes"]["reached"], 2);
    EXPECT_EQ(report["estimates"]["sometimes"]["once"], 1);
}

// Fails if a report of a pruned campaign tells of other runs than there were, or finds things at other times.
TEST_F(Report, RowsThatWerePrunedStillCount) {
    make_campaign({"--seeds", "5..104"}, {"--fail=17,60", "--rare=50"});
    nlohmann::json before = report_of_campaign();
    database db("c.db", database::mode::read_write);
    db.execute(
        "CREATE TABLE IF NOT EXISTS pruned(simulation INTEGER, first_seed INTEGER, last_seed INTEGER,"
        " runs INTEGER, events INTEGER, virtual_ns INTEGER, wall_us INTEGER);"
        "INSERT INTO pruned SELECT 0, 5, 104, count(*), sum(events), sum(virtual_ns), sum(wall_us) FROM run"
        " WHERE verdict = 'passed'; DELETE FROM run WHERE verdict = 'passed'");
    const nlohmann::json after = report_of_campaign();
    EXPECT_EQ(after["totals"], before["totals"]);
    EXPECT_EQ(after["verdicts"], before["verdicts"]);
    EXPECT_EQ(after["simulations"], before["simulations"]);
    EXPECT_EQ(after["curves"], before["curves"]);
    EXPECT_EQ(after["curves"]["causes"], nlohmann::json::parse("[[13,1]]"));
    EXPECT_EQ(after["curves"]["sometimes"].back(), nlohmann::json::parse("[46,2]"));
    EXPECT_EQ(after["estimates"], before["estimates"]);
}

TEST_F(Report, ASeedThatIsNotDeterministicIsACauseOfItsOwn) {
    make_campaign({"--seeds", "20", "--check-determinism", "1"}, {"--random=5"});
    const nlohmann::json report = report_of_campaign();
    EXPECT_EQ(report["verdict"], "nondeterministic");
    EXPECT_EQ(report["determinism"]["different"], 1);
    EXPECT_EQ(report["causes"][0]["verdict"], "nondeterminism");
}

TEST_F(Report, EqualCampaignsGiveEqualReports) {
    make_campaign({"--seeds", "40", "--jobs", "2"}, {"--fail=%10+7"});
    const std::string first = squall_command({"report", "c.db", "--json"}).out;
    EXPECT_EQ(squall_command({"report", "c.db", "--json"}).out, first);
    EXPECT_EQ(squall_command({"report", "c.db", "-o", "a.html"}).exit_code, 0);
    EXPECT_EQ(squall_command({"report", "c.db", "-o", "b.html"}).exit_code, 0);
    EXPECT_EQ(content("a.html"), content("b.html"));
}

TEST_F(Report, WhatCannotBeDoneIsSaid) {
    EXPECT_EQ(squall_command({"report", "none.db"}).exit_code, 2);
    make_campaign({"--seeds", "3"});
    EXPECT_THAT(squall_command({"report", "c.db", "--json", "--junit"}).err,
                testing::HasSubstr("say one of them"));
    EXPECT_THAT(squall_command({"report", "c.db", "--diagrams", "x"}).err,
                testing::HasSubstr("not a number"));
    EXPECT_THAT(squall_command({"report", "c.db", "-o", "none/r.html"}).err,
                testing::HasSubstr("cannot write"));
    EXPECT_THAT(squall_command({"report", "c.db", "-o", "c.db"}).err,
                testing::HasSubstr("is a campaign file"));
    EXPECT_EQ(report_of_campaign()["totals"]["runs"], 3);
    EXPECT_THAT(squall_command({"report", "c.db", "--hang-timeout", "soon"}).err,
                testing::HasSubstr("--hang-timeout"));
}

// The two ends of a message are found, whichever line a damaged one stands between.
TEST(DiagramColumns, PairMessagesAndTellWhatIsDamaged) {
    std::istringstream record(
        R"({"time_ns":5,"kind":"send","process":"a","peer":"b","bytes":7,"message":"01"})"
        "\nnot an event\n"
        R"({"time_ns":9,"kind":"deliver","process":"b","peer":"a","bytes":7,"message":"01"})"
        "\n"
        R"({"time_ns":9,"kind":"heal"})"
        "\n"
        R"({"time_ns":12,"kind":"log","process":"b","text":"x"})"
        "\n{\"time_ns\":\"12\",\"kind\":\"log\"}\n");
    const json columns = events_of_record(record);
    EXPECT_EQ(columns["events"], 4);
    EXPECT_EQ(columns["damaged"], 2);
    EXPECT_EQ(columns["t"], json::parse("[5,4,0,3]"));
    EXPECT_EQ(columns["m"], json::parse("[1,0,-1,-1]"));
    EXPECT_EQ(columns["p"], json::parse("[0,1,-1,1]"));
    EXPECT_EQ(columns["q"], json::parse("[1,0,-1,-1]"));
    EXPECT_EQ(columns["b"], json::parse("[7,7,0,0]"));
    EXPECT_EQ(columns["x"], json::parse("[-1,-1,-1,0]"));
    EXPECT_EQ(columns["processes"], json::parse(R"(["a","b"])"));
}

TEST(DiagramColumns, OfALongRecordTheEndIsKept) {
    std::string lines;
    for (int i = 0; i < 100; ++i) {
        lines += json{{"time_ns", i}, {"kind", "log"}, {"process", "a"}, {"text", std::to_string(i)}}.dump() +
                 '\n';
    }
    std::istringstream record(lines);
    const json columns = events_of_record(record, 10);
    EXPECT_EQ(columns["events"], 10);
    EXPECT_EQ(columns["left_out"], 90);
    EXPECT_EQ(columns["texts"][0], "90");
    EXPECT_EQ(columns["t"][0], 90);
}

// Whatever is in the data, the page's markup stays as it is, and the data come out again.
TEST(ReportPage, NothingInTheDataLeavesItsScript) {
    if (report_template().empty()) {
        GTEST_SKIP() << "built with SQUALL_WITH_REPORT=OFF";
    }
    using namespace std::string_literals;
    const std::string nasty =
        "</script><script>alert(1)</script><!-- <b>\"'` \xe2\x80\xa8 \xe2\x80\xae \0 \xff \xed\xa0\x80"s;
    const std::string page = report_page({{"text", nasty}, {nasty, 1}});
    const auto count = [](std::string_view text, std::string_view what) {
        std::size_t n = 0;
        for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) {
            ++n;
        }
        return n;
    };
    EXPECT_EQ(count(page, "<"), count(report_template(), "<"));
    EXPECT_EQ(count(page, "alert(1)"), 2u);
    const json data = data_in(page);
    EXPECT_THAT(data["text"].get<std::string>(),
                testing::StartsWith("</script><script>alert(1)</script><!-- <b>\"'` \xe2\x80\xa8"));
    EXPECT_EQ(data["text"].get<std::string>().find("\xff"), std::string::npos);
}

class ReportHtml : public Report {
protected:
    void SetUp() override {
        if (report_template().empty()) {
            GTEST_SKIP() << "built with SQUALL_WITH_REPORT=OFF";
        }
        Report::SetUp();
    }
    json html_data(std::vector<std::string> options) {
        options.insert(options.begin(), {"report", "c.db", "-o", "r.html"});
        const command_result result = squall_command(options);
        EXPECT_EQ(result.exit_code, 0) << result.err;
        said_ = result.err;
        return data_in(content("r.html"));
    }
    std::string said_;
};

TEST_F(ReportHtml, TheFirstSeedOfEachCauseIsRunAgainForItsDiagram) {
    write("record.jsonl",
          R"({"time_ns":5,"kind":"send","process":"a","peer":"b","bytes":7,"message":"0000000000000001"})"
          "\n"
          R"({"time_ns":9,"kind":"deliver","process":"b","peer":"a","bytes":7,"message":"0000000000000001"})"
          "\n");
    make_campaign({"--seeds", "60"},
                  {"--fail=%10+7", "--fail2=12,13", "--segv=33", "--record-from=record.jsonl"});
    const json data = html_data({"--diagrams", "3"});
    ASSERT_EQ(data["diagrams"].size(), 3u);
    EXPECT_EQ(data["diagrams"][0]["seed"], "7");
    EXPECT_EQ(data["diagrams"][0]["m"], json::parse("[1,0]"));
    EXPECT_EQ(data["diagrams"][1]["seed"], "12");
    EXPECT_EQ(data["diagrams"][1]["events"], 2);
    // Of the run that took its process down as well, with where it ended.
    EXPECT_EQ(data["diagrams"][2]["kinds"], json::parse(R"(["send","deliver","violation"])"));
    EXPECT_THAT(data["diagrams"][2]["texts"][0].get<std::string>(), testing::StartsWith("crash: signal 11"));
    EXPECT_EQ(data["causes"][2]["tail"].size(), 2u);
    EXPECT_THAT(said_, testing::HasSubstr("3 causes, 3 with a diagram"));
    EXPECT_EQ(html_data({"--diagrams", "0"})["diagrams"].size(), 0u);
}

TEST_F(ReportHtml, ABinaryThatIsAnotherOrGoneIsSaid) {
    make_campaign({"--seeds", "20"}, {"--fail=7"});
    database("c.db", database::mode::read_write)
        .execute("UPDATE run SET digest = '0000000000000000' WHERE seed = 7");
    EXPECT_THAT(html_data({})["diagrams"][0]["missing"].get<std::string>(),
                testing::HasSubstr("not the execution that the campaign recorded"));
    EXPECT_THAT(html_data({"--", "./gone"})["diagrams"][0]["missing"].get<std::string>(),
                testing::HasSubstr("./gone"));
    EXPECT_THAT(said_, testing::HasSubstr("no diagram of seed 7"));
}

TEST_F(ReportHtml, SourcesAreFoundBesideTheCampaignAndWhereTheUserSays) {
    make_campaign({"--seeds", "3"});
    std::filesystem::create_directories("kv");
    std::filesystem::create_directories("other/kv");
    write("kv/log.cpp", "int main() {}\n");
    write("other/kv/client.cpp", "// </script>\n");
    json sources = html_data({})["sources"];
    ASSERT_EQ(sources["files"].size(), 1u);
    EXPECT_EQ(sources["files"][0]["path"], "kv/log.cpp");
    EXPECT_EQ(sources["missing"].size(), 2u);
    sources = html_data({"--source", "other"})["sources"];
    ASSERT_EQ(sources["files"].size(), 2u);
    EXPECT_EQ(sources["files"][0]["text"], "// </script>\n");
    write("kv/log.cpp", std::string((1 << 20) + 1, ' '));
    EXPECT_EQ(html_data({})["sources"]["missing"][1]["why"], "too long for a report");
}

TEST_F(ReportHtml, SeedsAboveTheNumbersOfABrowserStayWhole) {
    make_campaign({"--seeds", "18446744073709551614..18446744073709551615"}, {"--fail=18446744073709551615"});
    EXPECT_EQ(html_data({"--diagrams", "0"})["causes"][0]["seeds"][0], "18446744073709551615");
    EXPECT_EQ(report_of_campaign()["causes"][0]["seeds"][0], 18446744073709551615u);
}

TEST_F(ReportHtml, TheFileHasTheCampaignsNameUnlessToldOtherwise) {
    make_campaign({"--seeds", "3"});
    EXPECT_EQ(squall_command({"report", "c.db"}).exit_code, 0);
    EXPECT_TRUE(std::filesystem::exists("c.html"));
    EXPECT_THAT(squall_command({"report", "c.db", "-o", "-"}).out, testing::StartsWith("<!doctype html>"));
}

}  // namespace
}  // namespace squall::cli::test
