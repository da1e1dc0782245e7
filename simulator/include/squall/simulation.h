// Simulations inside ordinary tests: say which processes make up the system, what the clients do, and for how
// many seeds.
//
//   TEST(Store, KeepsWhatItAcknowledged) {
//       auto report = squall::simulation("store")
//           .processes("server", 3, [](squall::process_context& self) { return run_server(self); })
//           .workload("client", 2, [] { return std::make_unique<client>(); })
//           .seeds(100)
//           .run();
//       EXPECT_TRUE(report.ok()) << report;
//   }
//
// The test runs by itself, under ctest, and under `squall run`, which feeds it seeds of its own choosing.
// SQUALL_SEED=N in the environment makes it run that seed alone; SQUALL_SEEDS=N that many; SQUALL_OVERRIDES
// overrides sites (overrides.h), SQUALL_FAULTS changes faults (fault_text.h);
// SQUALL_ON_VIOLATION=throw|abort|record says what a violated assertion does; SQUALL_RECORD=FILE, with
// SQUALL_SEED, writes the record of that run (export.h).
#ifndef SQUALL_SIMULATION_H
#define SQUALL_SIMULATION_H

#include <squall/assertions.h>
#include <squall/decisions.h>
#include <squall/determinism.h>
#include <squall/faults.h>
#include <squall/injector.h>
#include <squall/run.h>
#include <squall/world.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace testing {
class UnitTest;  // GoogleTest's
}

namespace squall {

namespace simulator {
class one_run;
}

// What a program or workload knows of itself and its surroundings.
class process_context {
public:
    asio::any_io_executor executor() const { return process_->executor(); }
    const std::string& name() const { return process_->name(); }  // "server/0"
    int index() const { return index_; }                          // within its group
    std::uint32_t boot() const { return process_->boots(); }      // from 1
    asio::ip::address address() const { return process_->address(); }
    asio::ip::tcp::endpoint endpoint(std::uint16_t port) const { return {address(), port}; }
    // Addresses of a group's processes, by index; empty for an unknown group.
    const std::vector<asio::ip::address>& peers(const std::string& group) const;
    // The process's own choices, keyed by the seed and its name.
    decision_stream& random() { return random_; }
    // A line in the event record.
    void log(std::string_view text) { world_->log(text); }
    nanoseconds now() const { return world_->now(); }
    squall::process& process() const { return *process_; }
    // For partitions and rules (link_rule.h) of a scenario; its end is the simulation's affair.
    squall::world& world() const { return *world_; }
    // Ends when the process is asked to stop (process::stop()); it has its grace period from then on.
    asio::awaitable<void> stop_requested();
    bool stopping() const;
    // For invariants: see blackboard.h.
    template <class T>
    void publish(T value) {
        world_->published().put(name(), std::move(value));
    }

private:
    friend class simulator::one_run;
    squall::world* world_ = nullptr;
    squall::process* process_ = nullptr;
    int index_ = 0;
    decision_stream random_;
    const std::map<std::string, std::vector<asio::ip::address>>* groups_ = nullptr;
};

using workload_context = process_context;

// A client of the system under test, one object per seed and instance. It runs in a process of its own that
// no fault takes down.
class workload {
public:
    virtual ~workload() = default;
    // Before faults begin; all workloads' setups run side by side.
    virtual asio::awaitable<void> setup(workload_context&) { co_return; }
    // Under faults; must come to its end, faults having ended after the chaos duration.
    virtual asio::awaitable<void> run(workload_context& self) = 0;
    // After all have run and all is healed. Throw check_failed, or violate an assertion, if the outcome is
    // wrong.
    virtual asio::awaitable<void> check(workload_context&) { co_return; }
    // Names of injectors (injector.h) that this workload does not stand; "all" of them.
    virtual std::set<std::string> vetoes() const { return {}; }
};

class check_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What one seed came to.
struct run_result {
    std::uint64_t seed = 0;
    outcome ended;
    nanoseconds virtual_time{0};
    std::uint64_t events = 0;
    std::uint64_t digest = 0;
    std::string options;  // the faults drawn, as text
    std::vector<std::pair<std::string, std::uint64_t>> faults;
    std::vector<site_tally> sites;
    std::vector<assertion_tally> assertions;
    std::vector<each_tally> each;
    std::vector<std::uint32_t> coverage;
    std::vector<std::string> tail;
    // (events, digest by then), as of world::checkpoints().
    std::vector<std::pair<std::uint64_t, std::uint64_t>> checkpoints;
    std::vector<recorded_event> record;  // with keep_log: every event
    std::string exhausted = {};          // of an exhaustive run: the override that it was made with

