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
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace squall::cli {

namespace {

using clock = std::chrono::steady_clock;

// How often the memory is looked at, and whether somebody wants an end, however much the worker has to tell.
constexpr auto look_interval = std::chrono::milliseconds(50);

// Waits for it.
std::string stack_of(worker_process& process) {
    gdb_allowance one(1, 1);
    stack_probe probe(process, one, clock::now());
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

// What is known of a run from what its worker tells on the way, for a worker that does not come to a result.
class witness {
public:
    explicit witness(const replay_run& plan) : plan_(&plan) {}

    void take(const log_message& message) {
        if (message.first) {
            *this = witness(*plan_);
        }
        if (plan_->on_log) {
            plan_->on_log(message.text);
        }
        if (plan_->keep_log) {
            log_.push_back(message.text);
        }
        if (plan_->keep_events && message.event) {
            events_.push_back(*message.event);
        }
        if (message.event) {
            last_ns_ = message.event->time;
        }
        tail_.push_back(message.text);
        if (tail_.size() > tail_lines) {
            tail_.pop_front();
        }
    }
    void take(const fault_message& fault) { ++faults_[fault.kind]; }

    // What a run that came to its end tells by itself.
    void add_to(replay_outcome& outcome) {
        if (plan_->request.log && tail_.empty()) {
            // A worker may send its log as the tail, all in one.
            for (const std::string& line : outcome.result.tail) {
                take(log_message{line, std::nullopt, false});
            }
        }
        outcome.log = std::move(log_);
        outcome.events = std::move(events_);
    }
    void add_death_to(replay_outcome& outcome) {
        run_result& result = outcome.result;
        result.tail.assign(tail_.begin(), tail_.end());
        result.faults = faults_;
        result.virtual_ns = static_cast<std::int64_t>(last_ns_.value_or(0));
        outcome.log = std::move(log_);
        outcome.events = std::move(events_);
        if (!outcome.events.empty()) {
            squall::recorded_event death;
            death.time = outcome.events.back().time;
            death.kind = squall::event_kind::violation;
            death.text = fmt::format("{}: {}", name(result.verdict), result.message);
            outcome.events.push_back(std::move(death));
        }
    }

private:
    static constexpr std::size_t tail_lines = 40;  // as many as a worker's result has

    const replay_run* plan_;
    std::vector<std::string> log_;
    std::vector<squall::recorded_event> events_;
    std::deque<std::string> tail_;
    std::map<std::string, std::uint64_t> faults_;
    std::optional<std::uint64_t> last_ns_;
};

}  // namespace

replay_outcome converse(const replay_run& plan, worker_process& process) {
    const auto hang_timeout = plan.hang_timeout;
    conversation talk(process);
    witness seen(plan);
    bool asked = false;
    bool wanted = false;  // the simulation that said hello last
    bool started = false;
    clock::time_point deadline = clock::now() + hang_timeout;
    clock::time_point next_look = clock::now() + look_interval;
    replay_outcome outcome;
    outcome.result.seed = plan.request.seed;
    const auto dies = [&](verdict how, std::string message) {
        outcome.result.verdict = how;
        outcome.result.message = std::move(message);
        seen.add_death_to(outcome);
        return outcome;
    };
    for (;;) {
        std::optional<worker_event> event;
        try {
            event = talk.next(std::min(deadline, next_look));
        } catch (const protocol_error& problem) {
            return dies(verdict::protocol,
                        fmt::format("the worker sent what is no message: {}", problem.what()));
        }
        if (auto* message = std::get_if<worker_message>(&*event)) {
            const clock::time_point came = clock::now();
            bool begins = true;  // what is no result, but more than an event of the run
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
                seen.take(*line);
                deadline += clock::now() - came;  // whoever reads the log may take his time
                begins = false;
            } else if (const auto* fault = std::get_if<fault_message>(message)) {
                seen.take(*fault);
                begins = false;
            } else if (std::holds_alternative<start_message>(*message)) {
                started = true;
            } else if (auto* result = std::get_if<run_result>(message)) {
                outcome.result = std::move(*result);
                seen.add_to(outcome);
                return outcome;
            }
            if (begins) {
                deadline = came + hang_timeout;
            }
            if (clock::now() < std::min(deadline, next_look)) {
                continue;
            }
            event = time_out{};
        }
        if (std::holds_alternative<interruption>(*event) || signal_watch::interrupted()) {
            throw error("interrupted", exit_code::interrupted);
        }
        if (std::holds_alternative<time_out>(*event)) {
            if (started && plan.memory_limit_bytes > 0 &&
                process.resident_bytes() > plan.memory_limit_bytes) {
                process.kill();
                outcome.output = process.output();
                return dies(verdict::memory, memory_message(plan.memory_limit_bytes));
            }
            const clock::time_point now = clock::now();
            next_look = now + look_interval;
            if (now < deadline) {
                continue;
            }
            const std::string stack = stack_of(process);
            outcome.output = process.output() + stack;
            return dies(verdict::hang, hang_message(hang_timeout));
        }
        outcome.output = process.output();
        const int status = std::get<process_end>(*event).status;
        if (!started) {
            throw error(fmt::format("no simulation began: {} ended with {} (is {} the right test?)",
                                    printable(plan.command.front()), status_text(status),
                                    printable(plan.simulation.test)));
        }
        const cause why = cause_of_end(status, outcome.output);
        outcome.result.place = why.place;
        return dies(why.verdict, why.message);
    }
}

replay_outcome run_once(const replay_run& run) {
    worker_process process(pinned_command(run.command, run.simulation), run.output);
    return converse(run, process);
}

}  // namespace squall::cli
