// An observer that keeps what a run tells it.
#ifndef SQUALL_TESTS_RUNTIME_RECORDER_H
#define SQUALL_TESTS_RUNTIME_RECORDER_H

#include <squall/run.h>

#include <chrono>
#include <utility>
#include <vector>

struct recorder : squall::run_observer {
    void on_fault(const squall::fault_record& fault) override { faults.push_back(fault); }
    void on_violation(const squall::violation& v) override { violations.push_back(v); }
    void on_delay(std::chrono::nanoseconds delay) override { delays.push_back(delay); }
    std::vector<squall::fault_record> faults;
    std::vector<squall::violation> violations;
    std::vector<std::chrono::nanoseconds> delays;
};

/// A run with sites on, bound to this thread.
struct bound_run {
    explicit bound_run(squall::run_options options = {}) : run(std::move(options), &seen) {
        run.set_sites_on(true);
    }
    recorder seen;
    squall::run run;
    squall::run_scope scope{run};
};

#endif
