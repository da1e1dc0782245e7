// The disk: what a crash leaves of writes and names, and how operations fail.
#include "disk_support.h"

#include <boost/asio/deferred.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace squall {
namespace {

using namespace testing_support;

using contents = std::map<std::string, std::string>;

asio::awaitable<void> read_tree(asio::any_io_executor ex, std::string at, contents& all) {
    for (const auto& name : co_await async_list_directory(ex, at, asio::use_awaitable)) {
        const std::string path = at.empty() ? name : at + "/" + name;
        const auto text = co_await read_file(ex, path);
        if (text) {
            all[path] = *text;
        } else {
            all[path] = "/";
            co_await read_tree(ex, path, all);
        }
    }
}

// Runs `before` in b, cuts its power right after, and tells what the next boot finds.
template <class Before>
contents after_a_crash(const faults& chosen, std::uint64_t seed, Before before) {
    small_world w(chosen, seed);
    contents found;
    bool crashed = false;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        co_await before(w.b.executor());
        w.b.crash(true);
        crashed = true;
    });
    w.run();
    EXPECT_EQ(w.world.result().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(crashed);
    w.b.start();
    w.world.set_faults_on(false);
    w.spawn(w.b, [&]() -> asio::awaitable<void> { co_await read_tree(w.b.executor(), "", found); });
    w.run();
    EXPECT_EQ(w.world.result().how, verdict::passed) << w.world.result().message;
    return found;
}

faults surviving(double p, double garbled = 0) {
    faults f;
    f.storage.unsynced_sector_survives = p;
    f.storage.unsynced_sector_garbled = garbled;
    return f;
}

// Fails if a crash takes what was synced, name and all.
TEST(Disk, KeepsWhatWasSynced) {
    const std::string text = pattern(5000);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto found = after_a_crash(surviving(0), seed, [&](auto ex) -> asio::awaitable<void> {
            co_await write_file(ex, "d", text);
            co_await sync_file(ex, "d");
            co_await sync_names(ex);
        });
        EXPECT_EQ(found, (contents{{"d", text}}));
    }
}

// Fails if unsynced data outlives a crash that lets no sector survive, or is lost by one that spares all.
TEST(Disk, LosesWhatWasNotSynced) {
    const std::string old_text(3000, 'o');
    const std::string new_text(4000, 'n');
    const auto overwrite = [&](auto ex) -> asio::awaitable<void> {
        co_await write_file(ex, "d", old_text);
        co_await sync_file(ex, "d");
        co_await sync_names(ex);
        co_await write_file(ex, "d", new_text);
    };
    EXPECT_EQ(after_a_crash(surviving(0), 1, overwrite), (contents{{"d", old_text}}));
    EXPECT_EQ(after_a_crash(surviving(1), 1, overwrite), (contents{{"d", new_text}}));
}

// Fails if a torn write is torn anywhere but between sectors, or never.
TEST(Disk, TearsWritesBetweenSectors) {
    constexpr std::size_t sectors = 64;
    constexpr std::size_t offset = 100;  // no sector's start
    const std::string old_text(sectors * sector, 'o');
    int survived = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto found = after_a_crash(surviving(0.3), seed, [&](auto ex) -> asio::awaitable<void> {
            co_await write_file(ex, "d", old_text);
            co_await sync_file(ex, "d");
            co_await sync_names(ex);
            co_await write_file(ex, "d", std::string(sectors * sector - 2 * offset, 'n'), offset);
        });
        const std::string& text = found.at("d");
        ASSERT_EQ(text.size(), old_text.size());
        for (std::size_t at = 0; at < sectors; ++at) {
            const std::size_t from = std::max(at * sector, offset);
            const std::size_t to = std::min((at + 1) * sector, text.size() - offset);
            const std::string part = text.substr(from, to - from);
            ASSERT_EQ(std::set<char>(part.begin(), part.end()).size(), 1u) << "sector " << at;
            survived += part[0] == 'n' ? 1 : 0;
        }
        EXPECT_EQ(text.substr(0, offset), old_text.substr(0, offset)) << "never written";
        EXPECT_EQ(text.substr(text.size() - offset), old_text.substr(0, offset));
    }
    EXPECT_NEAR(survived, 20 * 64 * 0.3, 5 * std::sqrt(20 * 64 * 0.3 * 0.7));
}

