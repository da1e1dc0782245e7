// Runs a campaign.
#include "engine.h"

#include "error.h"
#include "signals.h"
#include "text.h"

#include <squall/decisions.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace squall::cli {

namespace {

using namespace std::chrono_literals;

// Results that wait for a slower run before them; beyond it only that run's simulation goes on.
constexpr std::size_t waiting_bytes_max = std::size_t{256} << 20;
constexpr auto commit_interval = 200ms;
constexpr std::uint64_t commit_runs_max = 2000;
constexpr auto memory_interval = 50ms;
// For runs in hand when the time is up, for second runs after that, and for workers to end by themselves.
constexpr auto grace = 1s;
// A worker cannot check its own runs. Where there is no other it is replaced once so many wait, or one for so
// long.
constexpr std::size_t own_rechecks_max = 64;
constexpr auto own_recheck_age_max = 2s;
constexpr int fruitless_ends_max = 3;

// Where in [0, 1) a seed stands.
double fraction_of(std::uint64_t seed) {
    return unit_real(scramble(seed + golden_step));
}

std::string quoted_tail(const std::string& output) {
    const std::vector<std::string> lines = last_lines(output, 3);
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "; its last words: " : " | ") + printable(line);
    }
    return text;
}

}  // namespace

engine::engine(engine_options options, std::vector<simulation_name> simulations, schedule& order,
               tally& counts, campaign_file& file, progress& shown)
    : options_(std::move(options)),
      simulations_(std::move(simulations)),
      order_(order),
      counts_(counts),
      file_(file),
      shown_(shown),
      ledger_(order, !options_.keep_going,
              [this](const position& where, run_result& result) { return commit(where, result); }) {}

engine::~engine() = default;

engine_report engine::run() {
    started_ = committed_ = memory_seen_ = steady::now();
    try {
        loop();
    } catch (...) {
        workers_.clear();
        leavers_.clear();
        save_what_is_committed();
        throw;
    }
    file_.commit(counts_);
    if (report_.stopped == stop_reason::interrupted) {
        workers_.clear();
        leavers_.clear();
    } else {
        dismiss_all();
    }
    report_.wall = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - started_);
    report_.rechecks_left += rechecks_.size();
    if (odd_ends_ > 0) {
        report_.notes.push_back(
            fmt::format("{} ended between two runs, charged to no seed (memory damaged by an earlier run?)",
                        counted(odd_ends_, "worker", "workers")));
    }
    return report_;
}

// For when something else went wrong already, which is the problem to tell.
void engine::save_what_is_committed() noexcept {
    try {
        file_.commit(counts_);
    } catch (const std::exception& problem) {
        shown_.note(fmt::format("note: the last results are lost: {}", problem.what()));
    }
}

void engine::loop() {
    for (;;) {
        steady::time_point now = steady::now();
        if (signal_watch::interrupted()) {
            for (const auto& w : workers_) {
                give_back(*w);
            }
            workers_.clear();
            ledger_.flush();
            report_.stopped = stop_reason::interrupted;
            return;
        }
        check_end(now);
        if (draining_ && rechecks_.empty()) {
            report_.stopped = *draining_;
            return;
        }
        staff(now);
        wait(now);
        now = steady::now();  // before what has come is taken in: see watch_clock()
        take_in();
        bury_ended(now);
        check_limits(now);
        if (uncommitted_ >= commit_runs_max || (uncommitted_ > 0 && now - committed_ >= commit_interval)) {
            file_.commit(counts_);
            uncommitted_ = 0;
            committed_ = now;
        }
        show(now);
    }
}

