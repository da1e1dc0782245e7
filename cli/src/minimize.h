// The few faults that a failing seed needs: faults are vetoed in ever smaller groups, as long as the run
// fails by the same cause. After Zeller and Hildebrandt's ddmin ("Simplifying and Isolating Failure-Inducing
// Input", 2002), except that a veto may let other faults happen, so that each accepted run tells anew which
// there are.
#ifndef SQUALL_CLI_MINIMIZE_H
#define SQUALL_CLI_MINIMIZE_H

#include "protocol.h"
#include "worker.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

// What a run with some decisions vetoed came to.
struct trial {
    run_result result;
    std::vector<fault_message> faults;  // in the order in which they happened
};

// Of trials that differ in what they veto, the first in the order given that `good` holds for, and its
// number; nothing if it holds for none. May run several at a time and more than it needs to, but never
// decides by which ends first.
struct trial_hit {
    std::size_t index;
    trial what;
};
using trial_runner = std::function<std::optional<trial_hit>(
    const std::vector<std::vector<std::string>>& vetoes, const std::function<bool(const trial&)>& good)>;

struct minimized {
    run_result result;                  // of the last run that was accepted
    std::vector<fault_message> faults;  // that happened in it
    std::vector<std::string> veto;      // sorted
    std::size_t faults_before = 0;
    bool complete = true;  // no single fault can be left out, unless another takes its place
};

// `first` is the failing run with `veto`. `go_on` is asked before each group of trials, with the faults still
// there.
minimized minimize(trial first, std::vector<std::string> veto, const trial_runner& run,
                   const std::function<bool(std::size_t)>& go_on);

// Runs trials in worker processes. Needs a signal_watch.
class trial_pool {
public:
    struct options {
        std::vector<std::string> command;
        simulation_name simulation;
        std::uint64_t seed = 0;
        std::string profile;
        unsigned jobs = 1;
        std::chrono::milliseconds hang_timeout{30'000};
        std::uint64_t memory_limit_bytes = 0;
    };
    explicit trial_pool(options setup);
    ~trial_pool();

    // Is a trial_runner. Throws error where no run begins, and at an interrupt.
    std::optional<trial_hit> run(const std::vector<std::vector<std::string>>& vetoes,
                                 const std::function<bool(const trial&)>& good);

    std::uint64_t runs() const { return runs_; }  // so far

private:
    void wait();
    void take(std::vector<worker_outcome>& outcomes);

    options options_;
    tally counts_;
    gdb_allowance gdbs_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::uint64_t next_ = 0;   // number of a trial, over all groups
    std::uint64_t first_ = 0;  // of the present group
    std::vector<std::optional<trial>> done_;
    std::uint64_t runs_ = 0;
    int fruitless_ends_ = 0;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_MINIMIZE_H
