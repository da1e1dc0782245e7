// One boot of a process: the execution context its code lives in, and all that is under way in it.
//
// A crash destroys what is under way at once. The object itself stays until the world ends, so that an
// executor somebody kept is still one, which drops whatever it is given.
#ifndef SQUALL_SIMULATOR_BOOT_H
#define SQUALL_SIMULATOR_BOOT_H

#include "asio_scheduler.h"
#include "kept_memory.h"

#include <squall/operation.h>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

namespace squall::simulator {

class world_state;
struct process_state;

class boot final : public asio::execution_context, public in_kept_memory {
public:
    boot(world_state& world, process_state& process);
    ~boot();

    world_state& world;
    process_state& process;
    asio_scheduler asio_objects;

    bool alive() const noexcept { return alive_; }
    // Abandons all operations, then has the context's services drop theirs.
    void kill() noexcept;

    // Operations under way belong to the list until they are ready to complete.
    void own(operation* op) noexcept {
        op->owner = this;
        op->previous = nullptr;
        op->next = first_;
        if (first_ != nullptr)
            first_->previous = op;
        first_ = op;
    }
    void disown(operation* op) noexcept {
        (op->previous != nullptr ? op->previous->next : first_) = op->next;
        if (op->next != nullptr)
            op->next->previous = op->previous;
    }

private:
    operation* first_ = nullptr;
    bool alive_ = true;
};

// Executor of a boot. Blocking "possibly" runs at once if the boot's code is running already; "never" always
// queues.
class boot_executor {
public:
    explicit boot_executor(boot& target, bool may_block = true) noexcept
        : boot_(&target),
          may_block_(may_block) {}

    friend bool operator==(const boot_executor& a, const boot_executor& b) noexcept {
        return a.boot_ == b.boot_;
    }
    friend bool operator!=(const boot_executor& a, const boot_executor& b) noexcept {
        return a.boot_ != b.boot_;
    }

    asio::execution_context& query(asio::execution::context_t) const noexcept { return *boot_; }
    asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
        return may_block_ ? asio::execution::blocking_t(asio::execution::blocking.possibly)
                          : asio::execution::blocking_t(asio::execution::blocking.never);
    }
    boot_executor require(asio::execution::blocking_t::possibly_t) const noexcept {
        return boot_executor(*boot_, true);
    }
    boot_executor require(asio::execution::blocking_t::never_t) const noexcept {
        return boot_executor(*boot_, false);
    }

    boot& target() const noexcept { return *boot_; }

    template <class Function>
    void execute(Function&& f) const;

private:
    bool running_here() const noexcept;
    void queue(operation* op) const;

    boot* boot_;
    bool may_block_;
};

// A function given to an executor.
template <class Function>
class posted_function final : public operation {
    using allocator_type = squall::detail::kept_allocator<posted_function>;

public:
    template <class F>
    static posted_function* create(F&& f) {
        allocator_type allocator;
        auto* memory = allocator.allocate(1);
        try {
            return ::new (static_cast<void*>(memory)) posted_function(std::forward<F>(f));
        } catch (...) {
            allocator.deallocate(memory, 1);
            throw;
        }
    }

private:
    template <class F>
    explicit posted_function(F&& f) : operation(&posted_function::end),
                                      function_(std::forward<F>(f)) {}

    static void end(operation* base, bool invoke) {
        auto* self = static_cast<posted_function*>(base);
        struct last_scope {
            ~last_scope() {
                self->~posted_function();
                allocator_type().deallocate(self, 1);
            }
            posted_function* self;
        } const scope{self};
        if (invoke)
            std::move(self->function_)();
    }

    Function function_;
};

template <class Function>
void boot_executor::execute(Function&& f) const {
    using function_type = std::decay_t<Function>;
    if (may_block_ && running_here()) {
        function_type now(std::forward<Function>(f));
        std::move(now)();
        return;
    }
    queue(posted_function<function_type>::create(std::forward<Function>(f)));
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_BOOT_H
