// Finds the simulations in a GoogleTest binary, by asking it.
#ifndef SQUALL_CLI_DISCOVERY_H
#define SQUALL_CLI_DISCOVERY_H

#include "protocol.h"
#include "tally.h"
#include "worker_process.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace squall::cli {

struct process_end {
    int status;
};
struct time_out {};
struct interruption {};
// What a worker says next, or what came instead.
using worker_event = std::variant<worker_message, process_end, time_out, interruption>;

// A conversation with one worker, message by message.
class conversation {
public:
    explicit conversation(worker_process& process) : process_(process) {}

    // Waits for the next message, no longer than until `deadline`. Throws protocol_error.
    worker_event next(std::chrono::steady_clock::time_point deadline);

private:
    worker_process& process_;
    std::vector<std::string> lines_;
    std::size_t used_ = 0;
    std::optional<int> status_;
};

// Throws error if the worker cannot do what the overrides ask for.
void check_overrides(const catalog_message& catalog);

struct discovery {
    std::vector<simulation_name> simulations;
    std::vector<std::string> notes;  // what the user ought to know, in whole lines
};

// Runs the binary once, with every simulation in it skipped. `silence` is how long it may take from one
// simulation to the next. Throws error if the binary is no GoogleTest program, holds no simulation or speaks
// another protocol.
discovery discover(const std::vector<std::string>& command, std::chrono::milliseconds silence);

}  // namespace squall::cli

#endif  // SQUALL_CLI_DISCOVERY_H
