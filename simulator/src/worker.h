// The worker's side of `squall run`: seeds come in over a pipe, results go out.
// docs/reference/worker-protocol.md.
#ifndef SQUALL_SIMULATOR_WORKER_H
#define SQUALL_SIMULATOR_WORKER_H

#include <squall/simulation.h>

namespace squall::simulator {

// Whether this process was started by `squall run`.
bool is_worker();
// Serves seeds of this plan until the parent has had enough. False if the parent does not want this
// simulation. The parent is told what is wrong with the program's site records and with the overrides, in
// sentences.
bool serve(const simulation::plan& plan, const std::string& test,
           const std::vector<std::string>& record_errors, const std::vector<std::string>& override_errors);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_WORKER_H
