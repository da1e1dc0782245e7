// The deterministic world: virtual time, a schedule, processes with their network, disks and clocks.
//
// A world is driven by one thread and shares nothing with other worlds: any number may run side by side.
// Programs reach it only through the handles of <squall/timer.h>, <squall/stream.h> and <squall/file.h>, made
// from a process's executor. Most users want the builder of <squall/simulation.h>, which makes one world per
// seed; this is what it drives.
#ifndef SQUALL_WORLD_H
#define SQUALL_WORLD_H

#include <squall/blackboard.h>
#include <squall/damage.h>
#include <squall/faults.h>
#include <squall/recorded_event.h>
#include <squall/run.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

namespace asio = boost::asio;
class link_rule;
class process_context;

namespace simulator {
class boot;
class one_run;
class world_state;
struct process_state;
}  // namespace simulator

// How a run ended.
enum class verdict : std::uint8_t {
    passed,
    assertion,  // a SQUALL_ALWAYS or the like was violated
    exception,  // an exception left a process, a workload or a handler
    check,      // a workload's check found the result wrong
    deadlock,   // nothing left to do while a workload waits
    livelock,   // events without end, and virtual time stands still
    timeout,    // the virtual-time or event budget was used up
};
std::string_view to_string(verdict how) noexcept;

// One partition of a world; 0 is none.
enum class partition_id : std::uint64_t {};

// A fault that happened.
struct happened_fault {
    nanoseconds time{0};         // virtual
    std::string process;         // whom it struck; empty: nobody in particular
    std::string kind;            // "bit-flip", "crash", ...: see docs/reference/faults.md
    std::string detail;          // its parameters, where it has some; of a site's its place
    std::uint64_t decision = 0;  // veto this id, and it does not happen, all else being equal before it
    bool operator==(const happened_fault&) const = default;
};

struct world_options {
    std::uint64_t seed = 1;
    squall::faults faults = {};
    std::vector<site_override> overrides = {};  // of instrumented sites
    violation_policy on_violation = violation_policy::throws;
    std::vector<std::uint64_t> vetoed = {};           // decisions that must not happen
    nanoseconds time_budget = std::chrono::hours(1);  // virtual
    std::uint64_t event_budget = 50'000'000;
    std::uint64_t livelock_events = 1'000'000;  // at one instant
    bool keep_log = false;  // keep every event, and what is sent too; not only the last ones
    // Called with each fault as it happens, from inside the run, which it must not touch.
    std::function<void(const happened_fault&)> on_fault = {};
    // With keep_log: called likewise with each event as it is recorded.
    std::function<void(const recorded_event&)> on_event = {};
};

// Where the run stopped, and why.
struct outcome {
    verdict how = verdict::passed;
    std::string message;
    std::string process;       // whose code it was; empty: nobody's
    std::string place;         // file:line where one is known
    std::string details = {};  // of an assertion: "key=value key=value"
};

// Machine, zone and data center of a process, by name; processes of one name share one.
struct location {
    std::string machine, zone, datacenter;
    bool operator==(const location&) const = default;
};

// A handle to a simulated process: a name, an address, a disk and clocks of its own, and a program that runs
// in it. Valid as long as its world.
class process {
public:
    // Executor of the present boot; an executor of an ended boot drops what it is given.
    asio::any_io_executor executor() const;
    const std::string& name() const;
    asio::ip::address address() const;
    // Times it was started, from 1; 0 before the first.
    std::uint32_t boots() const;
    bool up() const;

    // The program; started at each boot. When it returns, or throws std::exception, the process has exited.
    void set_program(std::function<asio::awaitable<void>(process&)> program);
    void start();
    // At once: its tasks and sockets are gone, unsynced data is lost as the storage faults say. With
    // `silently`, peers are told nothing.
    void crash(bool silently = false);
    // Asks its program to end (process_context::stop_requested()), and ends it like crash() if it has not
    // after the grace period.
    void stop(nanoseconds grace);
    // Of a process that is down: its disk is replaced by an empty one. Throws std::logic_error if it is up.
    void wipe();
    // Whether it was asked to, and has not ended yet.
    bool stopping() const;
    // Its wall clock jumps, either way; timers do not notice.
    void step_clock(nanoseconds by);
    // Its wall clock is right from now on: no skew, no drift, and steps undone.
    void set_clock_right();

    // Where it stands and what it is, for faults that strike together and for tests.
    const squall::location& where() const;
    void set_location(squall::location where);
    const std::map<std::string, std::string>& tags() const;
    void set_tag(std::string key, std::string value);

