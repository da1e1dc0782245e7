// Several nodes with one directory: where actors are placed, how messages find them, and what goes with them.
#include "../../actors/src/placement.h"
#include "support.h"

#include <squall/actors/memory_directory.h>

#include <boost/asio/bind_cancellation_slot.hpp>

#include <map>
#include <set>

namespace squall::actors {
namespace {

using namespace testing_support;

struct complaint {
    std::string about;
};

// Says where it is, and does as it is told.
class guest {
    BOOST_DESCRIBE_CLASS(guest, (),
                         (where, rest, move, time_left, time_left_of, complain, echo, repeat, rests), (), ())

public:
    static constexpr std::string_view type_name = "guest";
    using throws = std::tuple<complaint>;

    explicit guest(context& self) : self_(self) {}
    node_address where() { return self_.node().address; }
    asio::awaitable<void> rest(std::chrono::milliseconds time) {
        ++rests_;
        co_await pause(self_.executor(), time);
    }
    int rests() { return rests_; }
    void move(const node_address& to) { self_.migrate(to); }
    std::chrono::nanoseconds time_left() { return self_.deadline() - steady_clock::now(self_.executor()); }
    asio::awaitable<std::chrono::nanoseconds> time_left_of(std::string other) {
        auto asked = self_.get<guest>(other).call<&guest::time_left>();
        const std::chrono::nanoseconds left = co_await std::move(asked);
        co_return left;
    }
    void complain(const std::string& about) {
        complaint thrown;
        thrown.about = about;
        throw thrown;
    }
    std::string echo(const std::string& text) { return self_.key() + text; }
    std::string repeat(char what, std::uint32_t times) { return std::string(times, what); }

private:
    context& self_;
    int rests_ = 0;
};

struct town {
    town(const asio::any_io_executor& io, int count, const type_options& type = {},
         std::vector<std::vector<std::string>> tags = {}, node_options how = {})
        : places(std::make_shared<memory_directory>(io)),
          states(std::make_shared<memory_store>()) {
        for (int i = 0; i < count; ++i) {
            how.listen = address(i);
            how.directory = places;
            how.store = states;
            how.tags = tags.empty() ? std::vector<std::string>() : tags[static_cast<std::size_t>(i)];
            nodes.push_back(std::make_unique<node>(io, how));
            nodes.back()->add<guest>(type);
        }
    }
    static asio::ip::tcp::endpoint address(int i) {
        return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(7000 + i)};
    }
    // Until each knows of all.
    asio::awaitable<void> start(const asio::any_io_executor& io) {
        for (const auto& each : nodes)
            co_await each->start();
        co_await pause(io, 1s);
    }
    asio::awaitable<int> where(int from, const std::string& key) {
        auto asked = nodes[static_cast<std::size_t>(from)]->get<guest>(key).call<&guest::where>();
        const node_address found = co_await std::move(asked);
        co_return found.port - 7000;
    }
    asio::awaitable<void> stop() {
        for (const auto& each : nodes)
            co_await each->stop();
    }
    std::shared_ptr<memory_directory> places;
    std::shared_ptr<memory_store> states;
    std::vector<std::unique_ptr<node>> nodes;
};

TEST(Placement, LocalIsTheNodeThatCalls) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 3, type);
        co_await t.start(io);
        for (int i = 0; i < 9; ++i) {
            const int where = co_await t.where(i % 3, std::to_string(i));
            EXPECT_EQ(where, i % 3);
            // Once it has a place, it is there for all.
            const int still = co_await t.where((i + 1) % 3, std::to_string(i));
            EXPECT_EQ(still, i % 3);
        }
        co_await t.stop();
    });
}

TEST(Placement, RandomIsEveryNode) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        town t(io, 3);
        co_await t.start(io);
        std::map<int, int> counts;
        for (int i = 0; i < 90; ++i) {
            const int where = co_await t.where(0, std::to_string(i));
            ++counts[where];
        }
        for (int i = 0; i < 3; ++i)
            EXPECT_GT(counts[i], 15) << i;
        co_await t.stop();
    });
}

