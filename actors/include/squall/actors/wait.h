// A place at which one coroutine waits until somebody says that it may go on.
#ifndef SQUALL_ACTORS_WAIT_H
#define SQUALL_ACTORS_WAIT_H

#include <squall/operation.h>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/execution_context.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace squall::actors::detail {

namespace asio = boost::asio;

// What waits in the places of one execution context. When the context ends it destroys the handlers, and so
// the coroutines, that nothing else would: their places may be owned by themselves.
class parking final : public asio::execution_context::service {
public:
    using key_type = parking;
    static asio::execution_context::id id;
    explicit parking(asio::execution_context& context) : service(context) {}

private:
    friend class wait_slot;
    void shutdown() override;
    class wait_slot* first_ = nullptr;
};

// Where the coroutines of one executor wait: made once, as what is in it is dear to come by.
class waiting_room {
public:
    explicit waiting_room(asio::any_io_executor io);

    const asio::any_io_executor executor;

private:
    friend class wait_slot;
    const asio::any_io_executor later_;  // the same one; runs nothing at once
    parking& parked_;
};

// Neither copied nor moved. Used from one executor.
class wait_slot {
public:
    wait_slot() = default;
    wait_slot(const wait_slot&) = delete;
    wait_slot& operator=(const wait_slot&) = delete;
    ~wait_slot() { abandon(); }

    // Signature void(error_code). One at a time. Completes at once if wake() came before. The room outlives
    // the wait.
    template <class Token>
    auto async_wait(const waiting_room& room, Token&& token) {
        return asio::async_initiate<Token, void(error_code)>(
            [this, &room](auto&& handler) {
                auto bound =
                    asio::bind_allocator(allocator<void>(*this), std::forward<decltype(handler)>(handler));
                using waiting_operation =
                    squall::detail::handler_operation<operation, decltype(bound), squall::detail::no_buffers,
                                                      squall::detail::error_result>;
                park(room, waiting_operation::create(std::move(bound), room.executor));
            },
            token);
    }
    bool waiting() const { return op_ != nullptr; }
    // Lets the one that waits go on, by a post; without one, the next that comes.
    void wake(const waiting_room& room, error_code ec = {});
    // Lets the one that waits go on within this call, from within its executor; its room outlives the call.
    void go_on();  // what is thrown meanwhile is thrown to whoever runs the executor
    // Called, in place of an ending with operation_aborted, when the wait is cancelled; must see to it that
    // wake() is called.
    void (*on_cancel)(void* whose) = nullptr;
    void* whose = nullptr;

private:
    friend class parking;

    // Who waits owns its place: the operation lies in it, and costs no allocation.
    template <class T>
    class allocator {
    public:
        using value_type = T;
        explicit allocator(wait_slot& place) noexcept : place_(&place) {}
        template <class Other>
        // NOLINTNEXTLINE(google-explicit-constructor): an allocator is made of one for another type
        allocator(const allocator<Other>& other) noexcept : place_(other.place_) {}
        T* allocate(std::size_t count) {
            if (count == 1 && sizeof(T) <= memory_size && alignof(T) <= alignof(std::max_align_t) &&
                !place_->memory_used_) {
                place_->memory_used_ = true;
                return reinterpret_cast<T*>(place_->memory_.data());
            }
            return std::allocator<T>().allocate(count);
        }
        void deallocate(T* memory, std::size_t count) noexcept {
            if (static_cast<void*>(memory) == place_->memory_.data())
                place_->memory_used_ = false;
            else
                std::allocator<T>().deallocate(memory, count);
        }
        template <class Other>
        bool operator==(const allocator<Other>& other) const noexcept {
            return place_ == other.place_;
        }

    private:
        template <class>
        friend class allocator;
        wait_slot* place_;
    };
    static constexpr std::size_t memory_size = 256;

    void park(const waiting_room& room, operation* op);
    operation* take();
    void abandon();
    static void cancelled(operation* op);

    operation* op_ = nullptr;
    const waiting_room* room_ = nullptr;
    parking* where_ = nullptr;
    wait_slot* next_ = nullptr;
    wait_slot* previous_ = nullptr;
    bool woken_ = false;
    bool memory_used_ = false;
    alignas(std::max_align_t) std::array<unsigned char, memory_size> memory_;
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_WAIT_H
