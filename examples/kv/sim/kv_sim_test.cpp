// The store under faults: three servers, three clients, and whatever the seed brings.
// clang-format off: GoogleTest comes first, so that the simulation knows the name of its test.
#include <gtest/gtest.h>
// clang-format on

#include "kv/replica.h"
#include "kv_workload.h"

#include <squall/simulation.h>

namespace {

namespace asio = boost::asio;

constexpr int kServers = 3;

asio::awaitable<void> run_server(squall::process_context& self) {
    kv::replica_config config;
    config.primary = self.index() == 0;
    config.listen = self.endpoint(kv_sim::server_port);
    for (int i = 1; config.primary && i < kServers; ++i)
        config.backups.emplace_back(self.peers("server").at(static_cast<std::size_t>(i)),
                                    kv_sim::server_port);
    config.log = [&self](const std::string& line) { self.log(self.name() + ": " + line); };
    SQUALL_SOMETIMES(self.boot() > 1, "a server was started again");
    try {
        auto server = kv::replica::make(self.executor(), std::move(config));
        co_await server->run();
    } catch (const boost::system::system_error& problem) {
        // As kv-server does: end, and be started again.
        self.log(self.name() + ": " + problem.what());
        SQUALL_REACHABLE("a server ended because of its disk");
    }
}

TEST(Kv, KeepsWhatItAcknowledged) {
    auto report = squall::simulation("kv")
                      .processes("server", kServers, run_server)
                      .workload("client", 3, [] { return std::make_unique<kv_sim::kv_workload>(); })
                      .damage_budget("server", 0)  // it has no way back from a damaged or lost disk
                      // It sends what a backup lacks in one piece, within a time-out: over a slow link never.
                      .set_faults("network.window=65536, network.bandwidth=0")
                      .seeds(50)
                      .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
