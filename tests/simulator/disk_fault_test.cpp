// Disks that lie and rot: what each fault does to the bytes that a program reads, and how often; and that the
// losses of a crash are decisions.
#include "disk_support.h"

#include <squall/decisions.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <set>

namespace squall {
namespace {

using namespace testing_support;

constexpr std::size_t sectors = 16;
constexpr int rounds = 400;
constexpr double rate = 0.2;

std::string content(int round, std::size_t first = 0, std::size_t count = sectors) {
    return pattern(count * sector, static_cast<std::size_t>(round) * 1'000'000 + first * sector);
}

// What one operation met with, and what stands there when faults are off.
struct seen {
    int round;
    std::string wanted;  // what the four sectors from the fourth on should hold
    std::string brought;
    std::string whole;  // the file
};
constexpr std::uint64_t where = 4 * sector;
constexpr std::size_t how_much = 4 * sector;

using operation_under_test = std::function<asio::awaitable<void>(file&, seen&)>;

// In each round a whole, synced file, then one operation with faults on, then a look. Counts the rounds that
// `wrong` tells of, which must be the faults recorded.
void expect_rate(std::string kind, double storage_faults::* probability, operation_under_test operation,
                 std::function<bool(const seen&)> wrong) {
    faults f;
    f.storage.*probability = rate;
    small_world w(f, 3);
    int count = 0;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        for (int i = 0; i < rounds; ++i) {
            w.world.set_faults_on(false);
            co_await write_at(d, 0, content(i));
            co_await d.async_sync(asio::use_awaitable);
            w.world.set_faults_on(true);
            seen s{i, content(i).substr(where, how_much), {}, {}};
            co_await operation(d, s);
            w.world.set_faults_on(false);
            s.whole = co_await read_at(d, 0, sectors * sector);
            count += wrong(s) ? 1 : 0;
        }
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(w.faults_of(kind), static_cast<std::uint64_t>(count));
    EXPECT_NEAR(count, rounds * rate, 5 * std::sqrt(rounds * rate * (1 - rate)));
}

asio::awaitable<void> write_anew(file& d, seen& s) {
    s.wanted = content(s.round + rounds, 0, how_much / sector);
    co_await write_at(d, where, s.wanted);
}
asio::awaitable<void> read_it(file& d, seen& s) {
    s.brought = co_await read_at(d, where, how_much);
}

// Fails if a phantom write changes anything, or an ordinary one does not.
TEST(DiskFault, APhantomWriteChangesNothing) {
    expect_rate("phantom-write", &storage_faults::phantom_write, write_anew, [](const seen& s) {
        const std::string before = content(s.round);
        std::string after = before;
        after.replace(where, how_much, s.wanted);
        EXPECT_TRUE(s.whole == before || s.whole == after);
        return s.whole == before;
    });
}

// Fails if a phantom write at the end of a file brings its bytes, or not its length.
TEST(DiskFault, APhantomWriteAtTheEndLeavesZeros) {
    faults f;
    f.storage.phantom_write = 1;
    small_world w(f);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        co_await write_file(w.b.executor(), "d", "data", 3);
        EXPECT_EQ(co_await read_file(w.b.executor(), "d"), std::string(7, '\0'));
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(w.faults_of("phantom-write"), 1u);
}

// Fails if the place that was meant changes, or no other one, or more than one; or an offset is no whole
// number of sectors away.
TEST(DiskFault, AMisdirectedWriteLandsInOtherSectors) {
    std::set<std::size_t> places;
    expect_rate("misdirected-write", &storage_faults::misdirected_write, write_anew, [&](const seen& s) {
        const std::string before = content(s.round);
        const std::size_t there = s.whole.find(s.wanted);
        EXPECT_NE(there, std::string::npos);
        EXPECT_EQ(there % sector, 0u);
        EXPECT_TRUE(there == where || there + how_much <= where || there >= where + how_much);
        std::string after = before;
        after.replace(there, how_much, s.wanted);
        EXPECT_TRUE(s.whole == after) << "and nothing else";
        places.insert(there);
        return there != where;
    });
    EXPECT_EQ(places.size(), 1 + 1 + 5u) << "where it should, before that, and behind it";
}

// Fails if a misdirected read brings what is not in the file, or changes the file.
TEST(DiskFault, AMisdirectedReadBringsOtherSectors) {
    std::set<std::size_t> places;
    expect_rate("misdirected-read", &storage_faults::misdirected_read, read_it, [&](const seen& s) {
        EXPECT_TRUE(s.whole == content(s.round)) << "the medium is as it was";
        const std::size_t there = s.whole.find(s.brought);
        EXPECT_NE(there, std::string::npos);
        EXPECT_EQ(there % sector, 0u);
        places.insert(there);
        return there != where;
    });
    EXPECT_EQ(places.size(), 13u) << "each place that has four sectors";
}

// Fails if rot is not one bit of what was read, or is gone at the next read.
TEST(DiskFault, RotChangesOneBitForGood) {
    std::set<std::size_t> bits_seen;
    expect_rate("bit-rot", &storage_faults::bit_rot, read_it, [&](const seen& s) {
        int bits = 0;
        for (std::size_t i = 0; i < how_much; ++i) {
            const auto changed = static_cast<unsigned char>(s.brought[i] ^ s.wanted[i]);
            bits += std::popcount(changed);
            if (changed != 0)
                bits_seen.insert(i * 8 + static_cast<std::size_t>(std::countr_zero(changed)));
        }
        EXPECT_LE(bits, 1);
        std::string after = content(s.round);
        after.replace(where, how_much, s.brought);
        EXPECT_TRUE(s.whole == after);
        return bits == 1;
    });
    EXPECT_GT(bits_seen.size(), 60u) << "anywhere";
}

// Fails if rot is not on the medium: gone with a crash, or there in what was not synced.
TEST(DiskFault, RotIsOnTheMedium) {
    faults f;
    f.storage.bit_rot = 1;
    f.storage.unsynced_sector_survives = 0;
    small_world w(f);
    std::string rotten;
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        co_await write_at(d, 0, content(1));
        EXPECT_TRUE((co_await read_at(d, 0, how_much)) == content(1).substr(0, how_much));
        EXPECT_EQ(w.faults_of("bit-rot"), 0u) << "nothing is on the medium yet";
        co_await d.async_sync(asio::use_awaitable);
        co_await sync_names(ex);
        rotten = co_await read_at(d, 0, how_much);
        EXPECT_FALSE(rotten == content(1).substr(0, how_much));
        co_await write_at(d, 0, content(2));  // is lost
        w.b.crash(true);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    w.world.set_faults_on(false);
    w.b.start();
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        EXPECT_TRUE((co_await read_at(d, 0, how_much)) == rotten) << "it comes back";
        co_await write_at(d, 0, content(3));
        EXPECT_TRUE((co_await read_at(d, 0, how_much)) == content(3).substr(0, how_much));
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
}

// Writes old, synced content and new one, and cuts the power; gives what the next boot finds, and the faults.
struct left_over {
    std::string text;
    std::vector<happened_fault> faults;
};
left_over after_a_power_cut(const faults& chosen, std::uint64_t seed, bool sync_new,
                            std::vector<std::uint64_t> vetoed = {}) {
    small_world w(chosen, seed, std::move(vetoed));
    left_over found;
    w.world.set_faults_on(false);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        file d(ex);
        co_await d.async_open("d", read_write, asio::use_awaitable);
        co_await write_at(d, 0, content(1));
        co_await d.async_sync(asio::use_awaitable);
        co_await sync_names(ex);
        w.world.set_faults_on(true);
        co_await write_at(d, 0, content(2));
        if (sync_new)
            co_await d.async_sync(asio::use_awaitable);
        w.b.crash(true);
    });
    w.run();
    w.b.start();
    w.world.set_faults_on(false);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        found.text = (co_await read_file(w.b.executor(), "d")).value();
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    found.faults = w.world.fault_records();
    return found;
}

