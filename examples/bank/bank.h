// A server of a bank: some of its accounts, and money on its way to the accounts of other servers.
//
// A transfer is a debit with a promise to pay, in one log record; the server of the other account is told
// until it says that it has credited the money. Operations have numbers of their own, and are done once
// however often they are asked for.
#ifndef BANK_H
#define BANK_H

#include "common/log.h"
#include "common/rpc.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace bank {

namespace asio = boost::asio;

enum class bug {
    none,
    credits_twice,     // a credit that is told again is credited again
    pays_before_sync,  // the other server is told while the debit is not on the disk yet
};

// Requests are {kind, number of the operation, ...}; they are also the log's records.
enum class kind : std::uint64_t {
    deposit = 1,  // account, amount
    withdraw,     // account, amount
    transfer,     // from, to, amount: asked of the server of `from`
    balance,      // account
    credit,       // to, amount, index of the paying server: between servers
    paid,         // a record only: the other server has credited
    refused,      // a record, and a reply
    done,         // a reply; of `balance` with the balance
};

inline constexpr int accounts = 30;
inline constexpr std::int64_t opening_balance = 100;

struct view {
    std::int64_t money = 0;  // on its accounts
    std::int64_t least = 0;  // on one of them
    std::int64_t deposited = 0;
    std::int64_t withdrawn = 0;
    std::vector<std::int64_t> sent;      // by server, ever
    std::vector<std::int64_t> credited;  // the same, of what they sent
    std::size_t promises = 0;            // debits that are not known to be credited
};

struct config {
    std::size_t index = 0;  // among `servers`; account a is server a % servers'
    std::vector<squall::endpoint> servers;
    bug planted = bug::none;
    std::function<void(const view&)> changed;
};

class server : public std::enable_shared_from_this<server> {
public:
    server(asio::any_io_executor executor, config setup);
    // Returns when the disk fails.
    asio::awaitable<void> run();

private:
    struct promise {
        std::uint64_t to = 0;
        std::int64_t amount = 0;
    };

    bool valid(const common::message& request) const;
    asio::awaitable<common::message> answer(common::message request);
    // What is to be recorded of a request that is new.
    common::message judge(const common::message& request) const;
    void record(const common::message& entry);
    void apply(const common::message& entry);
    void tell();
    asio::awaitable<void> pay(std::uint64_t operation);

    asio::any_io_executor executor_;
    config setup_;
    common::log log_;
    std::map<std::uint64_t, std::int64_t> balances_;
    std::map<std::uint64_t, kind> answers_;  // of operations that clients asked for
    std::set<std::uint64_t> credits_;        // of operations that other servers paid
    std::map<std::uint64_t, promise> promises_;
    view view_;
};

}  // namespace bank

#endif  // BANK_H
