// A state of an actor that outlives its activations.
//
//   class account {
//       explicit account(actors::context& self) : state_(self) {}
//       asio::awaitable<std::int64_t> deposit(std::int64_t amount) {
//           state_->balance += amount;
//           co_await state_.save();
//           co_return state_->balance;
//       }
//       actors::persistent<account_state> state_;
//
// It is loaded before activate() is called. A save that fails with anything but error::conflict ends the
// activation after the present turn: what is in memory is not what is in the store then, or may not be.
#ifndef SQUALL_ACTORS_PERSISTENT_H
#define SQUALL_ACTORS_PERSISTENT_H

#include <squall/actors/context.h>
#include <squall/actors/encoding.h>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace squall::actors {

namespace detail {

class persistent_base {
public:
    persistent_base(const persistent_base&) = delete;
    persistent_base& operator=(const persistent_base&) = delete;

    // 0: it was never saved.
    std::uint64_t version() const { return version_; }
    // Writes it to the store, if nobody else has since it was read. With it goes, of a message that is sent
    // at least once, which one it was: sent again, even to the next activation, it is not handled again.
    // Throws call_failed: fenced, conflict, store_unavailable, too_large; std::logic_error without a store.
    asio::awaitable<void> save();
    // Reads it anew.
    asio::awaitable<void> load();
    // Removes it from the store, and makes it default-constructed.
    asio::awaitable<void> clear();

protected:
    persistent_base(context& self, std::string name);
    virtual ~persistent_base();

private:
    virtual void encode_state(std::string& out) const = 0;
    virtual void decode_state(std::string_view bytes) = 0;
    virtual void reset_state() = 0;

    context& self_;
    std::string name_;
    std::uint64_t version_ = 0;
};

}  // namespace detail

// A member of an actor. T can be encoded (encoding.h) and default-constructed. An actor with several gives
// them names.
template <class T>
class persistent final : public detail::persistent_base {
public:
    explicit persistent(context& self, std::string name = {}) : persistent_base(self, std::move(name)) {}

    T& operator*() { return value_; }
    const T& operator*() const { return value_; }
    T* operator->() { return &value_; }
    const T* operator->() const { return &value_; }

private:
    void encode_state(std::string& out) const override { encode(value_, out); }
    void decode_state(std::string_view bytes) override { value_ = decode<T>(bytes); }
    void reset_state() override { value_ = T{}; }

    T value_{};
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_PERSISTENT_H