bool engine::commit(const position& where, run_result& result) {
    const std::size_t causes_before = counts_.groups().size();
    counts_.add(where.simulation, result);
    file_.add_run(where.simulation, result);
    ++uncommitted_;
    const auto ran_in = ran_in_.extract(where);
    const bool new_cause = counts_.groups().size() > causes_before;
    const bool chosen =
        fraction_of(result.seed) < options_.check_fraction || (new_cause && options_.check_fraction > 0);
    if (chosen && result.verdict <= verdict::check && !result.digest.empty()) {
        run_result first;
        first.seed = result.seed;
        first.verdict = result.verdict;
        first.digest = result.digest;
        rechecks_.push_back({where, std::move(first), ran_in ? ran_in.mapped() : 0, steady::now(), false});
    }
    if (result.verdict != verdict::passed && !options_.keep_going) {
        why_stopped_ = stop_reason::failure;
        return true;
    }
    if (options_.until_sometimes && counts_.must_reach() > 0 && counts_.must_reach_open() == 0) {
        why_stopped_ = stop_reason::sometimes;
        return true;
    }
    return false;
}

bool engine::may_take(std::uint32_t simulation) const {
    if (draining_ || grace_end_) {
        return false;
    }
    const std::optional<position> where = order_.peek(simulation);
    if (!where || ledger_.is_beyond_end(*where)) {
        return false;
    }
    return ledger_.waiting_bytes() < waiting_bytes_max || (ledger_.next() && *where <= *ledger_.next());
}

// The simulation that a new worker should serve: the one furthest behind, then the one with the fewest
// workers.
std::optional<std::uint32_t> engine::wanted_simulation() const {
    std::optional<std::tuple<std::uint64_t, std::size_t, std::uint32_t>> best;
    for (std::uint32_t simulation = 0; simulation < simulations_.size(); ++simulation) {
        if (!may_take(simulation)) {
            continue;
        }
        const auto served = static_cast<std::size_t>(std::count_if(
            workers_.begin(), workers_.end(), [&](const auto& w) { return w->simulation() == simulation; }));
        const std::tuple candidate(order_.peek(simulation)->block, served, simulation);
        if (!best || candidate < *best) {
            best = candidate;
        }
    }
    if (best) {
        return std::get<2>(*best);
    }
    for (const recheck& check : rechecks_) {
        if (!check.in_hand) {
            return check.where.simulation;
        }
    }
    return std::nullopt;
}

engine::recheck* engine::recheck_for(pid_t pid, std::uint32_t simulation) {
    for (recheck& check : rechecks_) {
        if (!check.in_hand && check.where.simulation == simulation && check.first_pid != pid) {
            return &check;
        }
    }
    return nullptr;
}

// Whether the worker should be given nothing more, so that another process can take its place and check its
// runs.
bool engine::must_rest(const worker& w, steady::time_point now) const {
    std::size_t own = 0;
    for (const recheck& check : rechecks_) {
        if (check.first_pid == w.pid() && !check.in_hand) {
            ++own;
            if (own >= own_rechecks_max || now - check.since > own_recheck_age_max) {
                return true;
            }
        }
    }
    return false;
}

void engine::feed(worker& w, steady::time_point now) {
    while (!w.worn() && w.tasks().size() < w.depth()) {
        if (recheck* check = recheck_for(w.pid(), w.simulation())) {
            check->in_hand = true;
            w.give({check->where, check->first.seed, true});
            continue;
        }
        if (!may_take(w.simulation()) || must_rest(w, now)) {
            return;
        }
        const position where = *order_.peek(w.simulation());
        // One that is ahead leaves the others' runs to be done first.
        if (const auto lowest = order_.lowest(); lowest && where.block > lowest->block + 1) {
            return;
        }
        order_.take(where);
        w.give({where, order_.seed(where), false});
    }
}

