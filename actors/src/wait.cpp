#include <squall/actors/wait.h>

#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <memory>

namespace squall::actors::detail {
namespace {

struct abandoned {
    void operator()(operation* op) const { op->abandon(); }
};
// Completes an operation when it is called, and abandons it if it is destroyed without.
struct ending {
    std::unique_ptr<operation, abandoned> op;
    void operator()() { op.release()->complete(); }
};

void complete_later(const asio::any_io_executor& executor, operation* op, error_code ec) {
    op->ec = ec;
    asio::post(executor, ending{std::unique_ptr<operation, abandoned>(op)});
}

}  // namespace

asio::execution_context::id parking::id;

parking& parking::of(const asio::any_io_executor& executor) {
    return asio::use_service<parking>(asio::query(executor, asio::execution::context));
}

void parking::shutdown() {
    // Destroying a coroutine may destroy other places: always take the first that is left.
    while (first_ != nullptr)
        first_->abandon();
}

void wait_slot::park(const asio::any_io_executor& executor, parking& where, operation* op) {
    if (woken_) {
        woken_ = false;
        complete_later(executor, op, {});
        return;
    }
    op_ = op;
    executor_ = &executor;
    where_ = &where;
    op->owner = this;
    op->cancel = &wait_slot::cancelled;
    previous_ = nullptr;
    next_ = where.first_;
    if (next_ != nullptr)
        next_->previous_ = this;
    where.first_ = this;
}

operation* wait_slot::take() {
    (previous_ != nullptr ? previous_->next_ : where_->first_) = next_;
    if (next_ != nullptr)
        next_->previous_ = previous_;
    op_->cancel = nullptr;
    return std::exchange(op_, nullptr);
}

void wait_slot::wake(const asio::any_io_executor& executor, error_code ec) {
    if (op_ == nullptr)
        woken_ = true;
    else
        complete_later(executor, take(), ec);
}

void wait_slot::abandon() {
    if (op_ != nullptr)
        take()->abandon();
}

void wait_slot::cancelled(operation* op) {
    auto* self = static_cast<wait_slot*>(op->owner);
    if (self->on_cancel != nullptr)
        self->on_cancel(self->whose);
    else
        complete_later(*self->executor_, self->take(), asio::error::operation_aborted);
}

}  // namespace squall::actors::detail