    // Its code stands still, as that of a stopped or swapped-out process: what arrives for it waits, and
    // peers are told nothing. Timers that come due meanwhile fire late. Ends by itself after `time`, or by
    // resume(), or with the boot.
    void pause(nanoseconds time);
    void resume();
    bool paused() const;

    // Its disk completes nothing for this long, and then goes on where it stood.
    void stall_disk(nanoseconds time);
    // What its disk is asked for within `time` takes `factor` (above 1) times as long.
    void slow_disk(double factor, nanoseconds time);
    // Its disk does not answer any more, until the process boots again. What waits for it can be cancelled.
    void lose_disk();
    bool disk_lost() const;

private:
    friend class world;
    friend struct simulator::process_state;
    friend class process_context;
    explicit process(simulator::process_state& state) : state_(&state) {}
    simulator::process_state* state_;
};

class world {
public:
    explicit world(world_options options = {});
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    // Addresses are handed out in order: 10.0.<group>.<1...>; the name is the process's identity in all
    // decisions.
    process& add_process(std::string name, int group = 0);

    nanoseconds now() const;
    std::uint64_t seed() const;
    squall::run& sites();  // the run that instrumented sites and assertions belong to

    // Runs until nothing is left to do, stop() was called, or a verdict ends it. Exceptions of handlers
    // become the outcome.
    const outcome& run();
    // Ends run() after the present event.
    void stop();
    // The first failure stands; later ones are ignored. Ends run().
    void fail(outcome why);
    const outcome& result() const;

    // Faults happen only while on; off at first. Turning them off also heals partitions, clogs and disks,
    // resets connections that ended without word to a side that still thinks it lives, and has connects that
    // nobody answered asked again.
    void set_faults_on(bool on);
    const squall::faults& options() const;
    // For injectors: whether this fault happens, at probability p, unless faults are off or it is vetoed;
    // records it if so. (stream, kind, index) is its identity.
    bool strikes(std::string_view kind, std::uint64_t stream, std::uint64_t index, double p,
                 const process& victim, std::string detail = {});
    // Between these processes and all others streams stand still, in one direction or both, until healed;
    // nothing of them is lost. Datagrams are. Partitions may overlap.
    partition_id partition(const std::vector<process*>& side, bool outgoing, bool incoming);
    // Ends that one; one that has ended already stays so.
    void heal(partition_id which);
    // Ends all partitions and clogs, and all trouble of disks: what waited for one that stood still or was
    // lost completes.
    void heal();

    // All damage that disk faults did, in order, and that of it which a program was brought and never said to
    // have noticed.
    const std::vector<damage>& damages() const;
    std::vector<damage> undetected_damage() const;
    // Faults damage at most so many copies of one datum over the processes of a group, counting processes;
    // else the least of storage_faults::damaged_copies and (members - 1) / 2, and 0 for clients.
    void set_damage_budget(int group, std::uint32_t copies);
    // Whether that leaves room for the loss of a whole disk. A wiped disk is a damaged copy of everything for
    // the rest of the run: nobody knows when it holds again what it should.
    bool may_wipe(const process& victim) const;
    // What one datum is: those that get the same name here are copies of one. `offset` is that of a sector of
    // 512 bytes. Without it a sector of the file of that path is one.
    void set_datum(
        std::function<std::string(const process& holder, const std::string& path, std::uint64_t offset)> f);

    // Called when a process's program ends by itself, with the exception if one left it (wrapped: what()),
    // before anything else happens.
    void on_exit(std::function<void(process&, const std::string* exception)> callback);

    // Called after every `every`-th event (at least 1) with what processes have published, until the end of
    // the run; a violated assertion or an exception in it ends the run. Invariants share one interval: the
    // smallest.
    void add_invariant(std::string name, std::function<void(const blackboard&)> check,
                       std::uint64_t every = 1);
    blackboard& published();

    // Writes a line into the event record.
    void log(std::string_view text);

    std::uint64_t events() const;
    // Of all events, decisions and delivered bytes so far; equal for equal executions.
    std::uint64_t digest() const;
    // The last events as text, oldest first, or all of them with keep_log.
    std::vector<std::string> tail() const;
    // All events, in order; empty without keep_log.
    std::vector<recorded_event> recorded() const;
    // (events, digest by then), oldest first and at equal distances, up to now. Where those of two runs of a
    // seed first differ, the runs did before that event.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> checkpoints() const;
    // Faults that happened, by kind.
    std::vector<std::pair<std::string, std::uint64_t>> fault_counts() const;
    // Each of them, in order.
    std::vector<happened_fault> fault_records() const;

private:
    friend class simulator::one_run;
    friend class link_rule;
    std::unique_ptr<simulator::world_state> state_;
};

}  // namespace squall

#endif  // SQUALL_WORLD_H
