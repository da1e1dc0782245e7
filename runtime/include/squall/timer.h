// A waitable timer, as asio::steady_timer, in either world.
#ifndef SQUALL_TIMER_H
#define SQUALL_TIMER_H

#include <squall/provider.h>

namespace squall {

// Move-only; not thread-safe; must be used from its executor. Destroying it aborts its waits.
class timer {
public:
    using executor_type = asio::any_io_executor;
    using clock_type = steady_clock;
    using duration = steady_clock::duration;
    using time_point = steady_clock::time_point;

    explicit timer(executor_type executor)
        : executor_(std::move(executor)),
          provider_(&provider_of(executor_)),
          backend_(provider_->make_timer(executor_)) {}
    template <class Rep, class Period>
    timer(executor_type executor, std::chrono::duration<Rep, Period> after) : timer(std::move(executor)) {
        expires_after(after);
    }

    executor_type get_executor() const { return executor_; }

    time_point expiry() const { return expiry_; }
    // Sets the expiry relative to now, a negative duration counting as zero and one beyond the clock's range
    // as for ever; aborts pending waits and returns their number.
    template <class Rep, class Period>
    std::size_t expires_after(std::chrono::duration<Rep, Period> after) {
        using seconds = std::chrono::duration<double>;
        time_point now = provider_->steady_now();
        if (after <= after.zero())
            return expires_at(now);
        // In floating point, which no duration overflows; a second is more than what it rounds off.
        if (seconds(after) >= seconds(time_point::max() - now) - seconds(1))
            return expires_at(time_point::max());
        return expires_at(now + std::chrono::duration_cast<duration>(after));
    }
    std::size_t expires_at(time_point when) {
        std::size_t aborted = backend_->cancel();
        expiry_ = when;
        return aborted;
    }
    std::size_t cancel() { return backend_->cancel(); }

    // Signature void(error_code): no error at the expiry, operation_aborted when cancelled. Supports all
    // cancellation types.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_wait(Token&& token = {}) {
        return detail::initiate<Token, void(error_code), operation, detail::error_result>(
            executor_, token, [this](operation* op) { backend_->wait(expiry_, op); });
    }

private:
    executor_type executor_;
    provider* provider_;
    std::unique_ptr<timer_backend> backend_;
    time_point expiry_{};
};

}  // namespace squall

#endif  // SQUALL_TIMER_H
