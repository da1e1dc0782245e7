// One asynchronous operation between a handle (timer, stream, file, ...) and the provider behind it.
//
// The handle allocates the operation once, with the completion handler and the buffers in it; the provider,
// real or simulated, keeps it in its own lists while it is under way and ends it exactly once, by complete()
// or abandon(). The provider never learns the handler's type, and the handle never learns which world it is
// in.
#ifndef SQUALL_OPERATION_H
#define SQUALL_OPERATION_H

#include <squall/kept_memory.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace boost::asio {
template <typename Allocator>
class use_future_t;
}

namespace squall {

namespace asio = boost::asio;
using boost::system::error_code;

// Base of every pending operation. Not thread-safe: it belongs to the executor of the handle that started it.
class operation {
public:
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;

    // Runs the handler with the results below and frees the operation. To be called once, from within the
    // handle's executor and never from inside the initiating call.
    void complete() { function_(this, true); }

    // Frees the operation and its handler without running it: the process that owned it is gone.
    void abandon() { function_(this, false); }

    // Results, set by the provider before complete().
    error_code ec;
    std::size_t bytes = 0;

    // For the provider's use while the operation is under way.
    operation* next = nullptr;
    operation* previous = nullptr;
    void* owner = nullptr;
    void* state = nullptr;
    std::uint64_t ticket = 0;
    std::uint64_t chain = 0;  // the line of work that it carries on, where a schedule asks; 0: not known yet

    // Set by a provider that can cancel the operation, cleared by it once the outcome is decided. Called at
    // most once, from within the handle's executor; must end in complete(), later, with
    // asio::error::operation_aborted.
    void (*cancel)(operation*) = nullptr;

protected:
    using function = void (*)(operation*, bool invoke);
    explicit operation(function f) : function_(f) {}
    ~operation() = default;

private:
    function function_;
};

// Buffers of one operation, in order. A provider may transfer less than their total, never nothing unless the
// total is 0.
struct mutable_buffers {
    const asio::mutable_buffer* data = nullptr;
    std::size_t count = 0;
};
struct const_buffers {
    const asio::const_buffer* data = nullptr;
    std::size_t count = 0;
};

namespace detail {

// At most this many buffers of a sequence take part in one operation, as in Asio's own sockets (there: 64).
inline constexpr std::size_t max_buffers = 16;

struct no_buffers {};

template <class Buffer, std::size_t N>
class buffer_copy {
public:
    template <class Sequence>
    explicit buffer_copy(const Sequence& sequence) {
        auto last = asio::buffer_sequence_end(sequence);
        for (auto it = asio::buffer_sequence_begin(sequence); it != last && count_ < N; ++it) {
            Buffer buffer(*it);
            if (buffer.size() != 0)
                buffers_[count_++] = buffer;
        }
    }
    const Buffer* data() const { return buffers_.data(); }
    std::size_t count() const { return count_; }

private:
    std::array<Buffer, N> buffers_{};
    std::size_t count_ = 0;
};

template <class Buffer, class Sequence>
using buffer_copy_for = buffer_copy<Buffer, (std::is_convertible_v<const Sequence&, asio::mutable_buffer> ||
                                             std::is_convertible_v<const Sequence&, asio::const_buffer>)
                                                ? 1
                                                : max_buffers>;

// What a handler's cancellation slot holds while its operation is under way. Operation and slot can each go
// first (a world that ends destroys coroutine frames, signals and operations in any order), so each knows of
// the other.
class cancel_operation {
public:
    cancel_operation(operation* target, cancel_operation** back) : target_(target), back_(back) {
        *back_ = this;
    }
    cancel_operation(const cancel_operation&) = delete;
    cancel_operation& operator=(const cancel_operation&) = delete;
    ~cancel_operation() {
        if (target_ != nullptr)
            *back_ = nullptr;
    }

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none || target_ == nullptr || target_->cancel == nullptr)
            return;
        auto cancel = std::exchange(target_->cancel, nullptr);
        cancel(target_);
    }
    // The operation has ended.
    void disarm() { target_ = nullptr; }

private:
    operation* target_;
    cancel_operation** back_;
};

// The operation with its handler. Base is `operation` or a class derived from it with further results;
// Results is a function object that turns a Base& into the tuple of handler arguments.
template <class Base, class Handler, class Buffers, class Results>
class handler_operation final : public Base {
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using default_allocator = kept_allocator<void>;
    using given_allocator = asio::associated_allocator_t<Handler, default_allocator>;
    using allocator_type =
        typename std::allocator_traits<given_allocator>::template rebind_alloc<handler_operation>;
    using work_type = std::decay_t<decltype(asio::prefer(std::declval<executor_type>(),
                                                         asio::execution::outstanding_work.tracked))>;

public:
    template <class Given, class... BufferArguments>
    static handler_operation* create(Given&& handler, const asio::any_io_executor& io,
                                     const BufferArguments&... buffers) {
        allocator_type allocator(asio::get_associated_allocator(handler, default_allocator()));
        auto slot = asio::get_associated_cancellation_slot(handler);
        handler_operation* memory = std::allocator_traits<allocator_type>::allocate(allocator, 1);
        handler_operation* self = nullptr;
        try {
            self = ::new (static_cast<void*>(memory))
                handler_operation(std::forward<Given>(handler), io, buffers...);
        } catch (...) {
            std::allocator_traits<allocator_type>::deallocate(allocator, memory, 1);
            throw;
        }
        if (slot.is_connected())
            slot.template emplace<cancel_operation>(static_cast<operation*>(self), &self->slot_);
        return self;
    }

