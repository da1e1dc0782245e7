// The injectors that every simulation has.
#ifndef SQUALL_SIMULATOR_INJECTORS_H
#define SQUALL_SIMULATOR_INJECTORS_H

#include <squall/injector.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace squall::simulator {

inline constexpr std::array<std::string_view, 6> built_in_names{
    "attrition", "partitions", "clogging", "disk_trouble", "pauses", "clock_trouble"};

// Those of them that these faults give something to do.
std::vector<std::unique_ptr<injector>> built_in_injectors(const faults& options);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_INJECTORS_H
