// Activations that end at odd moments: in the turn of their own clock, and after their node.
#include "support.h"

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
