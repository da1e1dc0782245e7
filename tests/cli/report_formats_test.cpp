// squall report --junit and --markdown: whole files for a small campaign, and that nothing leaves its place.
#include "report_formats.h"

#include "command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::cli::test {
namespace {

using namespace std::string_literals;
const std::string nasty =
    "</failure><b>&]]>\"'`*_[x](y)|@user #1 www.x.org http://x \0\x1b[31m\xff\xef\xbf\xbf\n\xe2\x80\xae end"s;

report_data sample() {
    report_data data;
    data.campaign = "c.db";
    data.exit_code = 1;
    data.runs = 100;
    data.failing = 3;
    data.simulations = {{{"Kv.Survives", "kv"}, 60, 3, 1.5}, {{"Bank.Keeps", "bank"}, 40, 0, 0.25}};
    report_cause cause;
    cause.message = "a write is found again";
    cause.place = "kv/client.cpp:31";
    cause.runs = 2;
    cause.seeds = {7, 17};
    cause.tail = {"0.5 s boots"};
    cause.replay = {"squall", "replay", "--seed", "7", "--", "./kv"};
    data.causes.push_back(cause);
    cause.verdict = verdict::crash;
    cause.message = "signal 11";
    cause.place = "";
    cause.runs = 1;
    cause.seeds = {33};
    cause.tail = {};
    cause.output = "AddressSanitizer: <heap>\n";
    data.causes.push_back(cause);
    data.causes_total = 2;
    place p;
    p.what.kind = "sometimes";
    p.what.file = "kv/client.cpp";
    p.what.line = 20;
    p.what.detail = "a client retried";
    p.runs = 90;
    p.times_true = 4;
    data.places.push_back(p);
    p.what.detail = "never";
    p.times_true = 0;
    data.places.push_back(p);
    return data;
}

TEST(Junit, HasASuiteForEachSimulationAndOneForWhatShouldSometimesHappen) {
    EXPECT_EQ(report_junit(sample()),
              R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="squall" tests="5" failures="1" errors="1" time="1.750">
  <testsuite name="Kv.Survives (kv)" tests="2" failures="1" errors="1" skipped="0" time="1.500">
    <testcase classname="Kv.Survives" name="assertion: a write is found again (kv/client.cpp:31)" time="0.000">
      <failure type="assertion" message="a write is found again">squall replay --seed 7 -- ./kv
seeds 7, 17
the last events:
0.5 s boots
</failure>
    </testcase>
    <testcase classname="Kv.Survives" name="crash: signal 11" time="0.000">
      <error type="crash" message="signal 11">squall replay --seed 7 -- ./kv
seed 33
| AddressSanitizer: &lt;heap&gt;
</error>
    </testcase>
  </testsuite>
  <testsuite name="Bank.Keeps (bank)" tests="1" failures="0" errors="0" skipped="0" time="0.250">
    <testcase classname="Bank.Keeps" name="bank" time="0.250"/>
  </testsuite>
  <testsuite name="sometimes" tests="2" failures="0" errors="0" skipped="1" time="0.000">
    <testcase classname="sometimes" name="a client retried (kv/client.cpp:20)" time="0.000"/>
    <testcase classname="sometimes" name="never (kv/client.cpp:20)" time="0.000"><skipped message="never true, though evaluated in 90 runs"/></testcase>
  </testsuite>
</testsuites>
)xml");
}

report_data nasty_sample() {
    report_data data = sample();
    data.simulations[0].name = {nasty, nasty};
    for (report_cause& cause : data.causes) {
        cause.message = cause.place = cause.output = nasty;
        cause.tail = {nasty};
        cause.replay = {"squall", "replay", nasty, "```"};
    }
    for (place& p : data.places) {
        p.what.file = p.what.detail = nasty;
    }
    return data;
}

// Fails if a text of the program closes an element, or holds what XML cannot.
TEST(Junit, TextsOfTheProgramStayTexts) {
    const std::string plain = report_junit(sample());
    const std::string xml = report_junit(nasty_sample());
    EXPECT_EQ(std::count(xml.begin(), xml.end(), '<'), std::count(plain.begin(), plain.end(), '<'));
    EXPECT_EQ(std::count(xml.begin(), xml.end(), '>'), std::count(plain.begin(), plain.end(), '>'));
    EXPECT_EQ(std::count(xml.begin(), xml.end(), '"') - std::count(plain.begin(), plain.end(), '"'), 0);
    EXPECT_THAT(xml, testing::Not(testing::AnyOf(testing::HasSubstr("\x1b"), testing::HasSubstr("\xff"),
                                                 testing::HasSubstr("\xef\xbf\xbf"), testing::HasSubstr("& "),
                                                 testing::HasSubstr("&]"))));
    EXPECT_THAT(xml, testing::HasSubstr("&lt;/failure&gt;&lt;b&gt;&amp;]]&gt;"));
}

TEST(Markdown, IsShortAndHasTheCommandThatReproduces) {
    const std::string text = report_markdown(sample());
    EXPECT_EQ(text, R"(### squall: failed

100 runs, 3 failing of 2 causes.

**assertion: a write is found again** at kv/client.cpp&#58;31, 2 seeds

```sh
squall replay --seed 7 -- ./kv
```

**crash: signal 11**, 1 seed

```sh
squall replay --seed 7 -- ./kv
```

1 of 2 that should sometimes happen never did:

- never (kv/client.cpp:20)
)");
}

// Fails if a message can ping somebody, link, format or end a block.
TEST(Markdown, TextsOfTheProgramStayTexts) {
    const std::string text = report_markdown(nasty_sample());
    EXPECT_THAT(text, testing::HasSubstr("\n````sh\n"));  // a longer fence than the command's own
    // Outside of the blocks nothing is markup but ours.
    std::string outside;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t block = std::min(text.find("````sh", at), text.size());
        outside += text.substr(at, block - at);
        at = block == text.size() ? block : text.find("\n````\n", block) + 6;
    }
    for (const char* markup : {"<", "`", "@", "[", "|", "www.", "://", "\x1b", "#1 "}) {
        EXPECT_EQ(outside.find(markup), std::string::npos) << markup << "\n" << outside;
    }
    EXPECT_THAT(outside, testing::HasSubstr("&#64;user"));
}

TEST(Markdown, ManyCausesAreCounted) {
    report_data data = sample();
    data.causes.resize(1);
    for (int i = 0; i < 30; ++i) {
        data.causes.push_back(data.causes.front());
    }
    data.causes_total = 500;
    const std::string text = report_markdown(data);
    EXPECT_THAT(text, testing::HasSubstr("\n490 more causes.\n"));
    EXPECT_LT(text.size(), 4000u);
}

}  // namespace
}  // namespace squall::cli::test
