#include <squall/actors/wait.h>

#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>

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

void complete_later(const asio::any_io_executor& later, operation* op, error_code ec) {
    op->ec = ec;
    later.execute(ending{std::unique_ptr<operation, abandoned>(op)});
}

}  // namespace

asio::execution_context::id parking::id;

void parking::shutdown() {
    // Destroying a coroutine may destroy other places: always take the first that is left.
    while (first_ != nullptr)
        first_->abandon();
}

waiting_room::waiting_room(asio::any_io_executor io)
    : executor(std::move(io)),
      later_(asio::prefer(asio::require(executor, asio::execution::blocking.never),
                          asio::execution::relationship.fork)),
      parked_(asio::use_service<parking>(asio::query(executor, asio::execution::context))) {}

void wait_slot::park(const waiting_room& room, operation* op) {
    if (woken_) {
        woken_ = false;
        complete_later(room.later_, op, {});
        return;
    }
    parking& where = room.parked_;
    op_ = op;
    room_ = &room;
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

void wait_slot::wake(const waiting_room& room, error_code ec) {
    if (op_ == nullptr)
        woken_ = true;
    else
        complete_later(room.later_, take(), ec);
}

void wait_slot::go_on() {
    const waiting_room& room = *room_;
    operation* const op = take();
    op->ec = {};
    try {
        op->complete();
    } catch (...) {
        room.later_.execute([thrown = std::current_exception()] { std::rethrow_exception(thrown); });
    }
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
        complete_later(self->room_->later_, self->take(), asio::error::operation_aborted);
}

}  // namespace squall::actors::detail
