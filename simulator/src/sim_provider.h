// The provider that a simulated process's handles find.
#ifndef SQUALL_SIMULATOR_SIM_PROVIDER_H
#define SQUALL_SIMULATOR_SIM_PROVIDER_H

#include "boot.h"

#include <squall/faults.h>
#include <squall/provider.h>

namespace squall::simulator {

std::unique_ptr<provider> make_sim_provider(boot& owner);
// One file handle on the boot's disk.
std::unique_ptr<file_backend> make_sim_file(boot& owner, const asio::any_io_executor& executor);

// Time a directory or metadata operation takes, and the like; shared by files and directories.
std::uint64_t disk_delay(boot& owner, nanoseconds least, nanoseconds mean, std::size_t bytes);
// Whether the disk fails this operation; counts the operations of the process.
bool disk_strikes(boot& owner, std::string_view kind, double p);
// Completes at `when` and lets the operation be cancelled until then.
void complete_cancellable(boot& owner, operation* op, std::uint64_t when);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_SIM_PROVIDER_H
