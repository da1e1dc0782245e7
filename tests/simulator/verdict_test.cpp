// How runs end: each way has a verdict of its own that names who and where, and leaves no memory behind
// (under the sanitizers).
#include "store.h"

#include <boost/asio/post.hpp>

#include <functional>
#include <optional>

namespace squall {
namespace {

using namespace testing_support;
using testing::HasSubstr;

// A client made of functions.
class scripted : public workload {
public:
    using step = std::function<asio::awaitable<void>(scripted&, workload_context&)>;
    scripted(step setup, step run, step check)
        : setup_(std::move(setup)),
          run_(std::move(run)),
          check_(std::move(check)) {}
    asio::awaitable<void> setup(workload_context& self) override { return act(setup_, self); }
    asio::awaitable<void> run(workload_context& self) override { return act(run_, self); }
    asio::awaitable<void> check(workload_context& self) override { return act(check_, self); }

    std::vector<int> touched = {1, 2, 3};
    std::optional<stream> connection;
    std::optional<timer> wait;

private:
    asio::awaitable<void> act(step& s, workload_context& self) {
        if (s)
            co_await s(*this, self);
    }
    step setup_, run_, check_;
};

struct steps {
    scripted::step setup = {};
    scripted::step run = {};
    scripted::step check = {};
};

// Beside the client a server that leaves much pending, and another client that is busy for long.
simulation::plan plan_of(simulation::program server, steps of_client) {
    simulation::plan plan;
    plan.name = "verdicts";
    plan.chosen = profile::calm;
    plan.settle_budget = 100s;
    plan.groups.push_back({"server", 2, std::move(server)});
    plan.workloads.push_back({"client", 1, [of_client] {
                                  return std::make_unique<scripted>(of_client.setup, of_client.run,
                                                                    of_client.check);
                              }});
    return plan;
}

// Uses, when destroyed, what a coroutine of a workload or program may well refer to.
struct late_user {
    explicit late_user(process_context& context, scripted* object = nullptr) : self(context), work(object) {}
    late_user(const late_user&) = delete;
    late_user& operator=(const late_user&) = delete;
    ~late_user() {
        self.log("the last of " + self.name() + " at " + std::to_string(self.now().count()));
        self.random().next();
        if (work != nullptr)
            work->touched.push_back(4);
        asio::post(self.executor(), [] {});
    }
    process_context& self;
    scripted* work;
};

asio::awaitable<void> idle_server(process_context& self) {
    const late_user late(self);
    acceptor listening(self.executor());
    error_code ec;
    listening.listen(self.endpoint(7), ec);
    std::vector<stream> all;
    for (;;)
        all.push_back(co_await listening.async_accept(asio::use_awaitable));
}
asio::awaitable<void> busy(scripted& work, workload_context& self) {
    const late_user late(self, &work);
    work.connection.emplace(self.executor());
    co_await work.connection->async_connect({self.peers("server")[0], 7}, as_result);
    work.wait.emplace(self.executor(), 20s);
    co_await work.wait->async_wait(asio::use_awaitable);
}

run_result end_of(simulation::plan plan) {
    plan.workloads.push_back({"other", 1, [] { return std::make_unique<scripted>(nullptr, busy, nullptr); }});
    return run_seed(plan, {.seed = 1, .chosen = profile::calm});
}

// Fails if a sound run does not pass, or any of the other verdicts sticks to it.
TEST(Verdict, PassedWhenAllClientsAreDone) {
    const auto result = end_of(plan_of(idle_server, {}));
    EXPECT_EQ(result.ended.how, verdict::passed) << result.ended.message;
    EXPECT_EQ(result.ended.message, "");
    EXPECT_GT(result.virtual_time, 20s);
}

// Fails if a violated assertion of a server does not end the run at once, with process, place and details.
TEST(Verdict, AssertionInAProcess) {
    const auto result = end_of(plan_of(
        [](process_context& self) -> asio::awaitable<void> {
            const late_user late(self);
            co_await sleep(self.executor(), 1s);
            SQUALL_ALWAYS(self.index() == 0, "only the first server lives", "index", self.index());
            co_await sleep(self.executor(), 1h);
        },
        {}));
    EXPECT_EQ(result.ended.how, verdict::assertion);
    EXPECT_EQ(result.ended.message, "only the first server lives");
    EXPECT_EQ(result.ended.details, "index=1");
    EXPECT_EQ(result.ended.process, "server/1");
    EXPECT_THAT(result.ended.place, HasSubstr("verdict_test.cpp:"));
    EXPECT_EQ(result.virtual_time, 1s);
}

// Fails if a program can save itself by catching what a violated assertion throws.
TEST(Verdict, AssertionThatTheProgramCaught) {
    bool went_on = false;
    const auto result =
        end_of(plan_of(idle_server, {.run = [&](scripted&, workload_context& self) -> asio::awaitable<void> {
                           try {
                               SQUALL_UNREACHABLE("a client got here");
                           } catch (const std::exception&) {
                           }
                           co_await sleep(self.executor(), 1s);
                           went_on = true;
                       }}));
    EXPECT_EQ(result.ended.how, verdict::assertion);
    EXPECT_EQ(result.ended.message, "a client got here");
    EXPECT_EQ(result.ended.process, "client/0");
    EXPECT_FALSE(went_on);
}

// Fails if an assertion that leaves a workload as an exception is called one.
TEST(Verdict, AssertionInACheck) {
    const auto result =
        end_of(plan_of(idle_server, {.check = [](scripted&, workload_context&) -> asio::awaitable<void> {
                           SQUALL_ALWAYS(false, "the outcome is sound");
                           co_return;
                       }}));
    EXPECT_EQ(result.ended.how, verdict::assertion);
    EXPECT_EQ(result.ended.message, "the outcome is sound");
}

// Fails if an exception that leaves a server's program is taken for an orderly exit.
TEST(Verdict, ExceptionInAProcess) {
    const auto result = end_of(plan_of(
        [](process_context& self) -> asio::awaitable<void> {
            const late_user late(self);
            co_await sleep(self.executor(), 1s);
            throw std::runtime_error("no memory for that");
        },
        {}));
    EXPECT_EQ(result.ended.how, verdict::exception);
    EXPECT_EQ(result.ended.message, "no memory for that");
    EXPECT_EQ(result.ended.process, "server/0");
}

// Fails if an exception of a handler, outside of any coroutine, is lost, standard or not.
TEST(Verdict, ExceptionInAHandler) {
    for (const bool standard : {true, false}) {
        const auto result = end_of(plan_of(
            [standard](process_context& self) -> asio::awaitable<void> {
                asio::post(self.executor(), [standard] {
                    if (standard)
                        throw std::logic_error("in a handler");
                    throw 5;
                });
                co_await sleep(self.executor(), 1h);
            },
            {}));
        EXPECT_EQ(result.ended.how, verdict::exception);
        EXPECT_THAT(result.ended.message, HasSubstr(standard ? "in a handler" : "no std::exception"));
        EXPECT_EQ(result.ended.process, "server/0");
    }
}

// Fails if an exception of a workload is not told with its stage.
TEST(Verdict, ExceptionInAWorkload) {
    const auto fail = [](scripted& work, workload_context& self) -> asio::awaitable<void> {
        const late_user late(self, &work);
        co_await sleep(self.executor(), 1s);
        throw std::runtime_error("cannot go on");
    };
    const std::pair<const char*, steps> all[] = {
        {"setup", {.setup = fail}}, {"run", {.run = fail}}, {"check", {.check = fail}}};
    for (const auto& [stage, what] : all) {
        const auto result = end_of(plan_of(idle_server, what));
        EXPECT_EQ(result.ended.how, verdict::exception);
        EXPECT_EQ(result.ended.message, std::string(stage) + ": cannot go on");
        EXPECT_EQ(result.ended.process, "client/0");
    }
}

// Fails if what a check found is called anything else.
TEST(Verdict, CheckFailed) {
    const auto result =
        end_of(plan_of(idle_server, {.check = [](scripted&, workload_context&) -> asio::awaitable<void> {
                           throw check_failed("two and two are five");
                           co_return;
                       }}));
    EXPECT_EQ(result.ended.how, verdict::check);
    EXPECT_EQ(result.ended.message, "two and two are five");
    EXPECT_EQ(result.ended.process, "client/0");
}

// Fails if a client that waits for what nobody will do passes, hangs, or is called slow; in any stage. It
// waits for bytes, for a timer without end, and for nothing at all.
TEST(Verdict, DeadlockNamesWhoWaits) {
    const scripted::step waits[] = {
        [](scripted& work, workload_context& self) -> asio::awaitable<void> {
            const late_user late(self, &work);
            work.connection.emplace(self.executor());
            co_await work.connection->async_connect({self.peers("server")[1], 7}, asio::use_awaitable);
            char byte;
            co_await work.connection->async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
        },
        [](scripted& work, workload_context& self) -> asio::awaitable<void> {
            const late_user late(self, &work);
            work.wait.emplace(self.executor());
            work.wait->expires_at(timer::time_point::max());
            co_await work.wait->async_wait(asio::use_awaitable);
        }};
    for (const auto& wait : waits) {
        const std::pair<const char*, steps> all[] = {
            {"setup", {.setup = wait}}, {"run", {.run = wait}}, {"check", {.check = wait}}};
        for (const auto& [stage, what] : all) {
            const auto result = end_of(plan_of(idle_server, what));
            EXPECT_EQ(result.ended.how, verdict::deadlock) << result.ended.message;
            EXPECT_THAT(result.ended.message, HasSubstr(std::string("client/0 (") + stage + ")"));
            EXPECT_THAT(result.ended.message, testing::Not(HasSubstr("other/0")));
        }
    }
}

// Fails if a client that is busy without end is not stopped, or is called deadlocked.
TEST(Verdict, TimeoutNamesWhoIsNotDone) {
    const auto forever = [](scripted& work, workload_context& self) -> asio::awaitable<void> {
        const late_user late(self, &work);
        for (;;)
            co_await sleep(self.executor(), 1s);
    };
    const std::pair<const char*, steps> all[] = {
        {"setup", {.setup = forever}}, {"run", {.run = forever}}, {"check", {.check = forever}}};
    for (const auto& [stage, what] : all) {
        const auto result = end_of(plan_of(idle_server, what));
        EXPECT_EQ(result.ended.how, verdict::timeout);
        EXPECT_THAT(result.ended.message, HasSubstr(std::string("client/0 (") + stage + ")"));
        EXPECT_LT(result.virtual_time, 300s);
    }
}

// Fails if a process that never waits wedges the run, or is not named.
TEST(Verdict, LivelockNamesWhoNeverWaits) {
    const auto result = end_of(plan_of(
        [](process_context& self) -> asio::awaitable<void> {
            const late_user late(self);
            co_await sleep(self.executor(), 1s);
            while (self.index() == 1)
                co_await asio::post(self.executor(), asio::use_awaitable);
            co_await sleep(self.executor(), 1h);
        },
        {}));
    EXPECT_EQ(result.ended.how, verdict::livelock);
    EXPECT_EQ(result.ended.process, "server/1");
    EXPECT_EQ(result.virtual_time, 1s);
}

// Fails if the events of several instants count as those of one, or a livelock is seen an event late.
TEST(Verdict, ALivelockIsTheEventsOfOneInstant) {
    world_options options;
    options.livelock_events = 50;
    world w(options);
    process& a = w.add_process("a");
    std::uint64_t first = 0;
    asio::co_spawn(
        a.executor(),
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 100; ++i)
                co_await sleep(a.executor(), 1ms);
            first = w.events();
            for (;;)
                co_await asio::post(a.executor(), asio::use_awaitable);
        },
        rethrow{});
    EXPECT_EQ(w.run().how, verdict::livelock);
    EXPECT_EQ(w.now(), 100ms);
    EXPECT_EQ(w.events(), first + 51);
}

