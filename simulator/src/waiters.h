// Coroutines that wait for the same thing: their timers, which are cancelled when it comes.
#ifndef SQUALL_SIMULATOR_WAITERS_H
#define SQUALL_SIMULATOR_WAITERS_H

#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include <vector>

namespace squall::simulator {

// A timer stands in the list for as long as this lives.
class enlisted {
public:
    enlisted(std::vector<timer*>& all, timer& self) : all_(all), self_(&self) { all_.push_back(self_); }
    ~enlisted() { std::erase(all_, self_); }
    enlisted(const enlisted&) = delete;
    enlisted& operator=(const enlisted&) = delete;

private:
    std::vector<timer*>& all_;
    timer* self_;
};

// Waits until the flag is as wanted; whoever changes it cancels the timers in the list.
inline asio::awaitable<void> until(asio::any_io_executor executor, std::vector<timer*>& waiters,
                                   const bool& flag, bool wanted) {
    if (flag == wanted)
        co_return;
    timer never(executor);
    never.expires_at(timer::time_point::max());
    const enlisted listed(waiters, never);
    while (flag != wanted)
        co_await never.async_wait(asio::as_tuple(asio::deferred));
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_WAITERS_H
