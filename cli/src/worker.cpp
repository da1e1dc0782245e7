// One worker process of a campaign.
#include "worker.h"

#include "crash_cause.h"
#include "error.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace squall::cli {

namespace {

constexpr std::uint32_t no_place = std::numeric_limits<std::uint32_t>::max();
// Catalog indices are dense, and a table is kept by them.
constexpr std::uint32_t index_max = 1u << 24;

}  // namespace

std::vector<std::string> pinned_command(const std::vector<std::string>& command,
                                        const simulation_name& simulation) {
    std::vector<std::string> result = command;
    result.push_back(fmt::format("--gtest_filter={}", simulation.test));
    return result;
}

std::string hang_message(std::chrono::milliseconds timeout) {
    return fmt::format("no result within {} of wall-clock time", duration_text(timeout));
}

std::string memory_message(std::uint64_t limit_bytes) {
    return fmt::format("more than {} MiB of memory", limit_bytes >> 20);
}

worker::worker(const std::vector<std::string>& command, const simulation_name& name, std::uint32_t simulation,
               std::string profile)
    : process_(pinned_command(command, name)),
      name_(name),
      simulation_(simulation),
      profile_(std::move(profile)),
      since_(steady::now()) {}

void worker::give(const worker_task& task) {
    if (tasks_.empty()) {
        since_ = steady::now();
    }
    tasks_.push_back(task);
    if (serving_) {
        send(task);
    }
}

void worker::send(const worker_task& task) {
    process_.send(to_line({task.seed, task.veto, profile_, false, task.faults}));
}

