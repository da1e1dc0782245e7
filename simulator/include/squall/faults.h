// What a run may do to the system under test: every probability and duration, in one struct per fault family.
//
// Probabilities are in [0, 1], per the thing named. Times are virtual. Defaults are those of a calm world: it
// delays messages and disk accesses as a healthy data center does, and injects nothing. draw_faults() makes
// hostile ones from a seed; to_string(), to_json() and set_faults() (fault_text.h) show them and read them
// back. What each does, and where its figure is from: docs/reference/faults.md.
#ifndef SQUALL_FAULTS_H
#define SQUALL_FAULTS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace squall {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

enum class latency_shape : std::uint8_t {
    exponential,  // `mean` on top of the least
    uniform,      // up to twice the mean on top of the least
    bimodal,      // uniform, and `tail_share` of the messages take `tail_factor` times that
};

struct network_faults {
    // One way, each message: a least time and a part by chance on top. By distance (location in world.h): on
    // one machine, in one zone, in one data center, beyond. Processes of no named zone are in the same one.
    nanoseconds machine_latency_min = 10us;
    nanoseconds machine_latency_mean = 20us;
    nanoseconds latency_min = 100us;  // in one zone
    nanoseconds latency_mean = 400us;
    nanoseconds datacenter_latency_min = 500us;
    nanoseconds datacenter_latency_mean = 750us;
    nanoseconds region_latency_min = 20ms;
    nanoseconds region_latency_mean = 30ms;
    latency_shape shape = latency_shape::exponential;
    double tail_share = 0.005;
    double tail_factor = 10;
    std::uint64_t bandwidth = 0;   // bytes/s from one process to another; 0: no limit
    std::uint32_t window = 65536;  // bytes that a writer may be ahead of its reader
    double slow_message = 0;       // a message that takes `slow_latency` more, uniform up to it
    nanoseconds slow_latency = 100ms;
    double partial_write = 0;     // a write accepts only a part of its bytes
    double partial_read = 0;      // a read gets only a part of what is there
    double close_connection = 0;  // per write: the connection ends under the program's hands
    double close_silently = 0;    // of those: nobody is told; what is sent from then on vanishes
    double close_half = 0;        // of the others: the writer is told, its peer is not
    double connect_refused = 0;   // per connect
    double connect_hangs = 0;     // per connect: no answer while faults last
    double connect_slow = 0;      // per connect: takes up to `connect_slow_time` more
    nanoseconds connect_slow_time = 1s;
    double flip_bit = 0;  // per message: one or more bits arrive changed
    double clog = 0;      // per message: its direction stands still for up to `clog_time`
    nanoseconds clog_time = 500ms;
    double datagram_loss = 0;       // per datagram
    double datagram_duplicate = 0;  // a second copy arrives, with a latency of its own
    double datagram_reorder = 0;    // held back for up to `datagram_reorder_time`, while later ones pass
    nanoseconds datagram_reorder_time = 20ms;
    double resolve_try_again = 0;        // per look-up of a name: host_not_found_try_again
    double resolve_slow = 0;             // a look-up that takes up to `resolve_slow_time` more
    nanoseconds resolve_slow_time = 5s;  // resolv.conf(5): the time-out of a query
};

// The injector `partitions`: groups of processes that hear nothing of each other for a while.
struct partition_faults {
    nanoseconds every = 0ns;  // mean time between two; 0: none
    nanoseconds time = 2s;    // mean duration
    double isolate = 0.5;     // of them: one process against the rest; else a random split
    double by_zone = 0;       // of them: a whole zone against the rest
    double by_datacenter = 0;
    double one_way = 0.4;  // of all: in one direction only
};

// The injector `clogging`: a swizzle takes several processes off the network one after the other, and gives
// them back in another order.
struct clogging_faults {
    nanoseconds every = 0ns;  // mean time between two; 0: none
    nanoseconds time = 2s;    // from the first that is taken off to the last given back
    double share = 0.5;       // of the processes that are in one
};

struct storage_faults {
    nanoseconds access_min = 50us;    // each read or write
    nanoseconds access_mean = 100us;  // of the exponential part on top
    nanoseconds sync_min = 500us;
    nanoseconds sync_mean = 2ms;
    std::uint64_t bandwidth = 150'000'000;  // bytes/s of a process's disk; 0: no limit
    std::uint64_t iops = 25'000;            // accesses a second; 0: no limit
    std::uint64_t capacity = 0;             // bytes of a process's disk; 0: no limit. Beyond: ENOSPC
    double slow_sync = 0;                   // a sync that takes up to `slow_sync_time` more
    nanoseconds slow_sync_time = 1s;
    double read_error = 0;                  // EIO, per operation
    double write_error = 0;                 // EIO
    double sync_error = 0;                  // EIO; what was to be synced stays unsynced
    double no_space = 0;                    // ENOSPC, per write
    double short_transfer = 0;              // a read or write of a part
    double lost_sync = 0;                   // per sync: it succeeds and makes nothing durable
    double phantom_write = 0;               // per write: it succeeds and changes nothing
    double misdirected_write = 0;           // per write: it lands in other sectors of the same file
    double misdirected_read = 0;            // per read: it brings other sectors of the same file
    double bit_rot = 0;                     // per read: a bit of what it touches is found changed, for good
    double unsynced_sector_survives = 0.5;  // at a crash, per 512-byte sector written since the last sync
    double unsynced_sector_garbled = 0;  // at a crash, of those that do not survive: the sector holds noise
    std::uint32_t damaged_copies = 1;    // of one datum over the processes of a group (see docs): the budget
};

