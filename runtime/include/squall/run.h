// One run: a seed, and all that sites and assertions know and find out under it.
//
// Nothing here is global: any number of runs live in parallel, each bound to the threads that work for it by
// run_scope. A site evaluated on a thread without a run does nothing.
#ifndef SQUALL_RUN_H
#define SQUALL_RUN_H

#include <squall/decisions.h>
#include <squall/overrides.h>
#include <squall/place.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// What a violated assertion does, apart from being counted, recorded and deciding the verdict.
enum class violation_policy : std::uint8_t {
    throws,   // squall::assertion_violation, from where it stands
    aborts,   // std::abort(), its message on stderr: for a debugger or a core file at the place itself
    records,  // nothing: the program goes on
};

// Two phases as in FoundationDB: a site is activated for the run with `activation`, and an activated one
// fires at each evaluation with `firing`; both 0.25 there (flow/Buggify.h).
struct run_options {
    std::uint64_t seed = 1;
    double activation = 0.25;
    double firing = 0.25;
    std::vector<std::uint64_t> vetoed = {};     // ids of decisions that must not happen; in any order
    std::vector<site_override> overrides = {};  // for the sites that they match, in place of the two phases
    bool knobs = true;  // whether knobs of the run are turned where no override says so
    violation_policy on_violation = violation_policy::throws;
};

// One thing that squall did to the program.
struct fault_record {
    std::string_view kind;   // static text: "error-return", "crash", "partition", ...
    std::uint64_t decision;  // veto this id and the fault does not happen, all else being equal before it
    std::string detail;
};

// One assertion that did not hold.
struct violation {
    std::string message;
    std::string place;    // file:line
    std::string details;  // "key=value key=value"
};

// Is told what happens in a run, as it happens.
class run_observer {
public:
    virtual ~run_observer() = default;
    virtual void on_fault(const fault_record& fault) = 0;
    virtual void on_violation(const violation& violated) = 0;
    // An override's delay(d): by default the thread sleeps. A simulation stops the process in virtual time.
    virtual void on_delay(std::chrono::nanoseconds delay);
};

struct site_tally {
    std::uint32_t index;
    std::uint64_t evaluated;
    bool activated;
    std::uint64_t fired;
};
struct assertion_tally {
    std::uint32_t index;
    std::uint64_t times_true;
    std::uint64_t times_false;
};
// One combination of values of a SQUALL_SOMETIMES_EACH.
struct each_tally {
    std::uint32_t index;
    std::string values;  // "key=value key=value"; "..." for those beyond the first 4,096
    std::uint64_t times;
};

class run {
public:
    // Throws std::invalid_argument where a probability is outside [0, 1].
    explicit run(run_options options, run_observer* observer = nullptr);
    run(const run&) = delete;
    run& operator=(const run&) = delete;

    std::uint64_t seed() const noexcept { return options_.seed; }
    const run_options& options() const noexcept { return options_; }

    // Sites fire only while this is on; off at first. Evaluations are counted either way.
    void set_sites_on(bool on) noexcept { sites_on_ = on; }
    bool sites_on() const noexcept { return sites_on_; }

    // Whose code runs from here on: `number` is dense from 0, `stream` the process's stable key.
    void enter_process(std::uint32_t number, std::uint64_t stream) noexcept {
        process_ = number;
        process_stream_ = stream;
    }

    // Choice `index` of `stream`, with probability p and unless vetoed. An event that may be vetoed is to go
    // through here.
    bool decide(std::uint64_t stream, std::uint64_t index, double p) noexcept {
        return p > 0 && squall::chance(mix(options_.seed, stream, index), p) && !vetoed(stream, index);
    }
    // The name of that choice in records, recipes and vetoes; does not depend on the seed.
    static std::uint64_t decision_id(std::uint64_t stream, std::uint64_t index) noexcept {
        return mix(0x5c5a11u, stream, index);
    }
    bool vetoed(std::uint64_t stream, std::uint64_t index) const noexcept {
        return !options_.vetoed.empty() && is_vetoed(decision_id(stream, index));
    }

    void report_fault(const fault_record& fault);