TEST(Placement, HashIsTheSameNodeWhoeverCallsAndHoweverOften) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::hash;
        type.idle_after = 1s;
        town t(io, 3, type);
        co_await t.start(io);
        std::map<std::string, int> before;
        for (int i = 0; i < 30; ++i) {
            const std::string key = std::to_string(i);
            before[key] = co_await t.where(i % 3, key);
        }
        co_await pause(io, 10s);
        for (const auto& each : t.nodes)
            EXPECT_TRUE(each->activations().empty());
        for (int i = 0; i < 30; ++i) {
            const std::string key = std::to_string(i);
            const int after = co_await t.where((i + 1) % 3, key);
            EXPECT_EQ(after, before[key]);
        }
        co_await t.stop();
    });
}

TEST(Placement, ATagIsForTheNodesThatHaveIt) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        for (const placement place :
             {placement::random, placement::local, placement::hash, placement::least_loaded}) {
            type_options type;
            type.place = place;
            type.tag = "disk";
            town t(io, 3, type, {{"ram"}, {"disk", "ram"}, {"disk"}});
            co_await t.start(io);
            std::set<int> seen;
            for (int i = 0; i < 20; ++i) {
                const int where = co_await t.where(0, std::to_string(i));
                seen.insert(where);
            }
            EXPECT_THAT(seen, testing::ElementsAre(1, 2)) << static_cast<int>(place);
            co_await t.stop();
        }
    });
}

TEST(Placement, ATagThatNobodyHasIsNoPlace) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.tag = "gpu";
        town t(io, 2, type);
        co_await t.start(io);
        const error_code code = co_await code_of(t.nodes[0]->get<guest>("a").call<&guest::where>());
        EXPECT_EQ(code, error::no_place);
        co_await t.stop();
    });
}

member one_member(std::uint16_t port, std::uint64_t activations = 0) {
    member made;
    made.node.address.ip = std::string("\x7f\0\0\1", 4);
    made.node.address.port = port;
    made.node.incarnation = port;
    made.activations = activations;
    return made;
}

TEST(Placement, LeastLoadedPrefersTheOneWithFewer) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::least_loaded;
        random_source random(io);
        const std::vector<member> members{one_member(1, 1000), one_member(2, 10), one_member(3, 0)};
        std::map<std::uint16_t, int> counts;
        for (int i = 0; i < 900; ++i)
            ++counts[detail::choose_node({"t", std::to_string(i)}, type, members, {}, random)->address.port];
        // Of two drawn, with repetition: 1/9, 3/9 and 5/9.
        EXPECT_LT(counts[1], 150);
        EXPECT_GT(counts[2], 220);
        EXPECT_GT(counts[3], 420);
        co_return;
    });
}

TEST(Placement, ANodeThatGoesMovesNoOthersKeys) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::hash;
        random_source random(io);
        const std::vector<member> all{one_member(1), one_member(2), one_member(3), one_member(4)};
        const std::vector<member> fewer{all[0], all[1], all[3]};
        std::map<std::uint16_t, int> counts;
        for (int i = 0; i < 1000; ++i) {
            const actor_id actor{"t", std::to_string(i)};
            const auto before = detail::choose_node(actor, type, all, {}, random);
            const auto after = detail::choose_node(actor, type, fewer, {}, random);
            ++counts[before->address.port];
            if (before->address.port != 3) {
                EXPECT_EQ(*before, *after);
            }
            // Another life of the node, at the same address, has the same keys.
            std::vector<member> again = all;
            for (member& each : again)
                each.node.incarnation += 100;
            EXPECT_EQ(detail::choose_node(actor, type, again, {}, random)->address, before->address);
        }
        for (std::uint16_t port = 1; port <= 4; ++port)
            EXPECT_NEAR(counts[port], 250, 60) << port;
        co_return;
    });
}

