// Each kind of operation that the handles have, so that one case can be run over all of them.
#ifndef SQUALL_TESTS_PROVIDERS_SUBJECTS_H
#define SQUALL_TESTS_PROVIDERS_SUBJECTS_H

#include <squall/operation.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace squall::contract {

class contract_world;
class subject;

enum class subject_kind {
    timer_wait,
    connect,
    accept,
    stream_read,
    stream_write,
    datagram_send,
    datagram_receive,
    resolve,
    file_open,
    file_read,
    file_write,
    file_sync,
    file_resize,
    file_size,
    rename,
    remove,
    create_directory,
    sync_directory,
    list_directory,
};
std::string to_string(subject_kind kind);
std::vector<subject_kind> subject_kinds();

// Ways to put an end to an operation. Timers and resolvers have no close(), and directory operations no
// handle; a datagram that is sent is gone at once.
enum class cancel_by { slot, cancel, close, destroy };
struct cancellation {
    subject_kind kind;
    cancel_by way;
};
std::string to_string(const cancellation& c);
std::vector<cancellation> all_cancellations();

// What became of one operation. Outlives the world, for the handler may be destroyed as late as that.
struct probe {
    // Where the handler wants to run.
    asio::any_io_executor executor;
    std::unique_ptr<asio::cancellation_signal> signal = std::make_unique<asio::cancellation_signal>();
    std::function<void()> on_end;  // called by the handler, at its end

    bool starting = false;  // inside the initiating call
    bool ended_inside = false;
    int calls = 0;
    error_code ec;
    // Objects that the handler owned and that are gone.
    std::atomic<int> released = 0;
    std::atomic<std::size_t> allocations = 0;
    std::atomic<std::size_t> deallocations = 0;
};

template <class T>
class probe_allocator {
public:
    using value_type = T;
    explicit probe_allocator(probe& p) noexcept : probe_(&p) {}
    template <class U>
    // As allocators convert. NOLINTNEXTLINE(google-explicit-constructor)
    probe_allocator(const probe_allocator<U>& other) noexcept : probe_(other.target()) {}

    T* allocate(std::size_t n) {
        ++probe_->allocations;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) {
        ++probe_->deallocations;
        std::allocator<T>().deallocate(p, n);
    }
    probe* target() const noexcept { return probe_; }
    template <class U>
    bool operator==(const probe_allocator<U>& other) const noexcept {
        return probe_ == other.target();
    }

private:
    probe* probe_;
};

// The handler: it owns the subject, as the handlers of a session own the session.
class probe_handler {
public:
    using executor_type = asio::any_io_executor;
    using allocator_type = probe_allocator<void>;
    using cancellation_slot_type = asio::cancellation_slot;

    probe_handler(probe& p, std::shared_ptr<subject> owned)
        : probe_(&p),
          slot_(p.signal->slot()),
          owned_(std::move(owned)) {}

    executor_type get_executor() const noexcept { return probe_->executor; }
    allocator_type get_allocator() const noexcept { return allocator_type(*probe_); }
    cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

    template <class... Results>
    void operator()(error_code ec, const Results&...) {
        probe& p = *probe_;
        ++p.calls;
        p.ec = ec;
        p.ended_inside = p.starting;
        owned_.reset();
        if (p.on_end)
            p.on_end();
    }

private:
    probe* probe_;
    asio::cancellation_slot slot_;
    std::shared_ptr<subject> owned_;
};

class subject {
public:
    explicit subject(asio::any_io_executor executor) : executor_(std::move(executor)) {}
    virtual ~subject() = default;

    // Makes what the operation needs. If it is to complete it then will; else a timer, an accept, a read and
    // a write are such that nothing completes them, and the others may complete once control is given back to
    // the executor.
    virtual asio::awaitable<void> prepare(contract_world& world, bool to_complete) = 0;
    virtual void start(probe_handler handler) = 0;

    virtual void cancel() {}
    virtual void close() {}
    virtual void destroy_handle() {}

protected:
    const asio::any_io_executor& executor() const { return executor_; }

private:
    asio::any_io_executor executor_;
};

// Counts in `p.released` when it goes. The subject's handle belongs to `executor`.
std::shared_ptr<subject> make_subject(subject_kind kind, const asio::any_io_executor& executor, probe& p);

// Starts the operation with a handler that shares the subject.
void start(const std::shared_ptr<subject>& s, probe& p);

// Waits on process 0 for the handler's call.
asio::awaitable<void> ended(contract_world& world, probe& p);

}  // namespace squall::contract

#endif  // SQUALL_TESTS_PROVIDERS_SUBJECTS_H
