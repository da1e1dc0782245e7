// A cluster under the default chaos: three nodes, an authority, and clients whose every operation is
// accounted for. The same with each of four bugs, which the campaign must find.
#include "sim/planted.h"
#include "support.h"

#include <squall/actors/authority.h>
#include <squall/actors/file_store.h>
#include <squall/actors/memory_directory.h>
#include <squall/simulation.h>

#include <map>
#include <optional>
#include <set>

namespace squall::actors {
namespace {

using namespace testing_support;

constexpr std::uint16_t authority_port = 7000;
constexpr std::uint16_t node_port = 7100;
constexpr int accounts = 6;
constexpr int lanes = 6;
constexpr int operations_of_a_lane = 8;

using ::cluster::bug;
using ::cluster::careless_store;
using ::cluster::stale_directory;

// How often each operation was done to the account.
struct account_state {
    std::map<std::uint64_t, std::uint32_t> done;
};

class account {
    BOOST_DESCRIBE_CLASS(account, (), (apply, all, leave, migrate), (), ())

public:
    static constexpr std::string_view type_name = "account";

    explicit account(context& self) : self_(self), state_(self) {}
    asio::awaitable<void> activate() {
        active_ = true;
        co_return;
    }
    asio::awaitable<std::uint64_t> apply(std::uint64_t operation) {
        SQUALL_ALWAYS(active_, "an actor is active before its first message");
        SQUALL_ALWAYS(!inside_, "one message at a time");
        inside_ = true;
        const leaving_turn end{inside_};
        ++state_->done[operation];
        co_await state_.save();
        SQUALL_ALWAYS(state_->done[operation] == 1, "an operation is done once", "operation", operation);
        co_return state_->done.size();
    }
    std::map<std::uint64_t, std::uint32_t> all() {
        SQUALL_ALWAYS(!inside_, "nothing is read in the middle of a turn");
        return state_->done;
    }
    void leave() { self_.deactivate(); }
    void migrate(const node_address& to) { self_.migrate(to); }

private:
    struct leaving_turn {
        bool& inside;
        ~leaving_turn() { inside = false; }
    };
    context& self_;
    persistent<account_state> state_;
    bool active_ = false;
    bool inside_ = false;
};

asio::awaitable<void> run_authority(process_context& self, bug planted) {
    const auto io = self.executor();
    try {
        std::shared_ptr<file_store> file = std::make_shared<file_store>(io, "states");
        directory_options options;
        options.generation = co_await file->open();
        options.successor = options.generation > 1;
        options.lease = 1s;  // short, so that a pause outlasts it
        std::shared_ptr<directory> places = std::make_shared<memory_directory>(io, options);
        std::shared_ptr<state_store> states = file;
        if (planted == bug::no_epoch_check)
            states = std::make_shared<careless_store>(file);
        if (planted == bug::crashed_nodes_stay)
            places = std::make_shared<stale_directory>(places);
        node_options how;
        how.listen = self.endpoint(authority_port);
        node here(io, how);
        serve_authority(here, places, states);
        co_await here.start();
        while (!file->failed())
            co_await pause(io, 100ms);
    } catch (const boost::system::system_error&) {
        // The disk: the next boot reads what it has.
    }
}

struct node_view {
    std::uint64_t most_forwards = 0;
};

// A member of the cluster, with what it needs to be one.
struct member_node {
    member_node(process_context& self, bug planted, bool hosts)
        : services(self.executor()),
          here(self.executor(), options(self, planted, hosts)) {
        type_options type;
        type.deduplicate = planted != bug::no_deduplication;
        type.idle_after = 2s;
        if (hosts)
            here.add<account>(type);
    }
    node_options options(process_context& self, bug planted, bool hosts) {
        const asio::ip::tcp::endpoint authority(self.peers("authority").front(), authority_port);
        node_options how;
        if (hosts)
            how.listen = self.endpoint(node_port);
        how.hosts = hosts;
        how.directory = remote_directory(services, authority);
        how.store = remote_store(services, authority);
        if (planted == bug::forwards_without_limit)
            how.max_forwards = 1'000'000;
        return how;
    }
    asio::awaitable<void> start() {
        co_await services.start();
        co_await here.start();
    }
    node services;
    node here;
};

asio::awaitable<void> run_node(process_context& self, bug planted) {
    member_node mine(self, planted, true);
    co_await mine.start();
    while (!self.stopping()) {
        co_await pause(self.executor(), 50ms);
        SQUALL_SOMETIMES(mine.here.count().fenced > 0, "a save is fenced");
        SQUALL_SOMETIMES(mine.here.count().expulsions > 0, "a node is expelled");
        SQUALL_SOMETIMES(mine.here.count().duplicates > 0, "a message comes again");
        SQUALL_SOMETIMES(mine.here.count().forwards > 0, "a message is forwarded");
        SQUALL_SOMETIMES(mine.here.count().bad_frames > 0, "a damaged frame is noticed");
        SQUALL_ALWAYS_LE(mine.here.count().most_forwards, 2u, "no message is forwarded without end");
    }
    co_await mine.here.stop(1s);
}

struct promise {
    int account = 0;
    bool done = false;     // it was acknowledged
    bool refused = false;  // it has certainly had no effect
};

class client final : public workload {
public:
    explicit client(bug planted) : planted_(planted) {}

    asio::awaitable<void> run(workload_context& self) override {
        mine_.emplace(self, planted_, false);
        co_await mine_->start();
        int left = lanes;
        for (int i = 0; i < lanes; ++i)
            asio::co_spawn(self.executor(), lane(self), [&left](const std::exception_ptr& thrown) {
                --left;
                if (thrown)
                    std::rethrow_exception(thrown);
            });
        while (left > 0)
            co_await pause(self.executor(), 100ms);
        // The invariants of the whole, once the faults are over.
    }

