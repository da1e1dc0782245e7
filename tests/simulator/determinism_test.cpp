// One seed, one execution: within a process, over threads, over processes; and with one fault less.
#include "store.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include <unistd.h>

namespace squall {
namespace {

using namespace testing_support;

constexpr const char* child_variable = "SQUALL_TEST_CHILD";  // what a child process is to print

run_result result_of(std::uint64_t seed, profile chosen = profile::swarm,
                     std::vector<std::uint64_t> vetoed = {}) {
    return run_seed(store_plan(),
                    {.seed = seed, .vetoed = std::move(vetoed), .chosen = chosen, .keep_log = true});
}

// Fails if anything outlives a run and reaches the next one.
TEST(Determinism, ASeedIsTheSameAgainAfterOthers) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto first = result_of(seed, profile::hostile);
        for (std::uint64_t other = 100; other < 103; ++other)
            result_of(other + seed);
        const auto again = result_of(seed, profile::hostile);
        EXPECT_EQ(first.ended.how, verdict::passed) << "seed " << seed << ": " << first.ended.message;
        EXPECT_EQ(first.digest, again.digest);
        EXPECT_EQ(first.events, again.events);
        EXPECT_EQ(first.virtual_time, again.virtual_time);
        EXPECT_EQ(first.faults, again.faults);
        EXPECT_EQ(first.tail, again.tail) << "seed " << seed;
        EXPECT_GT(first.faults.size(), 5u);
    }
}

// Fails if the digest does not see different executions.
TEST(Determinism, SeedsDiffer) {
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        digests.insert(result_of(seed).digest);
    EXPECT_EQ(digests.size(), 100u);
}

// Fails if worlds on several threads of one process see each other.
TEST(Determinism, WorldsOnFourThreadsAreAsAlone) {
    constexpr std::uint64_t seeds = 24;
    std::vector<std::uint64_t> alone(seeds);
    for (std::uint64_t i = 0; i < seeds; ++i)
        alone[i] = result_of(i + 1, profile::hostile).digest;
    std::array<std::vector<std::uint64_t>, 4> beside;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < beside.size(); ++t)
        threads.emplace_back([&, t] {
            beside[t].resize(seeds);
            for (std::uint64_t i = 0; i < seeds; ++i) {
                const std::uint64_t at = (i + t * 7) % seeds;  // each in another order
                beside[t][at] = result_of(at + 1, profile::hostile).digest;
            }
        });
    for (auto& thread : threads)
        thread.join();
    for (const auto& digests : beside)
        EXPECT_EQ(digests, alone);
}

// Of an object on the heap, and of one of the program: a sanitizer's heap has the same addresses each time.
std::uintptr_t address_bits() {
    static const int fixed = 0;
    const auto owned = std::make_unique<int>(0);
    return (reinterpret_cast<std::uintptr_t>(owned.get()) + reinterpret_cast<std::uintptr_t>(&fixed)) >> 12;
}
std::uintptr_t clock_bits() {
    return static_cast<std::uintptr_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// A client whose doings hang on something that no seed decides.
class hazard : public workload {
public:
    enum kind { pointer, clock };
    explicit hazard(kind chosen) : chosen_(chosen) {}
    asio::awaitable<void> run(workload_context& self) override {
        for (int i = 0; i < 10; ++i) {
            const auto bits = chosen_ == pointer ? address_bits() : clock_bits();
            co_await sleep(self.executor(), nanoseconds(bits % 1'000'000));
        }
    }

private:
    kind chosen_;
};
std::uint64_t digest_with(hazard::kind chosen) {
    auto plan = store_plan(3);
    plan.workloads.push_back({"hazard", 1, [chosen] { return std::make_unique<hazard>(chosen); }});
    return run_seed(plan, {.seed = 1}).digest;
}

// Not a test by itself: what the two below run in other processes.
TEST(Determinism, Child) {
    const char* wanted = std::getenv(child_variable);
    if (wanted == nullptr)
        GTEST_SKIP() << "only with " << child_variable;
    std::printf("address %zx\n", address_bits());
    if (std::string_view(wanted) == "hazard")
        std::printf("digest 0 %016llx\n", static_cast<unsigned long long>(digest_with(hazard::pointer)));
    else
        for (std::uint64_t seed = 1; seed <= 200; ++seed)
            std::printf("digest %llu %016llx\n", static_cast<unsigned long long>(seed),
                        static_cast<unsigned long long>(result_of(seed).digest));
}

struct child_output {
    std::string address;
    std::vector<std::string> digests;
};
child_output run_child(const char* wanted) {
    std::array<char, 4096> self{};
    const ssize_t length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
    EXPECT_GT(length, 0);
    const std::string command = std::string(child_variable) + "=" + wanted + " '" + self.data() +
                                "' --gtest_filter=Determinism.Child --gtest_color=no";
    child_output all;
    FILE* pipe = ::popen(command.c_str(), "r");
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
        const std::string text(line);
        if (text.rfind("address ", 0) == 0)
            all.address = text;
        if (text.rfind("digest ", 0) == 0)
            all.digests.push_back(text);
    }
    EXPECT_EQ(::pclose(pipe), 0);
    return all;
}
bool addresses_are_randomised() {
    std::set<std::string> seen;
    for (int i = 0; i < 3; ++i)
        seen.insert(run_child("hazard").address);
    return seen.size() > 1;
}

