// Where a wedged worker stands: the stacks of its threads, asked for before it is killed.
#ifndef SQUALL_CLI_STACK_PROBE_H
#define SQUALL_CLI_STACK_PROBE_H

#include "worker_process.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace squall::cli {

// What gdb said, without all that is not a stack: "thread N:" and frames. Empty if there is none.
std::string stacks_of_gdb(std::string_view output);

// How many gdbs there may be: one reads the debug information of the whole program, which takes seconds and
// up to gigabytes, and a campaign may have many hangs, several at once.
class gdb_allowance {
public:
    explicit gdb_allowance(int at_once = 2, int in_all = 20) : at_once_(at_once), in_all_(in_all) {}
    bool take() {
        if (at_once_ == 0 || in_all_ == 0) {
            return false;
        }
        --at_once_;
        --in_all_;
        return true;
    }
    void give_back() { ++at_once_; }

private:
    int at_once_;
    int in_all_;
};

// gdb is asked if it is in PATH and may attach, and the allowance has one left; else SIGQUIT is sent, to
// which a simulation answers with its stack on stderr (simulator/src/stack_on_quit.h). A process without such
// a handler ends by it.
class stack_probe {
public:
    using clock = std::chrono::steady_clock;

    // Begins; `of` and `allowance` must outlive the probe.
    stack_probe(worker_process& of, gdb_allowance& allowance, clock::time_point now);
    ~stack_probe();
    stack_probe(const stack_probe&) = delete;
    stack_probe& operator=(const stack_probe&) = delete;

    // Whether there is nothing more to wait for. Never waits itself.
    bool finished(clock::time_point now);

    // When finished() is to be asked at the latest.
    clock::time_point deadline() const { return deadline_; }

    // To poll for reading; -1 for none.
    int fd() const { return gdb_ ? gdb_->output_fd() : -1; }

    // The stacks by gdb. Empty where the process was to write them itself, into its own output.
    const std::string& text() const { return text_; }

private:
    void ask_the_process(clock::time_point now);
    void end_gdb();

    worker_process& of_;
    gdb_allowance& allowance_;
    bool took_ = false;  // of the allowance, and not given back yet
    std::unique_ptr<worker_process> gdb_;
    clock::time_point deadline_;
    std::string text_;
    bool finished_ = false;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_STACK_PROBE_H
