// Puts results into the order of the campaign.
#include "ledger.h"

#include <utility>

namespace squall::cli {

ledger::ledger(const schedule& order, bool stop_at_failure, commit_function commit)
    : order_(order),
      stop_at_failure_(stop_at_failure),
      commit_(std::move(commit)),
      next_(order.first()) {
    complete_ = !next_;
}

void ledger::add(const position& where, run_result result) {
    if (stopped_ || is_beyond_end(where)) {
        return;
    }
    if (stop_at_failure_ && result.verdict != verdict::passed) {
        end_ = where;
    }
    waiting_bytes_ += result.bytes();
    waiting_.emplace(where, std::move(result));
    commit_in_order();
}

void ledger::commit_in_order() {
    while (!stopped_ && next_ && !waiting_.empty() && waiting_.begin()->first == *next_) {
        run_result& result = waiting_.begin()->second;
        waiting_bytes_ -= result.bytes();
        stopped_ = commit_(*next_, result);
        waiting_.erase(waiting_.begin());
        next_ = order_.after(*next_);
        complete_ = !next_;
    }
}

void ledger::flush() {
    for (auto& [where, result] : waiting_) {
        if (stopped_ || is_beyond_end(where)) {
            break;
        }
        stopped_ = commit_(where, result);
    }
    waiting_.clear();
    waiting_bytes_ = 0;
}

}  // namespace squall::cli
