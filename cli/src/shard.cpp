// Which share of a campaign this squall runs.
#include "shard.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>

namespace squall::cli {

namespace {

std::optional<std::uint64_t> number(const variable_reader& variable, const char* name) {
    const std::optional<std::string> text = variable(name);
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto value = parse_unsigned(*text);
    if (!value) {
        throw error(fmt::format("{}='{}' in the environment is not a number (--shard i/n overrides it)", name,
                                printable(*text)));
    }
    return value;
}

// Index and, where the scheduler tells it, count.
struct ambient_shard {
    std::uint64_t index;
    std::optional<std::uint64_t> count;
    const char* name;
};

std::optional<ambient_shard> from_environment(const variable_reader& variable) {
    if (const auto index = number(variable, "GTEST_SHARD_INDEX")) {
        return ambient_shard{*index, number(variable, "GTEST_TOTAL_SHARDS"), "GTEST_SHARD_INDEX"};
    }
    if (const auto id = number(variable, "SLURM_ARRAY_TASK_ID")) {
        const std::uint64_t first = number(variable, "SLURM_ARRAY_TASK_MIN").value_or(0);
        const std::uint64_t step = number(variable, "SLURM_ARRAY_TASK_STEP").value_or(1);
        if (*id < first || step == 0) {
            throw error(fmt::format(
                "SLURM_ARRAY_TASK_ID={} is below SLURM_ARRAY_TASK_MIN={} (--shard i/n overrides them)", *id,
                first));
        }
        return ambient_shard{(*id - first) / step, number(variable, "SLURM_ARRAY_TASK_COUNT"),
                             "SLURM_ARRAY_TASK_ID"};
    }
    if (const auto index = number(variable, "JOB_COMPLETION_INDEX")) {
        return ambient_shard{*index, std::nullopt, "JOB_COMPLETION_INDEX"};
    }
    return std::nullopt;
}

}  // namespace

shard find_shard(const std::string& option, const variable_reader& variable) {
    const std::size_t slash = option.find('/');
    std::optional<std::uint64_t> count;
    if (!option.empty()) {
        if (slash != std::string::npos) {
            count = parse_unsigned(std::string_view(option).substr(slash + 1));
        }
        const auto index = parse_unsigned(std::string_view(option).substr(0, slash));
        const bool indexed = slash != 0;
        if (!count || *count == 0 || (indexed && (!index || *index == 0 || *index > *count))) {
            throw error(fmt::format(
                "--shard: '{}' is no shard (write 1/4 for the first of four, or /4 where the scheduler "
                "says which)",
                printable(option)));
        }
        if (indexed) {
            return {*index - 1, *count, ""};
        }
    }
    const std::optional<ambient_shard> ambient = from_environment(variable);
    if (!ambient) {
        if (count) {
            throw error(fmt::format("--shard /{}: no scheduler says which one (write 1/{} for the first)",
                                    *count, *count));
        }
        return {};
    }
    count = count ? count : ambient->count;
    if (!count) {
        throw error(
            fmt::format("{}={} is set, but not how many there are (--shard /n tells; --shard 1/1 runs all)",
                        ambient->name, ambient->index));
    }
    if (ambient->index >= *count) {
        throw error(fmt::format("{} means shard {} of {} (--shard i/n overrides it)", ambient->name,
                                ambient->index + 1, *count));
    }
    return {ambient->index, *count, ambient->name};
}

}  // namespace squall::cli
