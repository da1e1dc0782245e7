#include "deadlines.h"

namespace squall::actors::detail {

void deadlines::add(call_base& call) {
    if (call.deadline == steady_clock::time_point::max())
        return;
    calls_.insert(call);
    // The timer is left alone when its call ends first: mostly the next deadline is later, and one wait in
    // vain is cheaper than a cancellation for each call.
    if (call.deadline < armed_)
        arm();
}

void deadlines::remove(call_base& call) {
    if (call.in_deadlines.is_linked())
        calls_.erase(calls_.iterator_to(call));
}

void deadlines::arm() {
    armed_ = calls_.begin()->deadline;
    timer_.expires_at(armed_);
    timer_.async_wait([this, owner = owner_](error_code aborted) {
        const auto alive = owner.lock();
        if (aborted || !alive)
            return;
        expire();
    });
}

void deadlines::expire() {
    const auto now = steady_clock::now(timer_.get_executor());
    while (!calls_.empty() && calls_.begin()->deadline <= now) {
        call_ptr call(&*calls_.begin());
        calls_.erase(calls_.begin());
        expired_(*call);
    }
    armed_ = steady_clock::time_point::max();
    if (!calls_.empty())
        arm();
}

}  // namespace squall::actors::detail
