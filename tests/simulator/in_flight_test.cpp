// Many operations at once: bounds, exceptions, the ends of chaos, of a caller and of a run.
#include <squall/in_flight.h>

#include "kit_support.h"

#include <squall/within.h>

#include <boost/asio/post.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace squall::testing_support;

TEST(InFlight, TwoThousandAreUnderWayAtOnce) {
    // Fails if operations wait for each other, exceed the bound, or some are lost or made twice.
    std::set<std::uint64_t> numbers;
    std::size_t now = 0, most = 0;
    squall::flight result;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        result =
            co_await squall::in_flight(self, 2000, 10'000, [&](std::uint64_t n) -> asio::awaitable<void> {
                numbers.insert(n);
                most = std::max(most, ++now);
                co_await nap(self, std::chrono::milliseconds(1 + n % 7));
                --now;
            });
        EXPECT_EQ(now, 0u);
        EXPECT_LT(self.now(), 60ms);
    });
    EXPECT_EQ(most, 2000u);
    EXPECT_EQ(result.most_at_once, 2000u);
    EXPECT_EQ(result.begun, 10'000u);
    EXPECT_EQ(result.ended, 10'000u);
    EXPECT_EQ(numbers.size(), 10'000u);
    EXPECT_EQ(*numbers.rbegin(), 9'999u);
}

TEST(InFlight, TakesOperationsWithoutANumberAndFewerThanItsBound) {
    int made = 0;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        const auto make = [&]() -> asio::awaitable<void> {
            ++made;
            co_await nap(self, 1ms);
        };
        EXPECT_EQ((co_await squall::in_flight(self, 10, 3, make)).most_at_once, 3u);
        EXPECT_EQ((co_await squall::in_flight(self, 10, 0, make)).begun, 0u);
        bool refused = false;
        try {
            co_await squall::in_flight(self, 0, 3, make);
        } catch (const std::invalid_argument&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
    EXPECT_EQ(made, 3);
}

// Counts those that live.
struct counted {
    explicit counted(int& count) : count_(&count) { ++*count_; }
    ~counted() { --*count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    int* count_;
};

TEST(InFlight, TheFirstExceptionIsThrownWhenTheOthersAreCancelledAndGone) {
    // Fails if it comes early, another one comes, or the others run to their end (an hour away).
    int alive = 0, cancelled = 0;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        std::string message;
        try {
            co_await squall::in_flight(self, 100, 1000, [&](std::uint64_t n) -> asio::awaitable<void> {
                const counted one(alive);
                if (n == 50) {
                    co_await nap(self, 10ms);
                    throw std::runtime_error("the first");
                }
                try {
                    co_await nap(self, 1h);
                } catch (const boost::system::system_error&) {
                    ++cancelled;
                    if (n % 2 == 0)
                        throw std::runtime_error("a later one");
                    throw;
                }
            });
        } catch (const std::runtime_error& e) {
            message = e.what();
        }
        EXPECT_EQ(message, "the first");
        EXPECT_EQ(alive, 0);
        EXPECT_EQ(cancelled, 99);
        EXPECT_LT(self.now(), 1s);
        EXPECT_THAT(self.world().tail(),
                    ::testing::Contains(::testing::HasSubstr("49 more exceptions after the first")));
    });
}

TEST(InFlight, AnExceptionAtOnceBeginsNoMore) {
    std::uint64_t made = 0;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        bool thrown = false;
        try {
            co_await squall::in_flight(self, 100, 1000, [&](std::uint64_t n) -> asio::awaitable<void> {
                ++made;
                if (n == 20)
                    throw std::runtime_error("at once");
                co_await nap(self, 1h);
            });
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
    });
    EXPECT_EQ(made, 21u);
}

TEST(InFlight, EndsWithChaos) {
    // Fails if operations begin after the end of faults, are cut off by it, or it ends before.
    squall::flight result;
    squall::nanoseconds last_begun{0}, end{0};
    auto s = clients_that([&](squall::workload_context& self) -> asio::awaitable<void> {
        result =
            co_await squall::in_flight(self, 500, squall::until_chaos_ends, [&]() -> asio::awaitable<void> {
                last_begun = self.now();
                EXPECT_TRUE(self.chaos());
                co_await nap(self, 7ms);
            });
        end = self.now();
        EXPECT_FALSE(self.chaos());
        EXPECT_EQ(
            (co_await squall::in_flight(self, 5, squall::until_chaos_ends, [&] { return nap(self, 7ms); }))
                .begun,
            0u);
        // With a total it runs without faults as well.
        EXPECT_EQ((co_await squall::in_flight(self, 5, 20, [&] { return nap(self, 7ms); })).ended, 20u);
    });
    const auto report = s.chaos_duration(1s).seeds(1).run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_EQ(result.begun, result.ended);
    EXPECT_EQ(result.most_at_once, 500u);
    EXPECT_NEAR(static_cast<double>(result.begun), 500 * 1000 / 7.0, 1000);
    EXPECT_GE(last_begun, 990ms);
    EXPECT_LE(last_begun, 1s);
    EXPECT_GE(end, 1s);
    EXPECT_LE(end, 1010ms);
}

TEST(InFlight, CancellingItCancelsItsOperations) {
    int alive = 0;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        const auto outcome = co_await squall::within(
            self, 20ms, squall::in_flight(self, 300, 1000, [&](std::uint64_t) -> asio::awaitable<void> {
                const counted one(alive);
                co_await nap(self, 1h);
            }));
        EXPECT_TRUE(outcome.timed_out());
        EXPECT_FALSE(outcome);
        EXPECT_EQ(alive, 0);
        EXPECT_LT(self.now(), 100ms);
    });
}

