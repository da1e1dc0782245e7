// What a search for a linearization has tried: configurations of a state, the required operations placed, and
// the others placed.
#ifndef SQUALL_SIMULATOR_LINEAR_TRIED_H
#define SQUALL_SIMULATOR_LINEAR_TRIED_H

#include <squall/decisions.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace squall::detail {

// Required operations placed are told by `top`, the end of their range, and the few below it that are not
// placed: as many as are under way at once, at the most. So that memory does not grow with the square of the
// history.
class tried_configurations {
public:
    // Whether one was tried with the same `required` (state first, then top and what is open below it) and a
    // subset of these optional ones, given as bits. If not, this one is, from now on. `compared` counts the
    // comparisons of optional ones.
    bool seen(std::span<const std::uint32_t> required, std::span<const std::uint64_t> optional,
              std::uint64_t& compared) {
        std::size_t words = optional.size();
        while (words != 0 && optional[words - 1] == 0)
            --words;
        std::uint64_t hash = required.size();
        for (const std::uint32_t part : required)
            hash = scramble(hash + part + golden_step);
        if ((entries_.size() + 1) * 2 > slots_.size())
            grow();
        const std::size_t slot = hash & (slots_.size() - 1);
        for (std::uint32_t at = slots_[slot]; at != none; at = entries_[at].next) {
            const entry& old = entries_[at];
            if (old.hash != hash || !same(old, required))
                continue;
            ++compared;
            if (subset(old, optional.first(words)))
                return true;
        }
        entries_.push_back({hash, required_.size(), optional_.size(),
                            static_cast<std::uint32_t>(required.size()), static_cast<std::uint32_t>(words),
                            slots_[slot]});
        slots_[slot] = static_cast<std::uint32_t>(entries_.size() - 1);
        required_.insert(required_.end(), required.begin(), required.end());
        optional_.insert(optional_.end(), optional.begin(),
                         optional.begin() + static_cast<std::ptrdiff_t>(words));
        return false;
    }

    std::uint64_t bytes() const {
        return slots_.capacity() * sizeof(std::uint32_t) + entries_.capacity() * sizeof(entry) +
               required_.capacity() * sizeof(std::uint32_t) + optional_.capacity() * sizeof(std::uint64_t);
    }
    // No more than this many can be told apart.
    bool full() const { return entries_.size() >= none - 1; }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    struct entry {
        std::uint64_t hash;
        std::size_t required_at;
        std::size_t optional_at;
        std::uint32_t required_size;
        std::uint32_t optional_size;
        std::uint32_t next;
    };

    bool same(const entry& old, std::span<const std::uint32_t> required) const {
        if (old.required_size != required.size())
            return false;
        for (std::size_t i = 0; i < required.size(); ++i)
            if (required_[old.required_at + i] != required[i])
                return false;
        return true;
    }
    bool subset(const entry& old, std::span<const std::uint64_t> optional) const {
        if (old.optional_size > optional.size())
            return false;
        for (std::size_t i = 0; i < old.optional_size; ++i)
            if ((optional_[old.optional_at + i] & ~optional[i]) != 0)
                return false;
        return true;
    }
    void grow() {
        slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, none);
        for (std::uint32_t at = 0; at < entries_.size(); ++at) {
            std::uint32_t& slot = slots_[entries_[at].hash & (slots_.size() - 1)];
            entries_[at].next = slot;
            slot = at;
        }
    }

    std::vector<std::uint32_t> slots_;  // a power of two of them
    std::vector<entry> entries_;
    std::vector<std::uint32_t> required_;
    std::vector<std::uint64_t> optional_;
};

}  // namespace squall::detail

#endif  // SQUALL_SIMULATOR_LINEAR_TRIED_H
