// What makes a program no function of its seed, planted one by one: each is caught, and its place named.
#include "store.h"

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <sstream>
#include <thread>
#include <unordered_set>

namespace squall {
namespace {

using namespace testing_support;

// A client that does the same every time, then does what it was given, then goes on.
class planted : public workload {
public:
    using hazard = std::function<asio::awaitable<void>(workload_context&)>;
    planted(hazard chosen, int rounds) : hazard_(std::move(chosen)), rounds_(rounds) {}
    asio::awaitable<void> run(workload_context& self) override {
        for (int i = 0; i < rounds_; ++i) {
            co_await sleep(self.executor(), self.random().exponential(5ms));
            self.log("round " + std::to_string(i));
        }
        co_await hazard_(self);
        co_await sleep(self.executor(), 1ms);
        self.log("the end");
    }

private:
    hazard hazard_;
    int rounds_;
};

simulation::plan plan_with(const planted::hazard& chosen, int rounds = 20) {
    auto plan = store_plan(3);
    plan.workloads.push_back(
        {"hazard", 1, [chosen, rounds] { return std::make_unique<planted>(chosen, rounds); }});
    return plan;
}
determinism_report check(const planted::hazard& chosen) {
    return check_determinism(plan_with(chosen), {.seed = 1});
}
std::string text_of(const determinism_report& r) {
    std::ostringstream out;
    out << r;
    return out.str();
}

// Ten lines that are the same, and then one that is not.
void expect_named(const determinism_report& r) {
    EXPECT_FALSE(r.same);
    EXPECT_GT(r.event, 11u);
    ASSERT_EQ(r.first.size(), 11u) << r;
    ASSERT_EQ(r.second.size(), 11u) << r;
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(r.first[i], r.second[i]) << r;
    EXPECT_NE(r.first.back(), r.second.back()) << r;
    const std::string number = std::to_string(r.event);
    EXPECT_NE(r.first.back().find(number), std::string::npos) << r;
    EXPECT_NE(text_of(r).find("number " + number), std::string::npos);
}

struct node {
    int id;
};

// Nodes from a free list that outlives a run, as an allocator's does: last in, first out.
class node_pool {
public:
    std::unique_ptr<node> take(int id) {
        if (free_.empty())
            return std::make_unique<node>(node{id});
        auto taken = std::move(free_.back());
        free_.pop_back();
        taken->id = id;
        return taken;
    }
    void give(std::unique_ptr<node> one) { free_.push_back(std::move(one)); }

private:
    std::vector<std::unique_ptr<node>> free_;
};

// Fails if a decision by the order of addresses goes unseen.
TEST(Hazard, PointerOrderIsCaught) {
    node_pool pool;
    expect_named(check([&pool](workload_context& self) -> asio::awaitable<void> {
        std::vector<std::unique_ptr<node>> owned;
        std::set<const node*> by_address;
        for (int id = 1; id <= 8; ++id) {
            owned.push_back(pool.take(id));
            by_address.insert(owned.back().get());
        }
        for (const node* n : by_address)
            co_await sleep(self.executor(), n->id * 1ms);
        for (auto& one : owned)
            pool.give(std::move(one));
    }));
}

// As hash tables that are salted against attackers are, and std::hash of a pointer is.
struct salted_hash {
    std::uint64_t salt;
    std::size_t operator()(int key) const { return scramble(static_cast<std::uint64_t>(key) ^ salt); }
};

// Fails if a decision by the order of a hash table goes unseen.
TEST(Hazard, HashOrderIsCaught) {
    std::uint64_t salt = 0;
    expect_named(check([&salt](workload_context& self) -> asio::awaitable<void> {
        std::unordered_set<int, salted_hash> table(64, salted_hash{++salt << 32});
        for (int key = 1; key <= 16; ++key)
            table.insert(key);
        for (const int key : table)
            co_await sleep(self.executor(), key * 1ms);
    }));
}

// Fails if a real clock in a program goes unseen.
TEST(Hazard, TheWallClockIsCaught) {
    expect_named(check([](workload_context& self) -> asio::awaitable<void> {
        const auto real = std::chrono::steady_clock::now().time_since_epoch();
        co_await sleep(self.executor(), nanoseconds(real.count() % 1'000'000'000));
    }));
}

// Fails if memory that nobody set goes unseen. A static stands in for it, which a sanitizer has nothing to
// say about: it has what the run before left there. From the second run on all are alike, so that it can be
// seen in the first two alone.
TEST(Hazard, MemoryLeftFromBeforeIsCaught) {
    static std::array<unsigned char, 64> memory;
    memory = {};
    expect_named(check([](workload_context& self) -> asio::awaitable<void> {
        co_await sleep(self.executor(), (1 + memory[7]) * 1ms);
        memory.fill(0xa5);
    }));
}

// Fails if a program that waits for a thread goes unseen. By chance the thread may take as long twice, hardly
// twenty times.
TEST(Hazard, AThreadIsCaught) {
    for (int i = 0; i < 20; ++i) {
        const auto report = check([](workload_context& self) -> asio::awaitable<void> {
            std::atomic<bool> done = false;
            std::jthread other([&done] { done = true; });
            while (!done)
                co_await sleep(self.executor(), 1us);
        });
        if (report.same)
            continue;
        expect_named(report);
        return;
    }
    ADD_FAILURE() << "never seen";
}

// Fails if a sound program is accused, or what check_determinism keeps for its own use changes a run.
TEST(Hazard, ASoundProgramIsTheSameFor50Seeds) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const auto report = check_determinism(store_plan(10), {.seed = seed, .chosen = profile::hostile});
        EXPECT_TRUE(report.same) << report;
        EXPECT_EQ(report.event, 0u);
        EXPECT_EQ(report.seed, seed);
    }
    EXPECT_TRUE(simulation("alone")
                    .workload("w", 2, [] { return std::make_unique<store_client>(0); })
                    .check_determinism(7)
                    .same);
}

// Fails if a difference behind the events that are kept at once is not looked for again.
TEST(Hazard, ADifferenceLateInARunIsNamed) {
    int runs = 0;
    const auto plan = plan_with(
        [&runs](workload_context& self) -> asio::awaitable<void> {
            co_await sleep(self.executor(), ++runs * 1ms);
        },
        500);
    const auto report = check_determinism(plan, {.seed = 1, .chosen = profile::calm}, 20);
    expect_named(report);
    EXPECT_GT(report.event, 400u);
    EXPECT_EQ(runs, 4);
}

// Fails if two runs that differ in their verdict alone are taken for one.
TEST(Hazard, AnotherVerdictIsADifference) {
    int runs = 0;
    const auto report = check([&runs](workload_context&) -> asio::awaitable<void> {
        throw check_failed("run " + std::to_string(++runs));
        co_return;
    });
    EXPECT_FALSE(report.same);
    EXPECT_NE(report.difference.find("run 2"), std::string::npos) << report;
    EXPECT_EQ(report.first.size(), 11u) << report;
}

// Fails if one run goes on where the other ends, and that is not told.
TEST(Hazard, AnEarlierEndIsADifference) {
    int runs = 0;
    const auto report = check([&runs](workload_context& self) -> asio::awaitable<void> {
        if (++runs == 1)
            throw check_failed("enough");
        co_await sleep(self.executor(), 1s);
    });
    EXPECT_FALSE(report.same);
    EXPECT_GT(report.event, 0u);
    EXPECT_NE(report.first.back(), report.second.back()) << report;
    EXPECT_NE(report.first.back().find("ended"), std::string::npos) << report;
}

// Fails if checkpoints become many, or are not where two runs of different length can be compared.
TEST(Checkpoints, AreFewAndAtEqualDistances) {
    for (const int rounds : {0, 10, 2000}) {
        const auto r =
            run_seed(plan_with([](workload_context&) -> asio::awaitable<void> { co_return; }, rounds),
                     {.seed = 3, .chosen = profile::calm});
        ASSERT_GT(r.checkpoints.size(), 2u);
        EXPECT_LE(r.checkpoints.size(), 129u);
        EXPECT_EQ(r.checkpoints.back(), std::pair(r.events, r.digest));
        const std::uint64_t distance = r.checkpoints[1].first - r.checkpoints[0].first;
        EXPECT_EQ(distance & (distance - 1), 0u) << "a power of two";
        std::set<std::uint64_t> digests;
        for (std::size_t i = 0; i + 1 < r.checkpoints.size(); ++i) {
            EXPECT_EQ(r.checkpoints[i].first, i * distance);
            digests.insert(r.checkpoints[i].second);
        }
        EXPECT_GE(digests.size() + 1, r.checkpoints.size());
        EXPECT_GT(r.checkpoints.back().first, r.events - distance - 1);
    }
}

}  // namespace
}  // namespace squall
