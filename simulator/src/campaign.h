// The seeds of a call of simulation::run(): which, on how many threads, until when, and what they add up to.
#ifndef SQUALL_SIMULATOR_CAMPAIGN_H
#define SQUALL_SIMULATOR_CAMPAIGN_H

#include <squall/simulation.h>

#include <functional>

namespace squall::simulator {

// Runs them and fills in `all`. Whatever the number of threads, results are taken in the order of the seeds,
// and `each` is called for every run in that order from this thread.
void run_campaign(const simulation::plan& plan, report& all,
                  const std::function<void(const run_result&)>& each);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_CAMPAIGN_H