// Fails if anything in 200 seeds depends on addresses, on the process, or on when it runs.
TEST(Determinism, TwoProcessesAgreeOn200Seeds) {
    const auto one = run_child("seeds");
    const auto two = run_child("seeds");
    ASSERT_EQ(one.digests.size(), 200u);
    EXPECT_EQ(one.digests, two.digests);
    EXPECT_TRUE(one.address != two.address || !addresses_are_randomised())
        << "two equal addresses by chance: run again";
}

// Fails if the digest would not show that a decision hung on a pointer's value.
TEST(Determinism, ADecisionFromAPointerShows) {
    if (!addresses_are_randomised())
        GTEST_SKIP() << "this system does not randomise addresses";
    std::set<std::vector<std::string>> seen;
    for (int i = 0; i < 3; ++i)
        seen.insert(run_child("hazard").digests);
    EXPECT_GT(seen.size(), 1u);
}

// Fails if the digest would not show that a decision hung on a real clock.
TEST(Determinism, ADecisionFromARealClockShows) {
    EXPECT_NE(digest_with(hazard::clock), digest_with(hazard::clock));
}

// Fails if a fault happens though its decision is vetoed, or if anything at all before it is then otherwise.
TEST(Veto, TakesOutOneFaultAndNothingBeforeIt) {
    std::set<std::string> kinds;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto whole = result_of(seed, profile::hostile);
        const auto faults = faults_in(whole.tail);
        ASSERT_GT(faults.size(), 10u);
        std::map<std::string, int> tried;
        for (const auto& fault : faults) {
            if (++tried[fault.kind] > 3)
                continue;
            kinds.insert(fault.kind);
            const auto without = result_of(seed, profile::hostile, {fault.id});
            for (const auto& other : faults_in(without.tail))
                EXPECT_NE(other.id, fault.id) << fault.kind;
            ASSERT_GE(without.tail.size(), fault.line);
            EXPECT_TRUE(std::equal(without.tail.begin(),
                                   without.tail.begin() + static_cast<std::ptrdiff_t>(fault.line),
                                   whole.tail.begin()))
                << "seed " << seed << ", " << fault.kind << " at line " << fault.line;
            EXPECT_NE(without.tail, whole.tail);
        }
    }
    EXPECT_GE(kinds.size(), 14u) << "of the kinds of faults there are";
    for (const char* kind : {"datagram-loss", "datagram-duplicate", "datagram-reorder", "slow-resolve"})
        EXPECT_TRUE(kinds.contains(kind)) << kind;
}

// Fails if two faults of a run share a name: a veto would take out both.
TEST(Veto, EachFaultHasANameOfItsOwn) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::set<std::uint64_t> names;
        const auto faults = faults_in(result_of(seed, profile::hostile).tail);
        for (const auto& fault : faults)
            EXPECT_TRUE(names.insert(fault.id).second) << "seed " << seed << ", " << fault.kind;
    }
}

