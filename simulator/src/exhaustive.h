// All runs of one seed: one, or as many as the exhaustive mode takes.
#ifndef SQUALL_SIMULATOR_EXHAUSTIVE_H
#define SQUALL_SIMULATOR_EXHAUSTIVE_H

#include "one_run.h"

#include <squall/exhaust.h>
#include <squall/simulation.h>

#include <utility>

namespace squall::simulator {

// Calls take(run_result) for each run, until it returns false or there are no more. False if the plan's limit
// came first.
template <class Take>
bool run_all_of_seed(const simulation::plan& plan, run_request request, passing_words words, Take take) {
    if (plan.exhaust.empty()) {
        take(run_seed(plan, request, words));
        return true;
    }
    const auto own = request.overrides;
    const auto once = [&](std::uint64_t, const site_override& by) {
        request.overrides = own;
        request.overrides.push_back(by);
        run_result result = run_seed(plan, request, words);
        result.exhausted = to_string(std::vector{by});
        const bool touched = fired_any(by, result.sites);
        return take(std::move(result)) && touched;
    };
    return exhaust_each(plan.exhaust, plan.exhaust_limit, once).complete;
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_EXHAUSTIVE_H
