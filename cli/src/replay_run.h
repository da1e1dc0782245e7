// One run of one seed in a worker process of its own.
#ifndef SQUALL_CLI_REPLAY_RUN_H
#define SQUALL_CLI_REPLAY_RUN_H

#include "protocol.h"
#include "tally.h"
#include "worker_process.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace squall::cli {

// What came of the run, and what the process printed if it did not survive.
struct replay_outcome {
    run_result result;
    std::string output;
    std::vector<std::string> log;  // with keep_log: every event
    std::vector<squall::recorded_event> events =
        {};  // with keep_events; the last one is its death, if it died
};

struct replay_run {
    std::vector<std::string> command;
    simulation_name simulation;
    run_request request;
    std::chrono::milliseconds hang_timeout{30'000};
    std::uint64_t memory_limit_bytes = 0;  // resident, of the worker; 0 for none
    bool keep_log = false;                 // with request.log
    bool keep_events = false;              // likewise
    worker_process::output_use output = worker_process::output_use::keep_tail;
    std::function<void(const std::string&)> on_log = {};  // each event as it comes
};

// With request.log the last events of a run that takes its process down are in its `tail`, and with
// request.faults the faults that happened. Needs a signal_watch. Throws error where the simulation does not
// begin, and at an interrupt.
replay_outcome run_once(const replay_run& run);

// The same with a process that is there already.
replay_outcome converse(const replay_run& run, worker_process& process);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPLAY_RUN_H