void engine::staff(steady::time_point now) {
    for (const auto& w : workers_) {
        feed(*w, now);
    }
    for (std::size_t i = workers_.size(); i-- > 0;) {
        const worker& w = *workers_[i];
        if (!w.idle() || !w.greeted()) {
            continue;
        }
        const std::optional<std::uint32_t> wanted = wanted_simulation();
        const bool own_to_check = std::any_of(rechecks_.begin(), rechecks_.end(), [&](const recheck& check) {
            return check.first_pid == w.pid() && !check.in_hand;
        });
        if (w.worn() || own_to_check ||
            (wanted && *wanted != w.simulation() && workers_.size() >= options_.jobs)) {
            dismiss(i, now);
        }
    }
    while (workers_.size() < options_.jobs) {
        const std::optional<std::uint32_t> wanted = wanted_simulation();
        if (!wanted) {
            return;
        }
        workers_.push_back(
            std::make_unique<worker>(options_.command, simulations_[*wanted], *wanted, options_.profile));
        workers_.back()->wears_out_after(options_.runs_per_worker);
        feed(*workers_.back(), now);
    }
}

void engine::dismiss(std::size_t index, steady::time_point now) {
    workers_[index]->dismiss();
    leavers_.push_back({std::move(workers_[index]), now + grace});
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
}

void engine::wait(steady::time_point now) {
    std::vector<pollfd> files;
    auto time = std::chrono::milliseconds(memory_interval);
    const auto add = [&](const worker& w) {
        const worker_process& process = w.process();
        files.push_back({process.message_fd(), POLLIN, 0});
        files.push_back({process.output_fd(), POLLIN, 0});
        files.push_back({process.wants_write() ? process.input_fd() : -1, POLLOUT, 0});
        files.push_back({w.stack_fd(), POLLIN, 0});
    };
    for (const auto& w : workers_) {
        add(*w);
        if (const auto deadline = w->deadline(options_.hang_timeout)) {
            time = std::min(time, std::chrono::ceil<std::chrono::milliseconds>(*deadline - now));
        }
    }
    for (const leaver& l : leavers_) {
        add(*l.process);
    }
    signal_watch::wait_for(files, std::max(time, 0ms));
}

void engine::take_in() {
    for (const auto& w : workers_) {
        std::vector<worker_outcome> outcomes;
        w->process().flush();
        w->pump(counts_, outcomes);
        settle(outcomes, w->pid());
    }
}

void engine::settle(std::vector<worker_outcome>& outcomes, pid_t pid) {
    for (worker_outcome& outcome : outcomes) {
        fruitless_ends_ = 0;
        if (outcome.task.recheck) {
            finish_recheck(outcome.task, outcome.result);
        } else if (!draining_) {
            ran_in_[outcome.task.where] = pid;
            ledger_.add(outcome.task.where, std::move(outcome.result));
        }
    }
}

void engine::finish_recheck(const worker_task& task, const run_result& again) {
    const auto found = std::find_if(rechecks_.begin(), rechecks_.end(),
                                    [&](const recheck& check) { return check.where == task.where; });
    if (found == rechecks_.end()) {
        return;
    }
    const run_result first = std::move(found->first);
    rechecks_.erase(found);
    ++report_.rechecks_done;
    const bool same = first.verdict == again.verdict && first.digest == again.digest;
    run_result described = again;
    if (!same) {
        const auto text = [](const run_result& r) {
            return fmt::format("{}{}{}", name(r.verdict), r.digest.empty() ? "" : " with digest ", r.digest);
        };
        described.message = fmt::format("first {}, then {} in another process", text(first), text(again));
    }
    file_.add_recheck(task.where.simulation, first, described, same);
    ++uncommitted_;
    if (same) {
        return;
    }
    described.verdict = verdict::nondeterminism;
    counts_.add_nondeterminism(task.where.simulation, described, first.verdict);
    differed_ = true;
}

void engine::give_back(const worker& w) {
    for (const worker_task& task : w.tasks()) {
        if (!task.recheck) {
            order_.give_back(task.where);
            continue;
        }
        for (recheck& check : rechecks_) {
            check.in_hand = check.in_hand && check.where != task.where;
        }
    }
}

