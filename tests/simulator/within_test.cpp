// An operation's time-out: what it returns, whom it cancels, what it leaves.
#include <squall/within.h>

#include "kit_support.h"

#include <squall/stream.h>

#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <string>

namespace {

using namespace squall::testing_support;
using boost::system::error_code;
using boost::system::system_error;

asio::awaitable<std::string> slow(squall::process_context& self, squall::nanoseconds time) {
    co_await nap(self, time);
    co_return "done";
}

TEST(Within, GivesTheValueThatComesInTime) {
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        const auto result = co_await squall::within(self, 500ms, slow(self, 499ms));
        EXPECT_TRUE(result);
        EXPECT_EQ(*result, "done");
        EXPECT_EQ(result->size(), 4u);
        EXPECT_FALSE(result.timed_out());
        EXPECT_FALSE(result.unknown());
        EXPECT_FALSE(result.error());
        EXPECT_EQ(self.now(), 499ms);
    });
}

TEST(Within, CancelsWhatTakesLonger) {
    // Fails if the operation goes on, or the time is another.
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        bool ended = false, gone = false;
        const auto operation = [&]() -> asio::awaitable<int> {
            const auto at_the_end = std::shared_ptr<void>(nullptr, [&](void*) { gone = true; });
            co_await nap(self, 5s);
            ended = true;
            co_return 1;
        };
        const auto result = co_await squall::within(self, 500ms, operation());
        EXPECT_FALSE(result);
        EXPECT_TRUE(result.timed_out());
        EXPECT_TRUE(result.unknown());
        EXPECT_EQ(result.error(), asio::error::timed_out);
        EXPECT_EQ(self.now(), 500ms);
        EXPECT_TRUE(gone);
        co_await nap(self, 10s);
        EXPECT_FALSE(ended);
    });
}

TEST(Within, EndsAnOperationThatSwallowsErrors) {
    // Fails if cancelling ends only the one wait that was pending.
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        int waits = 0;
        const auto operation = [&]() -> asio::awaitable<void> {
            for (;;) {
                squall::timer wait(self.executor(), 1h);
                co_await wait.async_wait(asio::as_tuple(asio::deferred));
                ++waits;
            }
        };
        const auto result = co_await squall::within(self, 1s, operation());
        EXPECT_TRUE(result.timed_out());
        EXPECT_EQ(waits, 1);
        EXPECT_EQ(self.now(), 1s);
    });
}

TEST(Within, AnErrorIsPartOfTheResultAndItsOutcomeUnknown) {
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        const auto failing = [&]() -> asio::awaitable<int> {
            co_await nap(self, 1ms);
            throw system_error(asio::error::connection_reset);
        };
        const auto reset = co_await squall::within(self, 1s, failing());
        EXPECT_FALSE(reset);
        EXPECT_EQ(reset.error(), asio::error::connection_reset);
        EXPECT_TRUE(reset.unknown());
        EXPECT_FALSE(reset.timed_out());
        EXPECT_EQ(self.now(), 1ms);

        const auto refused = [&]() -> asio::awaitable<int> {
            co_await nap(self, 1ms);
            throw squall::had_no_effect("refused");
        };
        const auto nothing = co_await squall::within(self, 1s, refused());
        EXPECT_FALSE(nothing);
        EXPECT_FALSE(nothing.unknown());
        EXPECT_FALSE(nothing.error());
    });
}

TEST(Within, OtherExceptionsAreThrown) {
    // Fails if a check or a bug is taken for a failed request.
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        const auto wrong = [&]() -> asio::awaitable<void> {
            co_await nap(self, 1ms);
            throw squall::check_failed("wrong");
        };
        bool thrown = false;
        try {
            (void)co_await squall::within(self, 1s, wrong());
        } catch (const squall::check_failed&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        co_await nap(self, 2s);  // the time-out of it finds nothing
    });
}

TEST(Within, WithoutTimeTheOperationNeverBegins) {
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        bool begun = false;
        const auto operation = [&]() -> asio::awaitable<void> {
            begun = true;
            co_return;
        };
        const auto result = co_await squall::within(self, 0ns, operation());
        EXPECT_TRUE(result.timed_out());
        EXPECT_FALSE(result.unknown());
        EXPECT_FALSE(begun);
        EXPECT_TRUE(co_await squall::within(self, 1ns, operation()));
        EXPECT_TRUE(begun);
    });
}

