// One node: calls, their order, their ends, and the lives of actors.
#include "support.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace squall::actors {
namespace {

using namespace testing_support;

struct too_much {
    int asked = 0;
    std::string why;
};

struct diary {
    std::vector<std::string> lines;
    int constructed = 0;
    int destroyed = 0;
    int inside = 0;  // methods of one actor under way
    int most_inside = 0;
};

class clerk {
    BOOST_DESCRIBE_CLASS(clerk, (),
                         (add, plain, write, refuse, fail, fail_by_code, ask_self, ask_other, leave, tick,
                          start_ticking),
                         (), ())

public:
    static constexpr std::string_view type_name = "clerk";
    using throws = std::tuple<too_much>;

    clerk(context& self, std::shared_ptr<diary> kept) : self_(self), kept_(std::move(kept)), diary_(*kept_) {
        ++diary_.constructed;
    }
    ~clerk() { ++diary_.destroyed; }

    asio::awaitable<void> activate() {
        co_await pause(self_.executor(), 1ms);
        diary_.lines.push_back("activate " + self_.key());
    }
    asio::awaitable<void> deactivate(deactivation why) {
        co_await pause(self_.executor(), 1ms);
        diary_.lines.push_back("deactivate " + std::to_string(static_cast<int>(why)));
    }
    asio::awaitable<int> add(int a, int b) { co_return a + b; }
    std::string plain(const std::string& text) { return "plain " + text; }
    asio::awaitable<void> write(std::string line, std::chrono::milliseconds time) {
        ++diary_.inside;
        diary_.most_inside = std::max(diary_.most_inside, diary_.inside);
        co_await pause(self_.executor(), time);
        --diary_.inside;
        diary_.lines.push_back(line);
    }
    asio::awaitable<void> refuse(int what) {
        too_much thrown;
        thrown.asked = what;
        thrown.why = "no";
        throw thrown;
        co_return;
    }
    asio::awaitable<void> fail() {
        throw std::runtime_error("it broke");
        co_return;
    }
    asio::awaitable<void> fail_by_code() {
        throw boost::system::system_error(asio::error::no_permission);
        co_return;
    }
    asio::awaitable<int> ask_self() {
        auto asked = self_.get<clerk>(self_.key()).call<&clerk::add>(1, 2);
        const int sum = co_await std::move(asked);
        co_return sum;
    }
    asio::awaitable<void> ask_other(std::string whom) {
        auto asked = self_.get<clerk>(whom).call<&clerk::write>("late", 10s);
        co_await std::move(asked);
    }
    void leave() { self_.deactivate(); }
    void tick() { diary_.lines.push_back("tick"); }
    void start_ticking() { self_.every<&clerk::tick>(1s); }

private:
    context& self_;
    const std::shared_ptr<diary> kept_;  // a method under way outlives the test's body
    diary& diary_;
};

struct office {
    explicit office(asio::any_io_executor executor, type_options type = {}, node_options options = {})
        : here(std::move(executor), options) {
        here.add<clerk>(type, [all = shared](context& self) { return std::make_unique<clerk>(self, all); });
    }
    const std::shared_ptr<diary> shared = std::make_shared<diary>();
    diary& kept = *shared;
    node here;
};

TEST(Node, CallsAMethodAndGivesItsResult) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        auto asked = o.here.get<clerk>("a").call<&clerk::add>(2, 3);
        const int sum = co_await std::move(asked);
        EXPECT_EQ(sum, 5);
        auto said = o.here.get<clerk>("a").call<&clerk::plain>("text");
        const std::string text = co_await std::move(said);
        EXPECT_EQ(text, "plain text");
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a"));
        EXPECT_EQ(o.kept.constructed, 1);
    });
}

TEST(Node, EncodedLocallyACallIsTheSame) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.encode_local = true;
        office o(io, {}, options);
        co_await o.here.start();
        auto asked = o.here.get<clerk>("a").call<&clerk::add>(-2, 3);
        const int sum = co_await std::move(asked);
        EXPECT_EQ(sum, 1);
        int caught = 0;
        try {
            auto refused = o.here.get<clerk>("a").call<&clerk::refuse>(7);
            co_await std::move(refused);
        } catch (const too_much& e) {
            caught = e.asked;
        }
        EXPECT_EQ(caught, 7);
    });
}