// Fails if garbled sectors hold old or new data, or the noise is not of the seed.
TEST(Disk, GarblesSectors) {
    const auto run = [](std::uint64_t seed) {
        return after_a_crash(surviving(0, 1), seed,
                             [](auto ex) -> asio::awaitable<void> {
                                 co_await write_file(ex, "d", std::string(4 * sector, 'o'));
                                 co_await sync_file(ex, "d");
                                 co_await sync_names(ex);
                                 co_await write_file(ex, "d", std::string(sector, 'n'), sector);
                             })
            .at("d");
    };
    const std::string text = run(1);
    ASSERT_EQ(text.size(), 4 * sector);
    const std::string part = text.substr(sector, sector);
    EXPECT_GT(std::set<char>(part.begin(), part.end()).size(), 150u) << "noise";
    EXPECT_EQ(text.substr(0, sector) + text.substr(2 * sector), std::string(3 * sector, 'o'))
        << "and only there";
    EXPECT_EQ(run(1), text);
    EXPECT_NE(run(2), text);
}

// Fails if a write that began after the sync is covered by it, or a crash before its end finds it done.
TEST(Disk, ASyncCoversWhatCameBeforeItOnceItHasEnded) {
    faults f = surviving(0);
    f.storage.sync_min = 1s;
    const auto found = after_a_crash(f, 1, [](auto ex) -> asio::awaitable<void> {
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        co_await asio::async_write_at(d, 0, asio::buffer("aaaa", 4), asio::use_awaitable);
        co_await d.async_sync(asio::use_awaitable);
        co_await sync_names(ex);
        co_await asio::async_write_at(d, 0, asio::buffer("bbbb", 4), asio::use_awaitable);
        auto syncing = asio::co_spawn(ex, d.async_sync(asio::use_awaitable), asio::deferred);
        bool synced = false;
        std::move(syncing)([&](std::exception_ptr) { synced = true; });
        co_await sleep(ex, 100ms);
        co_await asio::async_write_at(d, 0, asio::buffer("cccc", 4), asio::use_awaitable);
        EXPECT_FALSE(synced);
        co_await sleep(ex, 5s);
        EXPECT_TRUE(synced);
        asio::co_spawn(ex, d.async_sync(asio::use_awaitable), asio::detached);
        co_await sleep(ex, 100ms);  // under way at the crash
    });
    EXPECT_EQ(found, (contents{{"d", "bbbb"}}));
}

// Fails if a file that was made but whose directory was not synced always survives, or never does; its data
// was synced.
TEST(Disk, MayLoseANameWithoutADirectorySync) {
    int kept = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto found = after_a_crash(surviving(0.5), seed, [](auto ex) -> asio::awaitable<void> {
            co_await write_file(ex, "d", "data");
            co_await sync_file(ex, "d");
        });
        if (found.count("d") != 0) {
            ++kept;
            EXPECT_EQ(found.at("d"), "data");
        }
    }
    EXPECT_NEAR(kept, 50, 25);
}

// Fails if a crash shows a rename half done, or undoes one whose directory was synced.
TEST(Disk, ARenameIsAtomicAndDurableAfterADirectorySync) {
    const auto replace = [](bool sync) {
        return [sync](auto ex) -> asio::awaitable<void> {
            co_await write_file(ex, "target", "old");
            co_await sync_file(ex, "target");
            co_await sync_names(ex);
            co_await write_file(ex, "new", "new");
            co_await sync_file(ex, "new");
            if (sync)
                co_await sync_names(ex);
            co_await async_rename(ex, "new", "target", asio::use_awaitable);
            if (sync)
                co_await sync_names(ex);
        };
    };
    std::set<contents> seen;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        seen.insert(after_a_crash(surviving(0.5), seed, replace(false)));
        EXPECT_EQ(after_a_crash(surviving(0.5), seed, replace(true)), (contents{{"target", "new"}}));
    }
    EXPECT_EQ(seen, (std::set<contents>{
                        {{"target", "old"}}, {{"target", "old"}, {"new", "new"}}, {{"target", "new"}}}));
}

