// The injectors that every simulation has.
#ifndef SQUALL_SIMULATOR_INJECTORS_H
#define SQUALL_SIMULATOR_INJECTORS_H

#include <squall/injector.h>

namespace squall::simulator {

std::vector<std::unique_ptr<injector>> built_in_injectors();

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_INJECTORS_H