    bool passed() const { return ended.how == verdict::passed; }
};

// What a call of simulation::run() came to.
struct report {
    std::string simulation;
    std::string test;                  // GoogleTest's Suite.Name, where known
    std::vector<run_result> failures;  // by seed
    std::uint64_t runs = 0;
    std::uint64_t first_seed = 0;
    std::vector<std::string> catalog_errors;
    std::vector<std::string>
        never_true;  // sometimes-assertions evaluated but never true, over all seeds of this call
    std::vector<std::string> notes;
    bool skipped = false;  // under `squall run`, which wanted another test

    bool ok() const { return failures.empty() && catalog_errors.empty(); }
};
std::ostream& operator<<(std::ostream& out, const report& all);

namespace detail {
// GoogleTest's Suite.Name, where the test's source has included it by the time that it runs a simulation,
// before or after this header: the class is looked at when this is instantiated. Of internal linkage, since
// what it sees differs between translation units.
template <class UnitTest>
[[maybe_unused]] static auto name_of_test(int)
    -> decltype(UnitTest::GetInstance()->current_test_info()->name(), std::string()) {
    const auto* test = UnitTest::GetInstance()->current_test_info();
    return test == nullptr ? "" : std::string(test->test_suite_name()) + "." + test->name();
}
template <class>
[[maybe_unused]] static std::string name_of_test(long) {
    return {};
}
template <class UnitTest = ::testing::UnitTest>
[[maybe_unused]] static std::string current_test() {
    return name_of_test<UnitTest>(0);
}
}  // namespace detail

// The builder. Everything it is given must be callable once per seed; nothing is shared between seeds unless
// the caller shares it.
class simulation {
public:
    using program = std::function<asio::awaitable<void>(process_context&)>;
    using workload_factory = std::function<std::unique_ptr<squall::workload>()>;

    explicit simulation(std::string name) { plan_.name = std::move(name); }

    // A group of processes of the system under test. Started before set-up; crashed and restarted by the
    // faults; started again a while after its program returns. A program that ends by an exception fails the
    // run.
    simulation& processes(std::string group, int count, program body);
    simulation& workload(std::string name, int count, workload_factory make);
    // Where the processes of the groups stand, by group and index; each on a machine of its own unless said.
    simulation& placement(std::function<location(const std::string& group, int index)> where) {
        plan_.placement = std::move(where);
        return *this;
    }
    // Must hold after every `every`-th event, throughout the run: see blackboard.h.
    simulation& invariant(std::string name, std::function<void(const blackboard&)> check,
                          std::uint64_t every = 1) {
        plan_.invariants.push_back({std::move(name), std::move(check), every});
        return *this;
    }