TEST(Within, TheShorterOfTwoTimeOutsHolds) {
    // Fails if cancelling within() does not cancel the operation, or the inner result hides the outer end.
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        bool went_on = false;
        const auto nested = [&](squall::nanoseconds inner) -> asio::awaitable<std::string> {
            const auto result = co_await squall::within(self, inner, slow(self, 1h));
            went_on = true;
            EXPECT_TRUE(result.timed_out());
            co_return "inner";
        };
        const auto outer = co_await squall::within(self, 10ms, nested(20ms));
        EXPECT_TRUE(outer.timed_out());
        EXPECT_FALSE(outer);
        EXPECT_FALSE(went_on);
        EXPECT_EQ(self.now(), 10ms);
        const auto inner = co_await squall::within(self, 20ms, nested(10ms));
        EXPECT_TRUE(inner);
        EXPECT_EQ(*inner, "inner");
        EXPECT_EQ(self.now(), 20ms);
    });
}

TEST(Within, AValueThatComesForAllTheCancellationCounts) {
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        const auto stubborn = [&]() -> asio::awaitable<int> {
            try {
                co_await nap(self, 1h);
            } catch (const system_error&) {
            }
            co_return 7;
        };
        const auto result = co_await squall::within(self, 1ms, stubborn());
        EXPECT_TRUE(result.timed_out());
        EXPECT_TRUE(result);
        EXPECT_EQ(*result, 7);
        EXPECT_FALSE(result.unknown());
        EXPECT_FALSE(result.error());
    });
}

TEST(Within, TakesValuesThatHaveNoDefaultAndOnlyMove) {
    struct no_default {
        explicit no_default(int n) : number(std::make_unique<int>(n)) {}
        std::unique_ptr<int> number;
    };
    run_client([](squall::workload_context& self) -> asio::awaitable<void> {
        const auto make = [&]() -> asio::awaitable<no_default> {
            co_await nap(self, 1ms);
            co_return no_default(3);
        };
        auto result = co_await squall::within(self, 1s, make());
        EXPECT_EQ(*result->number, 3);
        EXPECT_FALSE((co_await squall::within(self, 1us, make())));
    });
}

TEST(Within, ARequestToAServerThatNeverAnswersTimesOut) {
    // A stream that is read, not a timer: fails if streams stand in the way of the time-out.
    squall::simulation s("silent");
    s.processes("server", 1, [](squall::process_context& self) -> asio::awaitable<void> {
        squall::acceptor listening(self.executor());
        error_code ec;
        listening.listen(self.endpoint(7), ec);
        auto peer = co_await listening.async_accept(asio::deferred);
        co_await nap(self, 1h);
    });
    s.workload("client", 1, [] {
        return std::make_unique<client_of_body>([](squall::workload_context& self) -> asio::awaitable<void> {
            const auto request = [&]() -> asio::awaitable<char> {
                squall::stream out(self.executor());
                co_await out.async_connect({self.peers("server").front(), 7}, asio::deferred);
                char reply = 0;
                co_await asio::async_read(out, asio::buffer(&reply, 1), asio::deferred);
                co_return reply;
            };
            const auto result = co_await squall::within(self, 2s, request());
            EXPECT_TRUE(result.timed_out());
            EXPECT_EQ(self.now(), 2s);
        });
    });
    const auto report = s.chaos(squall::profile::calm).threads(1).seeds(3).run();
    EXPECT_TRUE(report.ok()) << report;
}

TEST(Within, ARunThatEndsMeanwhileLeavesNothing) {
    // Fails under the leak sanitizer, or by the count, if the coroutines of one own each other.
    int alive = 0;
    auto s = clients_that([&](squall::workload_context& self) -> asio::awaitable<void> {
        const auto operation = [&]() -> asio::awaitable<void> {
            ++alive;
            const auto at_the_end = std::shared_ptr<void>(nullptr, [&](void*) { --alive; });
            co_await nap(self, 1h);
        };
        asio::co_spawn(self.executor(), nap(self, 5s), [&](std::exception_ptr) { self.world().stop(); });
        (void)co_await squall::within(self, 10s, operation());
    });
    const auto report = s.seeds(2).run();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(report.failures.size(), 2u);
}

}  // namespace