// The injector `disk_trouble`: episodes of a whole disk.
struct disk_trouble_faults {
    nanoseconds every = 0ns;      // mean time between two, over all disks; 0: none
    nanoseconds stall_time = 1s;  // mean; a stalled disk completes nothing meanwhile
    double dead = 0;              // of them: it never answers, until the process boots again or faults end
    double slow = 0;              // of the others: it is `slow_factor` times slower for the time
    double slow_factor = 10;
};

// The injector `attrition`: processes that die and come back.
struct attrition_faults {
    nanoseconds every = 0ns;         // mean time between two, over the whole cluster; 0: none
    nanoseconds restart_min = 50ms;  // down time: uniform between these
    nanoseconds restart_max = 5s;
    double silent = 0.5;  // of crashes: the peers are told nothing (power cut), else connections are reset
                          // (kill -9)
    double graceful = 0;  // of all: asked to stop, with a grace period first
    nanoseconds grace_min = 2s;
    nanoseconds grace_max = 5s;
    double wipe = 0;             // of crashes: it comes back with an empty disk
    double machine = 0;          // of all: everything on one machine at once
    double zone = 0;             // of all: a whole zone
    double datacenter = 0;       // of all: a whole data center
    std::uint32_t max_dead = 1;  // processes of one group down at a time
};

// The injector `pauses`: processes that stand still and go on.
struct pause_faults {
    nanoseconds every = 0ns;   // mean time between two, over the whole cluster; 0: none
    nanoseconds time = 500ms;  // mean duration
};

struct time_faults {
    nanoseconds wall_skew_max = 0ns;  // each process's wall clock is off by up to this, either way
    double wall_drift_max =
        0;  // each process's wall clock runs fast or slow by up to this share (0.0001: 100 ppm)
    double late_timer = 0;  // a timer that fires up to `late_by` late
    nanoseconds late_by = 50ms;
    double early_timer = 0;  // a timer that fires up to `early_by` early
    nanoseconds early_by = 1ms;
};

// The injector `clock_trouble`: steps of one process's wall clock.
struct clock_trouble_faults {
    nanoseconds every = 0ns;    // mean time between two, over the whole cluster; 0: none
    nanoseconds step_max = 1s;  // either way, uniform up to it
};

enum class schedule_policy : std::uint8_t {
    window,  // each ready task goes behind up to `reorder_window` others; with 0 a queue
    pos,  // each ready task draws a priority: "partial order sampling" (X. Yuan, J. Yang, R. Gu, CAV 2018),
          // without its drawing anew for tasks that race
    pct,  // priorities of chains of tasks, lowered at `pct_depth` - 1 points of the run (S. Burckhardt et
          // al., ASPLOS 2010)
};

struct schedule_faults {
    schedule_policy policy = schedule_policy::window;
    std::uint32_t reorder_window =
        0;  // a ready task may be overtaken by up to this many that became ready after it
    std::uint32_t pct_depth = 3;  // d: finds bugs that take d ordering constraints, with a known probability
    std::uint64_t pct_events = 10'000;  // the points are uniform among this many events
    double task_delay = 0;              // per ready task: it waits up to `task_delay_time` for its turn
    nanoseconds task_delay_time = 1ms;
};

struct program_faults {
    double activation = 0;  // of instrumented sites, per run
    double firing = 0.25;   // of an activated site, per evaluation
};

struct faults {
    network_faults network;
    partition_faults partitions;
    clogging_faults clogging;
    storage_faults storage;
    disk_trouble_faults disk_trouble;
    attrition_faults attrition;
    pause_faults pauses;
    time_faults time;
    clock_trouble_faults clock_trouble;
    schedule_faults schedule;
    program_faults program;
};

enum class profile : std::uint8_t {
    calm,   // no faults at all
    swarm,  // each family with p = 0.5, its intensities drawn: the default (A. Groce et al., "Swarm Testing",
            // 2012)
    hostile,  // all families, intensities drawn
};

// The faults of a run, drawn from its seed.
faults draw_faults(std::uint64_t seed, profile chosen);

std::string to_string(profile chosen);

}  // namespace squall

#endif  // SQUALL_FAULTS_H
