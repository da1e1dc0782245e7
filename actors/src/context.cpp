#include <squall/actors/context.h>

#include "activation.h"
#include "node_core.h"

namespace squall::actors {

using detail::activation_access;

void intrusive_ptr_add_ref(context* self) {
    ++self->references_;
}
void intrusive_ptr_release(context* self) {
    if (--self->references_ == 0)
        delete self;
}

context::context(std::shared_ptr<detail::node_core> core, detail::actor_type& type, std::string key)
    : core_(core),
      type_(&type),
      type_name_(type.name),
      executor_(core->executor),
      destroy_(type.destroy),
      key_(std::move(key)) {}

context::~context() {
    if (object_ != nullptr)
        destroy_(object_);
}

node_id context::node() const {
    const auto core = core_.lock();
    return core ? core->id() : node_id{};
}

steady_clock::time_point context::deadline() const {
    return current_ == nullptr ? steady_clock::time_point::max() : current_->deadline;
}

void context::deactivate() {
    if (const auto core = core_.lock())
        core->leave(*this, deactivation::requested);
}

void context::migrate(const node_address& to) {
    const auto core = core_.lock();
    if (!core)
        return;
    extras().migrates_to = to;
    core->leave(*this, deactivation::migrating);
}

detail::context_extras& context::extras() {
    if (!extras_)
        extras_ = std::make_unique<detail::context_extras>();
    return *extras_;
}

timer_id context::start_timer(call_factory make, std::chrono::nanoseconds period, bool again) {
    auto& mine = extras();
    const std::uint64_t id = ++mine.last_timer;
    const auto timer = std::make_shared<detail::actor_timer>(
        detail::actor_timer{squall::timer(executor_), std::move(make), period, again, nullptr});
    mine.timers.emplace(id, timer);
    if (const auto core = core_.lock())
        core->arm_actor_timer(detail::context_ptr(this), id);
    return timer_id{id};
}

void context::stop_timer(timer_id id) {
    if (extras_)
        extras_->timers.erase(static_cast<std::uint64_t>(id));
}

}  // namespace squall::actors

namespace squall::actors::detail {

void node_core::arm_actor_timer(const context_ptr& activation, std::uint64_t id) {
    const auto timer = access::extras(*activation).timers.at(id);
    timer->clock.expires_after(timer->period);
    timer->clock.async_wait([this, owner = weak_from_this(), activation, id](error_code aborted) {
        const auto alive = owner.lock();
        if (aborted || !alive || !running)
            return;
        fire_actor_timer(activation, id);
    });
}

void node_core::fire_actor_timer(const context_ptr& activation, std::uint64_t id) {
    if (!access::has_extras(*activation) || access::leaving(*activation))
        return;
    auto& timers = access::extras(*activation).timers;
    const auto found = timers.find(id);
    if (found == timers.end())
        return;
    const auto timer = found->second;
    // The clock first: the message may have its turn at once, and that may end the activation with its
    // timers.
    if (timer->again)
        arm_actor_timer(activation, id);
    else
        timers.erase(found);
    if (!timer->last || timer->last->state == call_state::finished) {
        const call_ptr call = timer->make();
        call->core = this;
        call->type = activation->type();
        call->key = activation->key();
        call->deadline = steady_clock::time_point::max();
        call->one_way = true;
        call->accepted = true;
        call->of_timer = true;
        call->caller = caller;
        timer->last = call;
        enqueue(call, activation);
    }
}

}  // namespace squall::actors::detail
