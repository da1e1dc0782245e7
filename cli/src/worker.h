// One worker process of a campaign: it serves one simulation, is given seeds, and turns what the process
// says, or how it ends, into results.
#ifndef SQUALL_CLI_WORKER_H
#define SQUALL_CLI_WORKER_H

#include "protocol.h"
#include "schedule.h"
#include "stack_probe.h"
#include "tally.h"
#include "worker_process.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

using steady = std::chrono::steady_clock;

struct worker_task {
    position where;
    std::uint64_t seed = 0;
    bool recheck = false;                // a second run of a seed, to compare
    std::vector<std::string> veto = {};  // decisions that must not happen
    bool faults = false;                 // tell each fault
};

struct worker_outcome {
    worker_task task;
    run_result result;                       // with indices of the tally
    std::vector<fault_message> faults = {};  // if they were asked for
};

// The command with the filter that leaves only the simulation's test.
std::vector<std::string> pinned_command(const std::vector<std::string>& command,
                                        const simulation_name& simulation);

// Why squall killed a worker.
struct cause_of_kill {
    cli::verdict verdict;
    std::string message;
};

std::string hang_message(std::chrono::milliseconds timeout);
std::string memory_message(std::uint64_t limit_bytes);

class worker {
public:
    worker(const std::vector<std::string>& command, const simulation_name& name, std::uint32_t simulation,
           std::string profile);

    std::uint32_t simulation() const { return simulation_; }
    pid_t pid() const { return process_.pid(); }
    worker_process& process() { return process_; }
    const worker_process& process() const { return process_; }

    void give(const worker_task& task);
    bool idle() const { return tasks_.empty(); }
    const std::deque<worker_task>& tasks() const { return tasks_; }

    // How many tasks it should hold so that it need not wait for squall between two short runs.
    std::size_t depth() const;

    // Takes in what has come; finished runs are appended to `outcomes`. False if nothing had. Throws error
    // where going on makes no sense.
    bool pump(tally& counts, std::vector<worker_outcome>& outcomes);

    // Kill the process if its run is over the limit. One that hangs is first asked for its stack. `now` is a
    // time before the last pump(), so that a result that came in time counts however late it is looked at;
    // `gdbs` outlives the worker.
    void watch_clock(steady::time_point now, std::chrono::milliseconds hang_timeout, gdb_allowance& gdbs);
    void watch_memory(std::uint64_t limit_bytes);

    // It is worn once it has made so many runs; 0 for never.
    void wears_out_after(std::uint64_t runs) { runs_max_ = runs; }

    // Whether the process has ended. Its current run then is in `outcomes`, and tasks() holds what it had not
    // begun.
    bool ended(tally& counts, std::vector<worker_outcome>& outcomes);

    // Whether it has served so long, or grown so big, that another is to take its place.
    bool worn() const { return worn_; }

    // Why it ended, when it did so without being in a run: for the user.
    std::string end_text() const;
    bool greeted() const { return greeted_; }
    bool charged() const { return charged_; }  // its end was charged to a run
    std::uint64_t finished_runs() const { return finished_runs_; }

    // Lets the test end by itself.
    void dismiss();

    // To poll for reading, besides those of the process; -1 for none.
    int stack_fd() const { return stack_ ? stack_->fd() : -1; }

    // When the run it is in, if any, becomes a hang, or its stack has been waited for long enough.
    std::optional<steady::time_point> deadline(std::chrono::milliseconds hang_timeout) const;

private:
    void handle(const std::string& line, tally& counts, std::vector<worker_outcome>& outcomes);
    void handle_hello(const hello_message& hello);
    void handle_result(run_result result, std::vector<worker_outcome>& outcomes);
    void resolve(run_result& result) const;
    void break_off(verdict why, std::string message);
    void send(const worker_task& task);

    worker_process process_;
    simulation_name name_;
    std::uint32_t simulation_;
    std::string profile_;
    std::deque<worker_task> tasks_;  // the first is the one that runs, once it has started
    bool greeted_ = false;
    bool serving_ = false;  // between the hello of its simulation and the end
    bool started_ = false;  // the first task
    bool charged_ = false;
    bool dismissed_ = false;
    std::optional<cause_of_kill> killed_;
    std::unique_ptr<stack_probe> stack_;  // of a hang, before the process is killed
    std::string stack_text_;
    std::optional<int> status_;
    steady::time_point since_;  // of the last sign of progress
    std::vector<std::uint32_t> place_of_index_;
    std::vector<fault_message> faults_;  // of the run that goes on
    std::uint64_t finished_runs_ = 0;
    std::uint64_t runs_max_ = 0;
    bool worn_ = false;
    double mean_run_us_ = 0;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_WORKER_H