TEST(Node, OneMessageAtATimeInTheOrderOfTheirSending) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        for (int i = 0; i < 5; ++i) {
            auto sent = a.send<&clerk::write>(std::to_string(i), std::chrono::milliseconds(10 - i));
            co_await std::move(sent);
        }
        auto last = a.call<&clerk::write>("end", 0ms);
        co_await std::move(last);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "0", "1", "2", "3", "4", "end"));
        EXPECT_EQ(o.kept.most_inside, 1);
    });
}

TEST(Node, AReentrantActorHandlesMessagesSideBySide) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.reentrant = true;
        office o(io, type);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        for (int i = 0; i < 3; ++i) {
            auto sent = a.send<&clerk::write>(std::to_string(i), std::chrono::milliseconds(30 - 10 * i));
            co_await std::move(sent);
        }
        auto asked = a.call<&clerk::ask_self>();
        const int sum = co_await std::move(asked);
        EXPECT_EQ(sum, 3);
        co_await pause(io, 1s);
        EXPECT_EQ(o.kept.most_inside, 3);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "2", "1", "0"));
    });
}

TEST(Node, WhatAMethodThrowsTravelsToItsCaller) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        std::string why;
        try {
            auto refused = a.call<&clerk::refuse>(7);
            co_await std::move(refused);
        } catch (const too_much& e) {
            why = e.why;
        }
        EXPECT_EQ(why, "no");
        std::string what;
        try {
            auto failing = a.call<&clerk::fail>();
            co_await std::move(failing);
        } catch (const call_failed& e) {
            EXPECT_EQ(e.code(), error::handler_failed);
            what = e.what();
        }
        EXPECT_THAT(what, testing::HasSubstr("it broke"));
        const error_code code = co_await code_of(a.call<&clerk::fail_by_code>());
        EXPECT_EQ(code, asio::error::no_permission);
        // The actor stays.
        EXPECT_EQ(o.kept.constructed, 1);
    });
}

TEST(Node, ADeadlineEndsACallAndItsMethod) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        call_options soon;
        soon.timeout = 100ms;
        const auto a = o.here.get<clerk>("a");
        const auto begun = steady_clock::now(io);
        const error_code code = co_await code_of(a.with(soon).call<&clerk::write>("never", 10s));
        EXPECT_EQ(code, error::timed_out);
        EXPECT_EQ(steady_clock::now(io) - begun, 100ms);
        // The method was cancelled: the next turn comes at once.
        auto next = a.call<&clerk::add>(1, 1);
        co_await std::move(next);
        EXPECT_LT(steady_clock::now(io) - begun, 200ms);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a"));
        // One that waits behind another has certainly not been handled.
        auto busy = a.send<&clerk::write>("long", 1s);
        co_await std::move(busy);
        const error_code behind = co_await code_of(a.with(soon).call<&clerk::add>(1, 1));
        EXPECT_EQ(behind, error::not_delivered);
        EXPECT_TRUE(had_no_effect(behind));
    });
}

TEST(Node, ACallInsideATurnInheritsItsDeadline) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        call_options soon;
        soon.timeout = 200ms;
        const error_code code =
            co_await code_of(o.here.get<clerk>("a").with(soon).call<&clerk::ask_other>("b"));
        EXPECT_EQ(code, error::timed_out);
        const auto begun = steady_clock::now(io);
        auto next = o.here.get<clerk>("b").call<&clerk::add>(1, 1);
        co_await std::move(next);
        EXPECT_LT(steady_clock::now(io) - begun, 1s);
    });
}

TEST(Node, CancellingACallCancelsItsMethod) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        asio::cancellation_signal stop;
        error_code seen;
        const auto a = o.here.get<clerk>("a");
        asio::co_spawn(io, code_of(a.call<&clerk::write>("never", 10s)),
                       asio::bind_cancellation_slot(
                           stop.slot(), [&](std::exception_ptr, error_code code) { seen = code; }));
        co_await pause(io, 50ms);
        stop.emit(asio::cancellation_type::terminal);
        auto next = a.call<&clerk::add>(1, 1);
        co_await std::move(next);
        EXPECT_EQ(seen, asio::error::operation_aborted);
        EXPECT_EQ(o.kept.lines.size(), 1u);
    });
}

TEST(Node, AFullMailboxHoldsSendersBack) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.mailbox = 2;
        office o(io, type);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        auto first = a.call<&clerk::add>(0, 0);
        co_await std::move(first);
        const auto begun = steady_clock::now(io);
        for (int i = 0; i < 5; ++i) {
            auto sent = a.send<&clerk::write>(std::to_string(i), 1s);
            co_await std::move(sent);
        }
        // One is handled, two wait: the others had to wait for room.
        EXPECT_GE(steady_clock::now(io) - begun, 1s);
        call_options soon;
        soon.timeout = 100ms;
        const error_code code = co_await code_of(a.with(soon).send<&clerk::write>("x", 1s));
        EXPECT_EQ(code, error::busy);
        EXPECT_GT(o.here.count().busy, 0u);
        co_await pause(io, 10s);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "0", "1", "2", "3", "4"));
    });
}

