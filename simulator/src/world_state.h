// The inside of a world: the loop, and what its parts (network, disks, processes) ask of it.
#ifndef SQUALL_SIMULATOR_WORLD_STATE_H
#define SQUALL_SIMULATOR_WORLD_STATE_H

#include "damage_book.h"
#include "event_queue.h"
#include "kept_memory.h"
#include "network.h"
#include "process_state.h"
#include "ready_order.h"
#include "record.h"
#include "trail.h"

#include <squall/world.h>

#include <algorithm>
#include <concepts>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace squall::simulator {

// An event of the world itself, not of a process's code: runs a function of its owner. Embedded in its owner;
// never freed by itself.
class world_event final : public operation {
public:
    using handler = void (*)(void* owner);
    world_event(void* owner_object, handler f)
        : operation(&world_event::end),
          object_(owner_object),
          handler_(f) {}

    event_ticket scheduled = 0;

private:
    static void end(operation* base, bool invoke) {
        auto* self = static_cast<world_event*>(base);
        if (invoke)
            self->handler_(self->object_);
    }
    void* object_;
    handler handler_;
};

// A world event that frees itself after running its function, or instead of it.
class world_task : public operation, public in_kept_memory {
public:
    template <class Function>
    static world_task* create(Function f) {
        struct task final : world_task {
            explicit task(Function&& g) : world_task(&task::end), function(std::move(g)) {}
            static void end(operation* base, bool invoke) {
                const std::unique_ptr<task> self(static_cast<task*>(base));
                if (invoke)
                    self->function();
            }
            Function function;
        };
        return new task(std::move(f));
    }

protected:
    using operation::operation;
    ~world_task() = default;
};

class world_state final : public run_observer, public in_kept_memory {
public:
    explicit world_state(world_options options);
    ~world_state();

    world_options options;
    squall::run sites;
    record events_of_run;
    trail trail_of_run;
    std::deque<process_state, kept_allocator<process_state>> processes;  // stable addresses
    kept_map<int, int> places_taken;                                     // processes by group
    simulator::network network;
    std::map<partition_id, std::string> open_partitions;  // as the record tells of them
    damage_book damages{*this};

    std::uint64_t now = 0;  // nanoseconds
    std::uint64_t event_count = 0;
    std::uint64_t digest = 0;
    bool faults_on = false;
    bool stopped = false;
    bool failed = false;
    outcome ended;
    boot* running = nullptr;  // whose code is on the stack
    std::function<void(squall::process&, const std::string*)> exit_callback;
    blackboard published;
    std::vector<std::pair<std::string, std::function<void(const blackboard&)>>> invariants;
    std::uint64_t check_every = 1;
    std::uint64_t next_check = ~std::uint64_t{0};  // event count

    // The faults in force: those of the run while on, else those of a calm world with the same latencies.
    const faults& in_force() const noexcept { return *in_force_; }
    void set_faults_on(bool on) noexcept {
        faults_on = on;
        in_force_ = on ? &options.faults : &calm_;
        const schedule_faults& f = in_force_->schedule;
        ready_in_order_ = f.policy == schedule_policy::window && f.reorder_window == 0 && !(f.task_delay > 0);
    }

    void loop();
    // The one whose loop() this thread is in; null outside of any.
    static world_state* on_this_thread() noexcept;
    void log(std::string_view text);
    void fail(outcome why);
    // Whether nothing will happen unless somebody outside starts something.
    bool idle() const noexcept { return queue_.idle(); }
    // Ends all processes for good, without a word to anybody.
    void end() noexcept;

