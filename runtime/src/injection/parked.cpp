// Operations that wait at a point: each is a timer of its own context, which whoever lets it go cancels.
#include "engine.h"
#include "point.h"
#include "registry.h"

#include <squall/buggify.h>
#include <squall/run.h>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>

namespace squall::injection::detail {
namespace {

// Learns that the context goes down before its timers do: services shut down in the reverse of their order,
// and this one is made after a timer.
class parking_service : public asio::execution_context::service {
public:
    using key_type = parking_service;
    static asio::execution_context::id id;

    explicit parking_service(asio::execution_context& context) : service(context) {}
    const std::shared_ptr<parking_context>& context_state() const noexcept { return state_; }

private:
    void shutdown() override {
        const std::lock_guard lock(state_->mutex);
        state_->down = true;
    }

    std::shared_ptr<parking_context> state_ = std::make_shared<parking_context>();
};

asio::execution_context::id parking_service::id;

}  // namespace

parked::parked(point& at, std::optional<std::chrono::nanoseconds> limit,
               const asio::any_io_executor& executor)
    : at_(at),
      expiry_(limit ? std::chrono::steady_clock::now() + std::min(*limit, longest_hold)
                    : asio::steady_timer::time_point::max()),
      timer_(executor) {
    auto& context = asio::query(executor, asio::execution::context);
    context_ = asio::use_service<parking_service>(context).context_state();
}

void parked::let_go() noexcept {
    const std::lock_guard lock(context_->mutex);
    gone_ = true;
    if (!context_->down && timer_)
        timer_->cancel();
}

bool parked::gone() const noexcept {
    const std::lock_guard lock(context_->mutex);
    return gone_;
}

void parked::leave() noexcept {
    at_.forget(this);
    const std::lock_guard lock(context_->mutex);
    timer_.reset();
}

std::shared_ptr<parked> evaluate_async(site_place& place, const asio::any_io_executor& executor) {
    if (current_run() != nullptr) {
        squall_buggify(&place, 0.0);
        return nullptr;
    }
    const site_record* const site = record_of(place);
    point* const at = site == nullptr ? nullptr : engine::get().find(site->index);
    return at == nullptr ? nullptr : at->evaluate_async(executor);
}

}  // namespace squall::injection::detail
