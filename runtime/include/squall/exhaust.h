// The exhaustive mode: one site fails its 0th evaluation, then its 1st, its 2nd, ... until a run passes
// without that it failed; as Seastar does for allocations (with_allocation_failures).
//
//   squall::exhaust("name:open log", {.seed = 1}, [](squall::run& run) {
//       store s = open_store();   // must survive the failure of any one evaluation
//   });
#ifndef SQUALL_EXHAUST_H
#define SQUALL_EXHAUST_H

#include <squall/run.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace squall {

struct exhaustion {
    std::uint64_t evaluations;  // that were failed, one per run
    bool complete;              // false: the limit came first
};

// Calls body(run) for n = 0, 1, ... in runs of the given options in which the sites that match `pattern` (the
// grammar of overrides.h) fail their n-th evaluation and no other; the last run is untouched. Sites are on,
// the run is bound to this thread. The body throws to report a failure; what it throws comes out of here, and
// nth says which evaluation it was. Throws override_error for a bad pattern, std::invalid_argument where it
// matches no site.
exhaustion exhaust(std::string_view pattern, const run_options& options,
                   const std::function<void(run&)>& body, std::uint64_t limit = 10'000,
                   std::uint64_t* nth = nullptr);

// The loop of it, for who makes the runs himself: calls once(n, nth_override(pattern, n)) for n = 0, 1, ...
// until it returns false: that run was untouched.
template <class Once>
exhaustion exhaust_each(std::string_view pattern, std::uint64_t limit, Once once);

// The override "pattern=nth(n)".
site_override nth_override(std::string_view pattern, std::uint64_t n);

// Whether a site that `by` matches fired in the run with these tallies.
bool fired_any(const site_override& by, const std::vector<site_tally>& tallies);

template <class Once>
exhaustion exhaust_each(std::string_view pattern, std::uint64_t limit, Once once) {
    for (std::uint64_t n = 0; n < limit; ++n)
        if (!once(n, nth_override(pattern, n)))
            return {n, true};
    return {limit, false};
}

}  // namespace squall

#endif  // SQUALL_EXHAUST_H
