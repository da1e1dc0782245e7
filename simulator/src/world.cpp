// The public face of a world and its processes.
#include <squall/world.h>

#include "world_state.h"

#include <algorithm>
#include <stdexcept>

namespace squall {

std::string_view to_string(verdict how) noexcept {
    switch (how) {
        case verdict::passed:
            return "passed";
        case verdict::assertion:
            return "assertion";
        case verdict::exception:
            return "exception";
        case verdict::check:
            return "check";
        case verdict::deadlock:
            return "deadlock";
        case verdict::livelock:
            return "livelock";
        case verdict::timeout:
            return "timeout";
    }
    return "unknown";
}

asio::any_io_executor process::executor() const {
    if (state_->present() == nullptr)
        state_->world.start(*state_);
    return simulator::boot_executor(*state_->present());
}
const std::string& process::name() const {
    return state_->name;
}
asio::ip::address process::address() const {
    return state_->address;
}
std::uint32_t process::boots() const {
    return static_cast<std::uint32_t>(state_->boots.size());
}
bool process::up() const {
    return state_->up();
}
void process::set_program(std::function<asio::awaitable<void>(process&)> program) {
    state_->program = std::move(program);
}
void process::start() {
    state_->world.start(*state_);
}
void process::crash(bool silently) {
    state_->world.crash(*state_, silently);
}

void process::stop(nanoseconds grace) {
    state_->world.stop(*state_, std::max(grace, nanoseconds(0)));
}
void process::wipe() {
    if (state_->up())
        throw std::logic_error("squall: the disk of " + state_->name +
                               " cannot be wiped while the process is up");
    state_->world.events_of_run.add(state_->world.now, event_kind::wipe, state_->number);
    state_->disk.wipe();
    state_->wiped = true;
}
bool process::stopping() const {
    return state_->stopping;
}
void process::step_clock(nanoseconds by) {
    state_->wall_step += by;
}
void process::set_clock_right() {
    state_->wall_skew = state_->wall_step = 0ns;
    state_->wall_drift = 0;
}
const location& process::where() const {
    return state_->where;
}
void process::set_location(location where) {
    state_->where = std::move(where);
}
const std::map<std::string, std::string>& process::tags() const {
    return state_->tags;
}
void process::set_tag(std::string key, std::string value) {
    state_->tags[std::move(key)] = std::move(value);
}

void process::stall_disk(nanoseconds time) {
    state_->device.stall(time);
}
void process::slow_disk(double factor, nanoseconds time) {
    state_->device.slow(factor, time);
}
void process::lose_disk() {
    state_->device.lose();
}
bool process::disk_lost() const {
    return state_->device.lost();
}

void process::pause(nanoseconds time) {
    state_->world.pause(*state_, time);
}
void process::resume() {
    state_->world.resume(*state_);
}
bool process::paused() const {
    return state_->paused();
}

world::world(world_options options) : state_(std::make_unique<simulator::world_state>(std::move(options))) {}
world::~world() = default;

process& world::add_process(std::string name, int group) {
    const int place = ++state_->places_taken[group];
    auto& added = state_->processes.emplace_back(
        *state_, static_cast<std::uint32_t>(state_->processes.size()), std::move(name), group, place);
    state_->network.add_process(added);
    return added.handle;
}

nanoseconds world::now() const {
    return nanoseconds(state_->now);
}
std::uint64_t world::seed() const {
    return state_->options.seed;
}
squall::run& world::sites() {
    return state_->sites;
}

const outcome& world::run() {
    state_->stopped = state_->failed;
    state_->loop();
    return state_->ended;
}
void world::stop() {
    state_->stopped = true;
}
void world::fail(outcome why) {
    state_->fail(std::move(why));
}
const outcome& world::result() const {
    return state_->ended;
}

void world::set_faults_on(bool on) {
    state_->set_faults_on(on);
    state_->sites.set_sites_on(on);
    if (on)
        return;
    heal();
    state_->network.faults_ended();
}

const faults& world::options() const {
    return state_->options.faults;
}
bool world::strikes(std::string_view kind, std::uint64_t stream, std::uint64_t index, double p,
                    const process& victim, std::string detail) {
    return state_->strikes(state_->kept(kind), stream, index, p, victim.state_->number, std::move(detail));
}

partition_id world::partition(const std::vector<process*>& side, bool outgoing, bool incoming) {
    std::vector<std::uint32_t> numbers;
    std::string names;
    for (process* p : side) {
        numbers.push_back(p->state_->number);
        names += (names.empty() ? "" : ", ") + p->name();
    }
    names += outgoing && incoming ? " cut off" : outgoing ? " cannot send" : " cannot receive";
    state_->events_of_run.add_text(state_->now, event_kind::partition, simulator::record::nobody, names);
    const partition_id made = state_->network.partition(std::move(numbers), outgoing, incoming);
    state_->open_partitions.emplace(made, std::move(names));
    return made;
}
void world::heal(partition_id which) {
    auto healed = state_->open_partitions.extract(which);
    if (healed.empty())
        return;
    state_->events_of_run.add_text(state_->now, event_kind::heal, simulator::record::nobody,
                                   std::move(healed.mapped()));
    state_->network.heal(which);
}
void world::heal() {
    state_->open_partitions.clear();
    state_->events_of_run.add_text(state_->now, event_kind::heal, simulator::record::nobody, "all");
    state_->network.heal();
    for (auto& p : state_->processes)
        p.device.heal();
}

const std::vector<damage>& world::damages() const {
    return state_->damages.all();
}
std::vector<damage> world::undetected_damage() const {
    std::vector<damage> found;
    for (const damage& d : damages())
        if (d.delivered && !d.detected)
            found.push_back(d);
    return found;
}
void world::set_damage_budget(int group, std::uint32_t copies) {
    state_->damages.set_budget(group, copies);
}
bool world::may_wipe(const process& victim) const {
    return state_->damages.allows_wipe(*victim.state_);
}
void world::set_datum(std::function<std::string(const process&, const std::string&, std::uint64_t)> f) {
    state_->damages.set_datum(std::move(f));
}

void world::on_exit(std::function<void(process&, const std::string*)> callback) {
    state_->exit_callback = std::move(callback);
}

void world::add_invariant(std::string name, std::function<void(const blackboard&)> check,
                          std::uint64_t every) {
    every = std::max<std::uint64_t>(every, 1);
    state_->check_every = state_->invariants.empty() ? every : std::min(state_->check_every, every);
    state_->next_check = state_->event_count + state_->check_every;
    state_->invariants.emplace_back(std::move(name), std::move(check));
}
blackboard& world::published() {
    return state_->published;
}

void world::log(std::string_view text) {
    state_->log(text);
}

std::uint64_t world::events() const {
    return state_->event_count;
}
std::uint64_t world::digest() const {
    return state_->digest;
}
std::vector<std::string> world::tail() const {
    return state_->events_of_run.text(state_->process_names());
}
std::vector<recorded_event> world::recorded() const {
    if (!state_->events_of_run.keeps_all())
        return {};
    return state_->events_of_run.all(state_->process_names());
}
std::vector<std::pair<std::uint64_t, std::uint64_t>> world::checkpoints() const {
    auto all = state_->trail_of_run.checkpoints();
    all.emplace_back(state_->event_count, state_->digest);
    return all;
}
std::vector<std::pair<std::string, std::uint64_t>> world::fault_counts() const {
    const auto& counts = state_->events_of_run.fault_counts();
    return {counts.begin(), counts.end()};
}
std::vector<happened_fault> world::fault_records() const {
    std::vector<happened_fault> all;
    const auto names = state_->process_names();
    for (const auto& [time, process, fault] : state_->events_of_run.faults())
        all.push_back({nanoseconds(static_cast<std::int64_t>(time)),
                       process == simulator::record::nobody ? std::string() : names[process],
                       std::string(fault.kind), fault.detail, fault.decision});
    return all;
}

}  // namespace squall
