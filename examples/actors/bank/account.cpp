#include "bank/account.h"

#include <squall/actors/ref.h>

#include <chrono>
#include <utility>
#include <vector>

namespace bank {

using namespace std::chrono_literals;

namespace {

constexpr auto settle_after = 100ms;
constexpr std::size_t debts_at_once = 8;  // that one turn tells the others of

// What is lost of these is told again.
actors::call_options between_accounts() {
    actors::call_options how;
    how.timeout = 500ms;
    how.mode = actors::delivery::at_most_once;
    return how;
}

}  // namespace

account::account(actors::context& self, std::shared_ptr<cluster::watcher> watched, observer committed)
    : self_(self),
      life_(self, std::move(watched)),
      committed_(std::move(committed)),
      state_(self) {}

asio::awaitable<void> account::activate() {
    life_.begins();
    if (committed_)
        committed_(self_.key(), state_.version(), *state_);
    settle_later();
    co_return;
}

asio::awaitable<std::int64_t> account::open(std::uint64_t operation, std::int64_t amount) {
    const cluster::turn now(life_);
    const reason why = state_->open ? reason::there_is_one : reason::none;
    const std::int64_t left = co_await record(operation, kind::open, why, amount);
    co_return left;
}

asio::awaitable<std::int64_t> account::deposit(std::uint64_t operation, std::int64_t amount) {
    const cluster::turn now(life_);
    const reason why = state_->open ? reason::none : reason::no_account;
    const std::int64_t left = co_await record(operation, kind::deposit, why, amount);
    co_return left;
}

asio::awaitable<std::int64_t> account::withdraw(std::uint64_t operation, std::int64_t amount) {
    const cluster::turn now(life_);
    reason why = state_->balance < amount ? reason::not_enough : reason::none;
    if (!state_->open)
        why = reason::no_account;
    const std::int64_t left = co_await record(operation, kind::withdraw, why, amount);
    co_return left;
}

asio::awaitable<std::int64_t> account::transfer(std::uint64_t operation, const std::string& to,
                                                std::int64_t amount) {
    const cluster::turn now(life_);
    reason why = state_->balance < amount ? reason::not_enough : reason::none;
    if (!state_->open)
        why = reason::no_account;
    else if (to == self_.key())
        why = reason::to_itself;
    if (why == reason::none)
        state_->debts[operation] = debt{to, amount};
    const std::int64_t left = co_await record(operation, kind::transfer, why, amount);
    settle_later();
    co_return left;
}

asio::awaitable<std::int64_t> account::close(std::uint64_t operation) {
    const cluster::turn now(life_);
    reason why = state_->debts.empty() ? reason::none : reason::debts;
    if (!state_->open)
        why = reason::no_account;
    const std::int64_t rest = state_->balance;
    co_await record(operation, kind::close, why, rest);
    co_return rest;
}

std::int64_t account::balance() {
    const cluster::turn now(life_);
    if (!state_->open)
        throw refused{reason::no_account};
    return state_->balance;
}

account_state account::look() {
    const cluster::turn now(life_);
    return *state_;
}

asio::awaitable<std::int64_t> account::record(std::uint64_t operation, kind what, reason why,
                                              std::int64_t amount) {
    entry& line = state_->statement[operation];
    line.what = what;
    line.why = why;
    line.amount = amount;
    ++line.times;
    if (why == reason::none) {
        const bool in = what == kind::open || what == kind::deposit;
        state_->balance += in ? amount : -amount;
        state_->open = what != kind::close;
    }
    co_await save();
    SQUALL_ALWAYS(state_->statement[operation].times == 1, "an operation is done once", "operation",
                  operation);
    SQUALL_SOMETIMES_EACH("each operation is done, and refused", "kind", static_cast<int>(what), "reason",
                          static_cast<int>(why));
    if (why != reason::none)
        throw refused{why};
    co_return state_->balance;
}

asio::awaitable<void> account::save() {
    co_await state_.save();
    if (committed_)
        committed_(self_.key(), state_.version(), *state_);
}

void account::settle_later() {
    if (settles_ || state_->debts.empty())
        return;
    settles_ = true;
    self_.after<&account::settle>(settle_after);
}

asio::awaitable<void> account::settle() {
    const cluster::turn now(life_);
    settles_ = false;
    std::vector<std::pair<std::uint64_t, debt>> some;
    for (const auto& owed : state_->debts)
        if (some.size() < debts_at_once)
            some.push_back(owed);
    for (const auto& [operation, owed] : some) {
        try {
            const auto other = self_.get<account>(owed.to).with(between_accounts());
            auto told = other.send<&account::pay>(operation, owed.amount, self_.key());
            co_await std::move(told);
        } catch (const boost::system::system_error&) {
            // Again, as all that is not answered.
        }
    }
    settle_later();
}

// A payment that was refused stays so, though the account be opened meanwhile: the money is back by then.
asio::awaitable<void> account::pay(std::uint64_t operation, std::int64_t amount, const std::string& from) {
    const cluster::turn now(life_);
    const bool again = state_->payments.contains(operation);
    SQUALL_SOMETIMES(again, "a payment is told again");
    if (!again) {
        const bool taken = state_->open;
        state_->payments[operation] = taken;
        if (taken)
            state_->balance += amount;
        co_await save();
    }
    const bool taken = state_->payments.at(operation);
    const auto other = self_.get<account>(from).with(between_accounts());
    try {
        auto told = other.send<&account::paid>(operation, taken);
        co_await std::move(told);
    } catch (const boost::system::system_error&) {
        // It will ask again.
    }
}

asio::awaitable<void> account::paid(std::uint64_t operation, bool taken) {
    const cluster::turn now(life_);
    const auto owed = state_->debts.find(operation);
    if (owed == state_->debts.end())
        co_return;
    SQUALL_SOMETIMES(!taken, "money comes back from an account that is closed");
    if (!taken)
        state_->balance += owed->second.amount;
    state_->debts.erase(owed);
    co_await save();
}

void account::leave() {
    const cluster::turn now(life_);
    self_.deactivate();
}

void account::move_to(const actors::node_address& where) {
    const cluster::turn now(life_);
    self_.migrate(where);
}

}  // namespace bank