    simulation& chaos(profile chosen) {
        plan_.chosen = chosen;
        return *this;
    }
    // Faults end after this much virtual time, or when all workloads are done; default 30 s.
    simulation& chaos_duration(nanoseconds d) {
        plan_.chaos_duration = d;
        return *this;
    }
    // Workloads must be done this long after faults have ended; default 5 min.
    simulation& settle_budget(nanoseconds d) {
        plan_.settle_budget = d;
        return *this;
    }
    // Changes the drawn faults, for what a system does not claim to tolerate.
    simulation& tune(std::function<void(faults&)> change) {
        plan_.tune = std::move(change);
        return *this;
    }
    // The same as text, after tune(); throws fault_text_error: see fault_text.h. SQUALL_FAULTS in the
    // environment comes after that.
    simulation& set_faults(std::string text);
    // Another injector beside the built-in ones: injector.h.
    simulation& inject(injector_factory make) {
        plan_.injectors.push_back(std::move(make));
        return *this;
    }
    // Does without the injector of this name, or "all".
    simulation& without(std::string injector) {
        plan_.without.push_back(std::move(injector));
        return *this;
    }
    // At least so many of a group stay up, whatever attrition.max_dead allows. Throws std::invalid_argument
    // if there is no such group yet, or it is smaller.
    simulation& keep_up(std::string_view group, std::uint32_t at_least);
    // How many copies of one datum, or whole disks, of a group may be damaged or wiped in a run; without this
    // damaged_copies (faults.h), and never half of the group. Throws std::invalid_argument likewise.
    simulation& damage_budget(std::string_view group, std::uint32_t copies);
    // Must come true within the settle budget after the faults have ended, once all workloads have run; asked
    // every 100 ms of virtual time.
    simulation& eventually(std::string name, std::function<bool(const blackboard&)> holds) {
        plan_.conditions.push_back({std::move(name), std::move(holds)});
        return *this;
    }
    simulation& seeds(std::uint64_t count) {
        plan_.seeds = count;
        return *this;
    }
    // What instrumented sites do in place of their chance, in the grammar of overrides.h; throws
    // override_error.
    simulation& overrides(std::string_view text);
    // What a violated assertion does: by default it throws, and ends its run.
    simulation& on_violation(violation_policy policy) {
        plan_.on_violation = policy;
        return *this;
    }
    // Runs each seed again and again, with the sites that match `pattern` (overrides.h) failing their 0th
    // evaluation, then their 1st, ... until a run passes without; at most `limit` times. Under `squall run` a
    // seed's result is that of its first run that fails. SQUALL_OVERRIDES in the environment turns the mode
    // off, so that one of these runs can be made again. Throws override_error.
    simulation& exhaust(std::string_view pattern, std::uint64_t limit = 10'000);
    simulation& first_seed(std::uint64_t seed) {
        plan_.first_seed = seed;
        return *this;
    }

    report run(const std::string& test = detail::current_test<>());

    // Runs one seed twice, here and now, and says whether the two were the same execution; where not, from
    // which event on. Neither the exhaustive mode nor the environment has a part in it.
    determinism_report check_determinism(std::uint64_t seed) const;

    struct group {
        std::string name;
        int count;
        program body;
        std::uint32_t keep_up = 0;
        std::optional<std::uint32_t> damage_budget = {};
    };
    struct clients {
        std::string name;
        int count;
        workload_factory make;
    };
    struct named_invariant {
        std::string name;
        std::function<void(const blackboard&)> check;
        std::uint64_t every;
    };
    struct condition {
        std::string name;
        std::function<bool(const blackboard&)> holds;
    };
    struct plan {
        std::string name;
        std::vector<group> groups;
        std::vector<clients> workloads;
        profile chosen = profile::swarm;
        nanoseconds chaos_duration = 30s;
        nanoseconds settle_budget = 300s;
        std::function<void(faults&)> tune;
        std::uint64_t seeds = 100;
        std::uint64_t first_seed = 1;
        std::vector<site_override> overrides;
        violation_policy on_violation = violation_policy::throws;
        std::function<location(const std::string& group, int index)> placement = nullptr;
        std::vector<named_invariant> invariants = {};
        std::vector<condition> conditions = {};
        std::vector<injector_factory> injectors = {};
        std::vector<std::string> without = {};
        std::vector<std::string> fault_changes = {};
        std::string exhaust;
        std::uint64_t exhaust_limit = 0;
    };

private:
    group& group_named(std::string_view name);
    plan plan_;
};

// One seed of a plan. Pure: equal arguments give equal results, whatever runs beside it (coverage excepted,
// which is the process's).
struct run_request {
    std::uint64_t seed = 1;
    std::vector<std::uint64_t> vetoed = {};
    profile chosen = profile::swarm;
    bool keep_log = false;
    std::vector<site_override> overrides = {};  // besides the plan's
    std::string faults = {};                    // changes to the drawn ones, after the plan's: fault_text.h
};
run_result run_seed(const simulation::plan& plan, const run_request& request);

// The first `kept_events` events of both runs are kept while they last; runs that differ later are run again
// for a look at that place.
determinism_report check_determinism(const simulation::plan& plan, run_request request,
                                     std::uint64_t kept_events = 200'000);

}  // namespace squall

#endif  // SQUALL_SIMULATION_H