// Fails if what a lost sync should have made durable outlives a crash, or what a real one did does not.
TEST(DiskFault, ALostSyncMakesNothingDurable) {
    faults f;
    f.storage.unsynced_sector_survives = 0;
    f.storage.lost_sync = rate;
    int lost = 0;
    int recorded = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto found = after_a_power_cut(f, seed, true);
        EXPECT_TRUE(found.text == content(1) || found.text == content(2));
        lost += found.text == content(1) ? 1 : 0;
        for (const auto& fault : found.faults)
            recorded += fault.kind == "lost-sync" ? 1 : 0;
    }
    EXPECT_EQ(recorded, lost);
    EXPECT_NEAR(lost, 200 * rate, 5 * std::sqrt(200 * rate * (1 - rate)));
}

// Fails if a later sync does not make durable what a lost one did not.
TEST(DiskFault, ARealSyncCoversWhatALostOneDidNot) {
    faults f;
    f.storage.unsynced_sector_survives = 0;
    f.storage.lost_sync = 1;
    small_world w(f);
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        const auto ex = w.b.executor();
        co_await write_file(ex, "d", "data");
        co_await sync_file(ex, "d");
        co_await sync_names(ex);
        EXPECT_EQ(w.faults_of("lost-sync"), 1u);
        w.world.set_faults_on(false);
        co_await sync_file(ex, "d");
        w.b.crash(true);
    });
    w.run();
    w.b.start();
    w.spawn(w.b,
            [&]() -> asio::awaitable<void> { EXPECT_EQ(co_await read_file(w.b.executor(), "d"), "data"); });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_THAT(w.world.damages(), testing::IsEmpty());
}

