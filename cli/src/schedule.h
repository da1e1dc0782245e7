// Which run comes when: a campaign is one sequence of (simulation, seed), whatever the number of workers.
//
// Each simulation gets every seed of the range. With several simulations they take turns in blocks of seeds,
// which grow, so that a worker process, which serves one simulation, need not change too often.
#ifndef SQUALL_CLI_SCHEDULE_H
#define SQUALL_CLI_SCHEDULE_H

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

namespace squall::cli {

struct seed_plan {
    std::uint64_t first = 1;
    std::optional<std::uint64_t> count;  // over all shards; absent for all from `first` on
    std::uint64_t shard_index = 0;       // from 0
    std::uint64_t shard_count = 1;
};

// Ordered as the campaign is.
struct position {
    std::uint64_t block = 0;
    std::uint32_t simulation = 0;
    std::uint64_t number = 0;  // of the seed within this shard
    auto operator<=>(const position&) const = default;
};

class schedule {
public:
    // `done` holds for each simulation the seeds that an earlier part of the campaign has run.
    schedule(seed_plan plan, std::vector<std::unordered_set<std::uint64_t>> done);

    std::size_t simulations() const { return done_.size(); }
    std::uint64_t seed(const position& where) const;

    // In the order of the campaign, without what is done.
    std::optional<position> first() const;
    std::optional<position> after(position where) const;

    // The first position of the simulation that is not handed out.
    std::optional<position> peek(std::uint32_t simulation) const;
    void take(const position& where);
    void give_back(const position& where);

    // The first position not handed out, over all simulations.
    std::optional<position> lowest() const;

    // How many runs there are in all; absent without a count.
    std::optional<std::uint64_t> total() const;

private:
    bool exists(std::uint64_t number) const;
    bool is_done(const position& where) const;
    std::uint64_t block_of(std::uint64_t number) const;
    std::uint64_t start_of(std::uint64_t block) const;
    std::optional<position> in_order(position where) const;
    void advance(std::uint32_t simulation);

    seed_plan plan_;
    std::vector<std::unordered_set<std::uint64_t>> done_;
    std::vector<std::uint64_t> next_;
    std::vector<std::set<std::uint64_t>> returned_;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_SCHEDULE_H
