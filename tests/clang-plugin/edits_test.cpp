// How insertions of several rules, at one place or nested, become one text; and what translation units must
// agree on.
#include "core/identity.h"
#include "driver/merge.h"
#include "rules/rules.h"

#include <gtest/gtest.h>

#include <random>

namespace squall::rewrite {
namespace {

const rule_info& rule_named(std::string_view name) {
    for (const rule_info& each : all_rules())
        if (each.name == name)
            return each;
    throw std::invalid_argument("no such rule");
}

site entry(std::string_view rule, unsigned brace, std::string text) {
    site made;
    made.rule = &rule_named(rule);
    made.at = {0, brace};
    made.edits = {{brace + 1, insertion::role::entry, brace + 1, std::move(text)}};
    return made;
}

site wrap(std::string_view rule, unsigned begin, unsigned end, std::string open, std::string close) {
    site made;
    made.rule = &rule_named(rule);
    made.at = {0, begin};
    made.edits = {{begin, insertion::role::opener, end, std::move(open)},
                  {end, insertion::role::closer, begin, std::move(close)}};
    return made;
}

std::string applied(const std::string& text, const std::vector<site>& sites) {
    std::vector<const site*> pointers;
    pointers.reserve(sites.size());
    for (const site& each : sites)
        pointers.push_back(&each);
    return apply_edits(text, pointers);
}

// Fails where the order in which rules or units came shows in the text.
TEST(apply_edits, orders_entries_by_rule_and_nests_wraps) {
    const std::string text = "{ab c}";
    std::vector<site> sites{entry("error-return", 0, "F"), entry("coverage", 0, "C"),
                            wrap("timeout", 1, 3, "<", ">"), wrap("coverage", 1, 5, "[", "]"),
                            wrap("timeout", 4, 5, "(", ")")};
    EXPECT_EQ(applied(text, sites), "{CF[<ab> (c)]}");
    std::ranges::reverse(sites);
    EXPECT_EQ(applied(text, sites), "{CF[<ab> (c)]}");
}

// Fails where two rules that wrap one range cross.
TEST(apply_edits, nests_wraps_of_one_range) {
    EXPECT_EQ(applied("x", {wrap("timeout", 0, 1, "t(", ")t"), wrap("coverage", 0, 1, "c(", ")c")}),
              "c(t(x)t)c");
}

// Fails where a site's name is not its id's.
TEST(apply_edits, names_the_record) {
    site made = entry("coverage", 0, "@");
    made.id = 0xabc;
    EXPECT_EQ(applied("{}", {made}), "{squall_count_0000000000000abc}");
}

// Fails where an insertion takes something away: without the inserted letters, the original is back.
TEST(apply_edits, removing_the_insertions_gives_the_original) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += static_cast<char>(random() % 9 == 0 ? '\n' : 'a' + random() % 26);
        std::vector<site> sites;
        for (int i = 0; i < 6; ++i) {
            const unsigned begin = random() % 40;
            const unsigned end = begin + 1 + random() % (40 - begin);
            sites.push_back(i % 2 ? entry("coverage", begin, "E") : wrap("timeout", begin, end, "O", "C"));
        }
        std::string result = applied(text, sites);
        std::erase_if(result, [](char c) { return c >= 'A' && c <= 'Z'; });
        EXPECT_EQ(result, text);
    }
}

unit_findings seen(std::vector<site> sites, std::set<place> bodies) {
    unit_findings unit;
    unit.sites = std::move(sites);
    unit.bodies = std::move(bodies);
    return unit;
}

// Fails where a header that two units include gets a site twice.
TEST(merge, makes_one_of_equal_sites) {
    std::vector<unit_findings> units{seen({entry("coverage", 0, "C")}, {}),
                                     seen({entry("coverage", 0, "C")}, {})};
    EXPECT_EQ(merge(units).sites.size(), 1u);
}

// Fails where the file would be right for one unit and wrong for another.
TEST(merge, drops_what_units_see_differently) {
    std::vector<unit_findings> units{seen({entry("error-return", 0, "return false;")}, {{0, 0}}),
                                     seen({entry("error-return", 0, "return nullptr;")}, {{0, 0}})};
    const merged_findings merged = merge(units);
    EXPECT_TRUE(merged.sites.empty());
    EXPECT_EQ(merged.skips.at("error-return").at("differs between translation units"), 1u);
}

// Fails where a function that returns void in one unit is made to return false because of another.
TEST(merge, drops_an_error_return_that_one_unit_does_not_have) {
    std::vector<unit_findings> units{seen({entry("error-return", 0, "return false;")}, {{0, 0}}),
                                     seen({}, {{0, 0}})};
    EXPECT_TRUE(merge(units).sites.empty());
    std::vector<unit_findings> elsewhere{seen({entry("error-return", 0, "return false;")}, {{0, 0}}),
                                         seen({}, {{0, 9}})};
    EXPECT_EQ(merge(elsewhere).sites.size(), 1u);
}

// Fails where C is asked to read C++.
TEST(merge, leaves_alone_what_is_also_c) {
    std::vector<unit_findings> units{seen({entry("coverage", 0, "C")}, {}), {}};
    units[1].c_files = {0};
    EXPECT_TRUE(merge(units).sites.empty());
}

// Fails where ids depend on the order in which units were parsed.
TEST(merge, gives_equal_keys_ordinals_by_place) {
    std::vector<unit_findings> one{seen({entry("coverage", 0, "C")}, {}),
                                   seen({entry("coverage", 5, "C")}, {})};
    std::vector<unit_findings> other{seen({entry("coverage", 5, "C")}, {}),
                                     seen({entry("coverage", 0, "C")}, {})};
    const merged_findings a = merge(one);
    const merged_findings b = merge(other);
    ASSERT_EQ(a.sites.size(), 2u);
    EXPECT_NE(a.sites[0].id, a.sites[1].id);
    EXPECT_EQ(a.sites[0].id, b.sites[0].id);
    EXPECT_EQ(a.sites[1].id, b.sites[1].id);
}

}  // namespace
}  // namespace squall::rewrite
