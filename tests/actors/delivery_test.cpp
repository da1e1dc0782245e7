// Messages that are sent at least once, and come more than once.
#include "raw_peer.h"

namespace squall::actors {
namespace {

using namespace testing_support;

TEST(Delivery, AMessageThatComesAgainIsHandledOnce) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(5);
        request.at_least_once = true;
        error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        // Over another connection, as after a break: the same answer.
        peer q(io);
        co_await q.greet();
        request.ticket = 9;
        co_await q.send(frame_kind::request, request);
        const auto reply = co_await q.answer();
        EXPECT_TRUE(reply);
        typed_call<tally, &tally::add> call;
        if (reply)
            call.decode_outcome(reply->outcome);
        EXPECT_EQ(call.take(), 5);
        EXPECT_EQ(here.count().duplicates, 1u);
        // To the next activation: its state knows of it, its answer is gone.
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        request.ticket = 10;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error::result_lost);
        // An older one, whose answer the caller says that it has.
        request = adding(5, 11);
        request.at_least_once = true;
        request.oldest = 11;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error_code());
        request.ticket = 12;
        request.number = 3;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error::result_lost);
        auto asked = here.get<tally>("k").call<&tally::total>();
        const std::vector<std::int64_t> total = co_await std::move(asked);
        EXPECT_THAT(total, testing::ElementsAre(10, 5));
        co_await here.stop();
    });
}

TEST(Delivery, WhatWasNotSavedIsHandledAgainByTheNextActivation) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(5);
        request.method = method_number("add_unsaved");
        request.at_least_once = true;
        for (std::uint64_t ticket = 1; ticket <= 2; ++ticket) {
            request.ticket = ticket;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        EXPECT_EQ(here.count().duplicates, 1u);
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        request.ticket = 3;
        const error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        EXPECT_EQ(here.count().duplicates, 1u);
        co_await here.stop();
    });
}

TEST(Delivery, EachOfSeveralStatesRemembersWhatItWasSavedWith) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        // 7 goes into both states, 3 into the first only.
        std::uint64_t ticket = 0;
        for (const std::int64_t number : {7, 3}) {
            request_frame request = adding(number, ++ticket);
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        for (const std::int64_t number : {7, 3}) {
            request_frame request = adding(number, ++ticket);
            request.number = ticket - 2;
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error::result_lost);
        }
        auto asked = here.get<tally>("k").call<&tally::total>();
        const std::vector<std::int64_t> total = co_await std::move(asked);
        EXPECT_THAT(total, testing::ElementsAre(10, 7));
        co_await here.stop();
    });
}

TEST(Delivery, ALaterSaveForgetsNoEarlierMessage) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
            request_frame request = adding(-1, ticket);  // below the peak: into one state alone
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        for (std::uint64_t number = 1; number <= 3; ++number) {
            request_frame request = adding(-1, number + 3);
            request.number = number;
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error::result_lost) << number;
        }
        co_await here.stop();
    });
}

TEST(Delivery, AMessageThatIsUnderWayIsNotBegunAgain) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        request_frame slow = adding(1);
        slow.method = method_number("rest");
        slow.arguments = encode(std::tuple(std::chrono::milliseconds(1000)));
        slow.at_least_once = true;
        auto first = std::make_unique<peer>(io);
        co_await first->greet();
        co_await first->send(frame_kind::request, slow);
        co_await pause(io, 100ms);
        first.reset();  // its connection breaks
        peer second(io);
        co_await second.greet();
        const auto begun = steady_clock::now(io);
        co_await second.send(frame_kind::request, slow);
        const auto reply = co_await second.answer();
        EXPECT_TRUE(reply);
        EXPECT_LT(steady_clock::now(io) - begun, 950ms);  // of the first one's second there was less left
        EXPECT_EQ(here.count().turns, 1u);
        EXPECT_EQ(here.count().duplicates, 1u);
        co_await here.stop();
    });
}

TEST(Delivery, AnActorThatRemembersTooMuchTakesNoMore) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        error_code code;
        // A caller that never says which answers it has.
        for (std::uint64_t ticket = 1; ticket <= 1024; ++ticket) {
            request_frame request = adding(1, ticket);
            request.method = method_number("add_unsaved");
            request.at_least_once = true;
            code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        request_frame request = adding(1, 1025);
        request.at_least_once = true;
        code = co_await p.ask(request);
        EXPECT_EQ(code, error::busy);
        // It says so now.
        request.ticket = 1026;
        request.oldest = 1000;
        code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        co_await here.stop();
    });
}

}  // namespace
}  // namespace squall::actors