void engine::bury_ended(steady::time_point now) {
    for (std::size_t i = workers_.size(); i-- > 0;) {
        worker& w = *workers_[i];
        std::vector<worker_outcome> outcomes;
        if (!w.ended(counts_, outcomes)) {
            continue;
        }
        const std::unique_ptr<worker> dead = std::move(workers_[i]);
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
        give_back(*dead);
        const bool charged = dead->charged();
        settle(outcomes, dead->pid());
        if (!charged) {
            note_odd_end(*dead);
        }
    }
    for (const leaver& l : leavers_) {
        std::vector<worker_outcome> none;
        l.process->pump(counts_, none);
    }
    std::erase_if(leavers_, [&](leaver& l) { return l.process->process().ended() || now >= l.killed_at; });
}

void engine::note_odd_end(const worker& w) {
    if (w.finished_runs() > 0) {
        ++odd_ends_;
        return;
    }
    if (++fruitless_ends_ < fruitless_ends_max) {
        return;
    }
    const std::string& test = simulations_[w.simulation()].test;
    throw error(fmt::format("{} workers in a row ended before their first run of {}: {}{}",
                            fruitless_ends_max, printable(test), w.end_text(),
                            quoted_tail(w.process().output())));
}

void engine::check_limits(steady::time_point now) {
    const bool look_at_memory = options_.memory_limit_bytes > 0 && now - memory_seen_ >= memory_interval;
    for (const auto& w : workers_) {
        w->watch_clock(now, options_.hang_timeout, gdbs_);
        if (look_at_memory) {
            w->watch_memory(options_.memory_limit_bytes);
        }
    }
    if (look_at_memory) {
        memory_seen_ = now;
    }
}

void engine::check_end(steady::time_point now) {
    if (draining_) {
        if (drain_end_ && now >= *drain_end_) {
            report_.rechecks_left += rechecks_.size();
            rechecks_.clear();
            workers_.clear();
        }
        return;
    }
    if (ledger_.stopped()) {
        begin_drain(why_stopped_);
    } else if (differed_ && !options_.keep_going) {
        begin_drain(stop_reason::nondeterminism);
    } else if (ledger_.complete()) {
        begin_drain(stop_reason::count);
    } else if (options_.time && now - started_ >= *options_.time) {
        if (!grace_end_) {
            grace_end_ = now + grace;
        }
        const bool busy = std::any_of(workers_.begin(), workers_.end(), [](const auto& w) {
            return std::any_of(w->tasks().begin(), w->tasks().end(),
                               [](const worker_task& task) { return !task.recheck; });
        });
        if (!busy || now >= *grace_end_) {
            ledger_.flush();
            begin_drain(ledger_.stopped() ? why_stopped_ : stop_reason::time);
            drain_end_ = now + grace;
        }
    }
}

void engine::begin_drain(stop_reason reason) {
    draining_ = reason;
    ran_in_.clear();
    for (std::size_t i = workers_.size(); i-- > 0;) {
        const worker& w = *workers_[i];
        const auto task =
            std::find_if(w.tasks().begin(), w.tasks().end(), [](const worker_task& t) { return !t.recheck; });
        if (task == w.tasks().end()) {
            continue;
        }
        if (reason == stop_reason::time) {
            report_.notes.push_back(
                fmt::format("seed {} of {} was still running when the time was up, and does not count",
                            task->seed, printable(simulations_[w.simulation()].test)));
        }
        give_back(w);
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void engine::dismiss_all() {
    const steady::time_point begin = steady::now();
    while (!workers_.empty()) {
        dismiss(workers_.size() - 1, begin);
    }
    while (!leavers_.empty() && !signal_watch::interrupted()) {
        wait(steady::now());
        bury_ended(steady::now());
    }
    leavers_.clear();
}

void engine::show(steady::time_point now) {
    progress_state state;
    state.runs = counts_.runs();
    state.failures = counts_.failures() + counts_.nondeterministic();
    state.must_reach = counts_.must_reach();
    state.must_reach_open = counts_.must_reach_open();
    state.covered = counts_.covered();
    state.total = order_.total();
    state.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
    state.time_limit = options_.time;
    shown_.update(state);
}

}  // namespace squall::cli