TEST(Node, AnActorThatCallsItselfIsToldSo) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const error_code code = co_await code_of(o.here.get<clerk>("a").call<&clerk::ask_self>());
        EXPECT_EQ(code, error::handler_failed);
    });
}

TEST(Node, AnIdleActorIsDeactivatedAndComesBack) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.idle_after = 1min;
        office o(io, type);
        co_await o.here.start();
        auto first = o.here.get<clerk>("a").call<&clerk::add>(1, 1);
        co_await std::move(first);
        co_await pause(io, 50s);
        EXPECT_EQ(o.here.activations().size(), 1u);
        co_await pause(io, 20s);
        EXPECT_EQ(o.here.activations().size(), 0u);
        EXPECT_EQ(o.kept.destroyed, 1);
        auto again = o.here.get<clerk>("a").call<&clerk::add>(1, 1);
        co_await std::move(again);
        EXPECT_EQ(o.kept.constructed, 2);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "deactivate 2", "activate a"));
    });
}

TEST(Node, MessagesThatWaitWhenAnActorLeavesBeginAnother) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        auto leaves = a.send<&clerk::leave>();
        co_await std::move(leaves);
        auto one = a.send<&clerk::write>("one", 1ms);
        co_await std::move(one);
        auto two = a.call<&clerk::write>("two", 1ms);
        co_await std::move(two);
        EXPECT_THAT(o.kept.lines,
                    testing::ElementsAre("activate a", "deactivate 0", "activate a", "one", "two"));
    });
}

TEST(Node, UnderPressureTheLongestIdleGoes) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.max_activations = 2;
        office o(io, {}, options);
        co_await o.here.start();
        for (const char* key : {"a", "b", "a", "c"}) {
            auto asked = o.here.get<clerk>(key).call<&clerk::add>(1, 1);
            co_await std::move(asked);
            co_await pause(io, 1s);
        }
        std::vector<std::string> keys;
        for (const activation_info& each : o.here.activations())
            keys.push_back(each.key);
        EXPECT_THAT(keys, testing::ElementsAre("a", "c"));
    });
}

TEST(Node, TimersAreMessages) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        auto begin = a.call<&clerk::start_ticking>();
        co_await std::move(begin);
        co_await pause(io, 2500ms);
        auto block = a.call<&clerk::write>("blocked", 3s);
        co_await std::move(block);
        co_await pause(io, 100ms);
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "tick", "tick", "blocked", "tick"));
        auto leaves = a.call<&clerk::leave>();
        co_await std::move(leaves);
        co_await pause(io, 10s);
        EXPECT_EQ(o.kept.lines.size(), 6u);
    });
}

TEST(Node, ATickThatWaitsEndsWithItsActivation) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        auto begin = a.call<&clerk::start_ticking>();
        co_await std::move(begin);
        auto block = a.send<&clerk::write>("blocked", 3s);
        co_await std::move(block);
        auto leaves = a.call<&clerk::leave>();
        co_await std::move(leaves);
        co_await pause(io, 10s);
        // A tick came while it was busy, and must not bring it back.
        EXPECT_THAT(o.kept.lines, testing::ElementsAre("activate a", "blocked", "deactivate 0"));
        EXPECT_EQ(o.kept.constructed, 1);
        EXPECT_TRUE(o.here.activations().empty());
    });
}

TEST(Node, StoppingDeactivatesAllAndRefusesCalls) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const auto a = o.here.get<clerk>("a");
        auto asked = a.call<&clerk::add>(1, 1);
        co_await std::move(asked);
        co_await o.here.stop();
        EXPECT_EQ(o.kept.destroyed, 1);
        EXPECT_EQ(o.kept.lines.back(), "deactivate 4");
        const error_code code = co_await code_of(a.call<&clerk::add>(1, 1));
        EXPECT_EQ(code, error::stopped);
    });
}

class stranger {
    BOOST_DESCRIBE_CLASS(stranger, (), (number), (), ())

public:
    static constexpr std::string_view type_name = "stranger";
    int number() { return 1; }
};

