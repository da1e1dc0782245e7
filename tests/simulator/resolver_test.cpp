// Names of simulated processes, and what goes wrong in looking them up.
#include <squall/resolver.h>

#include "support.h"

#include <squall/simulation.h>

#include <cmath>
#include <memory>

namespace squall {
namespace {

using namespace testing_support;
using testing::ElementsAre;

struct answer {
    error_code ec;
    std::vector<asio::ip::address> addresses;
    nanoseconds took{0};
};

asio::awaitable<answer> look_up(small_world& w, std::string host, std::string service = "7") {
    resolver names(w.a.executor());
    const auto start = w.world.now();
    const auto [ec, found] = co_await names.async_resolve(std::move(host), std::move(service), as_result);
    answer got{ec, {}, w.world.now() - start};
    for (const endpoint at : found) {
        EXPECT_EQ(at.port(), 7);
        got.addresses.push_back(at.address());
    }
    co_return got;
}

// Fails if a process is not found by its name, a group not by its own, or a part of a name is taken for one.
TEST(Resolver, KnowsProcessesAndGroups) {
    small_world w;
    auto& one = w.world.add_process("server/0", 1);
    auto& two = w.world.add_process("server/1", 1);
    auto& other = w.world.add_process("serverless/0", 2);
    bool done = false;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        EXPECT_THAT((co_await look_up(w, "b")).addresses, ElementsAre(w.b.address()));
        EXPECT_THAT((co_await look_up(w, "a")).addresses, ElementsAre(w.a.address()));
        EXPECT_THAT((co_await look_up(w, "server/1")).addresses, ElementsAre(two.address()));
        EXPECT_THAT((co_await look_up(w, "server")).addresses, ElementsAre(one.address(), two.address()));
        EXPECT_THAT((co_await look_up(w, "serverless")).addresses, ElementsAre(other.address()));
        for (const char* unknown : {"serv", "server/", "server/2", "/0", "nobody"})
            EXPECT_EQ((co_await look_up(w, unknown)).ec, asio::error::host_not_found) << unknown;
        done = true;
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(done);
}

// Fails if a name costs nothing, or a number something.
TEST(Resolver, NamesTakeTimeAndNumbersNone) {
    faults f;
    f.network.latency_min = 3ms;
    small_world w(f);
    bool done = false;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        EXPECT_GE((co_await look_up(w, "b")).took, 6ms) << "there and back";
        EXPECT_GE((co_await look_up(w, "nobody")).took, 6ms);
        EXPECT_EQ((co_await look_up(w, "10.9.8.7")).took, 0ns);
        EXPECT_EQ((co_await look_up(w, "localhost")).took, 0ns);
        done = true;
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(done);
}

// Fails if the share of look-ups that fail or take long is not the one asked for, or a number is looked up.
TEST(Resolver, FailsForAWhileOrTakesLong) {
    faults f;
    f.network.resolve_try_again = 0.25;
    f.network.resolve_slow = 0.25;
    f.network.resolve_slow_time = 10s;
    small_world w(f);
    std::uint64_t again = 0;
    int slow = 0;
    nanoseconds longest{0};
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 1000; ++i) {
            const auto got = co_await look_up(w, "b");
            EXPECT_TRUE(!got.ec || got.ec == asio::error::host_not_found_try_again) << got.ec.message();
            EXPECT_EQ(got.addresses.empty(), bool(got.ec));
            again += got.ec ? 1 : 0;
            slow += got.took > 20ms ? 1 : 0;
            longest = std::max(longest, got.took);
            const auto number = co_await look_up(w, "10.0.0.1");
            EXPECT_FALSE(number.ec);
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_NEAR(again, 250, 5 * std::sqrt(1000 * 0.25 * 0.75));
    EXPECT_NEAR(slow, 250, 5 * std::sqrt(1000 * 0.25 * 0.75));
    EXPECT_GT(longest, 9s);
    EXPECT_LE(longest, 10s + 20ms);
    EXPECT_EQ(w.faults_of("resolve-try-again"), again);
}

// Fails if a veto does not take out the failure of a look-up, or faults that are off strike.
TEST(Resolver, VetoesAndCalmHold) {
    faults f;
    f.network.resolve_try_again = 1;
    f.network.resolve_slow = 1;
    std::vector<std::uint64_t> vetoed;
    for (int run = 0; run < 2; ++run) {
        small_world w(f, 1, vetoed);
        error_code ec;
        w.spawn(w.a, [&]() -> asio::awaitable<void> { ec = (co_await look_up(w, "b")).ec; });
        EXPECT_EQ(w.run().how, verdict::passed);
        EXPECT_EQ(bool(ec), run == 0);
        for (const auto& fault : w.world.fault_records())
            vetoed.push_back(fault.decision);
    }
    small_world w(f);
    w.world.set_faults_on(false);
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        const auto got = co_await look_up(w, "b");
        EXPECT_FALSE(got.ec);
        EXPECT_LT(got.took, 20ms);
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_THAT(w.world.fault_counts(), testing::IsEmpty());
}

// Fails if a look-up outlives its process.
TEST(Resolver, ACrashDestroysLookUps) {
    faults f;
    f.network.latency_min = 1s;
    small_world w(f);
    bool gone = false;
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        const std::unique_ptr<bool, void (*)(bool*)> witness(&gone, [](bool* flag) { *flag = true; });
        co_await look_up(w, "b");
        ADD_FAILURE() << "it goes on";
    });
    w.at(500ms, [&] { w.a.crash(); });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_TRUE(gone);
}

class asking final : public workload {
public:
    asio::awaitable<void> run(workload_context& self) override {
        resolver names(self.executor());
        const auto found = co_await names.async_resolve("server", "http", asio::use_awaitable);
        std::vector<asio::ip::address> addresses;
        for (const endpoint at : found) {
            if (at.port() != 80)
                throw check_failed("http is not 80");
            addresses.push_back(at.address());
        }
        if (addresses != self.peers("server"))
            throw check_failed("not the addresses of the group");
    }
};

// Fails if the processes of a simulation are not known by the names that it gives them.
TEST(Resolver, KnowsTheGroupsOfASimulation) {
    auto report = simulation("names")
                      .processes("server", 3,
                                 [](process_context& self) -> asio::awaitable<void> {
                                     co_await sleep(self.executor(), 1h);
                                 })
                      .workload("client", 1, [] { return std::make_unique<asking>(); })
                      .tune([](faults& f) { f.network.resolve_try_again = 0; })
                      .seeds(5)
                      .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
}  // namespace squall
