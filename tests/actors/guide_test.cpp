#include <squall/actors/memory_store.h>
#include <squall/actors/node.h>
#include <squall/actors/persistent.h>
#include <squall/simulation.h>
#include <squall/timer.h>

#include <boost/asio/deferred.hpp>
#include <gtest/gtest.h>

namespace asio = boost::asio;
namespace actors = squall::actors;
using namespace std::chrono_literals;

// A jar of coins: one actor a jar, with a state that outlives it.
struct jar_state {
    std::int64_t coins = 0;
};

struct too_few {
    std::int64_t there = 0;
};

class jar {
    BOOST_DESCRIBE_CLASS(jar, (), (put, take, count), (), ())

public:
    static constexpr std::string_view type_name = "jar";
    using throws = std::tuple<too_few>;

    explicit jar(actors::context& self) : state_(self) {}

    asio::awaitable<void> put(std::int64_t coins) {
        state_->coins += coins;
        co_await state_.save();
    }
    asio::awaitable<void> take(std::int64_t coins) {
        if (state_->coins < coins)
            throw too_few{state_->coins};
        state_->coins -= coins;
        co_await state_.save();
    }
    std::int64_t count() { return state_->coins; }

private:
    actors::persistent<jar_state> state_;
};

// A process with a node: what main() would do on an io_context.
asio::awaitable<void> use_jars(squall::process_context& self) {
    actors::node_options options;
    options.store = std::make_shared<actors::memory_store>();
    actors::node here(self.executor(), options);
    actors::type_options type;
    type.idle_after = 1s;
    here.add<jar>(type);
    co_await here.start();

    const auto kitchen = here.get<jar>("kitchen");
    co_await kitchen.call<&jar::put>(5);
    std::int64_t missing = 0;
    try {
        co_await kitchen.call<&jar::take>(8);
    } catch (const too_few& few) {
        missing = 8 - few.there;
    }
    SQUALL_ALWAYS(missing == 3, "a declared exception reaches the caller", "missing", missing);

    // It goes when nobody calls it, and comes back with what it saved.
    squall::timer later(self.executor(), 10s);
    co_await later.async_wait(asio::deferred);
    SQUALL_ALWAYS(here.activations().empty(), "an idle actor goes");
    const std::int64_t coins = co_await kitchen.call<&jar::count>();
    SQUALL_ALWAYS(coins == 5, "its state stays", "coins", coins);
    SQUALL_REACHABLE("the jars were used");
    co_await here.stop();
}

class visitor : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override { co_await use_jars(self); }
};

TEST(Jar, KeepsItsCoins) {
    const auto report = squall::simulation("jar")
                            .workload("visitor", 1, [] { return std::make_unique<visitor>(); })
                            .seeds(20)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty()) << report;
}
