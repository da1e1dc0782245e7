// A cluster under the default chaos: three nodes, an authority, and clients whose every operation is
// accounted for. The same with each of four bugs, which the campaign must find.
#include "cluster_campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace squall::actors {
namespace {

using namespace testing_support;

TEST(Cluster, KeepsWhatItAcknowledged) {
    auto report = cluster_simulation(bug::none, CLEAN_SEEDS).run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 60) << report;
    EXPECT_TRUE(report.metrics.size() > 20 || report.skipped);
    for (const auto& [counter, seen] : report.metrics)
        EXPECT_TRUE(seen.most > 0 || report.runs < 200) << counter << " never moves";
}

TEST(Cluster, OneSeedIsOneExecution) {
    const auto found = cluster_simulation(bug::none, 1).check_determinism(3);
    EXPECT_TRUE(found.same) << found;
}

// Found, and for what the bug does.
void expect_found(bug planted, std::uint64_t within, const testing::Matcher<std::string>& message) {
    const auto report = cluster_simulation(planted, within).run();
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_THAT(report.failures.front().ended.message, message) << report;
}
TEST(Cluster, AStoreWithoutEpochsIsFound) {
    expect_found(bug::no_epoch_check, 500,
                 testing::AnyOf("what was acknowledged is kept",
                                "of two states the later holds nothing that the earlier has not"));
}
TEST(Cluster, ADirectoryThatKeepsCrashedNodesIsFound) {
    expect_found(bug::crashed_nodes_stay, 100,
                 testing::Eq("every actor can be reached when the faults are over"));
}
TEST(Cluster, RetriesWithoutDeduplicationAreFound) {
    expect_found(bug::no_deduplication, 100, testing::StartsWith("an operation"));
}
TEST(Cluster, ForwardingWithoutLimitIsFound) {
    expect_found(bug::forwards_without_limit, 500, testing::Eq("no message is forwarded without end"));
}

}  // namespace
}  // namespace squall::actors
