// Every value of `faults`, by name: what showing, reading and comparing them is made of.
#ifndef SQUALL_SIMULATOR_FAULT_VALUES_H
#define SQUALL_SIMULATOR_FAULT_VALUES_H

#include <squall/faults.h>

#include <concepts>
#include <type_traits>

namespace squall::simulator {

template <class Family, class Of>
concept values_of = std::same_as<std::remove_const_t<Family>, Of>;

// Calls visit(name, value) for each value of a family, const or not, in the order of the struct, and
// visit(name, value, other) for each value of two.
template <values_of<network_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("machine_latency_min", f.machine_latency_min);
    visit("machine_latency_mean", f.machine_latency_mean);
    visit("latency_min", f.latency_min);
    visit("latency_mean", f.latency_mean);
    visit("datacenter_latency_min", f.datacenter_latency_min);
    visit("datacenter_latency_mean", f.datacenter_latency_mean);
    visit("region_latency_min", f.region_latency_min);
    visit("region_latency_mean", f.region_latency_mean);
    visit("shape", f.shape);
    visit("tail_share", f.tail_share);
    visit("tail_factor", f.tail_factor);
    visit("bandwidth", f.bandwidth);
    visit("window", f.window);
    visit("slow_message", f.slow_message);
    visit("slow_latency", f.slow_latency);
    visit("partial_write", f.partial_write);
    visit("partial_read", f.partial_read);
    visit("close_connection", f.close_connection);
    visit("close_silently", f.close_silently);
    visit("close_half", f.close_half);
    visit("connect_refused", f.connect_refused);
    visit("connect_hangs", f.connect_hangs);
    visit("connect_slow", f.connect_slow);
    visit("connect_slow_time", f.connect_slow_time);
    visit("flip_bit", f.flip_bit);
    visit("clog", f.clog);
    visit("clog_time", f.clog_time);
    visit("datagram_loss", f.datagram_loss);
    visit("datagram_duplicate", f.datagram_duplicate);
    visit("datagram_reorder", f.datagram_reorder);
    visit("datagram_reorder_time", f.datagram_reorder_time);
    visit("resolve_try_again", f.resolve_try_again);
    visit("resolve_slow", f.resolve_slow);
    visit("resolve_slow_time", f.resolve_slow_time);
}
template <class Visitor>
void for_each_pair(const network_faults& f, const network_faults& g, Visitor&& visit) {
    visit("machine_latency_min", f.machine_latency_min, g.machine_latency_min);
    visit("machine_latency_mean", f.machine_latency_mean, g.machine_latency_mean);
    visit("latency_min", f.latency_min, g.latency_min);
    visit("latency_mean", f.latency_mean, g.latency_mean);
    visit("datacenter_latency_min", f.datacenter_latency_min, g.datacenter_latency_min);
    visit("datacenter_latency_mean", f.datacenter_latency_mean, g.datacenter_latency_mean);
    visit("region_latency_min", f.region_latency_min, g.region_latency_min);
    visit("region_latency_mean", f.region_latency_mean, g.region_latency_mean);
    visit("shape", f.shape, g.shape);
    visit("tail_share", f.tail_share, g.tail_share);
    visit("tail_factor", f.tail_factor, g.tail_factor);
    visit("bandwidth", f.bandwidth, g.bandwidth);
    visit("window", f.window, g.window);
    visit("slow_message", f.slow_message, g.slow_message);
    visit("slow_latency", f.slow_latency, g.slow_latency);
    visit("partial_write", f.partial_write, g.partial_write);
    visit("partial_read", f.partial_read, g.partial_read);
    visit("close_connection", f.close_connection, g.close_connection);
    visit("close_silently", f.close_silently, g.close_silently);
    visit("close_half", f.close_half, g.close_half);
    visit("connect_refused", f.connect_refused, g.connect_refused);
    visit("connect_hangs", f.connect_hangs, g.connect_hangs);
    visit("connect_slow", f.connect_slow, g.connect_slow);
    visit("connect_slow_time", f.connect_slow_time, g.connect_slow_time);
    visit("flip_bit", f.flip_bit, g.flip_bit);
    visit("clog", f.clog, g.clog);
    visit("clog_time", f.clog_time, g.clog_time);
    visit("datagram_loss", f.datagram_loss, g.datagram_loss);
    visit("datagram_duplicate", f.datagram_duplicate, g.datagram_duplicate);
    visit("datagram_reorder", f.datagram_reorder, g.datagram_reorder);
    visit("datagram_reorder_time", f.datagram_reorder_time, g.datagram_reorder_time);
    visit("resolve_try_again", f.resolve_try_again, g.resolve_try_again);
    visit("resolve_slow", f.resolve_slow, g.resolve_slow);
    visit("resolve_slow_time", f.resolve_slow_time, g.resolve_slow_time);
}