// Fails if vetoing all that happened leaves a fault of the first generation, or never ends in quiet.
TEST(Veto, OfEverythingEndsInQuiet) {
    std::vector<std::uint64_t> vetoed;
    for (int generation = 0; generation < 60; ++generation) {
        const auto faults = faults_in(result_of(3, profile::swarm, vetoed).tail);
        if (faults.empty())
            return;
        for (const auto& fault : faults)
            vetoed.push_back(fault.id);
    }
    ADD_FAILURE() << vetoed.size() << " faults vetoed and still more";
}

// Fails if a calm run injects, or any figure of a fault that is off takes part in it.
TEST(Calm, InjectsNothingAndIgnoresEveryFigureOfAFault) {
    const auto calm = result_of(1, profile::calm);
    EXPECT_EQ(calm.ended.how, verdict::passed) << calm.ended.message;
    EXPECT_THAT(calm.faults, testing::IsEmpty());
    EXPECT_THAT(faults_in(calm.tail), testing::IsEmpty());
    for (const auto& site : calm.sites)
        EXPECT_EQ(site.fired, 0u);
    auto tuned = store_plan();
    tuned.tune = [](faults& f) { f.network.flip_bit = 1; };
    const auto other = run_seed(tuned, {.seed = 1, .chosen = profile::calm, .keep_log = true});
    EXPECT_EQ(other.tail, calm.tail) << "calm is not tuned";

    // The same on a world, where each figure can be set.
    const auto digest = [](const faults& f) {
        small_world w(f, 5);
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                co_await asio::async_write(out, asio::buffer(pattern(5000)), as_result);
                co_await sleep(w.a.executor(), 1s);
            },
            [&](stream in) -> asio::awaitable<void> {
                co_await read_all(in);
                file d(w.b.executor());
                co_await d.async_open("d", open_mode::write | open_mode::create, as_result);
                co_await asio::async_write_at(d, 0, asio::buffer("x", 1), as_result);
                co_await d.async_sync(as_result);
            });
        w.run();
        EXPECT_THAT(w.world.fault_counts(), testing::IsEmpty());
        return w.world.digest();
    };
    faults f;
    f.network.slow_latency = 1h;
    f.network.clog_time = 1h;
    f.partitions.time = 1h;
    f.storage.slow_sync_time = 1h;
    f.storage.unsynced_sector_survives = 0;
    f.storage.unsynced_sector_garbled = 1;
    f.attrition.restart_min = 1h;
    f.attrition.restart_max = 2h;
    f.attrition.silent = 1;
    f.attrition.max_dead = 7;
    f.time.late_by = 1h;
    f.program.firing = 1;
    EXPECT_EQ(digest(f), digest({}));
    f.network.latency_mean = 1h;
    EXPECT_NE(digest(f), digest({})) << "this one is no fault";
}

// Fails if faults happen while they are off, whatever their probability.
TEST(Calm, FaultsThatAreOffDoNotHappen) {
    faults f;
    f.network = {.slow_message = 1,
                 .partial_write = 1,
                 .partial_read = 1,
                 .close_connection = 1,
                 .connect_refused = 1,
                 .connect_hangs = 1,
                 .flip_bit = 1,
                 .clog = 1};
    f.storage.read_error = f.storage.write_error = f.storage.sync_error = f.storage.no_space = 1;
    f.storage.short_transfer = f.storage.slow_sync = 1;
    f.time.late_timer = 1;
    f.schedule.reorder_window = 9;
    small_world w(f);
    w.world.set_faults_on(false);
    bool done = false;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            const std::string text = pattern(5000);
            EXPECT_EQ(co_await out.async_write_some(asio::buffer(text), asio::use_awaitable), 5000u);
            const auto start = w.world.now();
            co_await sleep(w.a.executor(), 1s);
            EXPECT_EQ(w.world.now() - start, 1s);
        },
        [&](stream in) -> asio::awaitable<void> {
            EXPECT_TRUE((co_await read_all(in)).second == pattern(5000));
            file d(w.b.executor());
            co_await d.async_open("d", open_mode::write | open_mode::create, asio::use_awaitable);
            EXPECT_EQ(co_await d.async_write_some_at(0, asio::buffer("12", 2), asio::use_awaitable), 2u);
            co_await d.async_sync(asio::use_awaitable);
            done = true;
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(done);
    EXPECT_THAT(w.world.fault_counts(), testing::IsEmpty());
    EXPECT_FALSE(w.world.strikes("anything", 1, 2, 1.0, w.a));
}

}  // namespace
}  // namespace squall
