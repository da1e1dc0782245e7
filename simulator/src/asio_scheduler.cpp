#include "asio_scheduler.h"

#include "boot.h"

#include <boost/asio/detail/scheduler.hpp>
#include <boost/asio/detail/scheduler_task.hpp>

namespace squall::simulator {
namespace {

// In the place of the reactor, which would look at real clocks and sockets.
class idle_task final : public asio::detail::scheduler_task {
public:
    void run(long, asio::detail::op_queue<asio::detail::scheduler_operation>&) override {}
    void interrupt() override {}
};

class kept_scheduler final : public asio::detail::scheduler, public in_kept_memory {
public:
    using scheduler::scheduler;
};

}  // namespace

asio_scheduler::asio_scheduler(boot& context)
    : scheduler_(new kept_scheduler(context, 1, false, &asio_scheduler::first_use)) {
    asio::add_service(context, scheduler_);
}

asio::detail::scheduler_task* asio_scheduler::first_use(asio::execution_context& context) {
    static idle_task idle;
    static_cast<boot&>(context).asio_objects.used_ = true;
    return &idle;
}

void asio_scheduler::run() {
    error_code ignored;
    scheduler_->restart();  // it stops by itself each time nothing waits in it
    scheduler_->poll(ignored);
}

}  // namespace squall::simulator