template <values_of<partition_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("time", f.time);
    visit("isolate", f.isolate);
    visit("by_zone", f.by_zone);
    visit("by_datacenter", f.by_datacenter);
    visit("one_way", f.one_way);
}
template <class Visitor>
void for_each_pair(const partition_faults& f, const partition_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("time", f.time, g.time);
    visit("isolate", f.isolate, g.isolate);
    visit("by_zone", f.by_zone, g.by_zone);
    visit("by_datacenter", f.by_datacenter, g.by_datacenter);
    visit("one_way", f.one_way, g.one_way);
}

template <values_of<clogging_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("time", f.time);
    visit("share", f.share);
}
template <class Visitor>
void for_each_pair(const clogging_faults& f, const clogging_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("time", f.time, g.time);
    visit("share", f.share, g.share);
}

template <values_of<storage_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("access_min", f.access_min);
    visit("access_mean", f.access_mean);
    visit("sync_min", f.sync_min);
    visit("sync_mean", f.sync_mean);
    visit("bandwidth", f.bandwidth);
    visit("iops", f.iops);
    visit("capacity", f.capacity);
    visit("slow_sync", f.slow_sync);
    visit("slow_sync_time", f.slow_sync_time);
    visit("read_error", f.read_error);
    visit("write_error", f.write_error);
    visit("sync_error", f.sync_error);
    visit("no_space", f.no_space);
    visit("short_transfer", f.short_transfer);
    visit("lost_sync", f.lost_sync);
    visit("phantom_write", f.phantom_write);
    visit("misdirected_write", f.misdirected_write);
    visit("misdirected_read", f.misdirected_read);
    visit("bit_rot", f.bit_rot);
    visit("unsynced_sector_survives", f.unsynced_sector_survives);
    visit("unsynced_sector_garbled", f.unsynced_sector_garbled);
    visit("damaged_copies", f.damaged_copies);
}
template <class Visitor>
void for_each_pair(const storage_faults& f, const storage_faults& g, Visitor&& visit) {
    visit("access_min", f.access_min, g.access_min);
    visit("access_mean", f.access_mean, g.access_mean);
    visit("sync_min", f.sync_min, g.sync_min);
    visit("sync_mean", f.sync_mean, g.sync_mean);
    visit("bandwidth", f.bandwidth, g.bandwidth);
    visit("iops", f.iops, g.iops);
    visit("capacity", f.capacity, g.capacity);
    visit("slow_sync", f.slow_sync, g.slow_sync);
    visit("slow_sync_time", f.slow_sync_time, g.slow_sync_time);
    visit("read_error", f.read_error, g.read_error);
    visit("write_error", f.write_error, g.write_error);
    visit("sync_error", f.sync_error, g.sync_error);
    visit("no_space", f.no_space, g.no_space);
    visit("short_transfer", f.short_transfer, g.short_transfer);
    visit("lost_sync", f.lost_sync, g.lost_sync);
    visit("phantom_write", f.phantom_write, g.phantom_write);
    visit("misdirected_write", f.misdirected_write, g.misdirected_write);
    visit("misdirected_read", f.misdirected_read, g.misdirected_read);
    visit("bit_rot", f.bit_rot, g.bit_rot);
    visit("unsynced_sector_survives", f.unsynced_sector_survives, g.unsynced_sector_survives);
    visit("unsynced_sector_garbled", f.unsynced_sector_garbled, g.unsynced_sector_garbled);
    visit("damaged_copies", f.damaged_copies, g.damaged_copies);
}

template <values_of<disk_trouble_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("stall_time", f.stall_time);
    visit("dead", f.dead);
    visit("slow", f.slow);
    visit("slow_factor", f.slow_factor);
}
template <class Visitor>
void for_each_pair(const disk_trouble_faults& f, const disk_trouble_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("stall_time", f.stall_time, g.stall_time);
    visit("dead", f.dead, g.dead);
    visit("slow", f.slow, g.slow);
    visit("slow_factor", f.slow_factor, g.slow_factor);
}

