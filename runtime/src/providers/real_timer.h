// Timers on the operating system's steady clock.
#ifndef SQUALL_PROVIDERS_REAL_TIMER_H
#define SQUALL_PROVIDERS_REAL_TIMER_H

#include <squall/provider.h>

#include <boost/asio/steady_timer.hpp>

namespace squall::real {

class timer final : public timer_backend {
public:
    explicit timer(const asio::any_io_executor& executor) : timer_(executor) {}

    void wait(steady_clock::time_point when, operation* op) override;
    std::size_t cancel() override;

private:
    asio::steady_timer timer_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_TIMER_H
