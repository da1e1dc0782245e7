// Clocks of a provider: steady time for timers and time-outs, wall time for stamps.
//
// There is no static now(): whose time it is depends on the process that asks, so it is asked of an executor.
#ifndef SQUALL_CLOCK_H
#define SQUALL_CLOCK_H

#include <boost/asio/any_io_executor.hpp>

#include <chrono>

namespace squall {

struct steady_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<steady_clock>;
    static constexpr bool is_steady = true;

    // Nanoseconds since an unspecified start; in the simulator since the start of the run.
    static time_point now(const boost::asio::any_io_executor& executor);
};

struct wall_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<wall_clock>;
    static constexpr bool is_steady = false;

    // Nanoseconds since the Unix epoch as this process's clock has them: it may be wrong, and may jump.
    static time_point now(const boost::asio::any_io_executor& executor);
};

}  // namespace squall

#endif  // SQUALL_CLOCK_H