    asio::awaitable<void> check(workload_context& self) override {
        std::map<std::uint64_t, std::uint32_t> seen;
        for (int i = 0; i < accounts; ++i) {
            std::optional<std::map<std::uint64_t, std::uint32_t>> found;
            for (int tried = 0; !found; ++tried) {
                SQUALL_ALWAYS(tried < 10, "every actor can be reached when the faults are over", "account",
                              i);
                try {
                    call_options how;
                    how.timeout = 5s;
                    auto asked = mine_->here.get<account>(std::to_string(i)).with(how).call<&account::all>();
                    found = co_await std::move(asked);
                } catch (const call_failed&) {
                }
                if (!found)
                    co_await pause(self.executor(), 1s);
            }
            for (const auto& [operation, count] : *found) {
                SQUALL_ALWAYS(count == 1, "an operation was done once", "operation", operation);
                const auto promised = promises_.find(operation);
                if (promised != promises_.end())
                    SQUALL_ALWAYS(promised->second.account == i, "an operation is done to its account");
                seen[operation] += count;
            }
        }
        for (const auto& [operation, promised] : promises_) {
            if (promised.done)
                SQUALL_ALWAYS(seen.contains(operation), "what was acknowledged is kept", "operation",
                              operation);
            if (promised.refused)
                SQUALL_ALWAYS(!seen.contains(operation), "what was refused is not done", "operation",
                              operation);
        }
        co_return;
    }

private:
    asio::awaitable<void> lane(workload_context& self) {
        for (int i = 0; i < operations_of_a_lane; ++i) {
            co_await pause(self.executor(), self.random().exponential(500ms));
            co_await one(self);
        }
    }
    asio::awaitable<void> one(workload_context& self) {
        const auto number = static_cast<int>(self.random().below(accounts));
        call_options how;
        how.mode = self.random().chance(0.7) ? delivery::at_least_once : delivery::at_most_once;
        how.timeout = 10s;
        const auto actor = mine_->here.get<account>(std::to_string(number)).with(how);
        const auto what = self.random().below(10);
        if (what < 7) {
            const std::uint64_t operation = (static_cast<std::uint64_t>(self.index() + 1) << 32) | ++last_;
            promise& made = promises_[operation];
            made.account = number;
            const error_code code = co_await code_of(actor.call<&account::apply>(operation));
            made.done = !code || code == error::result_lost;
            made.refused = had_no_effect(code);
            SQUALL_SOMETIMES(code == error::result_lost, "a result is lost");
            SQUALL_SOMETIMES(code == error::maybe_delivered, "a message is maybe delivered");
            SQUALL_SOMETIMES(code && !made.refused, "an outcome is unknown");
            SQUALL_SOMETIMES(!code, "an operation is acknowledged");
        } else if (what < 8) {
            co_await code_of(actor.call<&account::leave>());
        } else if (what < 9) {
            const auto& nodes = self.peers("node");
            const node_address to(
                asio::ip::tcp::endpoint(nodes[self.random().below(nodes.size())], node_port));
            co_await code_of(actor.call<&account::migrate>(to));
        } else {
            co_await code_of(actor.call<&account::all>());
        }
    }

    bug planted_;
    std::optional<member_node> mine_;
    std::map<std::uint64_t, promise> promises_;
    std::uint64_t last_ = 0;
};

simulation cluster_simulation(bug planted, std::uint64_t seeds) {
    simulation all("actors");
    all.processes("authority", 1, [planted](process_context& self) { return run_authority(self, planted); })
        .processes("node", 3, [planted](process_context& self) { return run_node(self, planted); })
        .workload("client", 2, [planted] { return std::make_unique<client>(planted); })
        .damage_budget("authority", 0)  // the states are on one disk
        .chaos_duration(15s)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all;
}

TEST(Cluster, KeepsWhatItAcknowledged) {
    auto report = cluster_simulation(bug::none, CLEAN_SEEDS).run();
    EXPECT_TRUE(report.ok()) << report;
    EXPECT_TRUE(report.never_true.empty() || report.runs < 60) << report;
}

TEST(Cluster, OneSeedIsOneExecution) {
    const auto found = cluster_simulation(bug::none, 1).check_determinism(3);
    EXPECT_TRUE(found.same) << found;
}

// Found, and for what the bug does.
void expect_found(bug planted, std::uint64_t within, const testing::Matcher<std::string>& message) {
    const auto report = cluster_simulation(planted, within).run();
    ASSERT_FALSE(report.failures.empty()) << report;
    EXPECT_THAT(report.failures.front().ended.message, message) << report;
}
TEST(Cluster, AStoreWithoutEpochsIsFound) {
    expect_found(bug::no_epoch_check, 500, testing::Eq("what was acknowledged is kept"));
}
TEST(Cluster, ADirectoryThatKeepsCrashedNodesIsFound) {
    expect_found(bug::crashed_nodes_stay, 100,
                 testing::Eq("every actor can be reached when the faults are over"));
}
TEST(Cluster, RetriesWithoutDeduplicationAreFound) {
    expect_found(bug::no_deduplication, 100, testing::StartsWith("an operation"));
}
TEST(Cluster, ForwardingWithoutLimitIsFound) {
    expect_found(bug::forwards_without_limit, 500, testing::Eq("no message is forwarded without end"));
}

}  // namespace
}  // namespace squall::actors