// Fails if a world outruns its budgets of time and events.
TEST(Verdict, TimeoutOfTheBudgets) {
    for (const bool events : {true, false}) {
        world_options options;
        options.time_budget = events ? nanoseconds(1h) : nanoseconds(5s);
        options.event_budget = events ? 1000 : 1'000'000;
        world w(options);
        process& a = w.add_process("a");
        asio::co_spawn(
            a.executor(),
            [&]() -> asio::awaitable<void> {
                for (;;)
                    co_await sleep(a.executor(), 1ms);
            },
            rethrow{});
        EXPECT_EQ(w.run().how, verdict::timeout);
        EXPECT_THAT(w.result().message, HasSubstr(events ? "1000 events" : "5 s virtual time"));
        EXPECT_LE(w.now(), 5s);
        EXPECT_LE(w.events(), events ? 1001u : 10000u);
        EXPECT_TRUE(!events || w.events() == 1001u) << "the first beyond the budget does not happen";
        const auto before = w.events();
        w.run();
        EXPECT_EQ(w.events(), before) << "it is over";
    }
}

// Fails if the builder's budgets do not reach its worlds, if a seed that uses one up ends the campaign, or if
// a budget of nothing is taken.
TEST(Verdict, ASeedThatUsesUpItsBudgetEndsAloneInTheBuilder) {
    const auto campaign = [](bool slow_seeds) {
        simulation s("budgets");
        s.processes("server", 1, [](process_context& self) -> asio::awaitable<void> {
            for (;;)
                co_await sleep(self.executor(), 1h);
        });
        s.workload("client", 1, [slow_seeds] {
            return std::make_unique<scripted>(
                nullptr,
                [slow_seeds](scripted&, workload_context& self) -> asio::awaitable<void> {
                    const bool slow = slow_seeds && self.world().seed() % 2 == 1;
                    for (int i = 0; i < (slow ? 5000 : 5); ++i)
                        co_await sleep(self.executor(), 1ms);
                },
                nullptr);
        });
        s.chaos(profile::calm).seeds(4);
        return s;
    };
    EXPECT_TRUE(campaign(true).run().ok());
    const auto by_events = campaign(true).event_budget(1000).run();
    EXPECT_EQ(by_events.runs, 4u);
    ASSERT_EQ(by_events.failures.size(), 2u);
    EXPECT_EQ(by_events.failures[0].ended.how, verdict::timeout);
    EXPECT_THAT(by_events.failures[0].ended.message, HasSubstr("1000 events"));
    EXPECT_EQ(by_events.failures[1].seed, 3u);
    const auto by_time = campaign(true).time_budget(2s).run();
    ASSERT_EQ(by_time.failures.size(), 2u);
    EXPECT_THAT(by_time.failures[0].ended.message, HasSubstr("2 s virtual time"));
    EXPECT_TRUE(campaign(false).time_budget(2s).event_budget(1000).run().ok());
    EXPECT_THROW(campaign(false).time_budget(0s), std::invalid_argument);
    EXPECT_THROW(campaign(false).event_budget(0), std::invalid_argument);
}

