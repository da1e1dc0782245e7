#include "sim/outages.h"

#include "sim/ghost.h"

#include <squall/assertions.h>

#include <utility>
#include <vector>

namespace cluster {

using namespace std::chrono_literals;

namespace {
struct wishes {
    std::vector<std::pair<outage, std::string>> open;
};
}  // namespace

void ask_for(squall::process_context& self, outage what, int node) {
    ghost<wishes>(self.world()).open.emplace_back(what, "node/" + std::to_string(node));
}

boost::asio::awaitable<void> outages::run(squall::fault_context& chaos) {
    std::uint64_t k = 0;
    bool more = co_await chaos.wait(10ms);
    while (more) {
        const auto asked = std::exchange(ghost<wishes>(chaos.world()).open, {});
        for (const auto& [what, name] : asked) {
            for (squall::process* each : chaos.processes())
                if (each->name() == name)
                    meet(chaos, what, *each, k);
            ++k;
        }
        more = co_await chaos.wait(10ms);
    }
}

void outages::meet(squall::fault_context& chaos, outage what, squall::process& node, std::uint64_t k) {
    squall::decision_stream draws = chaos.choices(k);
    switch (what) {
        case outage::crash: {
            const bool silently = draws.chance(0.5);
            const auto down = draws.duration(100ms, 3s);
            if (chaos.may_take_down({&node}) && chaos.strikes("asked-crash", k, 1, node))
                chaos.crash(node, silently, down);
            break;
        }
        case outage::restore:
            SQUALL_SOMETIMES(!node.up(), "a node that is down is asked to come back");
            if (!node.up())
                node.start();
            break;
        case outage::cut:
            if (!cuts_.contains(node.name()) && chaos.strikes("asked-partition", k, 1, node))
                cuts_[node.name()] = chaos.world().partition({&node}, true, draws.chance(0.7));
            break;
        case outage::heal: {
            const auto found = cuts_.find(node.name());
            SQUALL_SOMETIMES(found != cuts_.end(), "a node that is cut off is asked to be given back");
            if (found == cuts_.end())
                break;
            chaos.world().heal(found->second);
            cuts_.erase(found);
            break;
        }
    }
}

}  // namespace cluster
