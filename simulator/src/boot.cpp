// Boots: how a process's code is queued, and how it ends.
#include "boot.h"

#include "process_state.h"
#include "world_state.h"

namespace squall::simulator {

boot::boot(world_state& owner, process_state& its_process)
    : world(owner),
      process(its_process),
      asio_objects(*this) {}

boot::~boot() {
    kill();
}

void boot::kill() noexcept {
    if (!alive_)
        return;
    alive_ = false;
    // Destroying a coroutine runs its destructors, which may abandon other operations of this boot: always
    // take the first that is left.
    for (;;) {
        operation* op = first_;
        if (op != nullptr) {
            disown(op);
            world.take_out(op);
        } else if (op = world.take_ready_of(*this); op == nullptr) {
            break;
        }
        op->abandon();
    }
    shutdown();
}

bool boot_executor::running_here() const noexcept {
    return boot_->alive() && boot_->world.running == boot_;
}

void boot_executor::queue(operation* op) const {
    boot_->world.complete_now(*boot_, op);
}

}  // namespace squall::simulator