TEST(InFlight, OperationsOfNoDurationTakeTurns) {
    // Fails if one coroutine makes them all before another gets its turn.
    std::vector<std::uint64_t> order;
    run_client([&](squall::workload_context& self) -> asio::awaitable<void> {
        bool other = false;
        asio::post(self.executor(), [&] { other = true; });
        co_await squall::in_flight(self, 1, 100, [&](std::uint64_t n) -> asio::awaitable<void> {
            if (!other)
                order.push_back(n);
            co_return;
        });
        EXPECT_TRUE(other);
    });
    EXPECT_LT(order.size(), 50u);
}

TEST(InFlight, ARunThatEndsInTheMiddleLeavesNothing) {
    // Fails under the leak sanitizer, or by the count, if operations and their waiter own each other.
    int alive = 0;
    auto s = clients_that([&](squall::workload_context& self) -> asio::awaitable<void> {
        const counted mine(alive);
        const auto big = std::make_unique<std::string>(1000, 'x');
        co_await squall::in_flight(self, 700, 10'000, [&](std::uint64_t n) -> asio::awaitable<void> {
            const counted one(alive);
            const std::string copy = *big;
            if (n == 5000)
                self.world().stop();
            (void)co_await squall::within(self, 1s, nap(self, 3ms));
        });
    });
    const auto report = s.seeds(3).run();  // each "failed": its client never came to its end
    EXPECT_EQ(report.failures.size(), 3u);
    EXPECT_EQ(alive, 0);
}

TEST(InFlight, IsTheSameForOneSeed) {
    auto s = clients_that([](squall::workload_context& self) -> asio::awaitable<void> {
        co_await squall::in_flight(self, 50, 500, [&](std::uint64_t n) -> asio::awaitable<void> {
            squall::decision_stream random(self.world().seed(), n);
            co_await nap(self, random.duration(0ns, 5ms));
            self.log(std::to_string(n));
        });
    });
    s.chaos(squall::profile::hostile);
    EXPECT_TRUE(s.check_determinism(1).same);
    EXPECT_TRUE(s.check_determinism(2).same);
}

}  // namespace