// Fails if a removal that was synced comes back, or one that was not never does.
TEST(Disk, ARemovalIsDurableAfterADirectorySync) {
    int back = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        for (const bool sync : {false, true}) {
            const auto found = after_a_crash(surviving(0.5), seed, [sync](auto ex) -> asio::awaitable<void> {
                co_await write_file(ex, "d", "data");
                co_await sync_file(ex, "d");
                co_await sync_names(ex);
                co_await async_remove(ex, "d", asio::use_awaitable);
                if (sync)
                    co_await sync_names(ex);
            });
            EXPECT_FALSE(sync && !found.empty());
            back += found.empty() ? 0 : 1;
        }
    }
    EXPECT_NEAR(back, 30, 18);
}

// Fails if syncing one directory makes names of another durable that have nothing to do with it, or if a
// file renamed between directories is found in both, or in neither.
TEST(Disk, ADirectorySyncIsOfThatDirectory) {
    std::set<std::set<std::string>> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const auto found = after_a_crash(surviving(1), seed, [](auto ex) -> asio::awaitable<void> {
            co_await async_create_directory(ex, "x", asio::use_awaitable);
            co_await async_create_directory(ex, "y", asio::use_awaitable);
            co_await sync_names(ex);
            co_await write_file(ex, "x/alone", "1");
            co_await write_file(ex, "x/moved", "2");
            co_await async_rename(ex, "x/moved", "y/moved", asio::use_awaitable);
            co_await sync_names(ex, "y");
        });
        EXPECT_EQ(found.count("y/moved"), 1u);
        EXPECT_EQ(found.count("x/moved"), 0u) << "not in both";
        seen.insert(found.count("x/alone") != 0 ? std::set<std::string>{"alone"} : std::set<std::string>{});
    }
    EXPECT_EQ(seen.size(), 2u) << "x/alone was synced by nobody";
}

// Fails if a file outlives its directory, or comes back when the directory is made again.
TEST(Disk, AFileGoesWithItsDirectory) {
    bool lost = false;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        small_world w(surviving(1), seed);
        contents found;
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            const auto ex = w.b.executor();
            co_await async_create_directory(ex, "x", asio::use_awaitable);
            co_await write_file(ex, "x/f", "data");
            co_await sync_names(ex, "x");  // but not the directory of x
            w.b.crash(true);
        });
        w.run();
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            const auto ex = w.b.executor();
            const auto names = co_await async_list_directory(ex, "", asio::use_awaitable);
            const bool gone = names.empty();
            lost = lost || gone;
            EXPECT_EQ((co_await read_file(ex, "x/f")).has_value(), !gone);
            co_await async_create_directory(ex, "x", asio::use_awaitable);
            EXPECT_EQ((co_await async_list_directory(ex, "x", asio::use_awaitable)).empty(), gone);
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    }
    EXPECT_TRUE(lost);
}

// Fails if another file on the disk changes which sectors of this one survive.
TEST(Disk, AFileKeepsItsLuckWhateverElseIsThere) {
    const auto run = [](bool with_other) {
        return after_a_crash(surviving(0.5), 7,
                             [with_other](auto ex) -> asio::awaitable<void> {
                                 co_await write_file(ex, "d", std::string(64 * sector, 'o'));
                                 co_await sync_file(ex, "d");
                                 if (with_other)
                                     co_await write_file(ex, "another", "");
                                 co_await sync_names(ex);
                                 co_await write_file(ex, "d", std::string(64 * sector, 'n'));
                                 if (with_other)
                                     co_await write_file(ex, "another", std::string(64 * sector, 'x'));
                             })
            .at("d");
    };
    EXPECT_EQ(run(false), run(true));
}

