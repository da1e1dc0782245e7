#include "common/crowd.h"

#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>

namespace common {

namespace asio = boost::asio;

asio::awaitable<void> crowd(asio::any_io_executor executor, int count,
                            std::function<asio::awaitable<void>(int)> make) {
    struct state {
        explicit state(const asio::any_io_executor& e) : done(e) {}
        squall::timer done;
        int running = 0;
        std::exception_ptr failure;
    };
    const auto all = std::make_shared<state>(executor);
    all->done.expires_at(squall::timer::time_point::max());
    all->running = count;
    for (int i = 0; i < count; ++i) {
        asio::co_spawn(executor, make(i), [all](std::exception_ptr problem) {
            if (problem && !all->failure)
                all->failure = problem;
            if (--all->running == 0)
                all->done.cancel();
        });
    }
    while (all->running > 0)
        co_await all->done.async_wait(asio::as_tuple(asio::use_awaitable));
    if (all->failure)
        std::rethrow_exception(all->failure);
}

}  // namespace common
