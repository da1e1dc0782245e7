// The phases of a run: set-up, chaos, heal, settle, check.
#include "one_run.h"

#include "world_state.h"

#include <squall/catalog.h>
#include <squall/fault_text.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

namespace squall {

const std::vector<asio::ip::address>& process_context::peers(const std::string& group) const {
    static const std::vector<asio::ip::address> none;
    const auto found = groups_->find(group);
    return found == groups_->end() ? none : found->second;
}

asio::awaitable<void> process_context::stop_requested() {
    simulator::process_state& mine = *process_->state_;
    if (mine.stopping)
        co_return;
    timer never(executor());
    never.expires_at(timer::time_point::max());
    mine.stop_waiters.push_back(&never);
    struct leaving {
        simulator::process_state& process;
        timer* waiter;
        ~leaving() { std::erase(process.stop_waiters, waiter); }
    } const at_the_end{mine, &never};
    while (!mine.stopping)
        co_await never.async_wait(asio::as_tuple(asio::deferred));
}
bool process_context::stopping() const {
    return process_->state_->stopping;
}

namespace simulator {
namespace {
constexpr std::uint64_t workload_stream = stream_key("squall.workload");
constexpr std::uint64_t crash_stream = stream_key("squall.attrition");
constexpr std::uint64_t partition_stream = stream_key("squall.partitions");
constexpr std::uint64_t restart_stream = stream_key("squall.restart");

// Waits without throwing; false if aborted.
asio::awaitable<bool> sleep(asio::any_io_executor executor, nanoseconds time) {
    timer wait(executor, time);
    const auto [ec] = co_await wait.async_wait(asio::as_tuple(asio::deferred));
    co_return !ec;
}

}  // namespace

world_options one_run::options_for(const simulation::plan& plan, const run_request& request) {
    world_options options;
    options.seed = request.seed;
    options.faults = draw_faults(request.seed, request.chosen);
    if (plan.tune && request.chosen != profile::calm)
        plan.tune(options.faults);
    options.overrides = plan.overrides;
    options.overrides.insert(options.overrides.end(), request.overrides.begin(), request.overrides.end());
    options.on_violation = plan.on_violation;
    options.vetoed = request.vetoed;
    options.keep_log = request.keep_log;
    options.time_budget = plan.chaos_duration + plan.settle_budget * 3 + std::chrono::hours(1);
    return options;
}

one_run::one_run(const simulation::plan& plan, const run_request& request)
    : plan_(plan),
      world_(options_for(plan, request)),
      director_(world_.add_process("squall", 255)) {
    int group = 0;
    for (const auto& g : plan.groups) {
        for (int i = 0; i < g.count; ++i) {
            member& m = members_.emplace_back();
            m.group = group;
            prepare(m.context, world_.add_process(g.name + "/" + std::to_string(i), group + 1), i);
            groups_[g.name].push_back(m.context.address());
            m.context.process().set_location(plan.placement ? plan.placement(g.name, i)
                                                            : location{m.context.name(), "", ""});
            m.context.process().set_program(
                [&m, &body = g.body](squall::process&) { return body(m.context); });
        }
        ++group;
    }
    for (const auto& w : plan.workloads) {
        for (int i = 0; i < w.count; ++i) {
            client& c = clients_.emplace_back();
            prepare(c.context, world_.add_process(w.name + "/" + std::to_string(i), 100), i);
            groups_[w.name].push_back(c.context.address());
            c.work = w.make();
        }
    }
    for (const auto& invariant : plan.invariants)
        world_.add_invariant(invariant.name, invariant.check, invariant.every);
    world_.on_exit(
        [this](squall::process& process, const std::string* exception) { exited(process, exception); });
}

one_run::~one_run() {
    world_.state_->end();
}

void one_run::prepare(process_context& context, squall::process& process, int index) {
    context.world_ = &world_;
    context.process_ = &process;
    context.index_ = index;
    context.groups_ = &groups_;
    context.random_ = decision_stream(world_.seed(), stream_key(workload_stream, text_hash(process.name())));
}

run_result one_run::execute() {
    asio::co_spawn(director_.executor(), direct(), [this](std::exception_ptr error) {
        if (error)
            world_.fail({verdict::exception, "the simulation's director failed", "squall", ""});
    });
    world_.run();
    if (!finished_ && world_.result().how == verdict::passed)
        world_.fail({verdict::deadlock, "nothing is left to do, and " + who_is_busy(), "", ""});

    run_result result;
    result.seed = world_.seed();
    result.ended = world_.result();
    result.virtual_time = world_.now();
    result.events = world_.events();
    result.digest = world_.digest();
    result.options = to_string(world_.options());
    result.faults = world_.fault_counts();
    result.sites = world_.sites().site_tallies();
    result.assertions = world_.sites().assertion_tallies();
    result.each = world_.sites().each_tallies();
    result.tail = world_.tail();
    result.checkpoints = world_.checkpoints();
    result.record = world_.recorded();
    return result;
}

void one_run::phase(const char* name) {
    world_.log(std::string("== ") + name + " ==");
}

asio::awaitable<void> one_run::direct() {
    const auto executor = director_.executor();
    done_.emplace(executor);
    for (member& m : members_)
        m.context.process().start();

    phase("set-up");
    begin(&squall::workload::setup, "setup");
    if (!co_await all_done(plan_.settle_budget)) {
        hung("set-up, without any fault, took too long: ");
        co_return;
    }

    phase("chaos");
    faults_on_ = true;
    world_.set_faults_on(true);
    asio::co_spawn(executor, crashes(), asio::detached);
    asio::co_spawn(executor, partitions(), asio::detached);
    begin(&squall::workload::run, "run");
    const bool all = co_await all_done(plan_.chaos_duration);

    phase("heal");
    faults_on_ = false;
    world_.set_faults_on(false);
    for (member& m : members_)
        if (!m.context.process().up())
            m.context.process().start();
    if (!all && !co_await all_done(plan_.settle_budget)) {
        hung("not done " + std::to_string(plan_.settle_budget.count() / 1'000'000'000) +
             " s after the last fault ended: ");
        co_return;
    }

    phase("check");
    begin(&squall::workload::check, "check");
    if (!co_await all_done(plan_.settle_budget)) {
        hung("the checks, without any fault, took too long: ");
        co_return;
    }
    finished_ = true;
    world_.stop();
}

void one_run::begin(step what, const char* stage) {
    for (client& c : clients_) {
        c.stage = stage;
        c.busy = true;
        ++busy_;
        asio::co_spawn(c.context.executor(), (c.work.get()->*what)(c.context),
                       [this, &c](std::exception_ptr error) { client_done(c, std::move(error)); });
    }
}

void one_run::client_done(client& c, std::exception_ptr error) {
    c.busy = false;
    --busy_;
    if (error) {
        const auto& name = c.context.name();
        try {
            std::rethrow_exception(error);
        } catch (const assertion_violation& e) {
            world_.fail({verdict::assertion, e.what(), name, ""});
        } catch (const check_failed& e) {
            world_.fail({verdict::check, e.what(), name, ""});
        } catch (const std::exception& e) {
            world_.fail({verdict::exception, c.stage + ": " + e.what(), name, ""});
        } catch (...) {
            world_.fail({verdict::exception, c.stage + ": an exception that is no std::exception", name, ""});
        }
    }
    if (busy_ == 0)
        done_->cancel();
}

asio::awaitable<bool> one_run::all_done(nanoseconds within) {
    if (busy_ != 0) {
        done_->expires_after(within);
        co_await done_->async_wait(asio::as_tuple(asio::deferred));
    }
    co_return busy_ == 0;
}

std::string one_run::who_is_busy() const {
    std::string names;
    for (const client& c : clients_)
        if (c.busy)
            names += (names.empty() ? "" : ", ") + c.context.name() + " (" + c.stage + ")";
    return names.empty() ? "no workload waits" : names + " still waits";
}

void one_run::hung(const std::string& what) {
    if (world_.state_->idle())
        world_.fail({verdict::deadlock, "nothing is left to do, and " + who_is_busy(), "", ""});
    else
        world_.fail({verdict::timeout, what + who_is_busy(), "", ""});
}

void one_run::exited(squall::process& process, const std::string* exception) {
    if (exception != nullptr) {
        world_.fail({verdict::exception, *exception, process.name(), ""});
        return;
    }
    const attrition_faults& f = world_.options().attrition;
    for (member& m : members_) {
        if (&m.context.process() != &process)
            continue;
        decision_stream draws(world_.seed(), stream_key(restart_stream, text_hash(process.name())),
                              process.boots());
        start_after(m, draws.duration(f.restart_min, std::max(f.restart_min, f.restart_max)));
    }
}

void one_run::start_after(member& m, nanoseconds delay) {
    asio::co_spawn(
        director_.executor(),
        [](one_run& self, member& which, nanoseconds down) -> asio::awaitable<void> {
            co_await sleep(self.director_.executor(), down);
            which.context.process().start();
        }(*this, m, delay),
        asio::detached);
}

asio::awaitable<void> one_run::crashes() {
    const attrition_faults& f = world_.options().attrition;
    if (f.every <= 0ns || members_.empty())
        co_return;
    for (std::uint64_t k = 0;; ++k) {
        decision_stream draws(world_.seed(), stream_key(crash_stream, k));
        co_await sleep(director_.executor(), draws.exponential(f.every) + 1ms);
        if (!faults_on_)
            co_return;
        member& m = members_[draws.below(members_.size())];
        const bool silently = draws.chance(f.silent);
        const nanoseconds down = draws.duration(f.restart_min, std::max(f.restart_min, f.restart_max));
        int dead = 0;
        for (member& other : members_)
            dead += other.group == m.group && !other.context.process().up() ? 1 : 0;
        if (!m.context.process().up() || dead >= static_cast<int>(f.max_dead))
            continue;
        if (!world_.strikes(silently ? "power-cut" : "crash", crash_stream, k, 1.0, m.context.process()))
            continue;
        m.context.process().crash(silently);
        start_after(m, down);
    }
}

asio::awaitable<void> one_run::partitions() {
    const partition_faults& f = world_.options().partitions;
    if (f.every <= 0ns)
        co_return;
    std::vector<squall::process*> everybody;
    for (member& m : members_)
        everybody.push_back(&m.context.process());
    for (client& c : clients_)
        everybody.push_back(&c.context.process());
    if (everybody.size() < 2)
        co_return;
    for (std::uint64_t k = 0;; ++k) {
        decision_stream draws(world_.seed(), stream_key(partition_stream, k));
        co_await sleep(director_.executor(), draws.exponential(f.every) + 1ms);
        if (!faults_on_)
            co_return;
        // Half of them isolate one process: that suffices for most partition failures (A. Alquraan et al.,
        // OSDI 2018).
        std::vector<squall::process*> side;
        if (draws.chance(0.5)) {
            side.push_back(everybody[draws.below(everybody.size())]);
        } else {
            for (auto* p : everybody)
                if (draws.chance(0.5))
                    side.push_back(p);
        }
        const std::uint64_t direction =
            draws.below(10);  // 4 in 10 are one-way, as in FoundationDB's clogging
        const nanoseconds length = draws.exponential(f.time);
        if (side.empty() || side.size() == everybody.size())
            continue;
        if (!world_.strikes("partition", partition_stream, k, 1.0, *side.front()))
            continue;
        world_.partition(side, direction >= 2, direction < 2 || direction >= 4);
        co_await sleep(director_.executor(), length);
        if (!faults_on_)
            co_return;
        world_.heal();
    }
}

}  // namespace simulator

run_result run_seed(const simulation::plan& plan, const run_request& request) {
    simulator::one_run once(plan, request);
    return once.execute();
}

}  // namespace squall
