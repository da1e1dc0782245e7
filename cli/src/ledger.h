// Puts results, which come in any order, into the order of the campaign, and finds where the campaign ends.
//
// A result counts only once all before it are there, so what a campaign reports does not depend on --jobs or
// on which worker was quicker.
#ifndef SQUALL_CLI_LEDGER_H
#define SQUALL_CLI_LEDGER_H

#include "protocol.h"
#include "schedule.h"

#include <functional>
#include <map>
#include <optional>

namespace squall::cli {

class ledger {
public:
    // Is called once for each result, in order; returns true if the campaign ends with it.
    using commit_function = std::function<bool(const position&, run_result&)>;

    ledger(const schedule& order, bool stop_at_failure, commit_function commit);

    void add(const position& where, run_result result);

    // Whether the run cannot count any more: a run before it failed.
    bool is_beyond_end(const position& where) const { return end_ && where > *end_; }

    bool complete() const { return complete_; }  // every run of the schedule is committed
    bool stopped() const { return stopped_; }    // commit_function said so

    // What waits for a run before it.
    std::size_t waiting_bytes() const { return waiting_bytes_; }
    const std::optional<position>& next() const { return next_; }

    // Commits all that waits in order, past the gaps.
    void flush();

private:
    void commit_in_order();

    const schedule& order_;
    bool stop_at_failure_;
    commit_function commit_;
    std::map<position, run_result> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::optional<position> next_;
    std::optional<position> end_;
    bool complete_ = false;
    bool stopped_ = false;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_LEDGER_H
