// What the tests of the workload kit share: a coroutine as the only client of a simulation.
#ifndef SQUALL_TESTS_SIMULATOR_KIT_SUPPORT_H
#define SQUALL_TESTS_SIMULATOR_KIT_SUPPORT_H

#include <squall/simulation.h>
#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

namespace squall::testing_support {

namespace asio = boost::asio;
using namespace std::chrono_literals;

using client_body = std::function<asio::awaitable<void>(workload_context&)>;

class client_of_body : public workload {
public:
    explicit client_of_body(client_body body) : body_(std::move(body)) {}
    asio::awaitable<void> run(workload_context& self) override { return body_(self); }

private:
    client_body body_;
};

// A calm simulation of `clients` clients that do this; on one thread, so that bodies may write to the test's
// variables. A calm one has a chaos phase too.
inline simulation clients_that(client_body body, int clients = 1) {
    simulation s("kit");
    s.workload("client", clients,
               [body = std::move(body)] { return std::make_unique<client_of_body>(body); });
    s.chaos(profile::calm).threads(1);
    return s;
}

// One run of the first seed or that one; fails the test if the run fails.
inline report run_client(client_body body, std::uint64_t seed = 1) {
    report result = clients_that(std::move(body)).given_seeds({seed}).run();
    EXPECT_TRUE(result.ok()) << result;
    return result;
}

inline asio::awaitable<void> nap(process_context& self, nanoseconds time) {
    timer wait(self.executor(), time);
    co_await wait.async_wait(asio::deferred);  // throws when it is cancelled
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_KIT_SUPPORT_H
