// Which run comes when.
#include "schedule.h"

#include <bit>
#include <limits>
#include <utility>

namespace squall::cli {

namespace {

// Blocks of 16, 32, ... 512 seeds, then of 1024: a slow simulation does not keep the others waiting at the
// start, and changing the worker process costs little later.
constexpr std::uint64_t block_first = 16;
constexpr std::uint64_t block_max = 1024;
constexpr std::uint64_t growing_blocks = 6;
constexpr std::uint64_t growing_seeds = block_first * ((1u << growing_blocks) - 1);

}  // namespace

schedule::schedule(seed_plan plan, std::vector<std::unordered_set<std::uint64_t>> done)
    : plan_(plan),
      done_(std::move(done)),
      next_(done_.size(), 0),
      returned_(done_.size()) {
    for (std::uint32_t simulation = 0; simulation < done_.size(); ++simulation) {
        advance(simulation);
    }
}

bool schedule::exists(std::uint64_t number) const {
    std::uint64_t offset = 0;
    std::uint64_t seed = 0;
    return !__builtin_mul_overflow(number, plan_.shard_count, &offset) &&
           !__builtin_add_overflow(offset, plan_.shard_index, &offset) &&
           (!plan_.count || offset < *plan_.count) && !__builtin_add_overflow(plan_.first, offset, &seed);
}

std::uint64_t schedule::seed(const position& where) const {
    return plan_.first + plan_.shard_index + where.number * plan_.shard_count;
}

bool schedule::is_done(const position& where) const {
    return done_[where.simulation].contains(seed(where));
}

std::uint64_t schedule::block_of(std::uint64_t number) const {
    if (done_.size() == 1) {
        return 0;
    }
    if (number < growing_seeds) {
        return static_cast<std::uint64_t>(std::bit_width(number / block_first + 1)) - 1;
    }
    return growing_blocks + (number - growing_seeds) / block_max;
}

std::uint64_t schedule::start_of(std::uint64_t block) const {
    return block < growing_blocks ? block_first * ((std::uint64_t{1} << block) - 1)
                                  : growing_seeds + (block - growing_blocks) * block_max;
}

std::optional<position> schedule::in_order(position where) const {
    const std::uint64_t number = where.number + 1;
    if (exists(number) && block_of(number) == where.block) {
        return position{where.block, where.simulation, number};
    }
    if (done_.size() == 1) {
        return std::nullopt;
    }
    if (where.simulation + 1 < done_.size()) {
        return position{where.block, where.simulation + 1, start_of(where.block)};
    }
    const std::uint64_t start = start_of(where.block + 1);
    return exists(start) ? std::optional(position{where.block + 1, 0, start}) : std::nullopt;
}

std::optional<position> schedule::first() const {
    if (done_.empty() || !exists(0)) {
        return std::nullopt;
    }
    const position start{};
    return is_done(start) ? after(start) : std::optional(start);
}

std::optional<position> schedule::after(position where) const {
    std::optional<position> next = in_order(where);
    while (next && is_done(*next)) {
        next = in_order(*next);
    }
    return next;
}

std::optional<position> schedule::peek(std::uint32_t simulation) const {
    const std::set<std::uint64_t>& returned = returned_[simulation];
    const std::uint64_t number = returned.empty() ? next_[simulation] : *returned.begin();
    if (!exists(number)) {
        return std::nullopt;
    }
    return position{block_of(number), simulation, number};
}

void schedule::take(const position& where) {
    if (returned_[where.simulation].erase(where.number) == 0) {
        ++next_[where.simulation];
        advance(where.simulation);
    }
}

void schedule::advance(std::uint32_t simulation) {
    std::uint64_t& next = next_[simulation];
    while (exists(next) && is_done({0, simulation, next})) {
        ++next;
    }
}

void schedule::give_back(const position& where) {
    returned_[where.simulation].insert(where.number);
}

std::optional<position> schedule::lowest() const {
    std::optional<position> best;
    for (std::uint32_t simulation = 0; simulation < done_.size(); ++simulation) {
        const std::optional<position> candidate = peek(simulation);
        if (candidate && (!best || *candidate < *best)) {
            best = candidate;
        }
    }
    return best;
}

std::optional<std::uint64_t> schedule::total() const {
    if (!plan_.count) {
        return std::nullopt;
    }
    const std::uint64_t mine =
        *plan_.count > plan_.shard_index ? (*plan_.count - plan_.shard_index - 1) / plan_.shard_count + 1 : 0;
    return mine * done_.size();
}

}  // namespace squall::cli
