// Shares of a campaign: said by the user, or by the variables of the scheduler.
#include "shard.h"

#include "error.h"

#include <gtest/gtest.h>

#include <map>

namespace squall::cli {
namespace {

shard with(const std::string& option, const std::map<std::string, std::string>& variables) {
    return find_shard(option, [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

TEST(Shard, TheOptionCountsFromOne) {
    EXPECT_EQ(with("1/4", {}).index, 0u);
    EXPECT_EQ(with("4/4", {}).index, 3u);
    EXPECT_EQ(with("", {}).count, 1u);
    for (const char* wrong : {"0/4", "5/4", "1", "1/0", "a/b", "/", "1/", "-1/4", "/4"}) {
        EXPECT_THROW(with(wrong, {}), error) << wrong;
    }
}

TEST(Shard, SchedulersSayWhichOne) {
    const shard gtest = with("", {{"GTEST_SHARD_INDEX", "2"}, {"GTEST_TOTAL_SHARDS", "5"}});
    EXPECT_EQ(gtest.index, 2u);
    EXPECT_EQ(gtest.count, 5u);
    const shard slurm = with("", {{"SLURM_ARRAY_TASK_ID", "7"},
                                  {"SLURM_ARRAY_TASK_MIN", "1"},
                                  {"SLURM_ARRAY_TASK_STEP", "2"},
                                  {"SLURM_ARRAY_TASK_COUNT", "8"}});
    EXPECT_EQ(slurm.index, 3u);
    EXPECT_EQ(slurm.count, 8u);
    EXPECT_EQ(with("/6", {{"JOB_COMPLETION_INDEX", "5"}}).index, 5u);
}

TEST(Shard, TheOptionOverridesTheScheduler) {
    EXPECT_EQ(with("1/2", {{"GTEST_SHARD_INDEX", "9"}, {"GTEST_TOTAL_SHARDS", "10"}}).count, 2u);
}

TEST(Shard, NonsenseFromASchedulerIsAnErrorAndNotTheWholeCampaign) {
    EXPECT_THROW(with("", {{"JOB_COMPLETION_INDEX", "5"}}), error);
    EXPECT_THROW(with("/5", {{"JOB_COMPLETION_INDEX", "5"}}), error);
    EXPECT_THROW(with("", {{"GTEST_SHARD_INDEX", "x"}, {"GTEST_TOTAL_SHARDS", "5"}}), error);
    EXPECT_THROW(
        with("",
             {{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_MIN", "1"}, {"SLURM_ARRAY_TASK_COUNT", "2"}}),
        error);
}

}  // namespace
}  // namespace squall::cli
