#include "bank/ledger.h"

#include <squall/assertions.h>

#include <optional>
#include <utility>

namespace bank {

using cluster::known;

asio::awaitable<known> ledger::change(actors::ref<account> asked, std::uint64_t operation, kind what,
                                      std::int64_t amount, std::string to) {
    promise& made = promises_[operation];
    made.account = asked.key();
    made.what = what;
    made.amount = amount;
    std::optional<asio::awaitable<std::int64_t>> call;
    switch (what) {
        case kind::open:
            call = asked.call<&account::open>(operation, amount);
            break;
        case kind::deposit:
            call = asked.call<&account::deposit>(operation, amount);
            break;
        case kind::withdraw:
            call = asked.call<&account::withdraw>(operation, amount);
            break;
        case kind::transfer:
            call = asked.call<&account::transfer>(operation, to, amount);
            break;
        case kind::close:
            call = asked.call<&account::close>(operation);
            break;
    }
    made.outcome = co_await cluster::outcome_of<refused>(std::move(*call));
    co_return made.outcome;
}

void ledger::check(const std::map<std::string, account_state>& found) const {
    for (const auto& [operation, promised] : promises_)
        compare(operation, promised, found.at(promised.account));
}

void ledger::compare(std::uint64_t operation, const promise& promised, const account_state& state) {
    const auto line = state.statement.find(operation);
    const bool there = line != state.statement.end();
    const bool handled = promised.outcome == known::answered || promised.outcome == known::declined ||
                         promised.outcome == known::handled;
    SQUALL_ALWAYS(there || !handled, "what was acknowledged is kept", "operation", operation);
    SQUALL_ALWAYS(!there || promised.outcome != known::nothing, "what had no effect is not done", "operation",
                  operation);
    if (!there)
        return;
    const bool done = line->second.why == reason::none;
    const bool as_asked = line->second.what == promised.what &&
                          (promised.what == kind::close || line->second.amount == promised.amount);
    SQUALL_ALWAYS(line->second.times == 1, "an operation was done once", "operation", operation);
    SQUALL_ALWAYS(as_asked, "an operation is done as it was asked for", "operation", operation);
    SQUALL_ALWAYS(done || promised.outcome != known::answered, "what was done stays done", "operation",
                  operation);
    SQUALL_ALWAYS(!done || promised.outcome != known::declined, "what was refused stays refused", "operation",
                  operation);
}

}  // namespace bank