TEST(Nodes, AMessageIsForwardedOnceAndTheCallerLearnsWhereTo) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 3, type);
        co_await t.start(io);
        const int first = co_await t.where(1, "a");
        EXPECT_EQ(first, 1);
        const int seen = co_await t.where(0, "a");  // and remembers it
        EXPECT_EQ(seen, 1);
        auto moves = t.nodes[1]->get<guest>("a").call<&guest::move>(town::address(2));
        co_await std::move(moves);
        const int there = co_await t.where(2, "a");
        EXPECT_EQ(there, 2);
        EXPECT_EQ(t.nodes[1]->count().forwards, 0u);
        const int found = co_await t.where(0, "a");
        EXPECT_EQ(found, 2);
        EXPECT_EQ(t.nodes[1]->count().forwards, 1u);
        EXPECT_EQ(t.nodes[1]->count().most_forwards, 1u);
        const auto sent = t.nodes[0]->count().messages_out;
        const int again = co_await t.where(0, "a");
        EXPECT_EQ(again, 2);
        EXPECT_EQ(t.nodes[1]->count().forwards, 1u);
        EXPECT_EQ(t.nodes[0]->count().messages_out, sent + 1);
        co_await t.stop();
    });
}

TEST(Nodes, NoMessageIsForwardedBeyondTheLimit) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        node_options how;
        how.max_forwards = 0;
        town t(io, 3, type, {}, how);
        co_await t.start(io);
        co_await t.where(1, "a");
        co_await t.where(0, "a");
        auto moves = t.nodes[1]->get<guest>("a").call<&guest::move>(town::address(2));
        co_await std::move(moves);
        co_await t.where(2, "a");
        // It is refused there, and asks the directory again.
        const int found = co_await t.where(0, "a");
        EXPECT_EQ(found, 2);
        EXPECT_EQ(t.nodes[0]->count().retries, 1u);
        EXPECT_EQ(t.nodes[1]->count().forwards, 0u);
        co_await t.stop();
    });
}

TEST(Nodes, WhatWaitsGoesWithAnActorThatMoves) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        const auto a = t.nodes[0]->get<guest>("a");
        auto busy = a.send<&guest::rest>(100ms);
        co_await std::move(busy);
        auto moves = a.send<&guest::move>(town::address(1));
        co_await std::move(moves);
        auto asked = a.call<&guest::where>();
        const node_address found = co_await std::move(asked);
        EXPECT_EQ(found.port, 7001);
        EXPECT_EQ(t.nodes[0]->count().activations, 1u);
        EXPECT_EQ(t.nodes[1]->count().activations, 1u);
        co_await t.stop();
    });
}

// A directory that takes its time once it is told to.
class sleepy final : public directory {
public:
    explicit sleepy(const asio::any_io_executor& io) : executor_(io), kept_(io) {}
    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) override {
        return kept_.join(address, tags);
    }
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) override {
        if (asleep)
            co_await pause(executor_, 1h);
        auto renewed = kept_.renew(node, activations);
        std::vector<member> now = co_await std::move(renewed);
        co_return now;
    }
    asio::awaitable<std::vector<member>> members() override { return kept_.members(); }
    asio::awaitable<void> leave(const node_id& node) override { return kept_.leave(node); }
    asio::awaitable<std::optional<location>> lookup(const actor_id& actor) override {
        return kept_.lookup(actor);
    }
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) override {
        return kept_.claim(actor, node);
    }
    asio::awaitable<void> release(const actor_id& actor, const location& from) override {
        return kept_.release(actor, from);
    }
    bool asleep = false;

private:
    asio::any_io_executor executor_;
    memory_directory kept_;
};

struct ticks {
    int count = 0;
};
class ticker {
    BOOST_DESCRIBE_CLASS(ticker, (), (begin, tick), (), ())

public:
    static constexpr std::string_view type_name = "ticker";
    ticker(context& self, std::shared_ptr<ticks> seen) : self_(self), seen_(std::move(seen)) {}
    void begin() {
        self_.every<&ticker::tick>(100ms);
        self_.after<&ticker::tick>(3050ms);
    }
    void tick() { ++seen_->count; }

private:
    context& self_;
    std::shared_ptr<ticks> seen_;
};

