// The disk as a device: its speed, its size, and the times when it does not answer.
#include "disk_support.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cerrno>
#include <memory>
#include <optional>

namespace squall {
namespace {

using namespace testing_support;

// No latency: what is left is the device.
faults bare() {
    faults f;
    f.storage.access_min = f.storage.access_mean = 0ns;
    f.storage.sync_min = f.storage.sync_mean = 0ns;
    f.storage.bandwidth = 0;
    f.storage.unsynced_sector_survives = 0;
    return f;
}

const error_code no_space(ENOSPC, boost::system::system_category());

// Starts `count` writes of `size` bytes at once, on files of their own; gives when each ended, after the
// first began.
std::vector<nanoseconds> writes_at_once(const faults& chosen, int count, std::size_t size) {
    small_world w(chosen);
    std::vector<std::unique_ptr<file>> files;
    std::vector<nanoseconds> ends;
    const std::string text(size, 'x');
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        for (int i = 0; i < count; ++i) {
            files.push_back(std::make_unique<file>(w.b.executor()));
            co_await files.back()->async_open("d" + std::to_string(i), read_write, asio::use_awaitable);
        }
        const nanoseconds start = w.world.now();
        for (const auto& f : files)
            f->async_write_some_at(0, asio::buffer(text), [&, start](error_code ec, std::size_t n) {
                EXPECT_FALSE(ec);
                EXPECT_EQ(n, size);
                ends.push_back(w.world.now() - start);
            });
    });
    w.run();
    files.clear();
    return ends;
}

