// Many coroutines side by side, and waiting for all of them.
#ifndef EXAMPLE_COMMON_CROWD_H
#define EXAMPLE_COMMON_CROWD_H

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>

namespace common {

// Runs make(0) ... make(count - 1); returns when all have ended, and throws what the first threw that did.
boost::asio::awaitable<void> crowd(boost::asio::any_io_executor executor, int count,
                                   std::function<boost::asio::awaitable<void>(int)> make);

}  // namespace common

#endif  // EXAMPLE_COMMON_CROWD_H
