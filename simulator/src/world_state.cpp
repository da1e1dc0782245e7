// The loop of a world, and the life of its processes.
#include "world_state.h"

#include "disk_faults.h"
#include "kept_memory.h"
#include "recycling_scope.h"
#include "running.h"
#include "sim_provider.h"
#include "what_of.h"

#include <squall/assertions.h>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cstring>

// Where a debugger stops (`squall replay --gdb`): called once in a run, when it fails, with the code that
// failed an assertion still on the stack.
extern "C" [[gnu::noinline]] void squall_failed(const char* message) {
    asm volatile("" : : "r"(message) : "memory");
}

namespace squall::simulator {
namespace {

class kept_provider_service final : public provider_service, public in_kept_memory {
public:
    using provider_service::provider_service;
};

constexpr std::uint64_t crash_stream = stream_key("squall.crash");
constexpr std::uint64_t random_stream = stream_key("squall.random");
constexpr std::uint64_t drift_stream = stream_key("squall.wall-drift");
constexpr std::uint64_t task_delay_stream = stream_key("squall.task-delay");
constexpr std::uint64_t library_stream = stream_key("squall.library-random");
constexpr std::uint64_t skew_stream = stream_key("squall.wall-skew");

// What stays when faults are off: how fast the hardware is.
faults calm_twin(const faults& chosen) {
    faults calm;
    calm.network = chosen.network;
    network_faults& n = calm.network;
    n.slow_message = n.partial_write = n.partial_read = n.close_connection = n.connect_refused =
        n.connect_hangs = n.connect_slow = n.flip_bit = n.clog = n.datagram_loss = n.datagram_duplicate =
            n.datagram_reorder = n.resolve_try_again = n.resolve_slow = 0;
    calm.storage.access_min = chosen.storage.access_min;
    calm.storage.access_mean = chosen.storage.access_mean;
    calm.storage.sync_min = chosen.storage.sync_min;
    calm.storage.sync_mean = chosen.storage.sync_mean;
    calm.storage.bandwidth = chosen.storage.bandwidth;
    calm.storage.iops = chosen.storage.iops;
    return calm;
}

}  // namespace

process_state::process_state(world_state& owner, std::uint32_t index, std::string its_name, int group,
                             int place)
    : world(owner),
      number(index),
      name(std::move(its_name)),
      stream(stream_key(name)),
      address(asio::ip::address_v4((10u << 24) | (static_cast<std::uint32_t>(group) << 16) |
                                   static_cast<std::uint32_t>(place))),
      handle(*this) {
    const std::int64_t most = owner.options.faults.time.wall_skew_max.count();
    if (most > 0)
        wall_skew = nanoseconds(
            decision_stream(owner.options.seed, stream_key(stream, skew_stream)).range(-most, most));
    const double drift = owner.options.faults.time.wall_drift_max;
    if (drift > 0)
        wall_drift =
            decision_stream(owner.options.seed, stream_key(stream, drift_stream)).real(-drift, drift);
}

world_state::world_state(world_options chosen)
    : options(std::move(chosen)),
      sites({.seed = options.seed,
             .activation = options.faults.program.activation,
             .firing = options.faults.program.firing,
             .vetoed = options.vetoed,
             .overrides = options.overrides,
             .on_violation = options.on_violation},
            this),
      events_of_run(options.keep_log),
      network(*this),
      calm_(calm_twin(options.faults)),
      order_of_ready_(options.seed),
      chains_wanted_(options.faults.schedule.policy == schedule_policy::pct) {
    if (options.on_event)
        events_of_run.tell(options.on_event, [this] { return process_names(); });
}

world_state::~world_state() {
    const recycling_scope recycle;
    end();
    std::uint64_t time = 0;
    while (operation* op = queue_.pop_later(time))
        op->abandon();
}

void world_state::end() noexcept {
    stopped = true;
    for (auto& p : processes)
        if (p.up())
            p.present()->kill();
}

// Sixteen bytes at a time, folded by a product of 128 bits (as in W. Yi's wyhash).
void world_state::absorb_bytes(std::uint64_t whose, const void* data, std::size_t size) noexcept {
    __extension__ using wide = unsigned __int128;
    const auto fold = [](std::uint64_t hash, const unsigned char* from) {
        std::uint64_t words[2];
        std::memcpy(words, from, sizeof words);
        const wide product = static_cast<wide>(words[0] ^ hash) * (words[1] ^ 0xe7037ed1a0b428dbu);
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const auto* bytes = static_cast<const unsigned char*>(data);
    std::uint64_t hash = (whose << 32) ^ size ^ 0xa0761d6478bd642fu;
    for (; size >= 32; bytes += 32, size -= 32)
        hash = fold(fold(hash, bytes), bytes + 16);
    if (size > 0) {
        unsigned char last[32] = {};
        std::memcpy(last, bytes, size);
        hash = fold(fold(hash, last), last + 16);
    }
    absorb(hash);
}

std::uint64_t world_state::next_chain(boot& owner) noexcept {
    if (running != &owner)
        return stream_key(owner.process.stream, ++owner.process.chains);
    return forks_++ == 0 ? chain_ : stream_key(chain_, forks_);
}

// What nearly all tasks are told, they are told without the stream being worked out again; strikes() knows of
// vetoes, and records.
bool world_state::delays_task(process_state& p, std::uint64_t index, double probability) {
    const auto stream = [&] { return stream_key(p.stream, task_delay_stream); };
    if (!p.task_delay_mixed)
        p.task_delay_mixed = mix_stream(options.seed, fault_stream(stream(), "task-delay"));
    return squall::chance(mix_index(*p.task_delay_mixed, index), probability) &&
           strikes("task-delay", stream(), index, probability, p.number);
}

// What the schedule of the run makes of it.
void world_state::place_ready(boot& owner, operation* op) {
    const schedule_faults& options_of_schedule = in_force().schedule;
    if (options_of_schedule.task_delay > 0) [[unlikely]] {
        process_state& p = owner.process;
        const std::uint64_t index = p.delayable_tasks++;
        if (delays_task(p, index, options_of_schedule.task_delay)) {
            const std::uint64_t stream = stream_key(p.stream, task_delay_stream);
            const auto most = static_cast<std::uint64_t>(options_of_schedule.task_delay_time.count());
            owner.own(op);
            op->ticket = queue_.push(now + 1 + draw(stream, index) % std::max<std::uint64_t>(most, 1),
                                     next_order(), op);
            return;
        }
    }
    if (options_of_schedule.policy == schedule_policy::window && options_of_schedule.reorder_window == 0) {
        queue_.push_ready(op);
        return;
    }
    owner.own(op);
    op->ticket = queue_.push(
        now, order_of_ready_.place(options_of_schedule, owner.process, next_order(), event_count, op->chain),
        op);
}

void world_state::complete_at(std::uint64_t when, boot& owner, operation* op) {
    if (!owner.alive()) {
        op->abandon();
        return;
    }
    enchain(owner, op);
    owner.own(op);
    op->ticket = queue_.push(when, next_order(), op);
}

void world_state::complete_never(boot& owner, operation* op) {
    if (!owner.alive()) {
        op->abandon();
        return;
    }
    enchain(owner, op);
    owner.own(op);
    op->ticket = queue_.push_parked(op);
}

bool world_state::strikes(std::string_view kind, std::uint64_t stream, std::uint64_t index, double p,
                          std::uint32_t process, std::string detail) {
    return faults_on && strikes_keyed(kind, fault_stream(stream, kind), index, p, process, std::move(detail));
}

bool world_state::strikes_keyed(std::string_view kind, std::uint64_t keyed, std::uint64_t index, double p,
                                std::uint32_t process, std::string detail) {
    if (!faults_on || !sites.decide(keyed, index, p))
        return false;
    record_fault({kind, squall::run::decision_id(keyed, index), std::move(detail)}, process);
    return true;
}

void world_state::record_fault(fault_record fault, std::uint32_t process) {
    absorb(fault.decision);
    if (options.on_fault)
        options.on_fault({nanoseconds(static_cast<std::int64_t>(now)),
                          process == record::nobody ? std::string() : processes[process].name,
                          std::string(fault.kind), fault.detail, fault.decision});
    events_of_run.add_fault(now, process, std::move(fault));
}

void world_state::on_fault(const fault_record& fault) {
    record_fault(fault, running_process());
}

void world_state::on_violation(const violation& violated) {
    std::string text = violated.message;
    if (!violated.details.empty())
        text += " (" + violated.details + ")";
    events_of_run.add_text(now, event_kind::violation, running_process(), std::move(text));
    // The message alone: it names the assertion, and failures are grouped by it. The first one is the
    // verdict, and ends the run unless violations are only to be recorded.
    const bool go_on = options.on_violation == violation_policy::records && !stopped;
    fail({verdict::assertion, violated.message, running != nullptr ? running->process.name : "",
          violated.place, violated.details});
    if (go_on)
        stopped = false;
}

world_state* world_state::on_this_thread() noexcept {
    return running_world;
}

void world_state::log(std::string_view text) {
    absorb(text_hash(text));
    events_of_run.add_text(now, event_kind::note, running_process(), std::string(text));
}

void world_state::fail(outcome why) {
    stopped = true;
    if (failed)
        return;
    failed = true;
    ended = std::move(why);
    squall_failed(ended.message.c_str());
}

void world_state::livelock(const operation& next) {
    fail({verdict::livelock,
          std::to_string(options.livelock_events) +
              " events at one instant: something runs without ever waiting",
          next.owner != nullptr ? static_cast<boot*>(next.owner)->process.name : "", ""});
}
void world_state::out_of_time() {
    next_look_ = 0;  // which tells that this event does not happen
    fail({verdict::timeout,
          "the budget of " + std::to_string(options.time_budget.count() / 1'000'000'000) +
              " s virtual time is used up",
          "", ""});
}
void world_state::out_of_events() {
    fail({verdict::timeout, "the budget of " + std::to_string(options.event_budget) + " events is used up",
          "", ""});
}

[[gnu::always_inline]] inline void world_state::dispatch(boot& owner, operation* op) {
    process_state& p = owner.process;
    absorb(now ^ (std::uint64_t{p.number} << 48));
    op->ticket = 0;
    running = &owner;
    if (chains_wanted_) [[unlikely]] {
        chain_ = op->chain;
        forks_ = 0;
    }
    sites.enter_process(p.number, p.stream);
    try {
        op->complete();
        owner.asio_objects.run_due();
    } catch (...) {
        fail({verdict::exception, what_of(std::current_exception()), p.name, ""});
    }
    running = nullptr;
}

// Whether the present event may happen: budgets, and who wants to see it first.
bool world_state::look(operation& next) {
    if (event_count - instant_began_ > options.livelock_events)
        livelock(next);
    if (event_count > options.event_budget)
        out_of_events();
    if (stopped)
        return false;
    if (event_count == trail_of_run.next())
        trail_of_run.pass(*this, next);
    look_later();
    return true;
}

// The next event of those for later, at which it is from now on; null if there is none.
[[gnu::always_inline]] inline operation* world_state::pop_later() {
    std::uint64_t time = 0;
    operation* const op = queue_.pop_later(time);
    if (op == nullptr)
        return nullptr;
    if (op->owner != nullptr)
        static_cast<boot*>(op->owner)->disown(op);
    if (time != now) {
        instant_began_ = event_count + 1;
        new_instant();
        if (time > static_cast<std::uint64_t>(options.time_budget.count())) [[unlikely]]
            out_of_time();
        else
            now = time;
    }
    return op;
}

void world_state::loop() {
    const recycling_scope recycle;
    const run_scope bound(sites);
    const running_scope here(*this);
    look_later();
    while (!stopped) {
        operation* op = queue_.pop_ready();
        if (op == nullptr && (op = pop_later()) == nullptr)
            return;
        auto* const owner = static_cast<boot*>(op->owner);
        ++event_count;
        if (event_count >= next_look_) [[unlikely]] {
            if (!look(*op)) {
                op->abandon();
                return;
            }
        }
        if (owner == nullptr) {
            absorb(now);
            op->complete();
        } else if (owner->process.paused()) [[unlikely]] {
            hold(*owner, op);
        } else {
            dispatch(*owner, op);
        }
        if (event_count >= next_check) [[unlikely]]
            check_invariants();
    }
}

void world_state::check_invariants() {
    next_check = event_count + check_every;
    for (const auto& [name, check] : invariants) {
        try {
            check(published);
        } catch (const assertion_violation&) {  // the verdict has its message
            if (!failed)
                fail({verdict::assertion, "invariant '" + name + "'", "", ""});
        } catch (const std::exception& error) {
            fail({verdict::check, "invariant '" + name + "': " + error.what(), "", ""});
        }
        if (stopped)
            return;
    }
}

// Keeps what came due for a paused process, in order.
void world_state::hold(boot& owner, operation* op) {
    owner.own(op);
    op->ticket = queue_.push_parked(op);
    owner.process.held.push_back(op->ticket);
}

void world_state::pause(process_state& p, nanoseconds time) {
    if (!p.up() || time <= 0ns)
        return;
    const std::uint64_t until = now + static_cast<std::uint64_t>(time.count());
    if (until <= p.paused_until)
        return;
    if (!p.paused())
        events_of_run.add(now, event_kind::pause, p.number);
    p.paused_until = until;
    absorb(stream_key(p.stream, until));
    schedule_task(until, world_task::create([this, &p, until] {
                      if (p.paused_until == until)
                          resume(p);
                  }));
}

void world_state::resume(process_state& p) {
    if (!p.paused())
        return;
    p.paused_until = 0;
    events_of_run.add(now, event_kind::resume, p.number);
    for (const std::uint64_t ticket : std::exchange(p.held, {}))
        if (operation* op = queue_.take(ticket)) {  // else cancelled, or gone with its boot
            static_cast<boot*>(op->owner)->disown(op);
            queue_.push_ready(op);
        }
}

void world_state::stop(process_state& p, nanoseconds grace) {
    if (!p.up() || p.stopping)
        return;
    p.stopping = true;
    events_of_run.add(now, event_kind::stop, p.number);
    absorb(stream_key(p.stream, now));
    for (timer* waiter : std::exchange(p.stop_waiters, {}))
        waiter->cancel();
    const auto boot_number = p.boots.size();
    schedule_task(now + static_cast<std::uint64_t>(grace.count()),
                  world_task::create([this, &p, boot_number] {
                      if (p.up() && p.boots.size() == boot_number)
                          crash(p, false);
                  }));
}

void world_state::on_delay(nanoseconds delay) {
    if (running != nullptr)
        pause(running->process, delay);
}

void world_state::start(process_state& p) {
    if (p.up())
        return;
    p.boots.push_back(std::make_unique<boot>(*this, p));
    boot& fresh = *p.present();
    p.silent = false;
    p.device.booted();
    p.random = decision_stream(options.seed, stream_key(stream_key(p.stream, random_stream), p.boots.size()));
    p.library_random =
        decision_stream(options.seed, stream_key(stream_key(p.stream, library_stream), p.boots.size()));
    asio::add_service<provider_service>(fresh, new kept_provider_service(fresh, make_sim_provider(fresh)));
    events_of_run.add(now, event_kind::boot, p.number);
    if (!p.program)
        return;
    const auto number = static_cast<std::uint32_t>(p.boots.size());
    asio::co_spawn(
        asio::any_io_executor(boot_executor(fresh)), p.program(p.handle),
        [this, &p, number](std::exception_ptr error) { program_ended(p, number, std::move(error)); });
}

void world_state::program_ended(process_state& p, std::uint32_t boot_number, std::exception_ptr error) {
    std::string text = error ? what_of(error) : std::string();
    // Its handlers are on the stack: the rest of it goes in an event of its own.
    schedule_task(
        now, world_task::create([this, &p, boot_number, text = std::move(text), threw = error != nullptr] {
            if (!p.up() || p.boots.size() != boot_number)
                return;
            events_of_run.add_text(now, event_kind::exit, p.number,
                                   threw ? "by exception: " + text : "by itself");
            end_boot(p);
            network.crash(p, false);
            if (exit_callback)
                exit_callback(p.handle, threw ? &text : nullptr);
        }));
}

void world_state::crash(process_state& p, bool silently) {
    if (!p.up())
        return;
    if (running == p.present()) {  // not under its own feet
        schedule_task(now, world_task::create([this, &p, silently] { crash(p, silently); }));
        return;
    }
    events_of_run.add(now, event_kind::crash, p.number);
    absorb(stream_key(p.stream, crash_stream));
    p.silent = silently;
    end_boot(p);
    network.crash(p, silently);
    crash_disk(p, stream_key(stream_key(p.stream, crash_stream), p.boots.size()));
}

// What its destructors evaluate is nobody's: a site fired there would be a fault in code that no longer runs.
void world_state::end_boot(process_state& p) noexcept {
    const bool sites_on = sites.sites_on();
    sites.set_sites_on(false);
    p.paused_until = 0;
    p.held.clear();
    p.present()->kill();
    p.stopping = false;
    p.stop_waiters.clear();
    published.forget(p.name);
    sites.set_sites_on(sites_on);
}

std::vector<std::string> world_state::process_names() const {
    std::vector<std::string> names;
    for (const auto& p : processes)
        names.push_back(p.name);
    return names;
}

}  // namespace squall::simulator