// Fails if a later failure takes the place of the first.
TEST(Verdict, TheFirstFailureStands) {
    small_world w;
    w.at(1s, [&] {
        w.world.fail({verdict::check, "first", "", ""});
        w.world.fail({verdict::exception, "second", "", ""});
    });
    w.run();
    EXPECT_EQ(w.world.result().message, "first");
}

// Fails if a report does not tell seed, verdict, place, process and how to get there again.
TEST(Verdict, AReportTellsWhatIsNeeded) {
    simulation s("telling");
    s.processes("server", 1, [](process_context& self) -> asio::awaitable<void> {
        co_await sleep(self.executor(), 1s);
        SQUALL_ALWAYS(self.boot() > 100, "a server has booted often", "boot", self.boot());
    });
    s.workload("client", 1, [] { return std::make_unique<scripted>(nullptr, busy, nullptr); });
    const auto all = s.chaos(profile::calm).seeds(3).first_seed(40).run("Suite.Name");
    EXPECT_FALSE(all.ok());
    EXPECT_EQ(all.runs, 3u);
    ASSERT_EQ(all.failures.size(), 3u);
    std::ostringstream out;
    out << all;
    for (const char* part : {"telling", "seed 41", "assertion", "a server has booted often (boot=1)",
                             "verdict_test.cpp:", "server/0", "SQUALL_SEED=42", "--gtest_filter=Suite.Name"})
        EXPECT_THAT(out.str(), HasSubstr(part));
}

}  // namespace
}  // namespace squall
