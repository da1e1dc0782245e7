// The few faults that a failing seed needs.
#include "minimize.h"

#include "error.h"
#include "signals.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace squall::cli {

namespace {

using namespace std::chrono_literals;
constexpr auto memory_interval = 50ms;
constexpr int fruitless_ends_max = 3;

bool same_cause(const run_result& a, const run_result& b) {
    return a.verdict == b.verdict && a.message == b.message && a.place == b.place;
}

std::vector<std::string> ids_of(const std::vector<fault_message>& faults) {
    std::vector<std::string> ids;
    std::set<std::string> seen;
    for (const fault_message& fault : faults) {
        if (seen.insert(fault.id).second) {
            ids.push_back(fault.id);
        }
    }
    return ids;
}

std::vector<std::string> both(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::set<std::string> all(a.begin(), a.end());
    all.insert(b.begin(), b.end());
    return {all.begin(), all.end()};
}

class search {
public:
    search(trial first, std::vector<std::string> veto, const trial_runner& run,
           const std::function<bool(std::size_t)>& go_on)
        : wanted_(first.result),
          best_(std::move(first)),
          ids_(ids_of(best_.faults)),
          veto_(std::move(veto)),
          before_(ids_.size()),
          run_(run),
          go_on_(go_on) {}

    minimized all() {
        if (!ids_.empty()) {
            leave_out({ids_});
            whole_kinds();
            ever_smaller_groups();
        }
        return {best_.result, best_.faults, both(veto_, {}), before_, !stopped_};
    }

private:
    // Tries the groups one after the other, and takes the first without which the run fails as before and has
    // fewer faults. Its number, or nothing.
    std::optional<std::size_t> leave_out(const std::vector<std::vector<std::string>>& groups) {
        if (stopped_ || groups.empty() || !go_on_(ids_.size())) {
            stopped_ = stopped_ || !groups.empty();
            return std::nullopt;
        }
        std::vector<std::vector<std::string>> vetoes;
        for (const std::vector<std::string>& group : groups) {
            vetoes.push_back(both(veto_, group));
        }
        auto hit = run_(vetoes, [this](const trial& t) {
            return same_cause(t.result, wanted_) && ids_of(t.faults).size() < ids_.size();
        });
        if (!hit) {
            return std::nullopt;
        }
        veto_ = std::move(vetoes[hit->index]);
        best_ = std::move(hit->what);
        ids_ = ids_of(best_.faults);
        return hit->index;
    }

    void whole_kinds() {
        for (bool found = true; found && !stopped_;) {
            std::map<std::string, std::vector<std::string>> by_kind;
            for (const fault_message& fault : best_.faults) {
                by_kind[fault.kind].push_back(fault.id);
            }
            std::vector<std::vector<std::string>> groups;
            for (auto& [kind, ids] : by_kind) {
                groups.push_back(std::move(ids));
            }
            // Greatest first; of equal ones the least id decides.
            std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
                return a.size() != b.size() ? a.size() > b.size() : a < b;
            });
            found = leave_out(groups).has_value();
        }
    }

    void ever_smaller_groups() {
        std::size_t size = std::max<std::size_t>(1, ids_.size() / 2);
        std::size_t begin = 0;
        bool found = false;  // in this round
        while (!ids_.empty() && !stopped_) {
            std::vector<std::vector<std::string>> groups;
            for (std::size_t at = begin; at < ids_.size(); at += size) {
                const std::size_t end = std::min(at + size, ids_.size());
                groups.emplace_back(ids_.begin() + static_cast<std::ptrdiff_t>(at),
                                    ids_.begin() + static_cast<std::ptrdiff_t>(end));
            }
            if (const auto taken = leave_out(groups)) {
                begin += *taken * size;
                found = true;
                continue;
            }
            if (size == 1 && !found) {
                return;
            }
            size = std::max<std::size_t>(1, std::min(size, ids_.size()) / 2);
            begin = 0;
            found = false;
        }
    }

    run_result wanted_;
    trial best_;
    std::vector<std::string> ids_;
    std::vector<std::string> veto_;
    std::size_t before_;
    const trial_runner& run_;
    const std::function<bool(std::size_t)>& go_on_;
    bool stopped_ = false;
};

}  // namespace

