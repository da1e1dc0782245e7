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
// SQUALL_SEED=N in the environment makes it run that seed alone; SQUALL_SEEDS=N that many, SQUALL_THREADS=N
// on that many threads; SQUALL_OVERRIDES overrides sites (overrides.h), SQUALL_FAULTS changes faults
// (fault_text.h); SQUALL_ON_VIOLATION=throw|abort|record says what a violated assertion does;
// SQUALL_RECORD=FILE, with SQUALL_SEED, writes the record of that run (export.h).
#ifndef SQUALL_SIMULATION_H
#define SQUALL_SIMULATION_H

#include <squall/assertions.h>
#include <squall/decisions.h>
#include <squall/determinism.h>
#include <squall/faults.h>
#include <squall/injector.h>
#include <squall/process_context.h>
#include <squall/report.h>
#include <squall/run.h>
#include <squall/world.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
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

// How many there are of something: always as many, or drawn for each seed from least to most.
struct count_range {
    // NOLINTNEXTLINE(google-explicit-constructor): so that a number can be written
    count_range(int always) : least(always), most(always) {}
    count_range(int from, int to) : least(from), most(to) {}
    int least, most;
};

// A group that is spread over places: data centers of so many zones of so many machines of so many processes
// each. They are named dc0, dc0-z0, dc0-z0-m0.
struct cluster_shape {
    count_range datacenters = 1;
    count_range zones = 3;      // in each data center
    count_range machines = 1;   // in each zone
    count_range processes = 1;  // on each machine
};

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
    // Throws std::invalid_argument for a count outside of [1, 65535], a name that is taken or empty, or more
    // than 99 groups.
    simulation& processes(std::string group, count_range count, program body);
    // A group spread over places; a placement() for it is not asked.
    simulation& cluster(std::string group, const cluster_shape& shape, program body);
    // Counts from 0 to 65535.
    simulation& workload(std::string name, count_range count, workload_factory make);
    // Puts tag key=value on the group's processes in turn: the first value on the first, and so on, and over
    // again. Throws std::invalid_argument if there is no such group yet, or no value.
    simulation& tags(std::string_view group, std::string key, std::vector<std::string> values);
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
    // A run that takes more virtual time in all than this, or more events, ends with verdict::timeout, and
    // the campaign goes on with the next seed. Defaults: an hour beyond what chaos and settling may take; 50
    // million events. A budget must be above 0, or std::invalid_argument is thrown.
    simulation& time_budget(nanoseconds virtual_time);
    simulation& event_budget(std::uint64_t events);
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
    // At most so many seeds, from first_seed() on; default 100.
    simulation& seeds(std::uint64_t count) {
        plan_.seeds = count;
        plan_.given_seeds.clear();
        return *this;
    }
    // These, in this order, and no others.
    simulation& given_seeds(std::vector<std::uint64_t> seeds) {
        plan_.given_seeds = std::move(seeds);
        return *this;
    }
    // Every `count`-th seed of them, from the `index`-th on, which counts from 0. Throws
    // std::invalid_argument unless index < count.
    simulation& shard(std::uint64_t index, std::uint64_t count);
    // Stops after the seed during which so much real time was over. How many seeds run is then a matter of
    // the machine; what each does is not.
    simulation& time_limit(nanoseconds wall) {
        plan_.time_limit = wall;
        return *this;
    }
    // Stops after the first seed that fails. Without it a failing seed ends nothing.
    simulation& until_first_failure() {
        plan_.until_first_failure = true;
        return *this;
    }
    // Stops once every sometimes and reachable assertion of the program has been true, at `cap` seeds at the
    // latest.
    simulation& until_sometimes(std::uint64_t cap = 1000) {
        plan_.until_sometimes = true;
        return seeds(cap);
    }
    // Stops after `quiet` seeds that brought nothing new: no assertion evaluated, true or false for the first
    // time, no site, no coverage; at `cap` seeds at the latest. Runs on one thread.
    simulation& until_coverage_stable(std::uint64_t quiet = 10, std::uint64_t cap = 1000) {
        plan_.coverage_stable_for = quiet;
        return seeds(cap);
    }
    // Threads that seeds are spread over; 0, the default: one a core. The results are the same and in the
    // same order whatever their number, as long as programs and workloads of different seeds share nothing
    // that they write to; else say 1.
    simulation& threads(unsigned count) {
        plan_.threads = count;
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
        count_range count;
        program body;
        std::uint32_t keep_up = 0;
        std::optional<std::uint32_t> damage_budget = {};
        std::optional<cluster_shape> shape = {};  // then `count` is not asked
        std::vector<std::pair<std::string, std::vector<std::string>>> tags = {};
    };
    struct clients {
        std::string name;
        count_range count;
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
        std::optional<nanoseconds> time_budget = {};
        std::uint64_t event_budget = world_options{}.event_budget;
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
        std::vector<std::uint64_t> given_seeds = {};
        std::uint64_t shard_index = 0;
        std::uint64_t shard_count = 1;
        nanoseconds time_limit{0};
        bool until_first_failure = false;
        bool until_sometimes = false;
        std::uint64_t coverage_stable_for = 0;
        unsigned threads = 0;
        bool keep_log = false;
    };

private:
    group& group_named(std::string_view name);
    void check_name(const std::string& name) const;
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
    std::function<void(const happened_fault&)> on_fault = {};  // as of world_options
    std::function<void(const recorded_event&)> on_event = {};  // likewise
};
run_result run_seed(const simulation::plan& plan, const run_request& request);

// The first `kept_events` events of both runs are kept while they last; runs that differ later are run again
// for a look at that place.
determinism_report check_determinism(const simulation::plan& plan, run_request request,
                                     std::uint64_t kept_events = 200'000);

}  // namespace squall

#endif  // SQUALL_SIMULATION_H
