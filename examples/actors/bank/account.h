// An account: an actor with a balance, a statement, and money that it owes to others.
//
// A transfer is a debit with a debt, in one save. The account tells the other one until that says that it has
// taken the money, or that it is closed; then the debt is gone, and in the second case the money is back. So
// neither waits for the other while it handles a message.
//
// That an operation is done once is left to the runtime: the statement counts, so that a test can see.
#ifndef BANK_ACCOUNT_H
#define BANK_ACCOUNT_H

#include "cluster/life.h"

#include <squall/actors/persistent.h>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

namespace bank {

namespace actors = squall::actors;
namespace asio = boost::asio;

enum class kind : std::uint8_t { open, deposit, withdraw, transfer, close };
enum class reason : std::uint8_t { none, no_account, there_is_one, not_enough, debts, to_itself };

struct entry {
    kind what = kind::open;
    reason why = reason::none;  // none: it was done; else it was refused for this
    std::int64_t amount = 0;
    std::uint32_t times = 0;
};

struct debt {
    std::string to;
    std::int64_t amount = 0;
};

struct account_state {
    bool open = false;
    std::int64_t balance = 0;
    // By number of the operation. Refusals as well: one that was told to the client is for good, also where
    // the message comes again to a later activation.
    std::map<std::uint64_t, entry> statement;
    std::map<std::uint64_t, debt> debts;     // by number of the transfer
    std::map<std::uint64_t, bool> payments;  // by others' transfers: whether they were taken
};

struct refused {
    reason why = reason::none;
};

class account {
    BOOST_DESCRIBE_CLASS(account, (),
                         (open, deposit, withdraw, transfer, balance, close, pay, paid, settle, look, leave,
                          move_to),
                         (), ())

public:
    static constexpr std::string_view type_name = "account";
    using throws = std::tuple<refused>;
    // Told of each state that is in the store, and of its version.
    using observer = std::function<void(const std::string& key, std::uint64_t version, const account_state&)>;

    explicit account(actors::context& self, std::shared_ptr<cluster::watcher> watched = {},
                     observer committed = {});
    asio::awaitable<void> activate();

    // Operations have numbers of their own, and amounts are at least 0. They return the balance.
    asio::awaitable<std::int64_t> open(std::uint64_t operation, std::int64_t amount);
    asio::awaitable<std::int64_t> deposit(std::uint64_t operation, std::int64_t amount);
    asio::awaitable<std::int64_t> withdraw(std::uint64_t operation, std::int64_t amount);
    asio::awaitable<std::int64_t> transfer(std::uint64_t operation, const std::string& to,
                                           std::int64_t amount);
    // Pays the rest out, and returns it. Not while there are debts.
    asio::awaitable<std::int64_t> close(std::uint64_t operation);
    std::int64_t balance();
    account_state look();

    // From account to account.
    asio::awaitable<void> pay(std::uint64_t operation, std::int64_t amount, const std::string& from);
    asio::awaitable<void> paid(std::uint64_t operation, bool taken);
    // A clock's: tells the others what it owes them.
    asio::awaitable<void> settle();

    void leave();
    void move_to(const actors::node_address& where);

private:
    asio::awaitable<std::int64_t> record(std::uint64_t operation, kind what, reason why, std::int64_t amount);
    asio::awaitable<void> save();
    void settle_later();

    actors::context& self_;
    cluster::life life_;
    observer committed_;
    actors::persistent<account_state> state_;
    bool settles_ = false;  // a clock is set
};

}  // namespace bank

#endif  // BANK_ACCOUNT_H