TEST(Nodes, ATickWithoutALeaseEndsItsActivation) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        const auto places = std::make_shared<sleepy>(io);
        const auto seen = std::make_shared<ticks>();
        node_options how;
        how.listen = town::address(0);
        how.directory = places;
        node here(io, how);
        here.add<ticker>({}, [seen](context& self) { return std::make_unique<ticker>(self, seen); });
        co_await here.start();
        auto begun = here.get<ticker>("a").call<&ticker::begin>();
        co_await std::move(begun);
        places->asleep = true;  // the lease of 3 s cannot be renewed any more
        co_await pause(io, 10s);
        EXPECT_TRUE(here.activations().empty());
        EXPECT_GT(seen->count, 20);
        EXPECT_LT(seen->count, 40);
    });
}

TEST(Nodes, ADeadlineGoesAlongAndEndsTheMethodThere) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        co_await t.where(1, "a");
        call_options soon;
        soon.timeout = 100ms;
        const auto a = t.nodes[0]->get<guest>("a").with(soon);
        auto asked = a.call<&guest::time_left>();
        const std::chrono::nanoseconds left = co_await std::move(asked);
        EXPECT_GT(left, 50ms);
        EXPECT_LE(left, 100ms);
        // And on, to what the method calls itself.
        auto nested = a.call<&guest::time_left_of>("b");
        const std::chrono::nanoseconds left_there = co_await std::move(nested);
        EXPECT_GT(left_there, 50ms);
        EXPECT_LE(left_there, 100ms);
        const auto begun = steady_clock::now(io);
        const error_code code = co_await code_of(a.call<&guest::rest>(10s));
        EXPECT_EQ(code, error::timed_out);
        EXPECT_EQ(steady_clock::now(io) - begun, 100ms);
        const int free = co_await t.where(1, "a");
        EXPECT_EQ(free, 1);
        EXPECT_LT(steady_clock::now(io) - begun, 1s);
        co_await t.stop();
    });
}

TEST(Nodes, CancellingACallCancelsItsMethodFarAway) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        co_await t.where(1, "a");
        asio::cancellation_signal stop;
        error_code seen;
        const auto a = t.nodes[0]->get<guest>("a");
        asio::co_spawn(io, code_of(a.call<&guest::rest>(10s)),
                       asio::bind_cancellation_slot(
                           stop.slot(), [&](std::exception_ptr, error_code code) { seen = code; }));
        co_await pause(io, 50ms);
        const auto begun = steady_clock::now(io);
        stop.emit(asio::cancellation_type::terminal);
        const int free = co_await t.where(1, "a");
        EXPECT_EQ(free, 1);
        EXPECT_EQ(seen, asio::error::operation_aborted);
        EXPECT_LT(steady_clock::now(io) - begun, 1s);
        co_await t.stop();
    });
}

TEST(Nodes, AFullMailboxFarAwayHoldsSendersBack) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        type.mailbox = 1;
        town t(io, 2, type);
        co_await t.start(io);
        co_await t.where(1, "a");
        const auto a = t.nodes[0]->get<guest>("a");
        const auto begun = steady_clock::now(io);
        for (int i = 0; i < 4; ++i) {
            auto sent = a.send<&guest::rest>(1s);
            co_await std::move(sent);
        }
        // One is handled, one waits: the fourth had to wait for two to end.
        EXPECT_GE(steady_clock::now(io) - begun, 2s);
        EXPECT_GT(t.nodes[1]->count().busy, 0u);
        call_options soon;
        soon.timeout = 100ms;
        const error_code code = co_await code_of(a.with(soon).call<&guest::where>());
        EXPECT_EQ(code, error::busy);
        EXPECT_TRUE(had_no_effect(code));
        auto last = a.call<&guest::rests>();
        const int rests = co_await std::move(last);
        EXPECT_EQ(rests, 4);
        co_await t.stop();
    });
}

TEST(Nodes, ADeclaredExceptionComesBackFromFarAway) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        co_await t.where(1, "a");
        std::string about;
        try {
            auto asked = t.nodes[0]->get<guest>("a").call<&guest::complain>("noise");
            co_await std::move(asked);
        } catch (const complaint& e) {
            about = e.about;
        }
        EXPECT_EQ(about, "noise");
        EXPECT_EQ(t.nodes[1]->count().handler_errors, 0u);
        co_await t.stop();
    });
}