minimized minimize(trial first, std::vector<std::string> veto, const trial_runner& run,
                   const std::function<bool(std::size_t)>& go_on) {
    return search(std::move(first), std::move(veto), run, go_on).all();
}

trial_pool::trial_pool(options setup) : options_(std::move(setup)) {}

trial_pool::~trial_pool() = default;

std::optional<trial_hit> trial_pool::run(const std::vector<std::vector<std::string>>& vetoes,
                                         const std::function<bool(const trial&)>& good) {
    first_ = next_;
    done_.assign(vetoes.size(), std::nullopt);
    std::size_t judged = 0;
    for (;;) {
        // In the order given, whatever ended first.
        for (; judged < done_.size() && done_[judged]; ++judged) {
            if (good(*done_[judged])) {
                return trial_hit{judged, std::move(*done_[judged])};
            }
        }
        if (judged == done_.size()) {
            return std::nullopt;
        }
        while (next_ < first_ + vetoes.size()) {
            auto idle =
                std::find_if(workers_.begin(), workers_.end(), [](const auto& w) { return w->idle(); });
            if (idle == workers_.end()) {
                if (workers_.size() >= options_.jobs) {
                    break;
                }
                workers_.push_back(
                    std::make_unique<worker>(options_.command, options_.simulation, 0, options_.profile));
                idle = workers_.end() - 1;
            }
            worker_task task;
            task.where.number = next_;
            task.seed = options_.seed;
            task.veto = vetoes[next_ - first_];
            task.faults = true;
            (*idle)->give(task);
            ++next_;
        }
        wait();
    }
}

void trial_pool::wait() {
    std::vector<pollfd> files;
    steady::time_point now = steady::now();
    auto time = std::chrono::milliseconds(memory_interval);
    for (const auto& w : workers_) {
        files.push_back({w->process().message_fd(), POLLIN, 0});
        files.push_back({w->process().output_fd(), POLLIN, 0});
        files.push_back({w->process().wants_write() ? w->process().input_fd() : -1, POLLOUT, 0});
        files.push_back({w->stack_fd(), POLLIN, 0});
        if (const auto deadline = w->deadline(options_.hang_timeout)) {
            time = std::min(time, std::chrono::ceil<std::chrono::milliseconds>(*deadline - now));
        }
    }
    signal_watch::wait_for(files, std::max(time, 0ms));
    if (signal_watch::interrupted()) {
        throw error("interrupted", exit_code::interrupted);
    }
    now = steady::now();
    for (std::size_t i = workers_.size(); i-- > 0;) {
        worker& w = *workers_[i];
        std::vector<worker_outcome> outcomes;
        w.process().flush();
        w.pump(counts_, outcomes);
        w.watch_clock(now, options_.hang_timeout, gdbs_);
        if (options_.memory_limit_bytes > 0) {
            w.watch_memory(options_.memory_limit_bytes);
        }
        const bool ended = w.ended(counts_, outcomes);
        take(outcomes);
        if (!ended) {
            continue;
        }
        if (!w.charged() && ++fruitless_ends_ >= fruitless_ends_max) {
            throw error(fmt::format("{} workers in a row ended before a run of {}: {}", fruitless_ends_max,
                                    printable(options_.simulation.test), w.end_text()));
        }
        // What it had not begun goes to another.
        const auto left = w.tasks();
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
        for (const worker_task& task : left) {
            workers_.push_back(
                std::make_unique<worker>(options_.command, options_.simulation, 0, options_.profile));
            workers_.back()->give(task);
        }
    }
}

void trial_pool::take(std::vector<worker_outcome>& outcomes) {
    for (worker_outcome& outcome : outcomes) {
        fruitless_ends_ = 0;
        ++runs_;
        const std::uint64_t number = outcome.task.where.number;
        if (number >= first_ && number - first_ < done_.size()) {  // and not of a group that is decided
            done_[number - first_] = trial{std::move(outcome.result), std::move(outcome.faults)};
        }
    }
}

}  // namespace squall::cli
