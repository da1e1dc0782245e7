// Every value of `faults`, by name: what showing, reading and comparing them is made of.
#ifndef SQUALL_SIMULATOR_FAULT_VALUES_H
#define SQUALL_SIMULATOR_FAULT_VALUES_H

#include <squall/faults.h>

#include <concepts>
#include <type_traits>

namespace squall::simulator {

template <class Family, class Of>
concept values_of = std::same_as<std::remove_const_t<Family>, Of>;

// for_each_value(visit, f, ...) calls visit(name, f.value, ...) for each value of a family, in the order of
// the struct: of one family, const or not, or of several side by side.
template <class Visitor, values_of<network_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("machine_latency_min", f.machine_latency_min...);
    visit("machine_latency_mean", f.machine_latency_mean...);
    visit("latency_min", f.latency_min...);
    visit("latency_mean", f.latency_mean...);
    visit("datacenter_latency_min", f.datacenter_latency_min...);
    visit("datacenter_latency_mean", f.datacenter_latency_mean...);
    visit("region_latency_min", f.region_latency_min...);
    visit("region_latency_mean", f.region_latency_mean...);
    visit("shape", f.shape...);
    visit("tail_share", f.tail_share...);
    visit("tail_factor", f.tail_factor...);
    visit("bandwidth", f.bandwidth...);
    visit("window", f.window...);
    visit("slow_message", f.slow_message...);
    visit("slow_latency", f.slow_latency...);
    visit("partial_write", f.partial_write...);
    visit("partial_read", f.partial_read...);
    visit("close_connection", f.close_connection...);
    visit("close_silently", f.close_silently...);
    visit("close_half", f.close_half...);
    visit("connect_refused", f.connect_refused...);
    visit("connect_hangs", f.connect_hangs...);
    visit("connect_slow", f.connect_slow...);
    visit("connect_slow_time", f.connect_slow_time...);
    visit("flip_bit", f.flip_bit...);
    visit("clog", f.clog...);
    visit("clog_time", f.clog_time...);
    visit("datagram_loss", f.datagram_loss...);
    visit("datagram_duplicate", f.datagram_duplicate...);
    visit("datagram_reorder", f.datagram_reorder...);
    visit("datagram_reorder_time", f.datagram_reorder_time...);
    visit("resolve_try_again", f.resolve_try_again...);
    visit("resolve_slow", f.resolve_slow...);
    visit("resolve_slow_time", f.resolve_slow_time...);
}

template <class Visitor, values_of<partition_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("time", f.time...);
    visit("isolate", f.isolate...);
    visit("by_zone", f.by_zone...);
    visit("by_datacenter", f.by_datacenter...);
    visit("one_way", f.one_way...);
}

template <class Visitor, values_of<clogging_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("time", f.time...);
    visit("share", f.share...);
}

template <class Visitor, values_of<storage_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("access_min", f.access_min...);
    visit("access_mean", f.access_mean...);
    visit("sync_min", f.sync_min...);
    visit("sync_mean", f.sync_mean...);
    visit("bandwidth", f.bandwidth...);
    visit("iops", f.iops...);
    visit("capacity", f.capacity...);
    visit("slow_sync", f.slow_sync...);
    visit("slow_sync_time", f.slow_sync_time...);
    visit("read_error", f.read_error...);
    visit("write_error", f.write_error...);
    visit("sync_error", f.sync_error...);
    visit("no_space", f.no_space...);
    visit("short_transfer", f.short_transfer...);
    visit("lost_sync", f.lost_sync...);
    visit("phantom_write", f.phantom_write...);
    visit("misdirected_write", f.misdirected_write...);
    visit("misdirected_read", f.misdirected_read...);
    visit("bit_rot", f.bit_rot...);
    visit("unsynced_sector_survives", f.unsynced_sector_survives...);
    visit("unsynced_sector_garbled", f.unsynced_sector_garbled...);
    visit("damaged_copies", f.damaged_copies...);
}

template <class Visitor, values_of<disk_trouble_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("stall_time", f.stall_time...);
    visit("dead", f.dead...);
    visit("slow", f.slow...);
    visit("slow_factor", f.slow_factor...);
}

template <class Visitor, values_of<attrition_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("restart_min", f.restart_min...);
    visit("restart_max", f.restart_max...);
    visit("silent", f.silent...);
    visit("graceful", f.graceful...);
    visit("grace_min", f.grace_min...);
    visit("grace_max", f.grace_max...);
    visit("wipe", f.wipe...);
    visit("machine", f.machine...);
    visit("zone", f.zone...);
    visit("datacenter", f.datacenter...);
    visit("max_dead", f.max_dead...);
}

template <class Visitor, values_of<pause_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("time", f.time...);
}

template <class Visitor, values_of<time_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("wall_skew_max", f.wall_skew_max...);
    visit("wall_drift_max", f.wall_drift_max...);
    visit("late_timer", f.late_timer...);
    visit("late_by", f.late_by...);
    visit("early_timer", f.early_timer...);
    visit("early_by", f.early_by...);
}

template <class Visitor, values_of<clock_trouble_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("every", f.every...);
    visit("step_max", f.step_max...);
}

template <class Visitor, values_of<schedule_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("policy", f.policy...);
    visit("reorder_window", f.reorder_window...);
    visit("pct_depth", f.pct_depth...);
    visit("pct_events", f.pct_events...);
    visit("task_delay", f.task_delay...);
    visit("task_delay_time", f.task_delay_time...);
}

template <class Visitor, values_of<program_faults>... Family>
void for_each_value(Visitor&& visit, Family&... f) {
    visit("activation", f.activation...);
    visit("firing", f.firing...);
}

// for_each_family(visit, all, ...) calls visit(name, all.family, ...) for each family.
template <class Visitor, values_of<faults>... Faults>
void for_each_family(Visitor&& visit, Faults&... all) {
    visit("network", all.network...);
    visit("partitions", all.partitions...);
    visit("clogging", all.clogging...);
    visit("storage", all.storage...);
    visit("disk_trouble", all.disk_trouble...);
    visit("attrition", all.attrition...);
    visit("pauses", all.pauses...);
    visit("time", all.time...);
    visit("clock_trouble", all.clock_trouble...);
    visit("schedule", all.schedule...);
    visit("program", all.program...);
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_FAULT_VALUES_H
