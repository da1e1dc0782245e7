// Operations of handles whose executor is not the boot's own but one on top of
// it: a strand, say.
//
// The world completes operations in the boot, and nowhere else. For such a
// handle it is given a stand-in, which completes the handle's operation on the
// handle's executor.
#ifndef SQUALL_SIMULATOR_HOP_H
#define SQUALL_SIMULATOR_HOP_H

#include "boot.h"

#include <squall/provider.h>

#include <boost/asio/dispatch.hpp>

#include <memory>
#include <utility>

namespace squall::simulator {

// The executor to hop to: empty if the handle's is the boot's own.
inline asio::any_io_executor foreign_part(const asio::any_io_executor& executor) {
    return executor.target<boot_executor>() != nullptr ? asio::any_io_executor() : executor;
}

template <class Base>
class hop final : public Base {
public:
    static Base* over(const asio::any_io_executor& executor, Base* target) {
        return !executor ? target : stand_in(executor, target);
    }

private:
    [[gnu::noinline]] static Base* stand_in(const asio::any_io_executor& executor, Base* target) {
        auto* self = new hop(executor, target);
        target->state = self;
        target->cancel = [](operation* op) {
            auto* self = static_cast<hop*>(op->state);
            if (auto cancel = std::exchange(self->cancel, nullptr))
                cancel(self);
        };
        return self;
    }

    struct abandon {
        void operator()(Base* op) const { op->abandon(); }
    };

    hop(const asio::any_io_executor& executor, Base* target)
        : Base(&hop::end),
          executor_(executor),
          target_(target) {}

    static void end(operation* base, bool invoke) {
        const std::unique_ptr<hop> self(static_cast<hop*>(base));
        std::unique_ptr<Base, abandon> target(self->target_);
        target->state = nullptr;
        target->cancel = nullptr;
        if (!invoke)
            return;
        target->ec = self->ec;
        target->bytes = self->bytes;
        if constexpr (std::is_same_v<Base, accept_operation>)
            target->accepted = std::move(self->accepted);
        if constexpr (std::is_same_v<Base, list_operation>)
            target->names = std::move(self->names);
        if constexpr (std::is_same_v<Base, resolve_operation>)
            target->results = std::move(self->results);
        asio::dispatch(self->executor_,
                       [target = std::move(target)]() mutable { target.release()->complete(); });
    }

    asio::any_io_executor executor_;
    Base* target_;
};

inline operation* via(const asio::any_io_executor& foreign, operation* op) {
    return hop<operation>::over(foreign, op);
}
inline accept_operation* via(const asio::any_io_executor& foreign, accept_operation* op) {
    return hop<accept_operation>::over(foreign, op);
}
inline resolve_operation* via(const asio::any_io_executor& foreign, resolve_operation* op) {
    return hop<resolve_operation>::over(foreign, op);
}
inline list_operation* via(const asio::any_io_executor& foreign, list_operation* op) {
    return hop<list_operation>::over(foreign, op);
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_HOP_H
