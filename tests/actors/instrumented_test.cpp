// Squall on itself: the cluster's campaign over actors that `squall instrument` has rewritten. What must hold
// must hold with the sites armed too, and each branch that handles an error is reached, or listed with the
// reason in docs/reference/actors-error-branches.md.
#include "cluster_campaign.h"

#include <squall/catalog.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

namespace squall::actors {
namespace {

using namespace testing_support;

// Sites that are not what they look like.
constexpr std::string_view not_these =
    "function:*caught_one=off;"  // its false is an answer
    // The end of a log cannot be told from a torn write, which may be dropped: so this would lose what was
    // acknowledged. The network flips bits of its own.
    "function:*take_frame=off;"
    // Below what one message, one batch, one value or one cluster takes nothing works, and nothing claims to.
    "name:max_frame=off;name:longest_batch=off;name:max_depth=off;name:max_connections=off;"
    "name:max_callers=off";  // docs/reference/actors.md: beyond so many callers copies are handled again

std::string branch(const catalog_entry& entry) {
    std::string function(entry.function);
    for (const std::string_view prefix : {"squall::", "actors::", "detail::", "(anonymous namespace)::"})
        if (function.starts_with(prefix))
            function.erase(0, prefix.size());
    return "`" + function + "` `" + std::string(entry.detail) + "`";
}

// The branches of the list: its lines "- `function` `branch`: why".
std::vector<std::string> listed() {
    std::ifstream in(ERROR_BRANCHES);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) {
        const auto end = line.find("`: ");
        if (line.starts_with("- `") && end != std::string::npos)
            all.push_back(line.substr(2, end - 1));
    }
    return all;
}

TEST(Instrumented, HoldsWithItsSitesArmedAndReachesItsErrorBranches) {
    const report found = cluster_simulation(bug::none, 200).overrides(not_these).run();
    if (found.skipped)
        return;
    EXPECT_TRUE(found.ok()) << found;

    std::uint64_t sites = 0;
    std::uint64_t fired = 0;
    for (const site_row& row : found.sites) {
        if (!catalog_at(row.index).file.starts_with("actors/"))
            continue;
        ++sites;
        fired += row.fired > 0 ? 1 : 0;
    }
    std::map<std::string, bool> branches;  // whether it was reached
    for (const assertion_row& row : found.assertions) {
        const catalog_entry entry = catalog_at(row.index);
        if (entry.rule == "error-path")
            branches[branch(entry)] |= row.times_true > 0;
    }
    std::vector<std::string> unreached;
    for (const auto& [name, reached] : branches)
        if (!reached)
            unreached.push_back(name);
    std::cout << found.runs << " runs over the instrumented actors: " << fired << " of " << sites
              << " fault sites fired, " << branches.size() - unreached.size() << " of " << branches.size()
              << " error branches and " << found.places_covered << " of " << found.places
              << " functions and branches reached\n";

    // So few runs do not reach them all.
    if (found.runs < 200)
        return;
    const auto list = listed();
    for (const std::string& name : unreached)
        EXPECT_THAT(list, testing::Contains(name))
            << "an error branch that the campaign does not reach: list it with the reason in " ERROR_BRANCHES;
    for (const std::string& name : list)
        EXPECT_TRUE(branches.contains(name)) << "listed, and there is no such branch: " << name;
}

}  // namespace
}  // namespace squall::actors