    // Schedules an operation that its boot owns; it completes then, unless its boot is gone by then.
    // An operation given to a boot that is gone is abandoned.
    void complete_at(std::uint64_t when, boot& owner, operation* op);
    [[gnu::always_inline]] void complete_now(boot& owner, operation* op) {
        if (!owner.alive()) [[unlikely]] {
            op->abandon();
            return;
        }
        enchain(owner, op);
        op->owner = &owner;
        make_ready(owner, op);
    }
    // Schedules it for no time at all: it can only be cancelled.
    void complete_never(boot& owner, operation* op);
    // Parks an operation with its boot until finish().
    void park(boot& owner, operation* op) {
        op->ticket = 0;
        enchain(owner, op);
        owner.own(op);
    }
    // Ends an operation that never got under way with this error, when its turn comes.
    void reject(boot& owner, operation* op, error_code ec) {
        op->ec = ec;
        complete_now(owner, op);
    }
    // Ends a parked or scheduled operation with this outcome.
    void finish(boot& owner, operation* op, error_code ec, std::size_t bytes = 0) {
        if (!owner.alive())
            return;  // the boot's end abandons it
        op->ec = ec;
        op->bytes = bytes;
        op->cancel = nullptr;
        if (op->ticket == ready_ticket) {
            queue_.take_ready(op);
        } else {
            take_out(op);
            owner.disown(op);
        }
        make_ready(owner, op);
    }
    // The same for one that is parked and not scheduled, with success.
    [[gnu::always_inline]] void succeed(boot& owner, operation* op, std::size_t bytes) {
        if (!owner.alive()) [[unlikely]]
            return;
        op->bytes = bytes;
        op->cancel = nullptr;
        owner.disown(op);
        make_ready(owner, op);
    }
    [[gnu::always_inline]] void schedule(std::uint64_t when, world_event& event) {
        event.scheduled = queue_.push_inline(when, next_order(), &event);
    }
    void unschedule(world_event& event) noexcept {
        queue_.take(event.scheduled);
        event.scheduled = 0;
    }
    void schedule_task(std::uint64_t when, world_task* task) { queue_.push(when, next_order(), task); }
    // Whether the operation that had this ticket has yet to run.
    bool scheduled(event_ticket ticket) const noexcept { return queue_.holds(ticket); }
    // Takes what is scheduled for later out of the queue; it is then parked.
    void take_out(operation* op) noexcept {
        if (op->ticket != 0)
            queue_.take(std::exchange(op->ticket, 0));
    }
    // Takes out one of those that are ready and not in the list of their boot; null if there is none.
    operation* take_ready_of(const boot& owner) noexcept { return queue_.take_ready_of(&owner); }

    // Parks a scheduled operation; its new ticket, or 0 if it is not scheduled any more.
    event_ticket put_off(event_ticket ticket) {
        operation* op = queue_.take(ticket);
        return op == nullptr ? 0 : op->ticket = queue_.push_parked(op);
    }
    // Gives it a time, the same way.
    event_ticket put_back(event_ticket ticket, std::uint64_t when) {
        operation* op = queue_.take(ticket);
        return op == nullptr ? 0 : op->ticket = queue_.push(when, next_order(), op);
    }

    void absorb(std::uint64_t word) noexcept { digest = scramble(digest + golden_step) ^ word; }
    // What came to whom.
    void absorb_bytes(std::uint64_t whose, const void* data, std::size_t size) noexcept;