// Fails if a failing operation still does what it says it failed at, or the error is another one.
TEST(Disk, OperationsFailAndDoNothing) {
    struct failure {
        double storage_faults::* probability;
        const char* kind;
        error_code write_result, read_result, sync_result;
    };
    const error_code eio(EIO, boost::system::system_category());
    const error_code enospc(ENOSPC, boost::system::system_category());
    const failure all[] = {{&storage_faults::read_error, "read-error", {}, eio, {}},
                           {&storage_faults::write_error, "write-error", eio, {}, {}},
                           {&storage_faults::no_space, "no-space", enospc, {}, {}},
                           {&storage_faults::sync_error, "sync-error", {}, {}, eio}};
    for (const auto& f : all) {
        faults chosen = surviving(0);
        chosen.storage.*f.probability = 1;
        small_world w(chosen);
        w.world.set_faults_on(false);
        std::string found;
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            const auto ex = w.b.executor();
            file d(ex);
            co_await d.async_open("d", read_write, asio::use_awaitable);
            co_await asio::async_write_at(d, 0, asio::buffer("1111", 4), asio::use_awaitable);
            co_await d.async_sync(asio::use_awaitable);
            co_await sync_names(ex);
            w.world.set_faults_on(true);
            const auto [written, n] = co_await d.async_write_some_at(0, asio::buffer("2222", 4), as_result);
            EXPECT_EQ(written, f.write_result) << f.kind;
            EXPECT_EQ(n, f.write_result ? 0u : 4u);
            std::string data(4, '-');
            const auto [read, m] = co_await d.async_read_some_at(0, asio::buffer(data), as_result);
            EXPECT_EQ(read, f.read_result) << f.kind;
            EXPECT_EQ(data, f.read_result ? "----" : f.write_result ? "1111" : "2222");
            const auto [synced] = co_await d.async_sync(as_result);
            EXPECT_EQ(synced, f.sync_result) << f.kind;
            EXPECT_EQ(w.faults_of(f.kind), 1u);
            w.b.crash(true);
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        w.world.set_faults_on(false);
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            found = (co_await read_file(w.b.executor(), "d")).value();
        });
        w.run();
        EXPECT_EQ(found, f.write_result || f.sync_result ? "1111" : "2222") << f.kind;
    }
}

// Fails if opening, renaming, removing or syncing names cannot fail, or happens all the same.
TEST(Disk, NameOperationsFailAndDoNothing) {
    faults f;
    f.storage.write_error = 1;
    f.storage.read_error = 1;
    f.storage.sync_error = 1;
    small_world w(f);
    w.world.set_faults_on(false);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        co_await write_file(ex, "d", "data");
        w.world.set_faults_on(true);
        const error_code eio(EIO, boost::system::system_category());
        EXPECT_EQ(std::get<0>(co_await async_rename(ex, "d", "e", as_result)), eio);
        EXPECT_EQ(std::get<0>(co_await async_remove(ex, "d", as_result)), eio);
        EXPECT_EQ(std::get<0>(co_await async_create_directory(ex, "x", as_result)), eio);
        EXPECT_EQ(std::get<0>(co_await async_sync_directory(ex, "", as_result)), eio);
        file d(ex);
        EXPECT_EQ(std::get<0>(co_await d.async_open("d", read_write, as_result)), eio);
        EXPECT_FALSE(d.is_open());
        w.world.set_faults_on(false);
        const auto names = co_await async_list_directory(ex, "", asio::use_awaitable);
        EXPECT_THAT(names, testing::ElementsAre("d"));
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
}

// Fails if a short transfer is whole, empty, or not the first part.
TEST(Disk, ShortTransfersAreFirstParts) {
    faults f;
    f.storage.short_transfer = 1;
    small_world w(f);
    std::set<std::size_t> parts;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        const std::string text = pattern(1000);
        for (int i = 0; i < 40; ++i) {
            const std::uint64_t at = static_cast<std::uint64_t>(i) * 10000;
            const std::size_t n = co_await d.async_write_some_at(at, asio::buffer(text), asio::use_awaitable);
            EXPECT_TRUE(n >= 1 && n < text.size());
            std::string back(1000, '\0');
            const auto [error, m] =
                co_await d.async_read_some_at(at, asio::buffer(back.data(), n), as_result);
            EXPECT_FALSE(error);
            EXPECT_TRUE(m >= 1 && (m < n || n == 1));
            EXPECT_EQ(back.substr(0, m), text.substr(0, m));
            parts.insert(n);
        }
        // What asks for all of it gets all of it.
        co_await asio::async_write_at(d, 0, asio::buffer(text), asio::use_awaitable);
        std::string whole(1000, '\0');
        co_await asio::async_read_at(d, 0, asio::buffer(whole), asio::use_awaitable);
        EXPECT_TRUE(whole == text);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_GT(parts.size(), 25u);
}

