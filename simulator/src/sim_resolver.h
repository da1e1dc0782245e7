// Names in a simulated world: a process's own name ("server/0"), a group's ("server": all its processes, by
// index), "localhost", and numeric addresses.
#ifndef SQUALL_SIMULATOR_SIM_RESOLVER_H
#define SQUALL_SIMULATOR_SIM_RESOLVER_H

#include <squall/provider.h>

#include <memory>

namespace squall::simulator {

class boot;

std::unique_ptr<resolver_backend> make_sim_resolver(boot& owner, const asio::any_io_executor& executor);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_SIM_RESOLVER_H
