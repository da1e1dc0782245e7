// The provider that a simulated process's handles find.
#ifndef SQUALL_SIMULATOR_SIM_PROVIDER_H
#define SQUALL_SIMULATOR_SIM_PROVIDER_H

#include "boot.h"

#include <squall/provider.h>

namespace squall::simulator {

std::unique_ptr<provider> make_sim_provider(boot& owner);
// One file handle on the boot's disk.
std::unique_ptr<file_backend> make_sim_file(boot& owner, const asio::any_io_executor& executor);

// Completes at `when` and lets the operation be cancelled until then.
void complete_cancellable(boot& owner, operation* op, std::uint64_t when);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_SIM_PROVIDER_H
