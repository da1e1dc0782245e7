// What a run leaves behind to be compared with another run of its seed: checkpoints of the digest, always,
// and on demand each event of a stretch.
//
// The loop asks one thing of it per event: whether this is the next one that it wants to see.
#ifndef SQUALL_SIMULATOR_TRAIL_H
#define SQUALL_SIMULATOR_TRAIL_H

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace squall {
class operation;
}

namespace squall::simulator {

class world_state;

class trail {
public:
    // One event, as it was about to happen.
    struct step {
        std::uint64_t event;  // ordinal, from 1
        std::uint64_t time;   // virtual nanoseconds
        std::uint64_t digest_before;
        std::uint64_t recorded_before;  // entries of the record
        std::uint32_t process;          // or record::nobody: the world itself
        boost::system::error_code ec;   // of the operation that completes
        std::uint64_t bytes;
    };

    // The event that pass() is to be called for.
    std::uint64_t next() const noexcept { return next_; }
    void pass(const world_state& world, const operation& op);

    // Keeps steps of `count` events from the one with ordinal `first` on.
    void keep(std::uint64_t first, std::uint64_t count) {
        first_step_ = first;
        last_step_ = first + (count - 1);
        next_ = std::min(next_, first);
    }
    const std::vector<step>& steps() const noexcept { return steps_; }

    // (events so far, digest by then), at distances that double as the run gets longer.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> checkpoints() const {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
        all.reserve(static_cast<std::size_t>(count_) + 1);  // the caller adds the end
        all.assign(checkpoints_.begin(), checkpoints_.begin() + count_);
        return all;
    }

private:
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    void add_checkpoint(std::uint64_t event, std::uint64_t digest) noexcept;

    std::uint64_t next_ = 1;
    std::uint64_t next_checkpoint_ = 1;
    std::uint64_t distance_ = 4;
    std::uint64_t first_step_ = never;
    std::uint64_t last_step_ = 0;
    std::ptrdiff_t count_ = 0;
    std::array<std::pair<std::uint64_t, std::uint64_t>, 128> checkpoints_;  // so many are written
    std::vector<step> steps_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_TRAIL_H
