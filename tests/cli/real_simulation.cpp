// A real simulation with a planted bug, for what the fake one cannot show: faults that are vetoed, a debugger
// in the program, records. A server counts its visitors, and forgets the count where it dies.
#include <squall/buggify.h>
#include <squall/simulation.h>
#include <squall/stream.h>
#include <squall/timer.h>
#include <squall/within.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> count_visitors(squall::process_context& self) {
    squall::acceptor listener(self.executor(), self.endpoint(80));
    std::array<unsigned char, 1> visitors{};
    for (;;) {
        auto [ec, visitor] = co_await listener.async_accept(use_tuple);
        if (ec)
            continue;
        ++visitors[0];
        co_await asio::async_write(visitor, asio::buffer(visitors), use_tuple);
    }
}

asio::awaitable<int> visit(squall::workload_context& self) {
    squall::stream connection(self.executor());
    const squall::endpoint address(self.peers("server").at(0), 80);
    const auto [refused] = co_await connection.async_connect(address, use_tuple);
    if (refused)
        co_return 0;
    std::array<unsigned char, 1> visitors{};
    const auto [broken, size] = co_await asio::async_read(connection, asio::buffer(visitors), use_tuple);
    co_return broken ? 0 : visitors[0];
}

// Where a stack of the failure is to begin.
[[gnu::noinline]] void must_not_go_back(int before, int now) {
    SQUALL_ALWAYS(now > before, "the count of visitors never goes back", "before", before, "now", now);
}

class visitor final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        int last = 0;
        for (int round = 0; round < 40; ++round) {
            auto asking = visit(self);
            const auto answer = co_await squall::within(self, 1s, std::move(asking));
            if (answer && *answer != 0) {
                must_not_go_back(last, *answer);
                last = *answer;
            }
            squall::timer pause(self.executor(), 300ms);
            co_await pause.async_wait(use_tuple);
        }
    }
};

// Stumbles at most twice, where it is told to.
class chooser final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        for (int step = 0; step < 2; ++step)
            self.log(SQUALL_BUGGIFY_NAMED("the visitor stumbles") ? "stumbles" : "walks");
        co_return;
    }
};

// Takes the process down.
void die(const std::string& how) {
    if (how == "segv") {
        std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's runtime would make an exit of it
        std::raise(SIGSEGV);
    }
    static std::vector<std::string> kept;
    while (how == "eat" && kept.size() < 32)
        kept.emplace_back(std::size_t{16} << 20, 'x');
    for (;;)
        pause();
}

class doomed final : public squall::workload {
public:
    explicit doomed(std::string how) : how_(std::move(how)) {}
    asio::awaitable<void> run(squall::workload_context& self) override {
        for (int round = 0; round < 3; ++round) {
            auto asking = visit(self);
            [[maybe_unused]] const auto answer = co_await squall::within(self, 1s, std::move(asking));
        }
        self.log("the end is near");
        die(how_);
    }

private:
    std::string how_;
};

// Where REAL_DEATH says how.
TEST(Doomed, DoesNotComeToItsEnd) {
    const char* how = std::getenv("REAL_DEATH");
    if (how == nullptr)
        GTEST_SKIP() << "REAL_DEATH is not set";
    const auto report = squall::simulation("doomed")
                            .processes("server", 1, count_visitors)
                            .workload("visitor", 1, [how] { return std::make_unique<doomed>(how); })
                            .chaos(squall::profile::calm)
                            .seeds(1)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

// Three runs of each seed, where REAL_EXHAUST is set.
TEST(Exhaustive, RunsEachSeedSeveralTimes) {
    if (std::getenv("REAL_EXHAUST") == nullptr)
        GTEST_SKIP() << "REAL_EXHAUST is not set";
    const auto report = squall::simulation("exhaustive")
                            .processes("server", 1, count_visitors)
                            .workload("visitor", 1, [] { return std::make_unique<chooser>(); })
                            .chaos(squall::profile::calm)
                            .exhaust("name:the visitor stumbles")
                            .seeds(1)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

TEST(Visitors, AreCounted) {
    const auto report = squall::simulation("visitors")
                            .processes("server", 1, count_visitors)
                            .workload("visitor", 1, [] { return std::make_unique<visitor>(); })
                            .seeds(20)
                            .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
