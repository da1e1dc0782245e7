// What Asio's own objects find in a simulated process: the scheduler behind asio::steady_timer,
// asio::ip::tcp::socket and their likes, without a thread, a clock or a socket.
//
// Libraries use them inside: ssl::stream has two timers that never expire for locks, Beast's WebSocket
// streams one for time-outs. Left alone, Asio would give the context a thread of its own to complete them, at
// times that no seed decides. Here what is cancelled completes, in the event that cancelled it; what waits
// for real time or for a real socket waits for ever.
#ifndef SQUALL_SIMULATOR_ASIO_SCHEDULER_H
#define SQUALL_SIMULATOR_ASIO_SCHEDULER_H

#include <boost/asio/execution_context.hpp>

namespace boost::asio::detail {
class scheduler;
class scheduler_task;
}  // namespace boost::asio::detail

namespace squall::simulator {

namespace asio = boost::asio;

class boot;

class asio_scheduler {
public:
    // Puts it into the boot's context. To be called before anything asks the context for one.
    explicit asio_scheduler(boot& context);

    // Runs the completions that are due. To be called after each event of the boot.
    void run_due() {
        if (used_) [[unlikely]]
            run();
    }

private:
    static asio::detail::scheduler_task* first_use(asio::execution_context& context);
    void run();

    asio::detail::scheduler* scheduler_;
    bool used_ = false;  // whether a timer or a socket of Asio's was ever made in the boot
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_ASIO_SCHEDULER_H
