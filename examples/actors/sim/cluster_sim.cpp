#include "sim/cluster_sim.h"

#include "sim/outages.h"

#include <squall/assertions.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace cluster {
namespace {

constexpr std::uint16_t authority_port = 7000;
constexpr std::uint16_t node_port = 7100;

asio::awaitable<void> run_authority_of(squall::process_context& self, bug planted) {
    authority_options options;
    options.listen = self.endpoint(authority_port);
    if (planted == bug::crashed_nodes_stay)
        options.before_directory = [](std::shared_ptr<actors::directory> kept) {
            return std::make_shared<stale_directory>(std::move(kept));
        };
    if (planted == bug::no_epoch_check)
        options.before_store = [](std::shared_ptr<actors::state_store> kept) {
            return std::make_shared<careless_store>(std::move(kept));
        };
    try {
        co_await run_authority(self.executor(), options);
    } catch (const boost::system::system_error&) {
        // The disk, as it is read: the next boot tries again.
    }
    SQUALL_REACHABLE("the authority ends because of its disk");
}

void reached(const actors::counters& count) {
    SQUALL_SOMETIMES(count.fenced > 0, "a save is fenced");
    SQUALL_SOMETIMES(count.expulsions > 0, "a node is expelled");
    SQUALL_SOMETIMES(count.duplicates > 0, "a message comes again");
    SQUALL_SOMETIMES(count.forwards > 0, "a message is forwarded");
    SQUALL_SOMETIMES(count.bad_frames > 0, "a damaged frame is noticed");
    SQUALL_ALWAYS_LE(count.most_forwards, 2U, "no message is forwarded without end");
}

asio::awaitable<void> run_node(squall::process_context& self, const plan& of) {
    const auto watched = std::make_shared<node_watch>(self.world());
    member_options options = client_options(self, of.planted);
    options.listen = self.endpoint(node_port);
    member mine(self.executor(), options);
    actors::type_options type;
    type.idle_after = 2s;
    type.deduplicate = of.planted != bug::no_deduplication;
    of.add_actors(mine.here(), type, self.world(), watched);
    co_await mine.start();
    while (!self.stopping()) {
        co_await pause(self.executor(), 50ms);
        reached(mine.here().count());
        watched->look(mine.here());
    }
    co_await mine.here().stop(1s);
    SQUALL_ALWAYS(mine.here().activations().empty(), "a node that has stopped has no actors");
}

}  // namespace

member_options client_options(squall::process_context& self, bug planted) {
    member_options options;
    options.authority = {self.peers("authority").front(), authority_port};
    if (planted == bug::forwards_without_limit)
        options.max_forwards = 1'000'000;
    return options;
}

actors::node_address node_at(squall::process_context& self, int index) {
    return asio::ip::tcp::endpoint(self.peers("node").at(static_cast<std::size_t>(index)), node_port);
}

squall::simulation simulate(const plan& of) {
    squall::simulation all(of.name);
    const bug planted = of.planted;
    all.processes("authority", 1,
                  [planted](squall::process_context& self) { return run_authority_of(self, planted); })
        .processes("node", of.nodes, [of](squall::process_context& self) { return run_node(self, of); })
        .workload("client", of.clients, of.make_client)
        .inject([] { return std::make_unique<outages>(); })
        .damage_budget("authority", 0)  // the states are on one disk only
        .chaos_duration(15s)
        .seeds(of.seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all;
}

}  // namespace cluster
