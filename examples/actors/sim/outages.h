// Faults that workloads ask for: a node crashes or comes back, or is cut off and given back. What is asked
// for happens as every other fault does: recorded, within what attrition allows, and not if it is vetoed.
#ifndef EXAMPLE_SIM_OUTAGES_H
#define EXAMPLE_SIM_OUTAGES_H

#include <squall/injector.h>
#include <squall/process_context.h>

#include <cstdint>
#include <map>
#include <string>

namespace cluster {

enum class outage : std::uint8_t { crash, restore, cut, heal };

// Of a process of the group "node". The answer is not waited for: it happens within 10 ms, or not at all.
void ask_for(squall::process_context& self, outage what, int node);

class outages final : public squall::injector {
public:
    std::string name() const override { return "outages"; }
    boost::asio::awaitable<void> run(squall::fault_context& chaos) override;

private:
    void meet(squall::fault_context& chaos, outage what, squall::process& node, std::uint64_t k);
    std::map<std::string, squall::partition_id> cuts_;  // by node
};

}  // namespace cluster

#endif  // EXAMPLE_SIM_OUTAGES_H
