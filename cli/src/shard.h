// Which share of a campaign this squall runs: --shard, or what the scheduler that started it set.
#ifndef SQUALL_CLI_SHARD_H
#define SQUALL_CLI_SHARD_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace squall::cli {

struct shard {
    std::uint64_t index = 0;  // from 0
    std::uint64_t count = 1;
    std::string from;  // the variable that said so; empty for the option
};

using variable_reader = std::function<std::optional<std::string>(const char* name)>;

// `option` is "i/n" with i from 1, "/n" (of n, which one the scheduler's variable tells), or empty for the
// variables alone: GTEST_SHARD_INDEX with GTEST_TOTAL_SHARDS, SLURM_ARRAY_TASK_ID with _COUNT, _MIN and
// _STEP, JOB_COMPLETION_INDEX. Throws error where they make no sense.
shard find_shard(const std::string& option, const variable_reader& variable);

}  // namespace squall::cli

#endif  // SQUALL_CLI_SHARD_H
