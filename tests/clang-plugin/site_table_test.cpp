// The texts that list sites.
#include "core/site_table.h"

#include "rules/rules.h"

#include <gmock/gmock.h>

namespace squall::rewrite {
namespace {

using testing::HasSubstr;

site sample() {
    site made;
    made.rule = &all_rules().front();
    made.path = "src/a.cpp";
    made.line = 12;
    made.column = 3;
    made.function = "ns::f";
    made.detail = "then";
    made.id = 0x1f;
    return made;
}

// Fails where a record is too short for its text, or its size is no multiple of 32.
TEST(whole_site_header, gives_the_size_that_the_text_needs) {
    const site one = sample();
    // "coverage" "src/a.cpp" "ns::f" "then" and four nulls: 8 + 9 + 5 + 4 + 4.
    EXPECT_THAT(whole_site_header({&one, 1}),
                HasSubstr("SQUALL_COVERAGE_SITE(000000000000001f, 32, 12, 3, \"coverage\\0\" "
                          "\"src/a.cpp\\0\" \"ns::f\\0\" \"then\")\n"));
}

// Fails where a condition with quotes, or a name in another alphabet, breaks the header.
TEST(whole_site_header, escapes_what_a_literal_cannot_hold) {
    site one = sample();
    one.detail = "a == \"?\?/\\\"\n\xc3\xb1";
    EXPECT_THAT(whole_site_header({&one, 1}), HasSubstr("\"a == \\\"\\?\\?/\\\\\\\"\\012\\303\\261\")"));
}

// Fails where a page of lambda becomes part of each binary, or is cut within a character.
TEST(whole_site_header, shortens_long_details_between_characters) {
    site one = sample();
    for (int i = 0; i < 60; ++i)
        one.detail += "\xc3\xb1";
    const std::string json = site_json({&one, 1});
    EXPECT_THAT(json, HasSubstr("\xc3\xb1...\""));
    EXPECT_EQ(json.find("\xef\xbf\xbd"), std::string::npos);
}

// Fails where two runs could list the sites in another order.
TEST(site_json, is_ordered_by_file_line_and_column) {
    site first = sample();
    site second = sample();
    first.line = 13;
    second.detail = "second";
    const site both[] = {first, second};
    const std::string json = site_json(both);
    EXPECT_LT(json.find("second"), json.find("\"line\":13"));
}

}  // namespace
}  // namespace squall::rewrite