TEST(Node, AnUnknownTypeIsAnError) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        const error_code code = co_await code_of(o.here.get<stranger>("x").call<&stranger::number>());
        EXPECT_EQ(code, error::unknown_type);
        bool refused = false;
        try {
            o.here.add<clerk>({}, [&o](context& self) { return std::make_unique<clerk>(self, o.shared); });
        } catch (const call_failed& e) {
            refused = e.code() == error::duplicate_type;
        }
        EXPECT_TRUE(refused);
        const error_code longer =
            co_await code_of(o.here.get<clerk>(std::string(2000, 'x')).call<&clerk::add>(1, 1));
        EXPECT_EQ(longer, error::too_large);
    });
}

struct purse {
    std::int64_t coins = 0;
};
class saver {
    BOOST_DESCRIBE_CLASS(saver, (), (put, coins, leave), (), ())

public:
    static constexpr std::string_view type_name = "saver";
    explicit saver(context& self) : self_(self), purse_(self) {}
    asio::awaitable<std::int64_t> put(std::int64_t coins) {
        purse_->coins += coins;
        co_await purse_.save();
        co_return purse_->coins;
    }
    std::int64_t coins() { return purse_->coins; }
    void leave() { self_.deactivate(); }

private:
    context& self_;
    persistent<purse> purse_;
};

TEST(Node, AStateOutlivesItsActivation) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.store = std::make_shared<memory_store>();
        node here(io, options);
        here.add<saver>();
        co_await here.start();
        const auto a = here.get<saver>("a");
        auto put = a.call<&saver::put>(5);
        co_await std::move(put);
        auto leave = a.call<&saver::leave>();
        co_await std::move(leave);
        auto asked = a.call<&saver::coins>();
        const std::int64_t coins = co_await std::move(asked);
        EXPECT_EQ(coins, 5);
        EXPECT_EQ(here.count().activations, 2u);
    });
}

TEST(Node, AnActivationThatALaterOneOvertookCannotSave) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.store = std::make_shared<memory_store>();
        node one(io, options);
        node two(io, options);  // as if it took the actor over
        one.add<saver>();
        two.add<saver>();
        co_await one.start();
        auto first = one.get<saver>("a").call<&saver::put>(5);
        co_await std::move(first);
        co_await two.start();
        auto second = two.get<saver>("a").call<&saver::put>(2);
        const std::int64_t coins = co_await std::move(second);
        EXPECT_EQ(coins, 7);
        const error_code code = co_await code_of(one.get<saver>("a").call<&saver::put>(1));
        EXPECT_EQ(code, error::fenced);
        EXPECT_EQ(one.count().fenced, 1u);
        auto asked = two.get<saver>("a").call<&saver::put>(1);
        const std::int64_t now = co_await std::move(asked);
        EXPECT_EQ(now, 8);
    });
}

// Does what it is told, and loses the answer of the first save.
class forgetful_store final : public state_store {
public:
    asio::awaitable<std::uint64_t> open() override { return kept_.open(); }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override {
        return kept_.load(key, epoch);
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override {
        auto saving = kept_.save(key, epoch, expected, std::move(bytes));
        const std::uint64_t version = co_await std::move(saving);
        if (!std::exchange(lost_, true))
            throw call_failed(error::store_unavailable);
        co_return version;
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override {
        return kept_.clear(key, epoch, expected);
    }

private:
    memory_store kept_;
    bool lost_ = false;
};

TEST(Node, AfterASaveOfUnknownOutcomeTheStateIsLoadedAnew) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.store = std::make_shared<forgetful_store>();
        node here(io, options);
        here.add<saver>();
        co_await here.start();
        const auto a = here.get<saver>("a");
        const error_code code = co_await code_of(a.call<&saver::put>(5));
        EXPECT_EQ(code, error::store_unavailable);
        auto put = a.call<&saver::put>(2);
        const std::int64_t coins = co_await std::move(put);
        EXPECT_EQ(coins, 7);
        EXPECT_EQ(here.count().activations, 2u);
    });
}

TEST(Node, MetricsAndListing) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        office o(io);
        co_await o.here.start();
        auto asked = o.here.get<clerk>(std::string("k\0y", 3)).call<&clerk::add>(1, 1);
        co_await std::move(asked);
        EXPECT_THAT(prometheus_text(o.here), testing::HasSubstr("\nsquall_actors_turns_total 1\n"));
        EXPECT_THAT(prometheus_text(o.here),
                    testing::HasSubstr("\nsquall_actors_active{type=\"clerk\"} 1\n"));
        EXPECT_THAT(activation_table(o.here), testing::HasSubstr("clerk/k\\x00y\n"));
    });
}

}  // namespace
}  // namespace squall::actors
