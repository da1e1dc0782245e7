// The phases of a run: set-up, chaos, heal, settle, check.
#include "one_run.h"

#include "injectors.h"
#include "waiters.h"
#include "what_of.h"

#include <squall/catalog.h>
#include <squall/fault_text.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <set>

namespace squall {

namespace simulator {
namespace {
constexpr std::uint64_t workload_stream = stream_key("squall.workload");
constexpr std::uint64_t restart_stream = stream_key("squall.restart");

// Waits without throwing; false if aborted.
asio::awaitable<bool> sleep(asio::any_io_executor executor, nanoseconds time) {
    timer wait(executor, time);
    const auto [ec] = co_await wait.async_wait(asio::as_tuple(asio::deferred));
    co_return !ec;
}

constexpr std::uint64_t count_stream = stream_key("squall.counts");

int drawn(const count_range& count, std::string_view name, std::uint64_t seed) {
    if (count.least == count.most)
        return count.least;
    return static_cast<int>(
        decision_stream(seed, stream_key(count_stream, text_hash(name))).range(count.least, count.most));
}

// One for each process of the group.
std::vector<location> places_of(const simulation::group& group, std::uint64_t seed) {
    if (!group.shape)
        return std::vector<location>(static_cast<std::size_t>(drawn(group.count, group.name, seed)));
    const auto count = [&](const char* what, const count_range& range) {
        return drawn(range, group.name + "/" + what, seed);
    };
    const cluster_shape& shape = *group.shape;
    const int datacenters = count("datacenters", shape.datacenters);
    const int zones = count("zones", shape.zones);
    const int machines = count("machines", shape.machines);
    const int processes = count("processes", shape.processes);
    std::vector<location> places;
    for (int d = 0; d < datacenters; ++d) {
        const std::string datacenter = "dc" + std::to_string(d);
        for (int z = 0; z < zones; ++z) {
            const std::string zone = datacenter + "-z" + std::to_string(z);
            for (int m = 0; m < machines; ++m)
                places.insert(places.end(), static_cast<std::size_t>(processes),
                              {zone + "-m" + std::to_string(m), zone, datacenter});
        }
    }
    return places;
}

// Throws std::logic_error where two have one name, or a vetoed one is not there.
void check_injectors(const std::vector<std::unique_ptr<injector>>& others,
                     const std::set<std::string>& vetoed) {
    std::vector<std::string> names(built_in_names.begin(), built_in_names.end());
    for (const auto& one : others) {
        names.push_back(one->name());
        if (names.back() == "all" || std::count(names.begin(), names.end(), names.back()) != 1)
            throw std::logic_error("squall: two injectors are called '" + names.back() + "'");
    }
    for (const std::string& name : vetoed)
        if (name != "all" && std::ranges::find(names, name) == names.end())
            throw std::logic_error("squall: there is no injector '" + name + "' to do without");
}

}  // namespace

world_options one_run::options_for(const simulation::plan& plan, const run_request& request) {
    world_options options;
    options.seed = request.seed;
    options.faults = draw_faults(request.seed, request.chosen);
    if (plan.tune && request.chosen != profile::calm)
        plan.tune(options.faults);
    for (const std::string& change : plan.fault_changes)
        set_faults(options.faults, change);
    set_faults(options.faults, request.faults);
    options.overrides = plan.overrides;
    options.overrides.insert(options.overrides.end(), request.overrides.begin(), request.overrides.end());
    options.on_violation = plan.on_violation;
    options.vetoed = request.vetoed;
    options.keep_log = request.keep_log;
    options.on_fault = request.on_fault;
    options.on_event = request.on_event;
    options.time_budget =
        plan.time_budget.value_or(plan.chaos_duration + plan.settle_budget * 3 + std::chrono::hours(1));
    options.event_budget = plan.event_budget;
    return options;
}

one_run::one_run(const simulation::plan& plan, const run_request& request)
    : plan_(plan),
      world_(options_for(plan, request)),
      director_(world_.add_process("squall", 255)) {
    add_groups();
    add_clients();
    for (member& m : members_)
        processes_.push_back(&m.context.process());
    everybody_ = processes_;
    for (client& c : clients_)
        everybody_.push_back(&c.context.process());
    engage_injectors();
    for (const auto& invariant : plan.invariants)
        world_.add_invariant(invariant.name, invariant.check, invariant.every);
    world_.on_exit(
        [this](squall::process& process, const std::string* exception) { exited(process, exception); });
}

void one_run::add_groups() {
    for (std::size_t group = 0; group < plan_.groups.size(); ++group) {
        const auto& g = plan_.groups[group];
        const std::vector<location> places = places_of(g, world_.seed());
        group_sizes_.push_back(static_cast<std::uint32_t>(places.size()));
        if (g.damage_budget)
            world_.set_damage_budget(static_cast<int>(group) + 1, *g.damage_budget);
        for (int i = 0; i < static_cast<int>(places.size()); ++i) {
            member& m = members_.emplace_back();
            m.group = group;
            squall::process& process =
                world_.add_process(g.name + "/" + std::to_string(i), static_cast<int>(group) + 1);
            location where = places[static_cast<std::size_t>(i)];
            if (!g.shape)
                where = plan_.placement ? plan_.placement(g.name, i) : location{process.name(), "", ""};
            process.set_location(std::move(where));
            for (const auto& [key, values] : g.tags)
                process.set_tag(key, values[static_cast<std::size_t>(i) % values.size()]);
            prepare(m.context, process, g.name, i, static_cast<int>(places.size()));
            process.set_program([&m, &body = g.body](squall::process&) { return body(m.context); });
        }
    }
}

void one_run::add_clients() {
    for (const auto& w : plan_.workloads) {
        const int count = drawn(w.count, w.name, world_.seed());
        for (int i = 0; i < count; ++i) {
            client& c = clients_.emplace_back();
            prepare(c.context, world_.add_process(w.name + "/" + std::to_string(i), 100), w.name, i, count);
            c.work = w.make();
        }
    }
}

// The built-in ones and the plan's, but for those that the plan or a workload vetoes.
void one_run::engage_injectors() {
    std::set<std::string> vetoed(plan_.without.begin(), plan_.without.end());
    for (const client& c : clients_)
        vetoed.merge(c.work->vetoes());
    std::vector<std::unique_ptr<injector>> others;
    for (const injector_factory& make : plan_.injectors)
        others.push_back(make());
    if (!vetoed.empty() || !others.empty())
        check_injectors(others, vetoed);
    if (vetoed.contains("all"))
        return;
    const auto engage = [&](auto one) {
        const std::string name = one->name();
        if (!vetoed.contains(name))
            injectors_.emplace_back(*this, std::move(one), name);
    };
    for (auto& one : built_in_injectors(world_.options()))
        engage(std::move(one));
    for (auto& one : others)
        engage(std::move(one));
}

one_run::engaged::engaged(one_run& run, std::unique_ptr<injector> one, std::string_view name)
    : owner(&run),
      who(std::move(one)),
      context(run, name),
      begins(this, [](void* self) {
          auto& its = *static_cast<engaged*>(self);
          its.owner->launch(its);
      }) {}

one_run::~one_run() {
    world_.state_->end();
    for (engaged& one : injectors_)
        world_.state_->unschedule(one.begins);
}

void one_run::prepare(process_context& context, squall::process& process, const std::string& group, int index,
                      int group_size) {
    context.world_ = &world_;
    context.process_ = &process;
    context.index_ = index;
    context.groups_ = &groups_;
    context.topology_ = &topology_;
    context.group_ = group;
    context.group_size_ = group_size;
    context.chaos_ = &faults_on_;
    context.chaos_waiters_ = &waiting_;
    context.metrics_ = &metrics_;
    context.random_ = decision_stream(world_.seed(), stream_key(workload_stream, text_hash(process.name())));
    groups_[group].push_back(process.address());
    topology_.all_.push_back(
        {process.name(), group, index, process.address(), process.where(), process.tags()});
}

run_result one_run::execute(passing_words words) {
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
    const bool in_full = !result.passed() || world_.state_->options.keep_log;
    if (in_full || words.options)
        result.options = to_string(world_.options());
    result.faults = world_.fault_counts();
    result.sites = world_.sites().site_tallies();
    result.assertions = world_.sites().assertion_tallies();
    result.each = world_.sites().each_tallies();
    if (in_full || words.tail)
        result.tail = world_.tail();
    result.metrics = metrics_;
    result.checkpoints = world_.checkpoints();
    result.record = world_.recorded();
    if (world_.state_->options.keep_log)
        result.fault_list = world_.fault_records();
    return result;
}

asio::awaitable<void> one_run::direct() {
    const auto executor = director_.executor();
    done_.emplace(executor);
    for (member& m : members_)
        m.context.process().start();

    world_.log("== set-up ==");
    begin(&squall::workload::setup, "setup");
    if (!co_await all_done(plan_.settle_budget)) {
        hung("set-up, without any fault, took too long: ");
        co_return;
    }

    world_.log("== chaos ==");
    begin_chaos();
    begin(&squall::workload::run, "run");
    const bool all = co_await all_done(plan_.chaos_duration);

    world_.log("== heal ==");
    heal();

    world_.log("== settle ==");
    bool settled = all;
    if (!all)
        settled = co_await all_done(plan_.settle_budget);
    if (!settled) {
        hung("not done " + std::to_string(plan_.settle_budget.count() / 1'000'000'000) +
             " s after the last fault ended: ");
        co_return;
    }
    co_await await_conditions(plan_.settle_budget);

    world_.log("== check ==");
    begin(&squall::workload::check, "check");
    if (!co_await all_done(plan_.settle_budget)) {
        hung("the checks, without any fault, took too long: ");
        co_return;
    }
    finished_ = true;
    world_.stop();
}

void one_run::begin_chaos() {
    faults_on_ = true;
    world_.set_faults_on(true);
    for (engaged& one : injectors_) {
        const auto* built_in = dynamic_cast<const repeating*>(one.who.get());
        if (built_in == nullptr)
            launch(one);
        else if (const auto first = built_in->first(one.context))
            world_.state_->schedule(world_.state_->now + static_cast<std::uint64_t>(first->count()),
                                    one.begins);
    }
}

void one_run::launch(engaged& one) {
    asio::co_spawn(director_.executor(), one.who->run(one.context), [this, &one](std::exception_ptr error) {
        if (error)
            world_.fail(
                {verdict::exception, "injector '" + one.who->name() + "': " + what_of(error), "squall", ""});
    });
}

// All faults end: those of the world with set_faults_on(), and what is left of them here.
void one_run::heal() {
    faults_on_ = false;
    world_.set_faults_on(false);
    for (timer* waiter : std::exchange(waiting_, {}))
        waiter->cancel();
    for (engaged& one : injectors_)
        world_.state_->unschedule(one.begins);
    for (squall::process* p : everybody_)
        p->set_clock_right();
    for (squall::process* p : processes_) {
        p->resume();
        if (!p->up())
            p->start();
    }
}

asio::awaitable<void> one_run::await_conditions(nanoseconds within) {
    constexpr nanoseconds interval = 100ms;  // virtual: how long after it comes true it is seen
    const nanoseconds end = world_.now() + within;
    for (const auto& condition : plan_.conditions) {
        for (;;) {
            bool holds = false;
            try {
                holds = condition.holds(world_.published());
            } catch (const std::exception& error) {
                world_.fail({verdict::check, "eventually '" + condition.name + "': " + error.what(), "", ""});
                co_return;
            }
            if (holds)
                break;
            if (world_.now() >= end) {
                world_.fail({verdict::check,
                             "eventually '" + condition.name + "' did not come true within " +
                                 std::to_string(within.count() / 1'000'000'000) +
                                 " s after the last fault ended",
                             "", ""});
                co_return;
            }
            co_await sleep(director_.executor(), interval);
        }
    }
}

// One coroutine does all stages of a client: to wake it takes less than to spawn one for each.
void one_run::begin(step what, const char* stage) {
    busy_ = clients_.size();
    for (client& c : clients_) {
        c.what = what;
        c.stage = stage;
        c.busy = true;
        if (c.lives_in == c.context.boot() && c.next) {
            c.next->cancel();
            continue;
        }
        asio::co_spawn(c.context.executor(), live(c), [this, &c](std::exception_ptr error) {
            if (error)
                client_failed(c, error);
        });
    }
}

asio::awaitable<void> one_run::live(client& c) {
    c.lives_in = c.context.boot();
    c.next.emplace(c.context.executor());
    c.next->expires_at(timer::time_point::max());
    for (;;) {
        co_await (c.work.get()->*c.what)(c.context);
        client_done(c);
        co_await c.next->async_wait(asio::as_tuple(asio::deferred));
    }
}

void one_run::client_failed(client& c, const std::exception_ptr& error) {
    const auto& name = c.context.name();
    try {
        std::rethrow_exception(error);
    } catch (const assertion_violation& e) {
        world_.fail({verdict::assertion, e.what(), name, ""});
    } catch (const check_failed& e) {
        world_.fail({verdict::check, e.what(), name, ""});
    } catch (...) {
        world_.fail({verdict::exception, std::string(c.stage) + ": " + what_of(error), name, ""});
    }
    client_done(c);
}

void one_run::client_done(client& c) {
    c.busy = false;
    if (--busy_ == 0)
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
    if (std::ranges::find(processes_, &process) == processes_.end())
        return;
    decision_stream draws(world_.seed(), stream_key(restart_stream, text_hash(process.name())),
                          process.boots());
    start_after(process, draws.duration(f.restart_min, std::max(f.restart_min, f.restart_max)));
}

void one_run::start_after(squall::process& process, nanoseconds delay) {
    asio::co_spawn(
        director_.executor(),
        [](asio::any_io_executor executor, squall::process& which, std::uint32_t boots,
           nanoseconds down) -> asio::awaitable<void> {
            co_await sleep(executor, down);
            if (!which.up() && which.boots() == boots)
                which.start();
        }(director_.executor(), process, process.boots(), delay),
        asio::detached);
}

asio::awaitable<bool> one_run::wait_in_chaos(nanoseconds time) {
    if (!faults_on_)
        co_return false;
    timer wait(director_.executor(), time);
    const enlisted listed(waiting_, wait);
    co_await wait.async_wait(asio::as_tuple(asio::deferred));
    co_return faults_on_;
}

const one_run::member& one_run::member_of(const squall::process& process) const {
    const auto found =
        std::ranges::find(members_, &process, [](const member& m) { return &m.context.process(); });
    if (found == members_.end())
        throw std::logic_error("squall: " + process.name() + " is no process of the system under test");
    return *found;
}

bool one_run::may_take_down(const std::vector<squall::process*>& victims) const {
    std::vector<std::uint32_t> down(plan_.groups.size());
    const auto is_down = [](const squall::process& p) { return !p.up() || p.stopping() || p.disk_lost(); };
    for (const member& m : members_)
        down[m.group] += is_down(m.context.process()) ? 1 : 0;
    for (const squall::process* p : victims) {
        if (is_down(*p))
            return false;
        ++down[member_of(*p).group];
    }
    for (const squall::process* p : victims) {
        const std::size_t group = member_of(*p).group;
        const std::uint32_t all = group_sizes_[group];
        const std::uint32_t most =
            std::min(world_.options().attrition.max_dead, all - std::min(all, plan_.groups[group].keep_up));
        if (down[group] > most)
            return false;
    }
    return true;
}

run_result run_seed(const simulation::plan& plan, const run_request& request, passing_words words) {
    one_run once(plan, request);
    return once.execute(words);
}

}  // namespace simulator

run_result run_seed(const simulation::plan& plan, const run_request& request) {
    return simulator::run_seed(plan, request, {});
}

}  // namespace squall
