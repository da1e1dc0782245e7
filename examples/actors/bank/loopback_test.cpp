// The bank as three real processes on loopback, with files on a real disk: each is killed with SIGKILL in the
// middle, twice, and nothing is lost that was acknowledged. What is checked is what the simulation checks.
#include "bank/books.h"
#include "bank/child.h"
#include "bank/ledger.h"

#include <squall/decisions.h>
#include <squall/run.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <array>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace actors = squall::actors;
using namespace std::chrono_literals;
using bank::account;
using bank::kind;
using cluster::known;

constexpr std::uint64_t accounts = 12;
constexpr int lanes = 8;
constexpr int answers_between_kills = 40;
constexpr std::array<std::size_t, 6> victims{1, 0, 2, 0, 1, 2};  // 0 keeps the states

using account_states = std::map<std::string, bank::account_state>;

// The three processes. Their ports are the system's choice; that of the states stays.
class processes {
public:
    explicit processes(std::filesystem::path work) : work_(std::move(work)) {}

    bool start(std::size_t which) {
        // Where a port was taken meanwhile, another one.
        for (int tried = 0; tried < 20; ++tried) {
            std::vector<std::string> command{BANK_NODE, "--authority", authority_};
            if (which == 0)
                command.insert(command.end(), {"--keep", (work_ / "states").string()});
            children_.at(which) = bank::child(command);
            std::string line = children_.at(which).line();
            if (line.starts_with("keeps ")) {
                authority_ = line.substr(6);
                line = children_.at(which).line();
            }
            if (line.starts_with("serves "))
                return true;
        }
        return false;
    }
    void kill(std::size_t which) { children_.at(which).kill(); }
    int stop(std::size_t which) { return children_.at(which).stop(); }
    asio::ip::tcp::endpoint authority() const {
        const auto colon = authority_.rfind(':');
        const auto port = static_cast<std::uint16_t>(std::stoi(authority_.substr(colon + 1)));
        return {asio::ip::make_address(authority_.substr(0, colon)), port};
    }

private:
    std::filesystem::path work_;
    std::string authority_ = "127.0.0.1:0";
    std::array<bank::child, 3> children_;
};

class client {
public:
    client(asio::any_io_executor executor, processes& all)
        : executor_(executor),
          all_(all),
          node_(executor, cluster::member_options{all.authority(), {}, 2}) {}

    asio::awaitable<void> run() {
        co_await node_.start();
        int left = lanes;
        std::exception_ptr failure;
        for (int i = 0; i < lanes; ++i)
            asio::co_spawn(executor_, lane(static_cast<std::uint64_t>(i)),
                           [&left, &failure](const std::exception_ptr& thrown) {
                               --left;
                               if (thrown)
                                   failure = thrown;
                           });
        for (const std::size_t victim : victims) {
            co_await answers(answers_between_kills);
            all_.kill(victim);
            co_await cluster::pause(executor_, 200ms);  // the others go on, as far as they can
            const bool started = all_.start(victim);
            EXPECT_TRUE(started) << "process " << victim;
        }
        co_await answers(answers_between_kills);
        over_ = true;
        while (left > 0)
            co_await cluster::pause(executor_, 10ms);
        if (failure)
            std::rethrow_exception(failure);
        co_await check();
    }
    int answered() const { return answered_; }
    int unknown() const { return unknown_; }

private:
    asio::awaitable<void> answers(int more) {
        const int enough = answered_ + more;
        while (answered_ < enough)
            co_await cluster::pause(executor_, 10ms);
    }

    actors::ref<account> drawn(squall::decision_stream& random) {
        actors::call_options how;
        how.timeout = 10s;
        const bool again = random.chance(0.7);
        how.mode = again ? actors::delivery::at_least_once : actors::delivery::at_most_once;
        return node_.here().get<account>(std::to_string(random.below(accounts))).with(how);
    }
    asio::awaitable<void> lane(std::uint64_t number) {
        squall::decision_stream random(1, squall::stream_key("lane") + number);
        for (std::uint64_t i = 1; !over_; ++i) {
            static constexpr std::array<double, 5> weights{1, 4, 3, 4, 0.3};
            const auto what = static_cast<kind>(random.weighted(weights));
            const auto asked = drawn(random);
            const std::string other = std::to_string(random.below(accounts));
            const std::int64_t amount = random.range(0, 500);
            const known outcome = co_await ledger_.change(asked, (number + 1) << 32 | i, what, amount, other);
            answered_ += outcome == known::answered || outcome == known::declined ? 1 : 0;
            unknown_ += outcome == known::unknown ? 1 : 0;
        }
    }

    asio::awaitable<account_states> look_at_all() {
        account_states found;
        for (std::uint64_t i = 0; i < accounts; ++i) {
            const std::string key = std::to_string(i);
            const auto look = [this, key] {
                actors::call_options how;
                how.timeout = 10s;
                how.mode = actors::delivery::at_least_once;
                return node_.here().get<account>(key).with(how).call<&account::look>();
            };
            found[key] = co_await cluster::ask_until_answered(executor_, look);
        }
        co_return found;
    }
    // Until nothing moves any more: what a client gave up on may be handled late.
    asio::awaitable<void> check() {
        account_states found = co_await look_at_all();
        bank::books books;
        bool still = false;
        for (std::uint64_t round = 1; !still || !books.settled(); ++round) {
            SQUALL_ALWAYS(round < 300, "all debts are paid when the faults are over");
            co_await cluster::pause(executor_, 100ms);
            account_states again = co_await look_at_all();
            still = true;
            for (const auto& [key, state] : again) {
                still = still && state.statement.size() == found[key].statement.size();
                books.committed(key, round, state);
            }
            found = std::move(again);
        }
        books.check();
        ledger_.check(found);
    }

    asio::any_io_executor executor_;
    processes& all_;
    cluster::member node_;
    bank::ledger ledger_;
    int answered_ = 0;
    int unknown_ = 0;
    bool over_ = false;
};

TEST(BankOnLoopback, LosesNothingThatItAcknowledged) {
    const auto work = std::filesystem::path(testing::TempDir()) / ("bank-" + std::to_string(::getpid()));
    std::filesystem::create_directories(work);
    {
        processes all(work);
        for (std::size_t i = 0; i < 3; ++i)
            ASSERT_TRUE(all.start(i)) << "process " << i;
        // Assertions hold where there is a run, so that a violated one ends the client.
        squall::run judged(squall::run_options{});
        const squall::run_scope scope(judged);
        asio::io_context context(1);
        client one(context.get_executor(), all);
        std::string problem = "the client did not come to its end";
        asio::co_spawn(context, one.run(), [&](const std::exception_ptr& thrown) {
            problem.clear();
            try {
                if (thrown)
                    std::rethrow_exception(thrown);
            } catch (const std::exception& what) {
                problem = what.what();
            }
            context.stop();
        });
        context.run();
        EXPECT_EQ(problem, "");
        EXPECT_GE(one.answered(), answers_between_kills * 7);
        RecordProperty("answered", one.answered());
        RecordProperty("unknown", one.unknown());
        // The polite way: those without states first.
        for (const std::size_t i : {1U, 2U, 0U})
            EXPECT_EQ(all.stop(i), 0) << "process " << i;
    }
    std::filesystem::remove_all(work);
}

}  // namespace
