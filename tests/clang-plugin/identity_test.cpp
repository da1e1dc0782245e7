// Ids and the texts that they are made of.
#include "core/identity.h"

#include "rules/rules.h"

#include <gtest/gtest.h>

namespace squall::rewrite {
namespace {

// Fails where reformatting changes an id.
TEST(identity, ignores_white_space) {
    EXPECT_EQ(without_space("a ==\t b\n && c"), "a==b&&c");
}

// Fails where leading zeros are lost: the name would be another symbol.
TEST(identity, is_sixteen_digits) {
    EXPECT_EQ(hex(0), "0000000000000000");
    EXPECT_EQ(hex(0xfedcba9876543210u), "fedcba9876543210");
}

// Fails where the hash changes between versions: every recorded campaign would lose its sites.
TEST(identity, is_the_same_in_each_version) {
    std::vector<site> sites(2);
    for (site& each : sites) {
        each.rule = &all_rules().front();
        each.path = "src/a.cpp";
        each.owner = "c:@F@main#";
    }
    assign_ids(sites);
    EXPECT_EQ(hex(sites[0].id), "5c73804362993a14");
    EXPECT_EQ(hex(sites[1].id), "cda73e5292a12270");
}

}  // namespace
}  // namespace squall::rewrite
