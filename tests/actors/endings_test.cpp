// Activations that end at odd moments: in the turn of their own clock, and after their node.
#include "support.h"

#include <squall/actors/store.h>

#include <boost/asio/error.hpp>

namespace squall::actors {
namespace {

using namespace testing_support;

struct remains {
    int turns = 0;
    std::string last;  // type and key of the last that was destroyed
};

class fuse {
    BOOST_DESCRIBE_CLASS(fuse, (), (once, again, blow, abort), (), ())

public:
    static constexpr std::string_view type_name = "fuse";

    fuse(context& self, remains& left) : self_(self), left_(left) {}
    ~fuse() { left_.last = to_string(self_.id()); }

    void once() { self_.after<&fuse::blow>(10ms); }
    void again() { self_.every<&fuse::blow>(10ms); }
    void blow() {
        ++left_.turns;
        self_.deactivate();
    }
    void abort() { throw boost::system::system_error(asio::error::operation_aborted); }

private:
    context& self_;
    remains& left_;
};

std::unique_ptr<node> node_of_fuses(const asio::any_io_executor& io, remains& left) {
    auto here = std::make_unique<node>(io);
    here->add<fuse>({}, [&left](context& self) { return std::make_unique<fuse>(self, left); });
    return here;
}

// Fails, under a sanitizer, if the clock is touched after the turn that ended its activation.
TEST(Endings, AClocksOwnTurnMayEndItsActivation) {
    remains left;
    in_world([&left](asio::any_io_executor io) -> asio::awaitable<void> {
        const auto here = node_of_fuses(io, left);
        co_await here->start();
        const auto a = here->get<fuse>("a");
        auto lit = a.call<&fuse::once>();
        co_await std::move(lit);
        co_await pause(io, 1s);
        EXPECT_EQ(left.turns, 1);
        EXPECT_TRUE(here->activations().empty());
        lit = a.call<&fuse::again>();
        co_await std::move(lit);
        co_await pause(io, 1s);
        EXPECT_EQ(left.turns, 2) << "a clock ends with its activation";
        EXPECT_TRUE(here->activations().empty());
    });
}

// Fails, under a sanitizer, if the type's name is gone with the node: a clock holds the actor longer.
TEST(Endings, ADestructorKnowsItsNameAfterItsNode) {
    remains left;
    in_world([&left](asio::any_io_executor io) -> asio::awaitable<void> {
        auto here = node_of_fuses(io, left);
        co_await here->start();
        auto lit = here->get<fuse>("a").call<&fuse::again>();
        co_await std::move(lit);
        here.reset();
    });
    EXPECT_EQ(left.last, "fuse/a");
}

struct count_of {
    int all = 0;
};

class counter {
    BOOST_DESCRIBE_CLASS(counter, (), (increase, count), (), ())

public:
    static constexpr std::string_view type_name = "counter";
    explicit counter(context& self) : state_(self) {}
    asio::awaitable<int> increase() {
        ++state_->all;
        co_await state_.save();
        co_return state_->all;
    }
    int count() { return state_->all; }

private:
    persistent<count_of> state_;
};

// Saves, and the first time does not say so.
class silent_store final : public state_store {
public:
    asio::awaitable<std::uint64_t> open() override { return kept_.open(); }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override {
        return kept_.load(key, epoch);
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override {
        const std::uint64_t version = co_await kept_.save(key, epoch, expected, std::move(bytes));
        if (version == 1)
            throw call_failed(error::store_unavailable);
        co_return version;
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override {
        return kept_.clear(key, epoch, expected);
    }

private:
    memory_store kept_;
};

// Fails if a call that is tried again, of the actor's own node, is handled a second time.
TEST(Endings, ALocalCallIsHandledOnceThoughTheStoreWasSilent) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.store = std::make_shared<silent_store>();
        node here(io, options);
        here.add<counter>();
        co_await here.start();
        call_options again;
        again.mode = delivery::at_least_once;
        const auto a = here.get<counter>("a").with(again);
        const error_code code = co_await code_of(a.call<&counter::increase>());
        EXPECT_EQ(code, error::result_lost);
        auto more = a.call<&counter::increase>();
        const int now = co_await std::move(more);
        EXPECT_EQ(now, 2);
    });
}

// Fails if it looks as if the caller had been cancelled.
TEST(Endings, AMethodThatWasCancelledHasFailed) {
    remains left;
    in_world([&left](asio::any_io_executor io) -> asio::awaitable<void> {
        const auto here = node_of_fuses(io, left);
        co_await here->start();
        const error_code code = co_await code_of(here->get<fuse>("a").call<&fuse::abort>());
        EXPECT_EQ(code, error::handler_failed);
    });
}

}  // namespace
}  // namespace squall::actors
