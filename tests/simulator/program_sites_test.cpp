// Sites, knobs and assertions of the program under test, inside a simulation.
#include <squall/buggify.h>
#include <squall/simulation.h>  // ahead of GoogleTest, on purpose: see TheReportKnowsTheTest
#include <squall/timer.h>

#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;

// A server that does nothing, and a client with three steps, the second of which does not look at its result.
bool step_succeeds() {
    return !SQUALL_BUGGIFY_NAMED("a step of the client");
}
class careless : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        squall::timer wait(self.executor());
        bool done = step_succeeds();
        wait.expires_after(10ms);
        co_await wait.async_wait(asio::use_awaitable);
        const bool second = step_succeeds();
        SQUALL_ALWAYS(!done || second, "a client whose first step succeeded has not lost its second");
        done = done && step_succeeds();
    }
};
squall::simulation careless_client() {
    squall::simulation s("careless");
    s.workload("client", 1, [] { return std::make_unique<careless>(); }).chaos(squall::profile::calm);
    return s;
}

// Fails if the test's name is known only where GoogleTest is included first: `squall run` could not start it
// again.
TEST(ProgramSites, TheReportKnowsTheTest) {
    EXPECT_EQ(careless_client().seeds(1).run().test, "ProgramSites.TheReportKnowsTheTest");
}

// Fails if an evaluation is left out, or the failing one is not said in a form that can be made again.
TEST(ProgramSites, CanBeExhausted) {
    auto report = careless_client().seeds(1).exhaust("name:a step of the client").run();
    EXPECT_EQ(report.runs, 4u) << "three evaluations fail, the last run is untouched";
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures[0].exhausted, "name:\"a step of the client\"=nth(1)");
    std::ostringstream text;
    text << report;
    EXPECT_THAT(text.str(),
                HasSubstr("SQUALL_SEED=1 SQUALL_OVERRIDES='name:\"a step of the client\"=nth(1)'"));
    auto again = careless_client().seeds(1).overrides(report.failures[0].exhausted).run();
    ASSERT_EQ(again.failures.size(), 1u);
    EXPECT_EQ(again.failures[0].digest, report.failures[0].digest);
    EXPECT_THROW(careless_client().exhaust("name:"), squall::override_error);
    EXPECT_FALSE(careless_client().seeds(1).exhaust("name:nobody").run().ok()) << "a pattern without a site";
}

// Fails if a limit ends the exhaustive mode in silence.
TEST(ProgramSites, ExhaustingHasALimit) {
    auto report = careless_client().seeds(1).exhaust("name:a step of the client", 1).run();
    EXPECT_EQ(report.runs, 1u);
    EXPECT_THAT(report.notes, testing::ElementsAre(HasSubstr("the limit")));
}

class violator : public squall::workload {
public:
    explicit violator(std::vector<int>& seen) : seen_(seen) {}
    asio::awaitable<void> run(squall::workload_context& self) override {
        squall::timer wait(self.executor());
        for (int i = 0; i < 3; ++i) {
            SQUALL_ALWAYS(i != 1, "the violator is never at one");
            seen_.push_back(i);
            wait.expires_after(1ms);
            co_await wait.async_wait(asio::use_awaitable);
        }
    }

private:
    std::vector<int>& seen_;
};

// Fails if a recorded violation ends the run, or is forgotten by its end.
TEST(ProgramSites, ViolationsMayBeRecordedOnly) {
    for (const bool record : {true, false}) {
        std::vector<int> seen;
        squall::simulation s("violator");
        s.workload("client", 1, [&] {
             return std::make_unique<violator>(seen);
         }).chaos(squall::profile::calm);
        if (record)
            s.on_violation(squall::violation_policy::records);
        const auto report = s.seeds(1).run();
        ASSERT_EQ(report.failures.size(), 1u);
        EXPECT_EQ(report.failures[0].ended.how, squall::verdict::assertion);
        EXPECT_EQ(report.failures[0].ended.message, "the violator is never at one");
        EXPECT_EQ(seen, record ? (std::vector<int>{0, 1, 2}) : (std::vector<int>{0}));
    }
}

class sleeper : public squall::workload {
public:
    explicit sleeper(std::vector<std::chrono::nanoseconds>& steps) : steps_(steps) {}
    asio::awaitable<void> run(squall::workload_context& self) override {
        squall::timer wait(self.executor());
        const auto start = self.now();
        for (int i = 0; i < 3; ++i) {
            step_succeeds();
            wait.expires_after(10ms);
            co_await wait.async_wait(asio::use_awaitable);
            steps_.push_back(self.now() - start);
        }
    }

private:
    std::vector<std::chrono::nanoseconds>& steps_;
};

asio::awaitable<void> configured_server(squall::process_context& self, std::set<int>& values) {
    values.insert(SQUALL_KNOB_NAMED("server limit", 1000, 1, 8));
    squall::timer forever(self.executor(), 1h);
    co_await forever.async_wait(asio::use_awaitable);
}

// Fails if a knob read at start-up is not turned, differs between the processes of a run, or is turned in
// calm.
TEST(ProgramSites, KnobsAreTurnedAtStartUp) {
    std::set<int> values;
    std::set<std::size_t> sizes;
    const auto run = [&](squall::profile chosen, std::uint64_t seed) {
        values.clear();
        squall::simulation s("configured");
        s.processes("server", 3,
                    [&](squall::process_context& self) { return configured_server(self, values); });
        std::vector<std::chrono::nanoseconds> steps;
        s.workload("client", 1, [&] { return std::make_unique<sleeper>(steps); });
        s.chaos(chosen).chaos_duration(1s).seeds(1).first_seed(seed);
        EXPECT_TRUE(s.run().ok());
    };
    std::set<int> all;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        run(squall::profile::hostile, seed);
        EXPECT_EQ(values.size(), 1u) << "one value for a run";
        all.insert(values.begin(), values.end());
    }
    EXPECT_GT(all.size(), 5u);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        run(squall::profile::calm, seed);
        EXPECT_EQ(values, std::set<int>{1000});
    }
}

// Fails if delay() takes real time, none, or somebody else's.
TEST(ProgramSites, ADelayStopsTheProcessInVirtualTime) {
    std::vector<std::chrono::nanoseconds> steps;
    squall::simulation s("sleeper");
    s.workload("client", 1, [&] { return std::make_unique<sleeper>(steps); }).chaos(squall::profile::calm);
    const auto report = s.overrides("name:a step of the client=1*delay(7s)->off").seeds(1).run();
    EXPECT_TRUE(report.ok()) << report;
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0], 7s);
    EXPECT_EQ(steps[1], 7s + 10ms);
    EXPECT_EQ(steps[2], 7s + 20ms);
}

}  // namespace
