// Two nodes on loopback in this process, on Boost.Asio's own io_context: the same object files as in the
// simulator.
#include "support.h"

#include <squall/actors/memory_directory.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <unistd.h>

namespace squall::actors {
namespace {

using namespace testing_support;

// An address for each test program that runs at this time, so that ports never clash.
asio::ip::tcp::endpoint address(std::uint16_t port) {
    const auto pid = static_cast<unsigned>(::getpid());
    return {asio::ip::address_v4(0x7f000000u | ((pid % 0xfffe + 1) << 8) | 1u), port};
}

// To its end, or far beyond what any test takes.
void on_io_context(const std::function<asio::awaitable<void>(asio::any_io_executor)>& body) {
    asio::io_context io{1};
    bool ended = false;
    asio::co_spawn(io, body(io.get_executor()), [&](const std::exception_ptr& thrown) {
        ended = true;
        EXPECT_FALSE(thrown);
        io.stop();
    });
    io.run_for(60s);
    EXPECT_TRUE(ended);
}

struct count_state {
    std::int64_t count = 0;
};
class counter {
    BOOST_DESCRIBE_CLASS(counter, (), (add, where, rest, deadline_left), (), ())

public:
    static constexpr std::string_view type_name = "counter";
    explicit counter(context& self) : self_(self), state_(self) {}
    asio::awaitable<std::int64_t> add(std::int64_t n) {
        state_->count += n;
        co_await state_.save();
        co_return state_->count;
    }
    std::uint16_t where() { return self_.node().address.port; }
    asio::awaitable<void> rest(std::chrono::seconds time) { co_await pause(self_.executor(), time); }
    std::chrono::nanoseconds deadline_left() {
        return self_.deadline() - steady_clock::now(self_.executor());
    }

private:
    context& self_;
    persistent<count_state> state_;
};

struct pair_of_nodes {
    explicit pair_of_nodes(const asio::any_io_executor& io) {
        directory_options leases;
        leases.lease = 300ms;
        node_options how;
        how.directory = std::make_shared<memory_directory>(io, leases);
        how.store = std::make_shared<memory_store>();
        how.mode = delivery::at_least_once;
        type_options type;
        type.place = placement::local;
        for (auto* each : {&one, &two}) {
            how.listen = address(each == &one ? 7001 : 7002);
            *each = std::make_unique<node>(io, how);
            (*each)->add<counter>(type);
        }
    }
    asio::awaitable<void> start() {
        co_await one->start();
        co_await two->start();
    }
    std::unique_ptr<node> one;
    std::unique_ptr<node> two;
};

asio::awaitable<std::int64_t> add(node& from, std::int64_t n) {
    return from.get<counter>("a").call<&counter::add>(n);
}

TEST(RealNodes, CallEachOther) {
    on_io_context([](asio::any_io_executor io) -> asio::awaitable<void> {
        pair_of_nodes nodes(io);
        co_await nodes.start();
        for (std::int64_t i = 1; i <= 100; ++i) {
            const std::int64_t count = co_await add(i % 2 == 0 ? *nodes.one : *nodes.two, 1);
            EXPECT_EQ(count, i);
        }
        EXPECT_EQ(nodes.two->activations().size(), 1u);
        EXPECT_GE(nodes.two->count().messages_in, 50u);
        co_await nodes.one->stop();
        co_await nodes.two->stop();
    });
}

TEST(RealNodes, ADeadlineEndsACallFarAway) {
    on_io_context([](asio::any_io_executor io) -> asio::awaitable<void> {
        pair_of_nodes nodes(io);
        co_await nodes.start();
        co_await add(*nodes.two, 1);
        call_options soon;
        soon.timeout = 50ms;
        const auto a = nodes.one->get<counter>("a");
        const error_code code =
            co_await code_of(a.with(soon).call<&counter::rest>(std::chrono::seconds(3600)));
        // On a machine that is slow enough nobody had begun with it.
        EXPECT_TRUE(code == error::timed_out || code == error::maybe_delivered ||
                    code == error::not_delivered)
            << code;
        // The method has ended, or the actor would be busy for an hour.
        const std::int64_t count = co_await add(*nodes.one, 1);
        EXPECT_EQ(count, 2);
        auto asked = a.call<&counter::deadline_left>();
        const std::chrono::nanoseconds left = co_await std::move(asked);
        EXPECT_GT(left, 0s);
        EXPECT_LE(left, 30s);
        co_await nodes.one->stop();
        co_await nodes.two->stop();
    });
}

TEST(RealNodes, AnActorOfANodeThatCrashedComesBackOnTheOther) {
    on_io_context([](asio::any_io_executor io) -> asio::awaitable<void> {
        pair_of_nodes nodes(io);
        co_await nodes.start();
        co_await add(*nodes.two, 1);
        const std::int64_t before = co_await add(*nodes.one, 1);
        EXPECT_EQ(before, 2);
        // While it handles a message.
        error_code lost;
        call_options once;
        once.mode = delivery::at_most_once;
        const auto a = nodes.one->get<counter>("a").with(once);
        asio::co_spawn(io, code_of(a.call<&counter::rest>(std::chrono::seconds(3600))),
                       [&lost](const std::exception_ptr&, const error_code& code) { lost = code; });
        while (nodes.two->activations().empty() || nodes.two->activations().front().running == 0)
            co_await asio::post(io, asio::use_awaitable);
        nodes.two.reset();  // as a crash: it neither leaves nor releases anything
        const std::int64_t after = co_await add(*nodes.one, 1);
        EXPECT_EQ(after, 3);
        auto asked = a.call<&counter::where>();
        const std::uint16_t where = co_await std::move(asked);
        EXPECT_EQ(where, 7001);
        EXPECT_GE(nodes.one->count().connections_lost, 1u);
        EXPECT_EQ(lost, error::maybe_delivered);
        co_await nodes.one->stop();
    });
}

TEST(RealNodes, StoppingHandsTheActorsOver) {
    on_io_context([](asio::any_io_executor io) -> asio::awaitable<void> {
        pair_of_nodes nodes(io);
        co_await nodes.start();
        co_await add(*nodes.two, 1);
        co_await nodes.two->stop();
        EXPECT_FALSE(nodes.two->running());
        const error_code refused = co_await code_of(add(*nodes.two, 1));
        EXPECT_EQ(refused, error::stopped);
        const std::int64_t count = co_await add(*nodes.one, 1);
        EXPECT_EQ(count, 2);
        co_await nodes.one->stop();
    });
}

TEST(RealNodes, APortThatIsTakenIsAnError) {
    on_io_context([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options how;
        how.listen = address(7001);
        node one(io, how);
        node other(io, how);
        co_await one.start();
        const error_code code = co_await code_of(other.start());
        EXPECT_EQ(code, asio::error::address_in_use);
        co_await one.stop();
    });
}

}  // namespace
}  // namespace squall::actors
