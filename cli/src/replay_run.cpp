// One run of one seed in a worker process of its own.
#include "replay_run.h"

#include "crash_cause.h"
#include "discovery.h"
#include "error.h"
#include "signals.h"
#include "stack_probe.h"
#include "text.h"
#include "worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace squall::cli {

namespace {

using clock = std::chrono::steady_clock;

// Waits for it.
std::string stack_of(worker_process& process) {
    stack_probe probe(process, clock::now());
    while (!probe.finished(clock::now())) {
        std::vector<pollfd> files = {{probe.fd(), POLLIN, 0}, {process.output_fd(), POLLIN, 0}};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(probe.deadline() - clock::now());
        signal_watch::wait_for(files, std::max(left, std::chrono::milliseconds(0)));
        if (signal_watch::interrupted()) {
            throw error("interrupted", exit_code::interrupted);
        }
    }
    return probe.text();
}

}  // namespace

replay_outcome converse(const replay_run& plan, worker_process& process) {
    const auto hang_timeout = plan.hang_timeout;
    conversation talk(process);
    const std::string shown = printable(plan.command.front());
    bool asked = false;
    bool wanted = false;  // the simulation that said hello last
    bool started = false;
    clock::time_point deadline = clock::now() + hang_timeout;
    replay_outcome outcome;
    outcome.result.seed = plan.request.seed;
    const auto take_log = [&](const std::string& line) {
        if (plan.on_log) {
            plan.on_log(line);
        }
        outcome.log.push_back(line);
    };
    for (;;) {
        std::optional<worker_event> event;
        try {
            event = talk.next(deadline);
        } catch (const protocol_error& problem) {
            outcome.result.verdict = verdict::protocol;
            outcome.result.message = fmt::format("the worker sent what is no message: {}", problem.what());
            return outcome;
        }
        if (std::holds_alternative<interruption>(*event)) {
            throw error("interrupted", exit_code::interrupted);
        }
        if (auto* message = std::get_if<worker_message>(&*event)) {
            deadline = clock::now() + hang_timeout;
            if (const auto* hello = std::get_if<hello_message>(message)) {
                wanted =
                    !asked && hello->test == plan.simulation.test &&
                    (plan.simulation.simulation.empty() || hello->simulation == plan.simulation.simulation);
                process.send(wanted ? std::string_view(to_line(plan.request)) : skip_line);
                asked = asked || wanted;
            } else if (const auto* catalog = std::get_if<catalog_message>(message)) {
                if (wanted) {
                    check_overrides(*catalog);
                }
            } else if (const auto* line = std::get_if<log_message>(message)) {
                take_log(line->text);
            } else if (std::holds_alternative<start_message>(*message)) {
                started = true;
            } else if (auto* result = std::get_if<run_result>(message)) {
                outcome.result = std::move(*result);
                if (plan.request.log && outcome.log.empty()) {
                    // A worker may send its log as the tail, all in one.
                    for (const std::string& event_line : outcome.result.tail) {
                        take_log(event_line);
                    }
                }
                return outcome;
            }
            continue;
        }
        if (std::holds_alternative<time_out>(*event)) {
            outcome.result.verdict = verdict::hang;
            outcome.result.message =
                fmt::format("no result within {} of wall-clock time", duration_text(hang_timeout));
            const std::string stack = stack_of(process);
            outcome.output = process.output() + stack;
            return outcome;
        }
        outcome.output = process.output();
        const int status = std::get<process_end>(*event).status;
        if (!started) {
            throw error(fmt::format("no simulation began: {} ended with {} (is {} the right test?)", shown,
                                    status_text(status), printable(plan.simulation.test)));
        }
        const cause why = cause_of_end(status, outcome.output);
        outcome.result.verdict = why.verdict;
        outcome.result.message = why.message;
        outcome.result.place = why.place;
        return outcome;
    }
}

replay_outcome run_once(const replay_run& run) {
    worker_process process(pinned_command(run.command, run.simulation), run.output);
    return converse(run, process);
}

}  // namespace squall::cli