    // Uniform bits of choice `index` of a stream, for what is no fault but an ordinary draw (a latency).
    std::uint64_t draw(std::uint64_t stream, std::uint64_t index) const noexcept {
        return mix(options.seed, stream, index);
    }
    // A fault: decides, and records it if it happens.
    bool strikes(std::string_view kind, std::uint64_t stream, std::uint64_t index, double p,
                 std::uint32_t process, std::string detail = {});
    // The same for one that is not always possible: `possible()` is asked once the fault is to happen, and
    // gives std::optional<std::string>, the detail for the record.
    template <std::invocable Possible>
    bool strikes_if(std::string_view kind, std::uint64_t stream, std::uint64_t index, double p,
                    std::uint32_t process, Possible possible) {
        if (!faults_on || !sites.decide(fault_stream(stream, kind), index, p))
            return false;
        auto detail = possible();
        if (detail)
            record_fault({kind, decision(kind, stream, index), std::move(*detail)}, process);
        return detail.has_value();
    }
    // The name of such a decision.
    static std::uint64_t decision(std::string_view kind, std::uint64_t stream, std::uint64_t index) noexcept {
        return squall::run::decision_id(fault_stream(stream, kind), index);
    }
    void record_fault(fault_record fault, std::uint32_t process);
    // The same for a stream that has the kind in it already: fault_stream() below.
    bool strikes_keyed(std::string_view kind, std::uint64_t keyed, std::uint64_t index, double p,
                       std::uint32_t process, std::string detail = {});
    static std::uint64_t fault_stream(std::uint64_t stream, std::string_view kind) noexcept {
        return stream_key(stream, text_hash(kind));
    }
    // The kind's text, to be kept as long as the world.
    std::string_view kept(std::string_view kind) { return *kinds_.emplace(kind).first; }
    std::uint32_t running_process() const noexcept {
        return running != nullptr ? running->process.number : record::nobody;
    }

    void start(process_state& p);
    void crash(process_state& p, bool silently);
    void stop(process_state& p, nanoseconds grace);
    void pause(process_state& p, nanoseconds time);
    void resume(process_state& p);

    void on_fault(const fault_record& fault) override;
    void on_violation(const violation& violated) override;
    void on_delay(nanoseconds delay) override;

    std::vector<std::string> process_names() const;

private:
    std::uint64_t next_order() noexcept { return order_++ << order_spacing_bits; }
    void end_boot(process_state& p) noexcept;
    operation* pop_later();
    void dispatch(boot& owner, operation* op);
    void hold(boot& owner, operation* op);
    void check_invariants();
    // To be completed as soon as its turn comes: of this boot, and not in its list, for the queue's takes its
    // place.
    [[gnu::always_inline]] void make_ready(boot& owner, operation* op) {
        if (ready_in_order_) [[likely]]
            queue_.push_ready(op);
        else
            place_ready(owner, op);
    }
    void place_ready(boot& owner, operation* op);
    bool delays_task(process_state& p, std::uint64_t index, double probability);
    bool look(operation& next);
    // The event at which look() is to be asked next.
    void look_later() noexcept {
        const std::uint64_t budget_end = options.event_budget + 1;
        next_fixed_look_ = std::min(budget_end != 0 ? budget_end : never, trail_of_run.next());
        new_instant();
    }
    void new_instant() noexcept {
        const std::uint64_t most = instant_began_ + options.livelock_events;
        next_look_ = std::min(next_fixed_look_, most < instant_began_ || most == never ? never : most + 1);
    }
    // Tells which line of work a new operation carries on: the first that a task starts its own, others a new
    // one each. Only for schedules that ask.
    void enchain(boot& owner, operation* op) noexcept {
        if (chains_wanted_ && op->chain == 0) [[unlikely]]
            op->chain = next_chain(owner);
    }
    std::uint64_t next_chain(boot& owner) noexcept;
    void livelock(const operation& next);
    void out_of_time();
    void out_of_events();
    void program_ended(process_state& p, std::uint32_t boot_number, std::exception_ptr error);

    std::set<std::string, std::less<>> kinds_;
    faults calm_;
    const faults* in_force_ = &calm_;
    event_queue queue_;
    ready_order order_of_ready_;
    bool chains_wanted_;
    std::uint64_t chain_ = 0;  // of the task that runs
    std::uint64_t forks_ = 0;  // operations that it has started
    std::uint64_t order_ = 1;
    bool ready_in_order_ = true;  // what is ready goes to the back of the queue, whatever it is
    static constexpr std::uint64_t never = ~std::uint64_t{0};
    std::uint64_t instant_began_ = 0;    // the first event of this time
    std::uint64_t next_fixed_look_ = 0;  // wherever the instants begin
    std::uint64_t next_look_ = 0;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_WORLD_STATE_H
