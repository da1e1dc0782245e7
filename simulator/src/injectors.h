// The injectors that every simulation has.
#ifndef SQUALL_SIMULATOR_INJECTORS_H
#define SQUALL_SIMULATOR_INJECTORS_H

#include "kept_memory.h"

#include <squall/injector.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace squall::simulator {

inline constexpr std::array<std::string_view, 6> built_in_names{
    "attrition", "partitions", "clogging", "disk_trouble", "pauses", "clock_trouble"};

// An injector that acts again and again: the time to its next action is exponential, and never nothing.
class repeating : public injector, public in_kept_memory {
public:
    // How long after chaos begins it first acts; nothing: it never does. It is to be run then.
    std::optional<nanoseconds> first(const fault_context& chaos) const;
    asio::awaitable<void> run(fault_context& chaos) final;

    // Mean time between two actions; 0: it does nothing.
    virtual nanoseconds every(const faults& options) const = 0;

private:
    // Whether there is anybody to act on.
    virtual bool possible(const fault_context& chaos) const { return !chaos.processes().empty(); }
    // The k-th action, by its own draws; may wait, and returns early once chaos has ended.
    virtual asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) = 0;
};

// Those of them that these faults give something to do.
std::vector<std::unique_ptr<repeating>> built_in_injectors(const faults& options);

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_INJECTORS_H