template <values_of<attrition_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("restart_min", f.restart_min);
    visit("restart_max", f.restart_max);
    visit("silent", f.silent);
    visit("graceful", f.graceful);
    visit("grace_min", f.grace_min);
    visit("grace_max", f.grace_max);
    visit("wipe", f.wipe);
    visit("machine", f.machine);
    visit("zone", f.zone);
    visit("datacenter", f.datacenter);
    visit("max_dead", f.max_dead);
}
template <class Visitor>
void for_each_pair(const attrition_faults& f, const attrition_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("restart_min", f.restart_min, g.restart_min);
    visit("restart_max", f.restart_max, g.restart_max);
    visit("silent", f.silent, g.silent);
    visit("graceful", f.graceful, g.graceful);
    visit("grace_min", f.grace_min, g.grace_min);
    visit("grace_max", f.grace_max, g.grace_max);
    visit("wipe", f.wipe, g.wipe);
    visit("machine", f.machine, g.machine);
    visit("zone", f.zone, g.zone);
    visit("datacenter", f.datacenter, g.datacenter);
    visit("max_dead", f.max_dead, g.max_dead);
}

template <values_of<pause_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("time", f.time);
}
template <class Visitor>
void for_each_pair(const pause_faults& f, const pause_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("time", f.time, g.time);
}

template <values_of<time_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("wall_skew_max", f.wall_skew_max);
    visit("wall_drift_max", f.wall_drift_max);
    visit("late_timer", f.late_timer);
    visit("late_by", f.late_by);
    visit("early_timer", f.early_timer);
    visit("early_by", f.early_by);
}
template <class Visitor>
void for_each_pair(const time_faults& f, const time_faults& g, Visitor&& visit) {
    visit("wall_skew_max", f.wall_skew_max, g.wall_skew_max);
    visit("wall_drift_max", f.wall_drift_max, g.wall_drift_max);
    visit("late_timer", f.late_timer, g.late_timer);
    visit("late_by", f.late_by, g.late_by);
    visit("early_timer", f.early_timer, g.early_timer);
    visit("early_by", f.early_by, g.early_by);
}

template <values_of<clock_trouble_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("every", f.every);
    visit("step_max", f.step_max);
}
template <class Visitor>
void for_each_pair(const clock_trouble_faults& f, const clock_trouble_faults& g, Visitor&& visit) {
    visit("every", f.every, g.every);
    visit("step_max", f.step_max, g.step_max);
}

template <values_of<schedule_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("policy", f.policy);
    visit("reorder_window", f.reorder_window);
    visit("pct_depth", f.pct_depth);
    visit("pct_events", f.pct_events);
    visit("task_delay", f.task_delay);
    visit("task_delay_time", f.task_delay_time);
}
template <class Visitor>
void for_each_pair(const schedule_faults& f, const schedule_faults& g, Visitor&& visit) {
    visit("policy", f.policy, g.policy);
    visit("reorder_window", f.reorder_window, g.reorder_window);
    visit("pct_depth", f.pct_depth, g.pct_depth);
    visit("pct_events", f.pct_events, g.pct_events);
    visit("task_delay", f.task_delay, g.task_delay);
    visit("task_delay_time", f.task_delay_time, g.task_delay_time);
}

template <values_of<program_faults> Family, class Visitor>
void for_each_value(Family& f, Visitor&& visit) {
    visit("activation", f.activation);
    visit("firing", f.firing);
}
template <class Visitor>
void for_each_pair(const program_faults& f, const program_faults& g, Visitor&& visit) {
    visit("activation", f.activation, g.activation);
    visit("firing", f.firing, g.firing);
}

// Calls visit(name, family) for each family.
template <values_of<faults> Faults, class Visitor>
void for_each_family(Faults& all, Visitor&& visit) {
    visit("network", all.network);
    visit("partitions", all.partitions);
    visit("clogging", all.clogging);
    visit("storage", all.storage);
    visit("disk_trouble", all.disk_trouble);
    visit("attrition", all.attrition);
    visit("pauses", all.pauses);
    visit("time", all.time);
    visit("clock_trouble", all.clock_trouble);
    visit("schedule", all.schedule);
    visit("program", all.program);
}

// Calls visit(name, family, other) for each family of two.
template <class Visitor>
void for_each_family_pair(const faults& all, const faults& others, Visitor&& visit) {
    visit("network", all.network, others.network);
    visit("partitions", all.partitions, others.partitions);
    visit("clogging", all.clogging, others.clogging);
    visit("storage", all.storage, others.storage);
    visit("disk_trouble", all.disk_trouble, others.disk_trouble);
    visit("attrition", all.attrition, others.attrition);
    visit("pauses", all.pauses, others.pauses);
    visit("time", all.time, others.time);
    visit("clock_trouble", all.clock_trouble, others.clock_trouble);
    visit("schedule", all.schedule, others.schedule);
    visit("program", all.program, others.program);
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_FAULT_VALUES_H
