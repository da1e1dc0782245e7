// An operation as the completion handler of one of Boost.Asio's own asynchronous operations.
#ifndef SQUALL_PROVIDERS_OPERATION_HANDLER_H
#define SQUALL_PROVIDERS_OPERATION_HANDLER_H

#include <squall/operation.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <new>
#include <utility>

namespace squall::real {

struct abandon_operation {
    void operator()(operation* op) const { op->abandon(); }
};
using owned_operation = std::unique_ptr<operation, abandon_operation>;

// Ends an operation that never got under way; later, as all of them.
inline void complete_later(const asio::any_io_executor& executor, operation* op, error_code ec) {
    asio::post(executor, [owned = owned_operation(op), ec]() mutable {
        operation* op = owned.release();
        op->ec = ec;
        op->complete();
    });
}

// Called by Asio it completes the operation, dropped by Asio (the context is destroyed) it abandons it. What
// the operation's `cancel` is asked to do goes to Asio through the handler's cancellation slot.
class operation_handler {
public:
    using cancellation_slot_type = asio::cancellation_slot;
    // Asio's own keeps two pieces of memory at a time, and a connection has more under way.
    using allocator_type = squall::detail::kept_allocator<void>;

    explicit operation_handler(operation* op)
        : link_(std::allocator_traits<allocator>::allocate(allocator_, 1)) {
        ::new (static_cast<void*>(link_)) link{op, {}};
        op->state = link_;
        op->cancel = [](operation* op) {
            static_cast<link*>(op->state)->signal.emit(asio::cancellation_type::terminal);
        };
    }
    operation_handler(operation_handler&& other) noexcept : link_(std::exchange(other.link_, nullptr)) {}
    operation_handler& operator=(operation_handler&&) = delete;
    ~operation_handler() {
        if (link_ != nullptr)
            release()->abandon();
    }

    allocator_type get_allocator() const noexcept { return {}; }
    cancellation_slot_type get_cancellation_slot() const noexcept {
        return link_ != nullptr ? link_->signal.slot() : cancellation_slot_type();
    }

    void operator()(error_code ec, std::size_t bytes = 0) {
        operation* op = release();
        op->ec = ec;
        op->bytes = bytes;
        op->complete();
    }

    // Takes the operation out: its outcome is decided.
    operation* release() {
        link* ended = std::exchange(link_, nullptr);
        operation* op = ended->op;
        op->state = nullptr;
        op->cancel = nullptr;
        ended->~link();
        std::allocator_traits<allocator>::deallocate(allocator_, ended, 1);
        return op;
    }

private:
    struct link {
        operation* op;
        asio::cancellation_signal signal;
    };
    using allocator = squall::detail::kept_allocator<link>;

    [[no_unique_address]] allocator allocator_;
    link* link_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_OPERATION_HANDLER_H