// Fails if an access or a sync is faster than the least, slower than twenty means more, or always the same.
TEST(Disk, TakesItsTime) {
    faults f;
    f.storage.access_min = 2ms;
    f.storage.access_mean = 1ms;
    f.storage.sync_min = 10ms;
    f.storage.sync_mean = 5ms;
    small_world w(f);
    std::vector<nanoseconds> writes;
    std::vector<nanoseconds> syncs;
    nanoseconds megabytes{0};
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        for (int i = 0; i < 1000; ++i) {
            auto start = w.world.now();
            co_await d.async_write_some_at(0, asio::buffer("x", 1), asio::use_awaitable);
            writes.push_back(w.world.now() - start);
            start = w.world.now();
            co_await d.async_sync(asio::use_awaitable);
            syncs.push_back(w.world.now() - start);
        }
        const std::string much(15'000'000, 'x');
        const auto start = w.world.now();
        co_await asio::async_write_at(d, 0, asio::buffer(much), asio::use_awaitable);
        megabytes = w.world.now() - start;
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    using testing::AllOf, testing::Each, testing::Ge, testing::Le;
    EXPECT_THAT(writes, Each(AllOf(Ge(2ms), Le(22ms + 41us))));
    EXPECT_THAT(syncs, Each(AllOf(Ge(10ms), Le(110ms + 40us))));
    double write_sum = 0;
    double sync_sum = 0;
    double product = 0;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        const double x = static_cast<double>((writes[i] - 2ms).count()) / 1e6;
        const double y = static_cast<double>((syncs[i] - 10ms).count()) / 5e6;
        write_sum += x;
        sync_sum += y;
        product += (x - 1) * (y - 1);
    }
    EXPECT_NEAR(write_sum / 1000, 1, 5 / std::sqrt(1000));
    EXPECT_NEAR(sync_sum / 1000, 1, 5 / std::sqrt(1000));
    EXPECT_NEAR(product / 1000, 0, 5 / std::sqrt(1000))
        << "an operation has not the luck of the one before it";
    EXPECT_GE(megabytes, 100ms) << "150 MB/s";
}

// Fails if slow syncs are not slow, too slow or too many.
TEST(Disk, SlowSyncsTakeUpToTheirTimeMore) {
    faults f;
    f.storage.slow_sync = 0.3;
    f.storage.slow_sync_time = 20s;
    small_world w(f);
    int slow = 0;
    nanoseconds longest{0};
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        for (int i = 0; i < 300; ++i) {
            const auto start = w.world.now();
            co_await d.async_sync(asio::use_awaitable);
            const auto took = w.world.now() - start;
            slow += took > 50ms ? 1 : 0;
            longest = std::max(longest, took);
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed);
    EXPECT_NEAR(slow, 90, 5 * std::sqrt(300 * 0.3 * 0.7));
    EXPECT_GT(longest, 17s);
    EXPECT_LE(longest, 20s + 50ms);
}

// Fails if processes share a disk.
TEST(Disk, IsItsProcessesOwn) {
    small_world w;
    w.spawn(w.a, [&]() -> asio::awaitable<void> { co_await write_file(w.a.executor(), "d", "a's"); });
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        co_await sleep(w.b.executor(), 1s);
        EXPECT_FALSE((co_await read_file(w.b.executor(), "d")).has_value());
    });
    EXPECT_EQ(w.run().how, verdict::passed);
}

}  // namespace
}  // namespace squall
