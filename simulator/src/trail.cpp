// When checkpoints are taken, and what a step is made of.
#include "trail.h"

#include "world_state.h"

namespace squall::simulator {

void trail::pass(const world_state& world, const operation& op) {
    const std::uint64_t event = world.event_count;
    if (event == next_checkpoint_)
        add_checkpoint(event - 1, world.digest);
    const bool kept = event >= first_step_ && event <= last_step_;
    if (kept)
        steps_.push_back(
            {event, world.now, world.digest, world.events_of_run.size(),
             op.owner != nullptr ? static_cast<const boot*>(op.owner)->process.number : record::nobody, op.ec,
             op.bytes});
    next_ = next_checkpoint_;
    if (event + 1 >= first_step_ && event + 1 <= last_step_)
        next_ = event + 1;
    else if (event < first_step_)
        next_ = std::min(next_, first_step_);
}

void trail::add_checkpoint(std::uint64_t event, std::uint64_t digest) noexcept {
    if (count_ == static_cast<std::ptrdiff_t>(checkpoints_.size())) {
        // Full: every second one goes, and the rest is as far apart as what follows will be.
        count_ /= 2;
        for (std::ptrdiff_t i = 0; i < count_; ++i)
            checkpoints_[static_cast<std::size_t>(i)] = checkpoints_[static_cast<std::size_t>(2 * i)];
        distance_ *= 2;
    }
    checkpoints_[static_cast<std::size_t>(count_++)] = {event, digest};
    next_checkpoint_ = event + 1 + distance_;
}

}  // namespace squall::simulator
