// The file store under crashes of its process: what it acknowledged is there, and a fence stays a fence.
#include <squall/actors/file_store.h>

#include "support.h"

#include <squall/file.h>
#include <squall/simulation.h>

#include <map>

namespace squall::actors {
namespace {

using namespace testing_support;

constexpr int keys = 4;

// What the outside knows of a record: the last acknowledged, and the one that may have been written since.
struct known {
    std::uint64_t acknowledged = 0;
    std::uint64_t tried = 0;
    std::uint64_t fence = 0;
};
using ledger = std::map<int, known>;

record_key key_of(int number) {
    return {{"t", std::to_string(number)}, ""};
}

// A writer that knows across crashes what it had been told. The numbers it saves grow, and are padded so that
// the log is written anew now and then.
asio::awaitable<void> write_for_ever(process_context& self, ledger& book, int& ends) {
    file_store store(self.executor(), "states");
    try {
        const std::uint64_t epoch = co_await store.open();
        for (int i = 0; i < keys; ++i) {
            known& mine = book[i];
            const stored_state found = co_await store.load(key_of(i), epoch);
            const std::uint64_t there = found.version == 0 ? 0 : std::stoull(found.bytes);
            SQUALL_ALWAYS(there >= mine.acknowledged, "what was acknowledged is there", "there", there,
                          "known", mine.acknowledged);
            SQUALL_ALWAYS(there <= mine.tried, "nothing is there that was not written");
            mine.acknowledged = there;
            SQUALL_ALWAYS(epoch > mine.fence, "generations grow");
            mine.fence = epoch;
        }
        for (;;) {
            const int i = static_cast<int>(self.random().below(keys));
            known& mine = book[i];
            const std::uint64_t value = ++mine.tried;
            std::string bytes = std::to_string(value) + " " + std::string(self.random().below(8000), 'x');
            const stored_state now = co_await store.load(key_of(i), epoch);
            co_await store.save(key_of(i), epoch, now.version, std::move(bytes));
            mine.acknowledged = value;
            SQUALL_SOMETIMES(store.size() < 1000 && value > 100, "the log was written anew");
        }
    } catch (const boost::system::system_error&) {
        ++ends;
    }
}

class bystander final : public workload {
public:
    asio::awaitable<void> run(workload_context& self) override { co_await self.chaos_ended(); }
};

TEST(FileStore, KeepsWhatItAcknowledgedUnderCrashesAndDiskErrors) {
    // A store that did not sync before it answered, or whose rename was not durable, loses an acknowledged
    // one.
    simulation all("store");
    auto books = std::make_shared<std::map<std::uint64_t, ledger>>();
    auto ends = std::make_shared<int>(0);
    all.processes("store", 1,
                  [books, ends](process_context& self) {
                      return write_for_ever(self, (*books)[self.world().seed()], *ends);
                  })
        .workload("bystander", 1, [] { return std::make_unique<bystander>(); })
        .damage_budget("store", 0)
        .threads(1)
        .chaos_duration(20s)
        .seeds(60);
    const auto report = all.run();
    EXPECT_TRUE(report.ok()) << report;
}

TEST(FileStore, DamageBeforeTheEndIsAnErrorAndNeverALoss) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        {
            file_store store(io, "states");
            co_await store.open();
            std::uint64_t version = 0;
            for (int i = 0; i < 5; ++i)
                version = co_await store.save(key_of(0), 1, version, std::string(100, 'a'));
        }
        {
            squall::file log(io);
            const auto mode = open_mode::read | open_mode::write;
            co_await log.async_open("states/state.log", mode, asio::deferred);
            const std::string wrong = "?";
            co_await log.async_write_some_at(200, asio::buffer(wrong), asio::deferred);
        }
        file_store store(io, "states");
        const error_code code = co_await code_of(store.open());
        EXPECT_EQ(code, error::store_unavailable);
        const error_code load = co_await code_of(store.load(key_of(0), 1));
        EXPECT_EQ(load, error::store_unavailable);
    });
}

TEST(FileStore, ATornEndIsDropped) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        std::uint64_t size = 0;
        {
            file_store store(io, "states");
            co_await store.open();
            const std::uint64_t version = co_await store.save(key_of(0), 1, 0, "first");
            size = store.size();
            co_await store.save(key_of(0), 1, version, "second");
        }
        {
            squall::file log(io);
            const auto mode = open_mode::read | open_mode::write;
            co_await log.async_open("states/state.log", mode, asio::deferred);
            co_await log.async_resize(size + 10, asio::deferred);
        }
        file_store store(io, "states");
        co_await store.open();
        const stored_state found = co_await store.load(key_of(0), 1);
        EXPECT_EQ(found.bytes, "first");
    });
}

}  // namespace
}  // namespace squall::actors
