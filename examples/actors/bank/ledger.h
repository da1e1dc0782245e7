// What a client of the bank asked for, and was told: at the end the accounts' statements must agree with it.
#ifndef BANK_LEDGER_H
#define BANK_LEDGER_H

#include "bank/account.h"
#include "cluster/outcome.h"

#include <squall/actors/ref.h>

#include <cstdint>
#include <map>
#include <string>

namespace bank {

class ledger {
public:
    // Asks `account` to do it, and writes down what became of it. `operation` is a number that no other has;
    // `to` is the other account of a transfer.
    asio::awaitable<cluster::known> change(actors::ref<account> asked, std::uint64_t operation, kind what,
                                           std::int64_t amount, std::string to = {});
    // Violates an assertion where one of them does not agree. By account.
    void check(const std::map<std::string, account_state>& found) const;

private:
    struct promise {
        std::string account;
        kind what = kind::open;
        std::int64_t amount = 0;
        cluster::known outcome = cluster::known::unknown;
    };
    static void compare(std::uint64_t operation, const promise& promised, const account_state& state);

    std::map<std::uint64_t, promise> promises_;
};

}  // namespace bank

#endif  // BANK_LEDGER_H
