// Drawing a run's faults from its seed.
#include <squall/faults.h>

#include <squall/decisions.h>

#include <cmath>
#include <string_view>

namespace squall {
namespace {

// Three digits, so that a run's options can be read.
double rounded(double value) {
    if (value < 1e-9)
        return 0;
    double scale = 1;
    while (value * scale < 100)
        scale *= 10;
    return std::round(value * scale) / scale;
}

// A family's stream, of its name: made by the compiler.
struct family_stream {
    // NOLINTNEXTLINE(google-explicit-constructor): so that a name can be written
    consteval family_stream(const char* name)
        : key(stream_key(stream_key("squall.faults"), text_hash(name))) {}
    std::uint64_t key;
};

// One family's draws: its own stream, so that a new value in one family moves no other.
class family {
public:
    family(std::uint64_t seed, family_stream stream, profile chosen) : draws_(seed, stream.key) {
        on_ = draws_.chance(0.5) || chosen == profile::hostile;
    }
    explicit operator bool() const { return on_; }
    double probability(double low, double high) { return rounded(draws_.real(low, high)); }
    nanoseconds time(nanoseconds low, nanoseconds high) {
        std::int64_t drawn = draws_.duration(low, high).count();
        std::int64_t step = 1;
        while (drawn / step >= 1000)
            step *= 10;
        return nanoseconds(drawn / step * step);
    }
    // Each power of two as likely as the next.
    std::uint64_t size(unsigned low_bits, unsigned high_bits) {
        return std::uint64_t{1} << draws_.range(low_bits, high_bits);
    }
    decision_stream& draws() { return draws_; }

private:
    decision_stream draws_;
    bool on_;
};

void draw_network(network_faults& f, auto make) {
    if (auto distance = make("distance")) {  // from one rack to two regions
        f.latency_min = distance.time(10us, 5ms);
        f.latency_mean = distance.time(50us, 20ms);
    }
    if (auto shape = make("latency-shape")) {  // moonpool: three shapes; tails of 0.1-0.9 % at ten times
        f.shape = static_cast<latency_shape>(shape.draws().below(3));
        f.tail_share = shape.probability(0.001, 0.009);
    }
    if (auto pipes = make("bandwidth"))
        f.bandwidth = pipes.size(17, 27);  // 128 KiB/s to 128 MiB/s
    if (auto windows = make("windows"))
        f.window = static_cast<std::uint32_t>(windows.size(9, 16));
    if (auto slow = make("slow-messages")) {
        f.slow_message = slow.probability(0.001, 0.02);
        f.slow_latency = slow.time(20ms, 2s);
    }
    if (auto partial = make("partial-transfers")) {
        f.partial_write = partial.probability(0.01, 0.25);
        f.partial_read = partial.probability(0.01, 0.25);
    }
    if (auto closing = make("connections")) {
        f.close_connection = closing.probability(0.0005, 0.01);
        f.connect_refused = closing.probability(0, 0.2);
        f.connect_hangs = closing.probability(0, 0.05);
        f.connect_slow = closing.probability(0, 0.1);
        f.connect_slow_time = closing.time(10ms, 3s);
        f.close_silently = closing.probability(0, 0.7);  // FoundationDB: 30 % explicit
        f.close_half = closing.probability(0, 0.5);
    }
    if (auto flips = make("bit-flips"))
        f.flip_bit = flips.probability(0.0001, 0.002);
    if (auto clogs = make("clogs")) {
        f.clog = clogs.probability(0.0005, 0.01);
        f.clog_time = clogs.time(50ms, 2s);
    }
    if (auto datagrams = make("datagrams")) {  // TigerBeetle's: loss 0-30 %, replay 0-50 % a seed
        f.datagram_loss = datagrams.probability(0, 0.3);
        f.datagram_duplicate = datagrams.probability(0, 0.25);
        f.datagram_reorder = datagrams.probability(0.01, 0.25);
        f.datagram_reorder_time = datagrams.time(1ms, 100ms);
    }
    if (auto names = make("names")) {
        f.resolve_try_again = names.probability(0, 0.1);
        f.resolve_slow = names.probability(0, 0.1);
        f.resolve_slow_time = names.time(100ms, 10s);
    }
}

void draw_storage(storage_faults& f, auto make) {
    if (auto slow = make("disk-speed")) {
        f.access_mean = slow.time(50us, 2ms);
        f.sync_mean = slow.time(500us, 20ms);
        f.slow_sync = slow.probability(0.001, 0.1);
        f.slow_sync_time = slow.time(50ms, 3s);
        f.bandwidth = slow.size(20, 29);  // 1 MiB/s to 512 MiB/s
        f.iops = slow.size(8, 17);
    }
    if (auto errors = make("disk-errors")) {
        f.read_error = errors.probability(0, 0.002);
        f.write_error = errors.probability(0, 0.002);
        f.sync_error = errors.probability(0, 0.005);
        f.no_space = errors.probability(0, 0.002);
    }
    if (auto shorts = make("short-transfers"))
        f.short_transfer = shorts.probability(0.01, 0.2);
    if (auto torn = make("torn-writes")) {
        f.unsynced_sector_survives = torn.probability(0.1, 0.9);
        f.unsynced_sector_garbled = torn.probability(0, 0.5);
    }
    // The rates of moonpool, some ten times over: its runs are longer. The budget bounds what they do.
    if (auto rot = make("bit-rot"))
        f.bit_rot = rot.probability(0, 0.01);
    if (auto lies = make("disk-lies")) {
        f.lost_sync = lies.probability(0, 0.01);
        f.phantom_write = lies.probability(0, 0.002);
        f.misdirected_write = lies.probability(0, 0.001);
        f.misdirected_read = lies.probability(0, 0.001);
    }
}

void draw_injectors(faults& f, auto make) {
    if (auto cuts = make("partitions")) {
        f.partitions.every = cuts.time(2s, 10s);
        f.partitions.time = cuts.time(200ms, 5s);
        f.partitions.by_zone = cuts.probability(0, 0.3);
        f.partitions.by_datacenter = cuts.probability(0, 0.2);
    }
    if (auto swizzle = make("swizzle")) {  // FoundationDB: in 30 % of the runs, each process with 0.5
        f.clogging.every = swizzle.time(3s, 15s);
        f.clogging.time = swizzle.time(500ms, 8s);
        f.clogging.share = swizzle.probability(0.2, 0.8);
    }
    if (auto trouble = make("disk-trouble")) {  // moonpool: stalls 50-499 ms, throttling 0.5-5 s by 2-19
        f.disk_trouble.every = trouble.time(1s, 15s);
        f.disk_trouble.stall_time = trouble.time(50ms, 3s);
        f.disk_trouble.dead = trouble.probability(0, 0.2);
        f.disk_trouble.slow = trouble.probability(0, 0.8);
        f.disk_trouble.slow_factor = rounded(trouble.draws().real(2, 20));
    }
    if (auto crashes = make("crashes")) {
        f.attrition.every = crashes.time(500ms, 8s);
        f.attrition.restart_max = crashes.time(100ms, 5s);
        f.attrition.silent = crashes.probability(0, 1);
        f.attrition.graceful = crashes.draws().chance(0.5) ? crashes.probability(0, 0.7) : 0;
        f.attrition.grace_min = crashes.time(100ms, 2s);
        f.attrition.grace_max = crashes.time(2s, 5s);
        f.attrition.wipe = crashes.draws().chance(0.5) ? crashes.probability(0, 0.3) : 0;
        f.attrition.machine = crashes.probability(0, 0.3);
        f.attrition.zone = crashes.probability(0, 0.2);
        f.attrition.datacenter = crashes.probability(0, 0.1);
    }
    if (auto pauses = make("pauses")) {
        f.pauses.every = pauses.time(1s, 10s);
        f.pauses.time = pauses.time(10ms, 3s);
    }
    if (auto steps = make("clock-steps")) {
        f.clock_trouble.every = steps.time(1s, 10s);
        f.clock_trouble.step_max = steps.time(1ms, 30s);
    }
}

}  // namespace

faults draw_faults(std::uint64_t seed, profile chosen) {
    faults f;
    if (chosen == profile::calm)
        return f;
    const auto make = [&](family_stream stream) { return family(seed, stream, chosen); };
    draw_network(f.network, make);
    draw_storage(f.storage, make);
    draw_injectors(f, make);
    if (auto clocks = make("clocks")) {
        f.time.wall_skew_max = clocks.time(1ms, 10s);
        f.time.wall_drift_max = clocks.probability(0, 0.0005);
        f.time.late_timer = clocks.probability(0, 0.1);
        f.time.late_by = clocks.time(1ms, 100ms);
    }
    if (auto early = make("early-timers")) {  // by what a coarse clock's rounding makes of it
        f.time.early_timer = early.probability(0, 0.1);
        f.time.early_by = early.time(1us, 1ms);
    }
    if (auto order = make("schedule")) {
        f.schedule.reorder_window = static_cast<std::uint32_t>(order.draws().range(1, 16));
        const std::uint64_t kind = order.draws().below(4);  // half of them by the window
        f.schedule.policy = kind == 0   ? schedule_policy::pos
                            : kind == 1 ? schedule_policy::pct
                                        : schedule_policy::window;
        f.schedule.pct_depth = static_cast<std::uint32_t>(order.draws().range(2, 6));
        f.schedule.pct_events = order.size(6, 16);  // how long the run will be, nobody knows
    }
    if (auto yields = make("yields")) {
        f.schedule.task_delay = yields.probability(0.001, 0.05);
        f.schedule.task_delay_time = yields.time(1us, 10ms);
    }
    if (auto program = make("program")) {
        f.program.activation = 0.25;
        f.program.firing = program.probability(0.05, 0.25);
    }
    return f;
}

std::string to_string(profile chosen) {
    switch (chosen) {
        case profile::calm:
            return "calm";
        case profile::swarm:
            return "swarm";
        case profile::hostile:
            return "hostile";
    }
    return "unknown";
}

}  // namespace squall
