// The queue of a disk, and its bad times.
#include "disk_device.h"

#include "process_state.h"
#include "world_state.h"

#include <boost/asio/error.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <algorithm>
#include <utility>

namespace squall::simulator {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

std::uint64_t times(double factor, std::uint64_t time) {
    return static_cast<std::uint64_t>(factor * static_cast<double>(time));
}
std::string in_ms(nanoseconds time) {
    return std::to_string(time.count() / 1'000'000) + " ms";
}
void cancel_one(operation* op) {
    auto* owner = static_cast<boot*>(op->owner);
    owner->world.finish(*owner, op, asio::error::operation_aborted);
}

}  // namespace

bool disk_device::standing_still() const noexcept {
    return lost_ || stalled_until_ != 0;
}

void disk_device::start(boot& owner, operation* op, const void* handle, nanoseconds latency,
                        std::size_t bytes, effect at_the_end) {
    world_state& world = process_.world;
    if (under_way_.size() >= prune_at_) {
        prune();
        prune_at_ = 2 * under_way_.size() + 16;
    }
    const storage_faults& f = world.in_force().storage;
    const double factor = world.now < slow_until_ ? slow_factor_ : 1;
    const std::uint64_t service =
        (f.iops > 0 ? second / f.iops : 0) + (f.bandwidth > 0 ? bytes * second / f.bandwidth : 0);
    auto a = std::allocate_shared<access>(asio::recycling_allocator<access>(),
                                          access{&owner, op, 0, handle, std::move(at_the_end)});
    a->service = factor > 1 ? times(factor, service) : service;
    a->latency = static_cast<std::uint64_t>(latency.count());
    if (factor > 1)
        a->latency = times(factor, a->latency);
    op->cancel = &cancel_one;
    if (standing_still()) {
        a->held = true;
        world.complete_never(owner, op);
        a->ticket = op->ticket;
    } else {
        let_go(a);
        world.complete_at(a->due, owner, op);
        a->ticket = op->ticket;
    }
    under_way_.push_back(std::move(a));
}

// Gives it its time, and sets its effect, which is to come before the operation's completion.
void disk_device::let_go(const std::shared_ptr<access>& a) {
    free_at_ = std::max(process_.world.now, free_at_) + std::exchange(a->service, 0);
    a->held = false;
    a->due = free_at_ + a->latency;
    set_effect(a);
}

void disk_device::set_effect(const std::shared_ptr<access>& a) {
    if (!a->at_the_end)
        return;
    process_.world.schedule_task(a->due, world_task::create([a, due = a->due] {
                                     if (a->held || a->due != due || !a->at_the_end)
                                         return;  // it was put off, and has another time
                                     const effect happens = std::exchange(a->at_the_end, {});
                                     if (a->owner->alive())
                                         happens(a->owner->world.scheduled(a->ticket));
                                 }));
}

void disk_device::prune() {
    std::erase_if(under_way_, [this](const std::shared_ptr<access>& a) {
        return !a->at_the_end && !process_.world.scheduled(a->ticket);
    });
}

void disk_device::cancel(const void* handle) {
    for (const auto& a : under_way_) {
        if (a->handle != handle)
            continue;
        a->handle = nullptr;
        if (process_.world.scheduled(a->ticket) && a->op->cancel != nullptr)
            cancel_one(a->op);
    }
}

void disk_device::hold_all() {
    world_state& world = process_.world;
    prune();
    free_at_ = std::max(free_at_, world.now) - world.now;
    for (const auto& a : under_way_) {
        a->latency = std::max(a->due, world.now) - world.now;  // what is left of all of it
        a->held = true;
        a->ticket = world.put_off(a->ticket);
    }
}

void disk_device::release_all() {
    world_state& world = process_.world;
    prune();
    free_at_ += world.now;
    for (const auto& a : under_way_) {
        if (a->service > 0) {
            let_go(a);
        } else {  // served before, or costing nothing
            a->held = false;
            a->due = world.now + a->latency;
            set_effect(a);
        }
        a->ticket = world.put_back(a->ticket, a->due);
    }
}

void disk_device::stall(nanoseconds time) {
    world_state& world = process_.world;
    const std::uint64_t until = world.now + static_cast<std::uint64_t>(std::max(time, 0ns).count());
    if (until <= std::max(stalled_until_, world.now))
        return;
    note("stands still for " + in_ms(time));
    if (!standing_still())
        hold_all();
    stalled_until_ = until;
    world.schedule_task(until, world_task::create([this, until] {
                            if (stalled_until_ != until)
                                return;
                            stalled_until_ = 0;
                            if (!lost_)
                                release_all();
                        }));
}

void disk_device::slow(double factor, nanoseconds time) {
    if (time <= 0ns || factor <= 1)
        return;
    note("is slow for " + in_ms(time));
    slow_factor_ = factor;
    slow_until_ = process_.world.now + static_cast<std::uint64_t>(time.count());
}

void disk_device::lose() {
    if (lost_)
        return;
    note("does not answer any more");
    if (!standing_still())
        hold_all();
    lost_ = true;
}

void disk_device::heal() {
    slow_until_ = 0;
    if (!standing_still())
        return;
    note("goes on");
    lost_ = false;
    stalled_until_ = 0;
    release_all();
}

void disk_device::booted() {
    under_way_.clear();
    if (lost_)
        note("answers again");
    lost_ = false;
    free_at_ = standing_still() ? 0 : process_.world.now;
}

void disk_device::note(std::string text) {
    world_state& world = process_.world;
    world.absorb(stream_key(process_.stream, text_hash(text)));
    world.events_of_run.add_text(world.now, event_kind::disk, process_.number, std::move(text));
}

}  // namespace squall::simulator