    // Slow paths of sites and assertions.
    bool fire(const site_record& site) noexcept { return fires(site, threshold_of(site)); }
    bool buggify(const site_record& site, double probability) noexcept;
    long long draw_duration(const site_record& site, long long count) noexcept;
    double draw_duration(const site_record& site, double count) noexcept;
    // See buggify.h.
    bool knob(const site_record& site, bool each, unsigned long long width, unsigned long long* offset,
              double* value, bool* given);
    bool knob_real(const site_record& site, bool each, double low, double high, double* value);
    // Bytes to transfer of `count`, which is 2 or more: at least one.
    long long fewer(const site_record& site, long long count) noexcept;
    // A limit of 2 or more, and a setting in [low, high]; of the run, as SQUALL_KNOB.
    long long capacity(const site_record& site, long long value) noexcept;
    long long setting(const site_record& site, long long value, long long low, long long high) noexcept;
    // Stands still for 20 us to 1 s where the site fires: as the observer has it, or without one by a yield.
    void delay(const site_record& site) noexcept;
    void count_assertion(std::uint32_t index, bool held) noexcept;
    void count_each(std::uint32_t index, std::string values);
    void violate(violation violated);

    bool violated() const noexcept { return violated_; }

    // Sites and assertions evaluated at least once, by index.
    std::vector<site_tally> site_tallies() const;
    std::vector<assertion_tally> assertion_tallies() const;
    std::vector<each_tally> each_tallies() const;  // by index and values

private:
    friend class run_scope;
    using cell = detail::run_cell;

    // An active site in one process: its stream, and how often it was evaluated.
    struct active_site {
        std::uint64_t stream = 0;
        std::uint64_t mixed = 0;  // mix_stream(seed, stream)
        std::uint64_t evaluations = 0;
    };
    struct firing {
        bool fires = false;
        std::uint64_t stream = 0;
        std::uint64_t index = 0;
        const override_term* by = nullptr;
    };
    struct drawn {
        enum { stays, given, scaled } how = stays;
        double count = 0;
    };
    struct combinations {
        std::map<std::string, std::uint64_t> seen;  // times, by values
        std::uint64_t others = 0;
    };

    cell& cell_of(std::uint32_t index);
    detail::thread_view view() noexcept;
    active_site& active_here(const site_record& site);
    firing evaluate(const site_record& site, std::uint64_t threshold);
    bool fires(const site_record& site, std::uint64_t threshold) noexcept;
    bool fires_slowly(const site_record& site, std::uint64_t threshold) noexcept;
    firing act(const site_record& site, firing choice);
    void report(std::string_view kind, const site_record& site, const firing& choice,
                std::string_view more = {});
    drawn draw(const site_record& site, double count);
    firing turn(const site_record& site, bool each);
    double factor_for(const site_record& site, const firing& choice);
    bool is_vetoed(std::uint64_t id) const noexcept;
    // As a knob of the run: what it is turned to, if it is; `draw` makes that from a stream.
    template <class Draw>
    long long turned(const site_record& site, long long value, Draw draw);
    // The site's own chance of firing, or the run's.
    std::uint64_t threshold_of(const site_record& site) const noexcept {
        return site.firing == 0 ? firing_threshold_ : chance_threshold(site.firing / 65535.0);
    }

    run_options options_;
    run_observer* observer_;
    std::uint64_t firing_threshold_;
    std::vector<cell> cells_;                                // by site index; the first stands for "unknown"
    std::vector<std::vector<active_site>> active_;           // [process][site]
    std::map<std::uint32_t, override_progress> overridden_;  // by site index
    std::map<std::uint32_t, combinations> each_;             // by site index
    std::uint32_t process_ = 0;
    std::uint64_t process_stream_ = 0;
    bool sites_on_ = false;
    bool violated_ = false;
};

// The run that this thread works for, or null.
inline run* current_run() noexcept {
    return static_cast<run*>(squall_thread.run);
}

// Binds a run to this thread while it lives, and opens the gate. Scopes nest. A run is bound to one thread at
// a time.
class run_scope {
public:
    explicit run_scope(run& bound) noexcept;
    ~run_scope();
    run_scope(const run_scope&) = delete;
    run_scope& operator=(const run_scope&) = delete;

private:
    detail::thread_view previous_;
};

}  // namespace squall

#endif  // SQUALL_RUN_H
