// Wait points for coroutines and callbacks: nobody's thread is held.
//
//   co_await SQUALL_ASYNC_WAIT_POINT("before the rename", asio::use_awaitable);
//
// Signature void(error_code). It completes at once, unless an override of the name says `wait` (until
// released: injection.h) or `delay(d)`; `panic` aborts the process and `fire` does nothing. Like every
// asynchronous operation of squall's it completes on the handler's associated executor and never inside the
// call that starts it; all types of cancellation end it with operation_aborted; and if the context is
// destroyed first, the handler is destroyed without a call. In a run it completes at once, after the delay if
// an override says so. Link squall::injection.
#ifndef SQUALL_ASYNC_WAIT_POINT_H
#define SQUALL_ASYNC_WAIT_POINT_H

#include <squall/place.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace squall::injection {

namespace asio = boost::asio;
using boost::system::error_code;

#if !defined(SQUALL_DISABLED)

namespace detail {

class point;

// What the parked operations of one execution context share. The mutex guards their timers, which the context
// takes with it when it goes down: from then on nobody else may touch them.
struct parking_context {
    std::mutex mutex;
    bool down = false;
};

// One operation that waits, or is delayed, at a point.
class parked {
public:
    // Without a limit until it is let go.
    parked(point& at, std::optional<std::chrono::nanoseconds> limit, const asio::any_io_executor& executor);
    parked(const parked&) = delete;
    parked& operator=(const parked&) = delete;

    // `self` is called when it is let go, at the limit, or when it is cancelled.
    template <class Self>
    void start(Self&& self) {
        const auto shared = context_;  // `self` may end on another thread, and this object with it
        const std::lock_guard lock(shared->mutex);
        timer_->expires_at(gone_ ? asio::steady_timer::time_point::min() : expiry_);
        timer_->async_wait(std::forward<Self>(self));
    }

    // From any thread.
    void let_go() noexcept;
    bool gone() const noexcept;
    // The operation has ended.
    void leave() noexcept;

private:
    point& at_;
    asio::steady_timer::time_point expiry_;
    std::shared_ptr<parking_context> context_;
    std::optional<asio::steady_timer> timer_;
    bool gone_ = false;
};

// Takes its place out when it ends, however it ends.
class parking {
public:
    parking() = default;
    explicit parking(std::shared_ptr<parked> place) : place_(std::move(place)) {}
    parking(parking&&) noexcept = default;
    parking& operator=(parking&& other) noexcept {
        std::swap(place_, other.place_);
        return *this;
    }
    ~parking() { reset(); }

    explicit operator bool() const noexcept { return place_ != nullptr; }
    const std::shared_ptr<parked>& get() const noexcept { return place_; }
    void reset() noexcept {
        if (const auto place = std::exchange(place_, nullptr))
            place->leave();
    }

private:
    std::shared_ptr<parked> place_;
};

// Evaluates the place; null: the operation is to go on at once.
std::shared_ptr<parked> evaluate_async(site_place& place, const asio::any_io_executor& executor);

class wait_operation {
public:
    explicit wait_operation(site_place& place) : place_(&place) {}

    template <class Self>
    void operator()(Self& self, error_code ec = {}) {
        if (!started_) {
            started_ = true;
            self.reset_cancellation_state(asio::enable_total_cancellation());
            if (gate_open())
                start(self);
            else
                asio::post(std::move(self));
            return;
        }
        const bool aborted = here_ && ec && !here_.get()->gone();
        here_.reset();
        self.complete(aborted ? error_code(asio::error::operation_aborted) : error_code());
    }

private:
    template <class Self>
    void start(Self& self) {
        std::shared_ptr<parked> place = evaluate_async(*place_, self.get_executor());
        if (place == nullptr) {
            asio::post(std::move(self));
            return;
        }
        here_ = parking(place);
        place->start(std::move(self));
    }

    site_place* place_;
    parking here_;
    bool started_ = false;
};

}  // namespace detail

// The operation, at a place that SQUALL_WAIT_SITE made.
template <class Token>
auto async_wait(site_place& place, Token&& token) {
    return asio::async_compose<Token, void(error_code)>(detail::wait_operation(place), token);
}

// A static site_place&, for async_wait().
#define SQUALL_WAIT_SITE(name)                            \
    (*__extension__({                                     \
        SQUALL_DETAIL_PLACE(buggify, 4, "buggify", name); \
        &squall_place;                                    \
    }))

#else

template <class Token>
auto async_wait(squall::detail::nothing, Token&& token) {
    return asio::async_compose<Token, void(error_code)>(
        [started = false](auto& self, error_code = {}) mutable {
            if (std::exchange(started, true))
                self.complete({});
            else
                asio::post(std::move(self));
        },
        token);
}
#define SQUALL_WAIT_SITE(name) (::squall::detail::nothing{})

#endif

}  // namespace squall::injection

#define SQUALL_ASYNC_WAIT_POINT(name, ...) \
    ::squall::injection::async_wait(SQUALL_WAIT_SITE(name), __VA_ARGS__)

#endif  // SQUALL_ASYNC_WAIT_POINT_H