// Fails if the loss of a write is not in the record as what it was, or happens though it is vetoed.
TEST(DiskFault, ACrashTakesEachWriteByADecision) {
    std::set<std::string> kinds;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        faults f;
        f.storage.unsynced_sector_survives = seed % 3 == 0 ? 0 : 0.5;
        f.storage.unsynced_sector_garbled = seed % 3 == 2 ? 0.5 : 0;
        const auto found = after_a_power_cut(f, seed, false);
        ASSERT_EQ(found.faults.size(), 1u);
        const happened_fault& fault = found.faults.front();
        kinds.insert(fault.kind);
        EXPECT_EQ(fault.kind, found.text == content(1) ? "lost-write" : "torn-write") << fault.detail;
        const auto spared = after_a_power_cut(f, seed, false, {fault.decision});
        EXPECT_TRUE(spared.text == content(2));
        EXPECT_THAT(spared.faults, testing::IsEmpty());
    }
    EXPECT_EQ(kinds.size(), 2u);
    EXPECT_THAT(after_a_power_cut({}, 1, true).faults, testing::IsEmpty()) << "nothing was unsynced";
}

// Fails if the loss of names is not in the record, or happens though it is vetoed.
TEST(DiskFault, ACrashTakesNamesByADecision) {
    const auto run = [](std::uint64_t seed, std::vector<std::uint64_t> vetoed) {
        small_world w({}, seed, std::move(vetoed));
        std::vector<std::string> names;
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            for (const char* name : {"p", "q", "r"})
                co_await write_file(w.b.executor(), name, "");
            w.b.crash(true);
        });
        w.run();
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            names = co_await async_list_directory(w.b.executor(), "", asio::use_awaitable);
        });
        EXPECT_EQ(w.run().how, verdict::passed);
        return std::pair(names, w.world.fault_records());
    };
    std::set<std::size_t> kept;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto [names, all] = run(seed, {});
        kept.insert(names.size());
        ASSERT_EQ(all.size(), names.size() == 3 ? 0u : 1u);
        if (all.empty())
            continue;
        EXPECT_EQ(all.front().kind, "lost-name");
        EXPECT_EQ(run(seed, {all.front().decision}).first, (std::vector<std::string>{"p", "q", "r"}));
    }
    EXPECT_EQ(kept.size(), 4u);
}

faults everything() {
    faults f;
    f.storage.phantom_write = f.storage.misdirected_write = f.storage.misdirected_read = 0.1;
    f.storage.bit_rot = 0.1;
    f.storage.lost_sync = 0.3;
    f.storage.unsynced_sector_garbled = 0.3;
    return f;
}