    const Buffers& buffers() const { return buffers_; }

private:
    template <class Given, class... BufferArguments>
    handler_operation(Given&& handler, const asio::any_io_executor& io, const BufferArguments&... buffers)
        : Base(&handler_operation::end),
          buffers_(buffers...),
          handler_(std::forward<Given>(handler)) {
        // The usual handler belongs to the handle's own executor, and then runs straight from complete(): no
        // hop, no guard.
        const auto executor = asio::get_associated_executor(handler_, io);
        if constexpr (std::is_same_v<executor_type, asio::any_io_executor>)
            if (executor == io) [[likely]]
                return;
        work_ =
            std::make_unique<work_type>(asio::prefer(executor, asio::execution::outstanding_work.tracked));
    }

    // Frees the operation; what is left of its handler goes with it.
    class last_scope {
    public:
        explicit last_scope(handler_operation* self)
            : self_(self),
              allocator_(asio::get_associated_allocator(self->handler_, default_allocator())) {}
        last_scope(const last_scope&) = delete;
        last_scope& operator=(const last_scope&) = delete;
        ~last_scope() {
            self_->~handler_operation();
            std::allocator_traits<allocator_type>::deallocate(allocator_, self_, 1);
        }

    private:
        handler_operation* self_;
        [[no_unique_address]] allocator_type allocator_;
    };

    static void end(operation* base, bool invoke) {
        auto* self = static_cast<handler_operation*>(base);
        if (self->slot_ != nullptr)
            self->slot_->disarm();
        if constexpr (std::is_same_v<given_allocator, default_allocator>) {
            // It runs where it stands: the next operation finds other memory soon enough.
            const last_scope scope(self);
            if (invoke)
                run(std::move(self->handler_), Results{}(static_cast<Base&>(*self)), self->work_.get());
        } else {
            // A handler's own allocator has its memory back before the handler runs, as with Asio.
            std::optional<last_scope> scope(self);
            Handler handler(std::move(self->handler_));
            auto results = Results{}(static_cast<Base&>(*self));
            const auto work = std::move(self->work_);
            scope.reset();
            if (invoke)
                run(std::move(handler), std::move(results), work.get());
        }
    }

    template <class Values>
    static void run(Handler&& handler, Values&& results, const work_type* elsewhere) {
        if (elsewhere == nullptr) [[likely]] {
            std::apply(std::move(handler), std::move(results));
            return;
        }
        std::apply(
            [&](auto&&... values) {
                asio::dispatch(*elsewhere,
                               asio::append(std::move(handler), std::forward<decltype(values)>(values)...));
            },
            std::move(results));
    }

    [[no_unique_address]] Buffers buffers_;
    Handler handler_;
    std::unique_ptr<work_type> work_;  // of a handler that runs on another executor: there
    cancel_operation* slot_ = nullptr;
};

struct error_result {
    std::tuple<error_code> operator()(operation& op) const { return {op.ec}; }
};
struct transfer_result {
    std::tuple<error_code, std::size_t> operator()(operation& op) const { return {op.ec, op.bytes}; }
};

// Waiting for a future blocks the thread, and in a simulation that is the one on which everything runs.
template <class Token>
struct blocks_the_thread : std::false_type {};
template <class Allocator>
struct blocks_the_thread<asio::use_future_t<Allocator>> : std::true_type {};
// Throws std::logic_error if the executor is a simulated process's.
void refuse_to_block(const asio::any_io_executor& io);

// Starts an operation without buffers: calls start(operation*) once the completion token has turned into a
// handler, which may be later. `io` is the handle's and lives as long as it.
template <class Token, class Signature, class Base, class Results, class Start>
auto initiate(const asio::any_io_executor& io, std::remove_reference_t<Token>& token, Start start) {
    if constexpr (blocks_the_thread<std::decay_t<Token>>::value)
        refuse_to_block(io);
    return asio::async_initiate<Token, Signature>(
        [io = &io, start = std::move(start)](auto&& handler) mutable {
            using handler_type = std::decay_t<decltype(handler)>;
            start(handler_operation<Base, handler_type, no_buffers, Results>::create(
                std::forward<decltype(handler)>(handler), *io));
        },
        token);
}

// The same with buffers: calls start(operation*, BufferList).
template <class Token, class Buffer, class BufferList, class Sequence, class Start>
auto initiate_transfer(const asio::any_io_executor& io, const Sequence& sequence,
                       std::remove_reference_t<Token>& token, Start start) {
    using buffers_type = buffer_copy_for<Buffer, Sequence>;
    if constexpr (blocks_the_thread<std::decay_t<Token>>::value)
        refuse_to_block(io);
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [io = &io, start = std::move(start)](auto&& handler, const buffers_type& buffers) mutable {
            using handler_type = std::decay_t<decltype(handler)>;
            auto* op = handler_operation<operation, handler_type, buffers_type, transfer_result>::create(
                std::forward<decltype(handler)>(handler), *io, buffers);
            start(op, BufferList{op->buffers().data(), op->buffers().count()});
        },
        token, buffers_type(sequence));
}

}  // namespace detail
}  // namespace squall

#endif  // SQUALL_OPERATION_H