std::size_t worker::depth() const {
    if (finished_runs_ == 0) {
        return 1;
    }
    return static_cast<std::size_t>(std::clamp(10'000 / std::max(mean_run_us_, 1.0), 1.0, 31.0)) + 1;
}

bool worker::pump(tally& counts, std::vector<worker_outcome>& outcomes) {
    std::vector<std::string> lines;
    const bool got = process_.receive(lines) > 0;
    for (const std::string& line : lines) {
        if (killed_) {
            break;
        }
        try {
            handle(line, counts, outcomes);
        } catch (const protocol_error& problem) {
            break_off(verdict::protocol,
                      fmt::format("the worker sent what is no message: {} ({})",
                                  printable(std::string_view(line).substr(0, 100)), problem.what()));
        }
    }
    return got;
}

void worker::handle(const std::string& line, tally& counts, std::vector<worker_outcome>& outcomes) {
    worker_message message = parse_message(line);
    if (const auto* hello = std::get_if<hello_message>(&message)) {
        handle_hello(*hello);
    } else if (const auto* catalog = std::get_if<catalog_message>(&message)) {
        for (const catalog_record& record : catalog->records) {
            if (record.index >= index_max) {
                throw protocol_error(fmt::format("the index {} is beyond {}", record.index, index_max));
            }
            if (record.index >= place_of_index_.size()) {
                place_of_index_.resize(record.index + 1, no_place);
            }
            place_of_index_[record.index] = counts.intern(record);
        }
    } else if (const auto* start = std::get_if<start_message>(&message)) {
        if (tasks_.empty() || started_ || tasks_.front().seed != start->seed) {
            throw protocol_error(fmt::format("started seed {}, which it was not to run now", start->seed));
        }
        started_ = true;
        since_ = steady::now();
    } else if (auto* fault = std::get_if<fault_message>(&message)) {
        if (started_ && tasks_.front().faults) {
            faults_.push_back(std::move(*fault));
        }
    } else if (auto* result = std::get_if<run_result>(&message)) {
        handle_result(std::move(*result), outcomes);
    }
}

void worker::handle_hello(const hello_message& hello) {
    if (hello.protocol != protocol_version) {
        throw error(fmt::format(
            "the test binary speaks worker protocol {}, this squall {}: build both from one version",
            hello.protocol, protocol_version));
    }
    since_ = steady::now();
    // Without a name the first simulation of the test is meant.
    if (greeted_ || hello.test != name_.test ||
        (!name_.simulation.empty() && hello.simulation != name_.simulation)) {
        process_.send(skip_line);
        return;
    }
    greeted_ = true;
    serving_ = true;
    for (const worker_task& task : tasks_) {
        send(task);
    }
    if (dismissed_) {
        dismiss();
    }
}

void worker::resolve(run_result& result) const {
    const auto place = [&](std::uint32_t& index) {
        if (index >= place_of_index_.size() || place_of_index_[index] == no_place) {
            throw protocol_error(fmt::format("the index {} is not in the catalog", index));
        }
        index = place_of_index_[index];
    };
    for (site_count& count : result.sites) {
        place(count.index);
    }
    for (assertion_count& count : result.assertions) {
        place(count.index);
    }
    for (each_count& count : result.each) {
        place(count.index);
    }
    for (std::uint32_t& index : result.coverage) {
        place(index);
    }
}

void worker::handle_result(run_result result, std::vector<worker_outcome>& outcomes) {
    if (tasks_.empty() || !started_ || tasks_.front().seed != result.seed) {
        throw protocol_error(fmt::format("a result for seed {}, which is not running", result.seed));
    }
    resolve(result);
    const steady::time_point now = steady::now();
    result.wall_us = std::chrono::duration_cast<std::chrono::microseconds>(now - since_).count();
    mean_run_us_ = finished_runs_ == 0 ? static_cast<double>(result.wall_us)
                                       : mean_run_us_ * 0.9 + static_cast<double>(result.wall_us) * 0.1;
    outcomes.push_back({tasks_.front(), std::move(result), std::exchange(faults_, {})});
    tasks_.pop_front();
    started_ = false;
    since_ = now;
    ++finished_runs_;
    worn_ = worn_ || (runs_max_ > 0 && finished_runs_ >= runs_max_);
}

void worker::break_off(verdict why, std::string message) {
    if (!killed_) {
        killed_ = cause_of_kill{why, std::move(message)};
        process_.kill();
    }
}

std::optional<steady::time_point> worker::deadline(std::chrono::milliseconds hang_timeout) const {
    if (stack_) {
        return stack_->deadline();
    }
    // A process that starts, or goes from one run to the next, is watched as well: it may be wedged there.
    return (tasks_.empty() && greeted_) || killed_ ? std::nullopt : std::optional(since_ + hang_timeout);
}

void worker::watch_clock(steady::time_point now, std::chrono::milliseconds hang_timeout,
                         gdb_allowance& gdbs) {
    if (stack_) {
        if (stack_->finished(now)) {
            stack_text_ = stack_->text();
            stack_.reset();
            process_.kill();
        }
        return;
    }
    const auto limit = deadline(hang_timeout);
    if (!limit || now < *limit) {
        return;
    }
    std::string message = hang_message(hang_timeout);
    if (!started_) {
        break_off(verdict::hang, std::move(message));
        return;
    }
    killed_ = cause_of_kill{verdict::hang, std::move(message)};
    stack_ = std::make_unique<stack_probe>(process_, gdbs, now);
}

void worker::watch_memory(std::uint64_t limit_bytes) {
    if (!started_ || killed_) {
        return;
    }
    const std::uint64_t resident = process_.resident_bytes();
    if (resident > limit_bytes) {
        break_off(verdict::memory, memory_message(limit_bytes));
    }
    // What earlier runs left behind must not be charged to a later one.
    worn_ = worn_ || resident > limit_bytes / 2;
}

bool worker::ended(tally& counts, std::vector<worker_outcome>& outcomes) {
    status_ = process_.ended();
    if (!status_) {
        return false;
    }
    while (pump(counts, outcomes)) {  // what it had sent before
    }
    if (started_) {
        run_result result;
        result.seed = tasks_.front().seed;
        result.wall_us =
            std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - since_).count();
        result.output = valid_utf8(process_.output() + stack_text_);
        if (killed_) {
            result.verdict = killed_->verdict;
            result.message = killed_->message;
        } else {
            const cause why = cause_of_end(*status_, result.output);
            result.verdict = why.verdict;
            result.message = why.message;
            result.place = why.place;
        }
        outcomes.push_back({tasks_.front(), std::move(result), std::exchange(faults_, {})});
        tasks_.pop_front();
        started_ = false;
        charged_ = true;
        ++finished_runs_;
    }
    return true;
}

std::string worker::end_text() const {
    return killed_ ? killed_->message : status_ ? "it ended with " + status_text(*status_) : "it runs";
}

void worker::dismiss() {
    dismissed_ = true;
    if (serving_) {
        process_.send(end_line);
        process_.close_input();
        serving_ = false;
    }
}

}  // namespace squall::cli