// A process that writes, reads, syncs and dies, whatever it is told.
struct busy_result {
    std::vector<happened_fault> faults;
    std::uint64_t digest;
};
busy_result busy(std::uint64_t seed, const faults& chosen, std::vector<std::uint64_t> vetoed = {}) {
    small_world w(chosen, seed, std::move(vetoed));
    for (int boot = 0; boot < 4; ++boot) {
        w.spawn(w.b, [&w, boot]() -> asio::awaitable<void> {
            decision_stream plan(7, static_cast<std::uint64_t>(boot));
            const auto ex = w.b.executor();
            file d(ex);
            co_await d.async_open("d", read_write, asio::use_awaitable);
            co_await write_at(d, 0, content(boot));
            co_await d.async_sync(asio::use_awaitable);
            co_await sync_names(ex);
            for (int i = 0; i < 40; ++i) {
                const std::uint64_t at = plan.below(sectors - 2) * sector;
                if (plan.chance(0.5))
                    co_await write_at(d, at, content(100 + i, 0, 1 + plan.below(2)));
                else
                    co_await read_at(d, at, 2 * sector);
                if (plan.chance(0.2))
                    co_await d.async_sync(asio::use_awaitable);
            }
            w.b.crash(true);
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        w.b.start();
    }
    return {w.world.fault_records(), w.world.digest()};
}

std::vector<std::uint64_t> ids(const std::vector<happened_fault>& all) {
    std::vector<std::uint64_t> found;
    for (const auto& f : all)
        found.push_back(f.decision);
    return found;
}

// Fails if a seed has not always the same faults, or a fault that is taken out moves those before it.
TEST(DiskFault, EachCanBeTakenOut) {
    std::set<std::string> kinds;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto once = busy(seed, everything());
        const auto all = ids(once.faults);
        EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), all.size()) << "each has a name";
        EXPECT_EQ(busy(seed, everything()).digest, once.digest);
        for (std::size_t k = 0; k < all.size(); ++k) {
            kinds.insert(once.faults[k].kind);
            const auto without = ids(busy(seed, everything(), {all[k]}).faults);
            ASSERT_GE(without.size(), k);
            EXPECT_TRUE(
                std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), without.begin()))
                << once.faults[k].kind;
            EXPECT_EQ(std::count(without.begin(), without.end(), all[k]), 0);
        }
    }
    EXPECT_GE(kinds.size(), 6u);
}

// Fails if a disk that is to do no harm does some, or if a fault's mere possibility moves others.
TEST(DiskFault, QuietIsQuiet) {
    faults quiet;
    quiet.storage.unsynced_sector_survives = 1;
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
        EXPECT_THAT(busy(seed, quiet).faults, testing::IsEmpty());
    faults rot_alone = quiet;
    rot_alone.storage.bit_rot = 0.1;
    faults rot_and_lies = rot_alone;
    rot_and_lies.storage.short_transfer = 1e-9;
    rot_and_lies.storage.lost_sync = rot_and_lies.storage.phantom_write = 1e-9;
    const auto alone = ids(busy(1, rot_alone).faults);
    EXPECT_GT(alone.size(), 5u);
    EXPECT_EQ(alone, ids(busy(1, rot_and_lies).faults));
}

// Fails if a crash takes a sector back behind what was synced, however writes and syncs overlapped, or brings
// what was never written.
TEST(DiskFault, NoCrashTakesWhatWasSynced) {
    int behind = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        faults f;
        f.storage.unsynced_sector_survives = 0.5;
        small_world w(f, seed);
        std::vector<int> newest(sectors, 0);
        std::vector<int> synced(sectors, 0);
        decision_stream plan(seed, 1);
        file d(w.b.executor());
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            co_await d.async_open("d", read_write, asio::use_awaitable);
            co_await write_at(d, 0, std::string(sectors * sector, '\0'));
            co_await d.async_sync(asio::use_awaitable);
            co_await sync_names(w.b.executor());
            for (int version = 1; version < 100; ++version) {
                const std::size_t first = plan.below(sectors);
                const std::size_t count = 1 + plan.below(std::min<std::size_t>(4, sectors - first));
                auto text = std::make_shared<std::string>(count * sector, static_cast<char>(version));
                d.async_write_some_at(first * sector, asio::buffer(*text), [text](auto&&...) {});
                std::fill_n(newest.begin() + static_cast<std::ptrdiff_t>(first), count, version);
                if (plan.chance(0.1))
                    d.async_sync([&, covered = newest](error_code ec) {
                        EXPECT_FALSE(ec);
                        for (std::size_t s = 0; s < sectors; ++s)
                            synced[s] = std::max(synced[s], covered[s]);
                    });
                co_await sleep(w.b.executor(), plan.exponential(1ms));
            }
        });
        w.at(20ms + plan.exponential(50ms), [&] { w.b.crash(true); });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            const std::string text = (co_await read_file(w.b.executor(), "d")).value();
            for (std::size_t s = 0; s < sectors; ++s) {
                EXPECT_GE(text[s * sector], synced[s]) << "seed " << seed;
                EXPECT_LE(text[s * sector], newest[s]);
                EXPECT_EQ(text.substr(s * sector, sector), std::string(sector, text[s * sector]));
                behind += text[s * sector] < newest[s] ? 1 : 0;
            }
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        d.close();
    }
    EXPECT_GT(behind, 60) << "and what was not synced, it takes at times";
}

}  // namespace
}  // namespace squall
