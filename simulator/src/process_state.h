// What the world knows of a process.
#ifndef SQUALL_SIMULATOR_PROCESS_STATE_H
#define SQUALL_SIMULATOR_PROCESS_STATE_H

#include "boot.h"
#include "disk.h"
#include "disk_device.h"

#include <squall/decisions.h>
#include <squall/timer.h>
#include <squall/world.h>

#include <optional>

namespace squall::simulator {

struct process_state {
    process_state(world_state& owner, std::uint32_t index, std::string its_name, int group, int place);

    world_state& world;
    std::uint32_t number;  // dense, from 0
    std::string name;
    std::uint64_t stream;  // key of its decisions: from its name
    asio::ip::address address;
    squall::process handle;

    kept_vector<std::unique_ptr<boot>> boots;  // the last one is the present one
    std::function<asio::awaitable<void>(squall::process&)> program;
    simulator::disk disk;
    disk_device device{*this};
    decision_stream random;  // what the program draws: of the present boot
    decision_stream
        library_random;  // what libraries draw behind its back (library_random.h): of the present boot
    std::uint64_t timer_waits = 0;  // ordinals of its decisions
    std::uint64_t disk_operations = 0;
    std::uint64_t look_ups = 0;
    std::uint64_t ready_tasks = 0;
    std::uint64_t delayable_tasks = 0;
    std::uint64_t early_waits = 0;
    std::uint64_t chains = 0;  // lines of work that nothing of its own began
    // mix_stream() of what is decided for each ready task; worked out when it is first asked for.
    std::optional<std::uint64_t> schedule_mixed;
    std::optional<std::uint64_t> task_delay_mixed;
    nanoseconds wall_skew{0};
    double wall_drift = 0;             // share of virtual time by which the wall clock runs fast
    nanoseconds wall_step{0};          // by step_clock()
    std::vector<timer*> stop_waiters;  // of the present boot: cancelled by a graceful stop
    bool stopping = false;
    bool wiped = false;  // at some time in this run
    squall::location where;
    std::map<std::string, std::string> tags;
    std::uint16_t next_port = 0;      // ephemeral ports handed out
    bool silent = false;              // its last crash told nobody
    std::uint64_t paused_until = 0;   // nanoseconds
    std::vector<std::uint64_t> held;  // tickets of what came due meanwhile

    // What its wall clock shows, less the epoch of runs.
    nanoseconds wall_offset(nanoseconds now) const noexcept {
        return now + wall_skew + wall_step +
               nanoseconds(static_cast<std::int64_t>(static_cast<double>(now.count()) * wall_drift));
    }
    boot* present() const noexcept { return boots.empty() ? nullptr : boots.back().get(); }
    bool paused() const noexcept { return paused_until != 0; }
    int group() const noexcept { return address.to_v4().to_bytes()[1]; }
    bool up() const noexcept { return present() != nullptr && present()->alive(); }
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_PROCESS_STATE_H
