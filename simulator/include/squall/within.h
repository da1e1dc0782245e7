// An operation with a time-out of its own.
//
//   const auto balance = co_await squall::within(self, 500ms, read_balance(account));
//   if (balance)             use(*balance);
//   else if (balance.unknown())  ...;   // it may have been carried out, now or later
#ifndef SQUALL_WITHIN_H
#define SQUALL_WITHIN_H

#include <squall/simulation.h>
#include <squall/timer.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace squall {

// Thrown by an operation that failed and for certain did nothing: it was refused, or never sent.
class had_no_effect : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The value of an operation, or what is known in its place.
template <class T>
class timed {
public:
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    // Whether there is a value.
    explicit operator bool() const { return value_.has_value(); }
    value_type& operator*() { return *value_; }
    const value_type& operator*() const { return *value_; }
    value_type* operator->() { return &*value_; }
    const value_type* operator->() const { return &*value_; }
    const std::optional<value_type>& value() const { return value_; }
    // Whether its time was up, and it was cancelled for that. One that ended with a value for all that has
    // both.
    bool timed_out() const { return timed_out_; }
    // Whether it may have had its effect, or may yet have it, with no reply to say so: true without a value,
    // but for one that never began or threw had_no_effect.
    bool unknown() const { return !value_ && !no_effect_; }
    // asio::error::timed_out, the code of the system_error that it threw, or none with a value and after
    // had_no_effect.
    const error_code& error() const { return error_; }

private:
    template <class U>
    friend asio::awaitable<timed<U>> within(process_context& self, nanoseconds limit,
                                            asio::awaitable<U> operation);
    static asio::awaitable<timed> caught(asio::awaitable<T> operation) {
        timed result;
        try {
            if constexpr (std::is_void_v<T>) {
                co_await std::move(operation);
                result.value_.emplace();
            } else {
                result.value_.emplace(co_await std::move(operation));
            }
        } catch (const had_no_effect&) {
            result.no_effect_ = true;
        } catch (const boost::system::system_error& error) {
            result.error_ = error.code();
        }
        co_return result;
    }

    std::optional<value_type> value_;
    error_code error_;
    bool timed_out_ = false;
    bool no_effect_ = false;
};

namespace detail {
// What a time-out and the operation share; outlives both.
struct time_limit {
    asio::cancellation_signal stop;
    bool over = false;   // the operation has ended
    bool is_up = false;  // the time
    bool cancelled = false;
};
}  // namespace detail

// Runs the operation in a coroutine of its own on the process's executor, and after `limit` of virtual time
// cancels it (terminal cancellation: its pending access ends with operation_aborted, and so does whatever it
// asks for next). Returns when it has ended, so nothing of it is left over. An operation whose limit is 0 or
// less never begins. system_error and had_no_effect become part of the result; every other exception is
// thrown, an assertion's and a check's among them. Cancelling within() cancels the operation, and throws
// operation_aborted.
template <class T>
asio::awaitable<timed<T>> within(process_context& self, nanoseconds limit, asio::awaitable<T> operation) {
    timed<T> result;
    if (limit <= nanoseconds(0)) {
        result.timed_out_ = true;
        result.no_effect_ = true;
        result.error_ = asio::error::timed_out;
        co_return result;
    }
    const auto shared = std::make_shared<detail::time_limit>();
    timer clock(self.executor(), limit);
    clock.async_wait([shared](error_code aborted) {
        if (aborted || shared->over)
            return;
        shared->is_up = true;
        shared->stop.emit(asio::cancellation_type::terminal);
    });
    // The operation's slot is the time-out's, so our own caller's wish is handed on.
    const asio::cancellation_state wishes = co_await asio::this_coro::cancellation_state_t();
    asio::cancellation_slot outer = wishes.slot();
    if (outer.is_connected())
        outer.assign([shared](asio::cancellation_type) {
            shared->cancelled = true;
            shared->stop.emit(asio::cancellation_type::terminal);
        });
    result = co_await asio::co_spawn(self.executor(), timed<T>::caught(std::move(operation)),
                                     asio::bind_cancellation_slot(shared->stop.slot(), asio::use_awaitable));
    shared->over = true;
    if (outer.is_connected())
        outer.clear();
    if (shared->cancelled)
        throw boost::system::system_error(asio::error::operation_aborted);
    result.timed_out_ = shared->is_up;
    if (shared->is_up && !result.value_ && !result.no_effect_)
        result.error_ = asio::error::timed_out;
    co_return result;
}

}  // namespace squall

#endif  // SQUALL_WITHIN_H
