// What a run may do to the system under test: every probability and duration, in one printable struct per
// fault family.
//
// Probabilities are in [0, 1], per the thing named. Defaults are those of a calm world: it delays messages
// and disk accesses as a healthy data center does, and injects nothing. draw_faults() makes hostile ones from
// a seed. Sources of the figures: docs/reference/faults.md.
#ifndef SQUALL_FAULTS_H
#define SQUALL_FAULTS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace squall {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

struct network_faults {
    nanoseconds latency_min = 100us;   // one way, each message
    nanoseconds latency_mean = 400us;  // of the exponential part on top
    double slow_message = 0;           // a message that takes `slow_latency` more, uniform up to it
    nanoseconds slow_latency = 100ms;
    double partial_write = 0;     // a write accepts only a part of its bytes
    double partial_read = 0;      // a read gets only a part of what is there
    double close_connection = 0;  // per write: the connection is reset under the program's hands
    double connect_refused = 0;   // per connect
    double connect_hangs = 0;     // per connect: no answer, ever
    double flip_bit = 0;          // per message: one bit arrives changed
    double clog = 0;              // per message: its direction stands still for up to `clog_time`
    nanoseconds clog_time = 500ms;
    nanoseconds partition_every = 0ns;  // mean time between partitions; 0: none
    nanoseconds partition_time = 2s;    // mean duration of one
    double datagram_loss = 0;           // per datagram
    double datagram_duplicate = 0;      // a second copy arrives, with a latency of its own
    double datagram_reorder = 0;        // held back for up to `datagram_reorder_time`, while later ones pass
    nanoseconds datagram_reorder_time = 20ms;
    double resolve_try_again = 0;        // per look-up of a name: host_not_found_try_again
    double resolve_slow = 0;             // a look-up that takes up to `resolve_slow_time` more
    nanoseconds resolve_slow_time = 5s;  // resolv.conf(5): the time-out of a query
};

struct storage_faults {
    nanoseconds access_min = 50us;    // each read or write
    nanoseconds access_mean = 100us;  // of the exponential part on top
    nanoseconds sync_min = 500us;
    nanoseconds sync_mean = 2ms;
    double slow_sync = 0;  // a sync that takes up to `slow_sync_time` more
    nanoseconds slow_sync_time = 1s;
    double read_error = 0;                  // EIO, per operation
    double write_error = 0;                 // EIO
    double sync_error = 0;                  // EIO; what was to be synced stays unsynced
    double no_space = 0;                    // ENOSPC, per write
    double short_transfer = 0;              // a read or write of a part
    double unsynced_sector_survives = 0.5;  // at a crash, per 512-byte sector written since the last sync
    double unsynced_sector_garbled = 0;  // at a crash, of those that do not survive: the sector holds noise
};

struct process_faults {
    nanoseconds crash_every = 0ns;   // mean time between crashes over the whole cluster; 0: none
    nanoseconds restart_min = 50ms;  // down time: uniform between these
    nanoseconds restart_max = 5s;
    double silent_crash =
        0.5;  // of crashes: the peers are told nothing (power cut), else connections are reset (kill -9)
    int max_dead = 1;  // processes of one group down at a time
};

struct time_faults {
    nanoseconds wall_skew_max = 0ns;  // each process's wall clock is off by up to this, either way
    double wall_drift_max =
        0;  // each process's wall clock runs fast or slow by up to this share (0.0001: 100 ppm)
    double late_timer = 0;  // a timer that fires up to `late_by` late
    nanoseconds late_by = 50ms;
};

enum class schedule_policy : std::uint8_t {
    window,  // each ready task goes behind up to `reorder_window` others; with 0 a queue
    pos,  // each ready task draws a priority: "partial order sampling" (X. Yuan, J. Yang, R. Gu, CAV 2018),
          // without its drawing anew for tasks that race
    pct,  // priorities of processes, lowered at `pct_depth` - 1 points of the run (S. Burckhardt et al.,
          // ASPLOS 2010)
};

struct schedule_faults {
    schedule_policy policy = schedule_policy::window;
    std::uint32_t reorder_window =
        0;  // a ready task may be overtaken by up to this many that became ready after it
    std::uint32_t pct_depth = 3;  // d: finds bugs that take d ordering constraints, with a known probability
    std::uint64_t pct_events = 10'000;  // the points are uniform among this many events
};

struct program_faults {
    double activation = 0;  // of instrumented sites, per run
    double firing = 0.25;   // of an activated site, per evaluation
};

struct faults {
    network_faults network;
    storage_faults storage;
    process_faults process;
    time_faults time;
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

// One "family: name=value ..." line per family that does anything.
std::string to_string(const faults& all);
std::string to_string(profile chosen);

}  // namespace squall

#endif  // SQUALL_FAULTS_H