// The same type in an older and in a newer program.
namespace newer {
class guest {
    BOOST_DESCRIBE_CLASS(guest, (), (where, leave_early, echo), (), ())

public:
    static constexpr std::string_view type_name = "guest";
    std::string where() { return {}; }                               // gave an address
    void leave_early() {}                                            // is new
    std::string echo(int number) { return std::to_string(number); }  // took a text
    std::vector<std::string> rests() { return {}; }                  // gave a number
};
}  // namespace newer

TEST(Nodes, ClassesThatDifferAreTypedErrors) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        co_await t.where(1, "a");
        const auto a = t.nodes[0]->get<newer::guest>("a");
        error_code code = co_await code_of(a.call<&newer::guest::leave_early>());
        EXPECT_EQ(code, error::unknown_method);
        code = co_await code_of(a.call<&newer::guest::echo>(1 << 20));
        EXPECT_EQ(code, error::malformed);
        code = co_await code_of(a.call<&newer::guest::where>());
        EXPECT_EQ(code, error::bad_result);
        EXPECT_FALSE(had_no_effect(code));
        // The connection and the actor are none the worse.
        const int where = co_await t.where(0, "a");
        EXPECT_EQ(where, 1);
        EXPECT_EQ(t.nodes[0]->count().connections_lost, 0u);
        co_await t.stop();
    });
}

TEST(Nodes, ANodeWithoutTheTypeSaysSo) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        town t(io, 1);
        node_options how;
        how.listen = town::address(1);
        how.directory = t.places;
        node other(io, how);  // has no guests
        co_await t.start(io);
        co_await other.start();
        co_await pause(io, 1s);
        int unknown = 0;
        for (int i = 0; i < 20; ++i) {
            const error_code code =
                co_await code_of(t.nodes[0]->get<guest>(std::to_string(i)).call<&guest::where>());
            if (code == error::unknown_type)
                ++unknown;
            else
                EXPECT_EQ(code, error_code());
        }
        EXPECT_GT(unknown, 0);
        EXPECT_LT(unknown, 20);
        co_await other.stop();
        co_await t.stop();
    });
}

TEST(Nodes, KeysAreAnyBytes) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        town t(io, 2, type);
        co_await t.start(io);
        std::string every;
        for (int i = 0; i < 256; ++i)
            every += static_cast<char>(i);
        const std::vector<std::string> keys{"",  every,      std::string(1, '\0'),   std::string(2, '\0'),
                                            "/", "\xff\xfe", std::string(1024, '\n')};
        for (const std::string& key : keys) {
            co_await t.where(1, key);
            for (const auto& from : t.nodes) {
                auto asked = from->get<guest>(key).call<&guest::echo>("!");
                const std::string said = co_await std::move(asked);
                EXPECT_EQ(said, key + "!");
            }
        }
        EXPECT_EQ(t.nodes[1]->activations().size(), keys.size());
        EXPECT_EQ(t.nodes[0]->activations().size(), 0u);
        const error_code code =
            co_await code_of(t.nodes[0]->get<guest>(std::string(1025, 'x')).call<&guest::where>());
        EXPECT_EQ(code, error::too_large);
        co_await t.stop();
    });
}

TEST(Nodes, AResultLargerThanAFrameIsTheActorsFailure) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        type_options type;
        type.place = placement::local;
        node_options how;
        how.max_frame = 1100;
        town t(io, 2, type, {}, how);
        co_await t.start(io);
        co_await t.where(1, "a");
        const auto a = t.nodes[0]->get<guest>("a");
        error_code code = co_await code_of(a.call<&guest::echo>(std::string(1100, 'x')));
        EXPECT_EQ(code, error::too_large);  // it was not sent
        EXPECT_TRUE(had_no_effect(code));
        code = co_await code_of(a.call<&guest::repeat>('x', 1000u));
        EXPECT_EQ(code, error_code());
        code = co_await code_of(a.call<&guest::repeat>('x', 1100u));
        EXPECT_EQ(code, error::handler_failed);  // it was handled
        EXPECT_EQ(t.nodes[0]->count().connections_lost, 0u);
        co_await t.stop();
    });
}

}  // namespace
}  // namespace squall::actors
