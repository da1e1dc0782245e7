// Drawing a run's faults from its seed, and showing them.
#include <squall/faults.h>

#include <squall/decisions.h>

#include <cstdio>

namespace squall {
namespace {

// One family's draws: its own stream, so that a new value in one family moves no other.
class family {
public:
    family(std::uint64_t seed, std::string_view name, profile chosen)
        : draws_(seed, stream_key(stream_key("squall.faults"), text_hash(name))) {
        on_ = draws_.chance(0.5) || chosen == profile::hostile;
    }
    explicit operator bool() const { return on_; }
    double probability(double low, double high) { return draws_.real(low, high); }
    nanoseconds time(nanoseconds low, nanoseconds high) { return draws_.duration(low, high); }
    decision_stream& draws() { return draws_; }

private:
    decision_stream draws_;
    bool on_;
};

}  // namespace

faults draw_faults(std::uint64_t seed, profile chosen) {
    faults f;
    if (chosen == profile::calm)
        return f;
    const auto make = [&](std::string_view name) { return family(seed, name, chosen); };

    if (auto distance = make("distance")) {  // from one rack to two regions
        f.network.latency_min = distance.time(10us, 5ms);
        f.network.latency_mean = distance.time(50us, 20ms);
    }
    if (auto slow = make("slow-messages")) {
        f.network.slow_message = slow.probability(0.001, 0.02);
        f.network.slow_latency = slow.time(20ms, 2s);
    }
    if (auto partial = make("partial-transfers")) {
        f.network.partial_write = partial.probability(0.01, 0.25);
        f.network.partial_read = partial.probability(0.01, 0.25);
    }
    if (auto closing = make("connections")) {
        f.network.close_connection = closing.probability(0.0005, 0.01);
        f.network.connect_refused = closing.probability(0, 0.2);
        f.network.connect_hangs = closing.probability(0, 0.05);
    }
    if (auto flips = make("bit-flips"))
        f.network.flip_bit = flips.probability(0.0001, 0.002);
    if (auto clogs = make("clogs")) {
        f.network.clog = clogs.probability(0.0005, 0.01);
        f.network.clog_time = clogs.time(50ms, 2s);
    }
    if (auto cuts = make("partitions")) {
        f.network.partition_every = cuts.time(2s, 10s);
        f.network.partition_time = cuts.time(200ms, 5s);
    }
    if (auto datagrams = make("datagrams")) {  // TigerBeetle's: loss 0-30 %, replay 0-50 % a seed
        f.network.datagram_loss = datagrams.probability(0, 0.3);
        f.network.datagram_duplicate = datagrams.probability(0, 0.25);
        f.network.datagram_reorder = datagrams.probability(0.01, 0.25);
        f.network.datagram_reorder_time = datagrams.time(1ms, 100ms);
    }
    if (auto names = make("names")) {
        f.network.resolve_try_again = names.probability(0, 0.1);
        f.network.resolve_slow = names.probability(0, 0.1);
        f.network.resolve_slow_time = names.time(100ms, 10s);
    }
    if (auto slow = make("disk-speed")) {
        f.storage.access_mean = slow.time(50us, 2ms);
        f.storage.sync_mean = slow.time(500us, 20ms);
        f.storage.slow_sync = slow.probability(0.001, 0.1);
        f.storage.slow_sync_time = slow.time(50ms, 3s);
    }
    if (auto errors = make("disk-errors")) {
        f.storage.read_error = errors.probability(0, 0.002);
        f.storage.write_error = errors.probability(0, 0.002);
        f.storage.sync_error = errors.probability(0, 0.005);
        f.storage.no_space = errors.probability(0, 0.002);
    }
    if (auto shorts = make("short-transfers"))
        f.storage.short_transfer = shorts.probability(0.01, 0.2);
    if (auto torn = make("torn-writes")) {
        f.storage.unsynced_sector_survives = torn.probability(0.1, 0.9);
        f.storage.unsynced_sector_garbled = torn.probability(0, 0.5);
    }
    if (auto crashes = make("crashes")) {
        f.process.crash_every = crashes.time(500ms, 8s);
        f.process.restart_max = crashes.time(100ms, 5s);
        f.process.silent_crash = crashes.probability(0, 1);
    }
    if (auto clocks = make("clocks")) {
        f.time.wall_skew_max = clocks.time(1ms, 10s);
        f.time.wall_drift_max = clocks.probability(0, 0.0005);
        f.time.late_timer = clocks.probability(0, 0.1);
        f.time.late_by = clocks.time(1ms, 100ms);
    }
    if (auto order = make("schedule")) {
        f.schedule.reorder_window = static_cast<std::uint32_t>(order.draws().range(1, 16));
        const std::uint64_t kind = order.draws().below(4);  // half of them by the window
        f.schedule.policy = kind == 0   ? schedule_policy::pos
                            : kind == 1 ? schedule_policy::pct
                                        : schedule_policy::window;
        f.schedule.pct_depth = static_cast<std::uint32_t>(order.draws().range(2, 6));
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

namespace {

class printer {
public:
    void begin(const char* name) { family_ = name, any_ = false; }
    void value(const char* name, double p) {
        if (p > 0)
            put(name, number(p));
    }
    void value(const char* name, nanoseconds t) {
        if (t.count() > 0)
            put(name, number(static_cast<double>(t.count()) * 1e-6) + "ms");
    }
    void end() {
        if (any_)
            text_ += '\n';
    }
    std::string take() { return std::move(text_); }

private:
    static std::string number(double x) {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%.4g", x);
        return buffer;
    }
    void put(const char* name, const std::string& text) {
        if (!any_)
            text_ += std::string(family_) + ":";
        any_ = true;
        text_ += std::string(" ") + name + "=" + text;
    }
    std::string text_;
    const char* family_ = "";
    bool any_ = false;
};

}  // namespace

std::string to_string(const faults& all) {
    printer out;
    const network_faults& n = all.network;
    out.begin("network");
    out.value("latency_min", n.latency_min);
    out.value("latency_mean", n.latency_mean);
    out.value("slow_message", n.slow_message);
    if (n.slow_message > 0)
        out.value("slow_latency", n.slow_latency);
    out.value("partial_write", n.partial_write);
    out.value("partial_read", n.partial_read);
    out.value("close_connection", n.close_connection);
    out.value("connect_refused", n.connect_refused);
    out.value("connect_hangs", n.connect_hangs);
    out.value("flip_bit", n.flip_bit);
    out.value("clog", n.clog);
    if (n.clog > 0)
        out.value("clog_time", n.clog_time);
    out.value("partition_every", n.partition_every);
    if (n.partition_every > 0ns)
        out.value("partition_time", n.partition_time);
    out.value("datagram_loss", n.datagram_loss);
    out.value("datagram_duplicate", n.datagram_duplicate);
    out.value("datagram_reorder", n.datagram_reorder);
    if (n.datagram_reorder > 0)
        out.value("datagram_reorder_time", n.datagram_reorder_time);
    out.value("resolve_try_again", n.resolve_try_again);
    out.value("resolve_slow", n.resolve_slow);
    if (n.resolve_slow > 0)
        out.value("resolve_slow_time", n.resolve_slow_time);
    out.end();
    const storage_faults& s = all.storage;
    out.begin("storage");
    out.value("access_min", s.access_min);
    out.value("access_mean", s.access_mean);
    out.value("sync_min", s.sync_min);
    out.value("sync_mean", s.sync_mean);
    out.value("slow_sync", s.slow_sync);
    if (s.slow_sync > 0)
        out.value("slow_sync_time", s.slow_sync_time);
    out.value("read_error", s.read_error);
    out.value("write_error", s.write_error);
    out.value("sync_error", s.sync_error);
    out.value("no_space", s.no_space);
    out.value("short_transfer", s.short_transfer);
    out.value("unsynced_sector_survives", s.unsynced_sector_survives);
    out.value("unsynced_sector_garbled", s.unsynced_sector_garbled);
    out.end();
    const process_faults& p = all.process;
    out.begin("process");
    out.value("crash_every", p.crash_every);
    if (p.crash_every > 0ns) {
        out.value("restart_min", p.restart_min);
        out.value("restart_max", p.restart_max);
        out.value("silent_crash", p.silent_crash);
        out.value("max_dead", static_cast<double>(p.max_dead));
    }
    out.end();
    out.begin("time");
    out.value("wall_skew_max", all.time.wall_skew_max);
    out.value("late_timer", all.time.late_timer);
    if (all.time.late_timer > 0)
        out.value("late_by", all.time.late_by);
    out.end();
    out.begin("schedule");
    out.value("reorder_window", static_cast<double>(all.schedule.reorder_window));
    out.end();
    out.begin("program");
    out.value("activation", all.program.activation);
    if (all.program.activation > 0)
        out.value("firing", all.program.firing);
    out.end();
    return out.take();
}

}  // namespace squall
