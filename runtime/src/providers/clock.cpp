// The clocks ask the provider behind the executor.
#include <squall/clock.h>

#include <squall/provider.h>

namespace squall {

steady_clock::time_point steady_clock::now(const asio::any_io_executor& executor) {
    return provider_of(executor).steady_now();
}

wall_clock::time_point wall_clock::now(const asio::any_io_executor& executor) {
    return provider_of(executor).wall_now();
}

}  // namespace squall
