// in_flight(): as many coroutines as operations may be under way, each of which makes one after the other.
#include <squall/in_flight.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace squall::detail {
namespace {

using resumed = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

// Owned by the coroutines that make the operations, and in its turn owner of the one that waits for them:
// when the world ends and destroys the former, the latter goes too.
struct flying {
    flying(process_context& context, std::size_t workers, std::uint64_t operations,
           std::function<asio::awaitable<void>(std::uint64_t)> maker)
        : self(context),
          at_once(workers),
          total(operations),
          make(std::move(maker)),
          under_faults(context.chaos()) {}

    bool goes_on() const { return !stopping && sum.begun < total && (!under_faults || self.chaos()); }
    // Ends the others; `but` is the one that has come to its end.
    void stop(std::exception_ptr why, const asio::cancellation_signal* but = nullptr) {
        if (stopping)
            return;
        stopping = true;
        first = std::move(why);
        for (asio::cancellation_signal& signal : signals)
            if (&signal != but)
                signal.emit(asio::cancellation_type::terminal);
    }

    process_context& self;
    const std::size_t at_once;
    const std::uint64_t total;
    std::function<asio::awaitable<void>(std::uint64_t)> make;
    const bool under_faults;
    std::deque<asio::cancellation_signal> signals;  // one a worker
    std::size_t workers = 0;                        // that have not ended
    std::size_t now_under_way = 0;
    bool stopping = false;
    std::exception_ptr first;
    std::uint64_t further = 0;  // exceptions
    flight sum;
    // The coroutine that waits, and where it wants the result.
    std::unique_ptr<resumed> waiting;
    flight* result = nullptr;
    std::exception_ptr* error = nullptr;
};

bool is_cancelled(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

asio::awaitable<void> work(flying& all, const asio::cancellation_signal& own) {
    while (all.goes_on()) {
        const nanoseconds begun = all.self.now();
        std::exception_ptr error;
        all.sum.most_at_once = std::max(all.sum.most_at_once, ++all.now_under_way);
        try {
            co_await all.make(all.sum.begun++);
        } catch (...) {
            error = std::current_exception();
        }
        --all.now_under_way;
        ++all.sum.ended;
        if (error != nullptr) {
            if (!all.stopping)
                all.stop(error, &own);
            else if (!is_cancelled(error))
                ++all.further;
            co_return;
        }
        if (all.goes_on() && all.self.now() == begun)
            co_await asio::post(all.self.executor(), asio::deferred);
    }
}

void land(flying& all) {
    if (all.further != 0)
        all.self.log("in flight: " + std::to_string(all.further) + " more exceptions after the first");
    *all.result = all.sum;
    *all.error = all.first;
    const std::unique_ptr<resumed> waiting = std::move(all.waiting);
    std::move (*waiting)();
}

void start_worker(const std::shared_ptr<flying>& all) {
    asio::cancellation_signal& signal = all->signals.emplace_back();
    ++all->workers;
    asio::co_spawn(all->self.executor(), work(*all, signal),
                   asio::bind_cancellation_slot(signal.slot(), [all](std::exception_ptr error) {
                       if (error != nullptr)
                           all->stop(error);
                       if (--all->workers == 0)
                           land(*all);
                   }));
}

}  // namespace

asio::awaitable<flight> fly(process_context& self, std::size_t at_once, std::uint64_t total,
                            std::function<asio::awaitable<void>(std::uint64_t)> make) {
    if (at_once == 0)
        throw std::invalid_argument("squall: in_flight() of no operation at once");
    flight result;
    std::exception_ptr error;
    auto all = std::make_shared<flying>(self, at_once, total, std::move(make));
    if (!all->goes_on() || (total == until_chaos_ends && !all->under_faults))
        co_return result;
    all->result = &result;
    all->error = &error;
    // By reference, and taken out of: this coroutine must not own what owns it.
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        [&all](resumed handler) {
            const std::shared_ptr<flying> mine = std::move(all);
            auto slot = asio::get_associated_cancellation_slot(handler);
            mine->waiting = std::make_unique<resumed>(std::move(handler));
            if (slot.is_connected())
                slot.assign([weak = std::weak_ptr(mine)](asio::cancellation_type) {
                    if (const auto alive = weak.lock())
                        alive->stop(std::make_exception_ptr(
                            boost::system::system_error(asio::error::operation_aborted)));
                });
            const std::uint64_t workers = std::min<std::uint64_t>(mine->at_once, mine->total);
            for (std::uint64_t i = 0; i < workers && (i == 0 || mine->goes_on()); ++i)
                start_worker(mine);
        },
        asio::use_awaitable);
    if (error != nullptr)
        std::rethrow_exception(error);
    co_return result;
}

}  // namespace squall::detail
