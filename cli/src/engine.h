// Runs a campaign: hands seeds to worker processes, watches over them, and ends when a stop rule holds.
#ifndef SQUALL_CLI_ENGINE_H
#define SQUALL_CLI_ENGINE_H

#include "campaign_file.h"
#include "ledger.h"
#include "progress.h"
#include "schedule.h"
#include "tally.h"
#include "worker.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace squall::cli {

struct engine_options {
    std::vector<std::string> command;
    std::string profile;
    unsigned jobs = 1;
    bool keep_going = false;       // past failing seeds
    bool until_sometimes = false;  // end when everything that must be reached was
    std::optional<std::chrono::milliseconds> time;
    std::chrono::milliseconds hang_timeout{30'000};
    std::uint64_t memory_limit_bytes = 0;
    std::uint64_t runs_per_worker = 0;  // 0: no matter how many
    double check_fraction = 0.05;
};

enum class stop_reason { failure, nondeterminism, sometimes, count, time, interrupted };

struct engine_report {
    stop_reason stopped = stop_reason::count;
    std::chrono::milliseconds wall{0};
    std::uint64_t rechecks_done = 0;
    std::uint64_t rechecks_left = 0;
    std::vector<std::string> notes;  // what the user ought to know besides, in whole lines
};

class engine {
public:
    // The simulations have the numbers that the schedule and the campaign file give them.
    engine(engine_options options, std::vector<simulation_name> simulations, schedule& order, tally& counts,
           campaign_file& file, progress& shown);
    ~engine();

    // Throws error where the campaign cannot go on; the file then holds what was committed.
    engine_report run();

private:
    struct recheck {
        position where;
        run_result first;
        pid_t first_pid = 0;
        steady::time_point since;
        bool in_hand = false;
    };

    // A worker that was told to end and has a moment for it.
    struct leaver {
        std::unique_ptr<worker> process;
        steady::time_point killed_at;
    };

    void loop();
    void save_what_is_committed() noexcept;
    bool commit(const position& where, run_result& result);
    void staff(steady::time_point now);
    void feed(worker& w, steady::time_point now);
    bool must_rest(const worker& w, steady::time_point now) const;
    recheck* recheck_for(pid_t pid, std::uint32_t simulation);
    bool may_take(std::uint32_t simulation) const;
    std::optional<std::uint32_t> wanted_simulation() const;
    void dismiss(std::size_t index, steady::time_point now);
    void wait(steady::time_point now);
    void take_in();
    void settle(std::vector<worker_outcome>& outcomes, pid_t pid);
    void finish_recheck(const worker_task& task, const run_result& again);
    void bury_ended(steady::time_point now);
    void give_back(const worker& w);
    void note_odd_end(const worker& w);
    void check_limits(steady::time_point now);
    void check_end(steady::time_point now);
    void begin_drain(stop_reason reason);
    void dismiss_all();
    void show(steady::time_point now);

    engine_options options_;
    std::vector<simulation_name> simulations_;
    schedule& order_;
    tally& counts_;
    campaign_file& file_;
    progress& shown_;
    ledger ledger_;
    gdb_allowance gdbs_;
    std::vector<std::unique_ptr<worker>> workers_;
    std::vector<leaver> leavers_;
    std::deque<recheck> rechecks_;
    std::map<position, pid_t> ran_in_;  // of runs whose result is not committed yet
    engine_report report_;
    steady::time_point started_;
    std::optional<steady::time_point> grace_end_;  // time is up, and runs in hand may still end
    std::optional<stop_reason> draining_;          // the runs are over, and only second runs go on
    std::optional<steady::time_point> drain_end_;
    bool differed_ = false;  // a second run from its first
    stop_reason why_stopped_ = stop_reason::count;
    steady::time_point committed_;
    steady::time_point memory_seen_;
    std::uint64_t uncommitted_ = 0;
    int fruitless_ends_ = 0;  // of workers, in a row
    std::uint64_t odd_ends_ = 0;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_ENGINE_H
