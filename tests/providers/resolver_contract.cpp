// Resolvers: names that every world has, and those that none has.
#include "contract.h"
#include "tools.h"

#include <algorithm>
#include <string>
#include <vector>

namespace squall::contract {
namespace {

// No world has it, and no name server is asked: the name is not one.
constexpr const char* no_host = "no such host";

std::vector<endpoint> endpoints_of(const resolver_results& results) {
    return {results.begin(), results.end()};
}

}  // namespace

TEST_P(resolvers, take_numbers_for_what_they_are) {
    // Fails if a numeric address or port comes back as another, or twice.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        for (const char* host : {"127.0.0.1", "10.1.2.3", "::1"}) {
            const auto found = co_await r.async_resolve(host, "7001", use_awaitable);
            SQUALL_REQUIRE(!found.empty());
            for (const endpoint& at : endpoints_of(found))
                EXPECT_EQ(at, endpoint(asio::ip::make_address(host), 7001));
        }
    });
}

TEST_P(resolvers, know_the_machine_they_are_on) {
    // Fails if localhost is unknown, or elsewhere.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        const auto found = co_await r.async_resolve("localhost", "80", use_awaitable);
        EXPECT_FALSE(found.empty());
        for (const endpoint& at : endpoints_of(found)) {
            EXPECT_TRUE(at.address().is_loopback()) << at;
            EXPECT_EQ(at.port(), 80);
        }
    });
}

TEST_P(resolvers, take_an_empty_host_for_this_one_and_an_empty_service_for_none) {
    // Fails if what is left out is an error.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        const auto here = co_await r.async_resolve("", "80", use_awaitable);
        EXPECT_FALSE(here.empty());
        for (const endpoint& at : endpoints_of(here))
            EXPECT_TRUE(at.address().is_loopback()) << at;
        const auto portless = co_await r.async_resolve("127.0.0.1", "", use_awaitable);
        SQUALL_REQUIRE(!portless.empty());
        EXPECT_EQ(portless.begin()->endpoint().port(), 0);
    });
}

TEST_P(resolvers, tell_what_they_were_asked) {
    // Fails if an entry does not carry the names of its question.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        const auto found = co_await r.async_resolve("localhost", "80", use_awaitable);
        SQUALL_REQUIRE(!found.empty());
        EXPECT_EQ(found.begin()->host_name(), "localhost");
        EXPECT_EQ(found.begin()->service_name(), "80");
    });
}

TEST_P(resolvers, do_not_find_what_is_not_there) {
    // Fails if an unknown host comes to anything but its error, or the resolver is no good afterwards.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        const auto [ec, found] = co_await r.async_resolve(no_host, "80", as_values);
        // A machine whose name server does not answer says so.
        EXPECT_TRUE(ec == asio::error::host_not_found ||
                    (!world.is_simulated() && ec == asio::error::host_not_found_try_again))
            << ec.message();
        EXPECT_TRUE(found.empty());
        const auto next = co_await r.async_resolve("127.0.0.1", "80", use_awaitable);
        EXPECT_FALSE(next.empty());
    });
}

TEST_P(resolvers, do_not_make_up_services) {
    // Fails if an unknown service becomes a port.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        const auto [ec, found] = co_await r.async_resolve("127.0.0.1", "no-such-service", as_values);
        EXPECT_EQ(ec, asio::error::service_not_found) << ec.message();
        EXPECT_TRUE(found.empty());
    });
}

TEST_P(resolvers, look_up_several_at_once) {
    // Fails if look-ups that overlap mix up their answers.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        tasks beside(world.executor());
        for (int i = 1; i <= 20; ++i)
            beside.spawn([](resolver& r, int port) -> asio::awaitable<void> {
                const auto found = co_await r.async_resolve("127.0.0.1", std::to_string(port), use_awaitable);
                SQUALL_REQUIRE(!found.empty());
                EXPECT_EQ(found.begin()->endpoint().port(), port);
            }(r, i));
        co_await beside.join();
    });
}

TEST_P(resolvers, abort_all_that_is_under_way) {
    // Fails if cancel() leaves a look-up out, or reaches the next one.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        int aborted = 0;
        for (int i = 0; i < 5; ++i)
            r.async_resolve("localhost", "80", [&](error_code ec, const resolver_results& found) {
                EXPECT_EQ(ec, asio::error::operation_aborted);
                EXPECT_TRUE(found.empty());
                ++aborted;
            });
        r.cancel();
        EXPECT_EQ(aborted, 0);
        const auto next = co_await r.async_resolve("127.0.0.1", "80", use_awaitable);
        EXPECT_FALSE(next.empty());
        EXPECT_EQ(aborted, 5);
    });
}

TEST_P(resolvers, may_be_moved_while_they_look_up) {
    // Fails if an operation under way knows its handle by address.
    run([](contract_world& world) -> asio::awaitable<void> {
        resolver r(world.executor());
        event done(world.executor());
        r.async_resolve("127.0.0.1", "80", [&](error_code ec, const resolver_results& found) {
            EXPECT_FALSE(ec);
            EXPECT_FALSE(found.empty());
            done.set();
        });
        resolver moved = std::move(r);
        co_await done.wait();
    });
}

TEST_P(resolvers, give_what_a_stream_connects_to) {
    // Fails if an answer does not lead to the process.
    run([](contract_world& world) -> asio::awaitable<void> {
        acceptor a = listening(world);
        resolver r(world.executor());
        const auto found = co_await r.async_resolve(address_of(a).address().to_string(),
                                                    std::to_string(address_of(a).port()), use_awaitable);
        SQUALL_REQUIRE(!found.empty());
        stream s(world.executor());
        co_await s.async_connect(*found.begin(), use_awaitable);
        EXPECT_TRUE(s.is_open());
    });
}

}  // namespace squall::contract
