#include "bank/books.h"

#include <squall/assertions.h>

#include <algorithm>

namespace bank {

void books::committed(const std::string& key, std::uint64_t version, const account_state& state) {
    page& known = pages_[key];
    if (version < known.version)
        return;
    known.version = version;
    known.state = state;
    known.paid_in = 0;
    for (const auto& [operation, line] : state.statement) {
        if (line.why != reason::none || line.what == kind::transfer)
            continue;
        const bool in = line.what == kind::open || line.what == kind::deposit;
        known.paid_in += in ? line.amount : -line.amount;
    }
}

void books::check() const {
    std::int64_t money = 0;
    std::int64_t paid_in = 0;
    for (const auto& [key, page] : pages_) {
        SQUALL_ALWAYS(page.state.balance >= 0, "no account is overdrawn", "account", key);
        money += page.state.balance;
        paid_in += page.paid_in;
        for (const auto& [operation, owed] : page.state.debts) {
            const auto to = pages_.find(owed.to);
            bool arrived = false;
            if (to != pages_.end()) {
                const auto payment = to->second.state.payments.find(operation);
                arrived = payment != to->second.state.payments.end() && payment->second;
            }
            money += arrived ? 0 : owed.amount;
        }
    }
    SQUALL_ALWAYS(money == paid_in, "money is conserved", "money", money, "paid in", paid_in);
}

bool books::settled() const {
    return std::all_of(pages_.begin(), pages_.end(),
                       [](const auto& each) { return each.second.state.debts.empty(); });
}

}  // namespace bank
