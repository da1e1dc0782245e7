#include "real_timer.h"

#include "operation_handler.h"

#include <chrono>

namespace squall::real {

void timer::wait(steady_clock::time_point when, operation* op) {
    // Setting the expiry aborts pending waits. The handle does not change its expiry without having done so.
    std::chrono::steady_clock::time_point expiry(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(when.time_since_epoch()));
    if (timer_.expiry() != expiry)
        timer_.expires_at(expiry);
    timer_.async_wait(operation_handler(op));
}

std::size_t timer::cancel() {
    return timer_.cancel();
}

}  // namespace squall::real