// Fails if accesses pass each other, or take more or less of the device than 1/iops each.
TEST(DiskDevice, ServesSoManyAccessesASecond) {
    faults f = bare();
    f.storage.iops = 1000;
    std::vector<nanoseconds> expected;
    for (int i = 1; i <= 50; ++i)
        expected.push_back(i * 1ms);
    EXPECT_EQ(writes_at_once(f, 50, 10'000), expected);
    f.storage.iops = 0;
    EXPECT_EQ(writes_at_once(f, 5, 10'000), std::vector<nanoseconds>(5, 0ns)) << "no limit";
}

// Fails if files do not share the bandwidth of their disk.
TEST(DiskDevice, SharesItsBandwidth) {
    faults f = bare();
    f.storage.iops = 0;
    f.storage.bandwidth = 1'000'000;
    EXPECT_EQ(writes_at_once(f, 3, 100'000), (std::vector<nanoseconds>{100ms, 200ms, 300ms}));
}

// Fails if a calm disk is not the one that faults.h tells of.
TEST(DiskDevice, IsOfSomeSpeedByDefault) {
    faults f;
    f.storage.access_min = f.storage.access_mean = 0ns;
    EXPECT_EQ(writes_at_once(f, 2, 15'000'000), (std::vector<nanoseconds>{100040us, 200080us}));
}

// Fails if a process waits for the disk of another.
TEST(DiskDevice, IsItsProcessesOwn) {
    faults f = bare();
    f.storage.iops = 10;
    small_world w(f);
    for (process* p : {&w.a, &w.b})
        w.spawn(*p, [&w, p]() -> asio::awaitable<void> {
            co_await write_file(p->executor(), "d", "x");
            EXPECT_EQ(w.world.now(), 200ms) << "open and write";
        });
    EXPECT_EQ(w.run().how, verdict::passed);
}

// Fails if something completes while the disk stands still, is lost, or does not go on where it stood.
TEST(DiskDevice, StandsStillForAWhile) {
    faults f = bare();
    f.storage.access_min = 10ms;
    f.storage.iops = 1000;
    small_world w(f);
    std::vector<nanoseconds> ends;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        const nanoseconds start = w.world.now();
        const auto write = [&](std::string text, std::uint64_t at) {
            asio::co_spawn(
                w.b.executor(),
                [&, text, at]() -> asio::awaitable<void> {
                    co_await write_at(d, at, text);
                    ends.push_back(w.world.now() - start);
                },
                rethrow{});
        };
        write("one", 0);
        write("two", 3);
        co_await sleep(w.b.executor(), 4ms);
        w.b.stall_disk(100ms);
        co_await sleep(w.b.executor(), 50ms);
        write("three", 6);
        co_await sleep(w.b.executor(), 49ms);
        EXPECT_THAT(ends, testing::IsEmpty());
        w.b.stall_disk(1ms);  // ends with the one that is under way
        co_await sleep(w.b.executor(), 1s);
        EXPECT_EQ(co_await read_at(d, 0, 100), "onetwothree");
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(ends, (std::vector<nanoseconds>{111ms, 112ms, 115ms}));
}

// Fails if the end of faults does not end a stall, a slow time or the loss of a disk, or what waited is lost.
TEST(DiskDevice, GoesOnWhenFaultsEnd) {
    small_world w(bare());
    std::vector<nanoseconds> ends;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        for (const bool lost : {false, true}) {
            if (lost)
                w.b.lose_disk();
            w.b.stall_disk(1h);
            co_await write_at(d, 0, "data");
            ends.push_back(w.world.now());
        }
        w.b.slow_disk(1e6, 1h);
        w.world.set_faults_on(false);
        co_await d.async_sync(asio::use_awaitable);
        ends.push_back(w.world.now());
    });
    w.at(1s, [&] { w.world.set_faults_on(false); });
    w.at(2s, [&] { w.world.heal(); });
    EXPECT_EQ(w.run().how, verdict::passed);
    ASSERT_EQ(ends.size(), 3u);
    EXPECT_THAT(ends[0] - 1s, testing::AllOf(testing::Ge(0ns), testing::Le(1ms)));
    EXPECT_THAT(ends[1] - 2s, testing::AllOf(testing::Ge(0ns), testing::Le(1ms)));
    EXPECT_LE(ends[2] - ends[1], 1ms);
}

// Fails if a slow disk is not as much slower as it should be, or longer than it should.
TEST(DiskDevice, IsSlowForAWhile) {
    faults f = bare();
    f.storage.iops = 1000;
    f.storage.access_min = 1ms;
    small_world w(f);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        const auto timed = [&]() -> asio::awaitable<nanoseconds> {
            const auto start = w.world.now();
            co_await write_at(d, 0, "x");
            co_return w.world.now() - start;
        };
        EXPECT_EQ(co_await timed(), 2ms);
        w.b.slow_disk(10, 30ms);
        EXPECT_EQ(co_await timed(), 20ms);
        EXPECT_EQ(co_await timed(), 20ms) << "it began in time";
        EXPECT_EQ(co_await timed(), 2ms);
    });
    EXPECT_EQ(w.run().how, verdict::passed);
}

// Fails if a lost disk answers, does not let go of what is cancelled, syncs what it was asked to, or is not
// there for the next boot.
TEST(DiskDevice, IsLostUntilTheNextBoot) {
    faults f = bare();
    f.storage.sync_min = 1ms;  // under way when the disk goes
    small_world w(f);
    int answered = 0;
    error_code cancelled;
    error_code closed;
    std::optional<std::string> found;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        co_await write_file(ex, "d", "old");
        co_await sync_file(ex, "d");
        co_await sync_names(ex);
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        co_await write_at(d, 0, "new");
        d.async_sync([&](error_code) { ++answered; });
        async_sync_directory(ex, "", [&](error_code) { ++answered; });
        w.b.lose_disk();
        {
            file e(ex);
            e.async_open("d", open_mode::read, [&](error_code ec) { closed = ec; });
            e.close();
        }
        asio::cancellation_signal stop;
        d.async_sync(asio::bind_cancellation_slot(stop.slot(), [&](error_code ec) { cancelled = ec; }));
        co_await sleep(ex, 1s);
        stop.emit(asio::cancellation_type::terminal);
        co_await sleep(ex, 1h);
        EXPECT_EQ(answered, 0);
        w.b.crash();
        co_await sleep(ex, 1s);
        ADD_FAILURE() << "it is dead";
    });
    w.at(2h, [&] {
        EXPECT_FALSE(w.b.up());
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> { found = co_await read_file(w.b.executor(), "d"); });
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_EQ(found, "old");
    EXPECT_EQ(answered, 0);
    EXPECT_EQ(cancelled, asio::error::operation_aborted);
    EXPECT_EQ(closed, asio::error::operation_aborted);
}

// Fails if trouble of a disk does not show in the record.
TEST(DiskDevice, TellsOfItsTrouble) {
    small_world w;
    w.b.start();
    w.b.stall_disk(20ms);
    w.b.slow_disk(2, 30ms);
    w.b.lose_disk();
    w.world.heal();
    std::vector<std::string> told;
    for (const auto& line : w.world.tail())
        if (line.find("disk: ") != std::string::npos)
            told.push_back(line.substr(line.find("disk: ")));
    EXPECT_THAT(told, testing::ElementsAre("disk: stands still for 20 ms", "disk: is slow for 30 ms",
                                           "disk: does not answer any more", "disk: goes on"));
}

// Fails if a full disk takes more, refuses what it has room for, or has no error for it.
TEST(DiskDevice, IsFullAtItsCapacity) {
    faults f;
    f.storage.capacity = 10'000;
    small_world w(f);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        const std::string text = pattern(6000);
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        file e(ex);
        co_await e.async_open("e", read_write, asio::use_awaitable);
        co_await write_at(d, 0, text);
        EXPECT_EQ(std::get<1>(co_await e.async_write_some_at(0, asio::buffer(text), as_result)), 4000u)
            << "what fits";
        EXPECT_EQ(std::get<0>(co_await e.async_write_some_at(4000, asio::buffer(text), as_result)), no_space);
        EXPECT_EQ(std::get<0>(co_await e.async_resize(4001, as_result)), no_space);
        EXPECT_EQ(co_await e.async_size(asio::use_awaitable), 4000u);
        co_await write_at(d, 0, std::string(6000, 'y'));  // takes no more room
        co_await write_file(ex, "empty", "");
        w.world.set_faults_on(false);
        co_await write_at(d, 6000, text);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
}

// Fails if space does not come back with a truncation, a removal, a replacement, or with the last handle of
// what was removed; or comes back before.
TEST(DiskDevice, GivesSpaceBack) {
    faults f;
    f.storage.capacity = 1000;
    small_world w(f);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        const auto room = [&]() -> asio::awaitable<std::size_t> {
            file probe(ex);
            co_await probe.async_open("probe", read_write, asio::use_awaitable);
            const auto [ec, n] =
                co_await probe.async_write_some_at(0, asio::buffer(std::string(5000, 'p')), as_result);
            EXPECT_EQ(ec == no_space, n == 0);
            probe.close();
            co_await async_remove(ex, "probe", asio::use_awaitable);
            co_return n;
        };
        EXPECT_EQ(co_await room(), 1000u);
        EXPECT_EQ(co_await room(), 1000u) << "a removed file's";
        co_await write_at(d, 0, std::string(1000, 'x'));
        EXPECT_EQ(co_await room(), 0u);
        co_await d.async_resize(400, asio::use_awaitable);
        EXPECT_EQ(co_await room(), 600u);
        co_await async_remove(ex, "d", asio::use_awaitable);
        EXPECT_EQ(co_await room(), 600u) << "it is open";
        d.close();
        EXPECT_EQ(co_await room(), 1000u);
        co_await write_file(ex, "one", std::string(300, '1'));
        co_await write_file(ex, "two", std::string(200, '2'));
        EXPECT_EQ(co_await room(), 500u);
        co_await async_rename(ex, "two", "one", asio::use_awaitable);
        EXPECT_EQ(co_await room(), 800u);
        co_await d.async_open("one", read_write | open_mode::truncate, asio::use_awaitable);
        EXPECT_EQ(co_await room(), 1000u);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
}

}  // namespace
}  // namespace squall
