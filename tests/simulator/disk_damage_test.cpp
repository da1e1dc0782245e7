// The book of damage: what was brought to a program, what it noticed, and how much there may be at a time.
#include "disk_support.h"

#include <squall/corruption.h>
#include <squall/decisions.h>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <functional>
#include <set>

namespace squall {
namespace {

using namespace testing_support;

std::string content(std::size_t version, std::size_t sectors = 1) {
    return pattern(sectors * sector, version * 100'000);
}

std::vector<std::string> kinds(const std::vector<damage>& all) {
    std::vector<std::string> found;
    for (const damage& d : all)
        found.emplace_back(d.kind);
    return found;
}

// Runs the body in b with faults on, from a synced file "d" of 8 sectors.
template <class Body>
void with_file(small_world& w, Body body) {
    w.world.set_faults_on(false);
    w.spawn(w.b, [&w, body]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        co_await write_at(d, 0, content(1, 8));
        co_await d.async_sync(asio::use_awaitable);
        co_await sync_names(w.b.executor());
        w.world.set_faults_on(true);
        co_await body(d);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
}

faults always(double storage_faults::* kind) {
    faults f;
    f.storage.unsynced_sector_survives = 0;
    f.storage.*kind = 1;
    return f;
}

// Fails if damage is not in the book, is delivered before anybody reads it, or its place is another one.
TEST(DiskDamage, IsDeliveredByAReadOfIt) {
    small_world w(always(&storage_faults::phantom_write));
    with_file(w, [&](file& d) -> asio::awaitable<void> {
        co_await write_at(d, 2 * sector, content(2, 2));
        EXPECT_EQ(w.world.damages().size(), 1u);
        const damage& it = w.world.damages().at(0);
        EXPECT_EQ(it.process, "b");
        EXPECT_EQ(it.path, "d");
        EXPECT_EQ(it.offset, 2 * sector);
        EXPECT_EQ(it.size, 2 * sector);
        EXPECT_EQ(it.kind, "phantom-write");
        EXPECT_EQ(it.decision, w.world.fault_records().front().decision);
        co_await read_at(d, 0, 2 * sector);
        co_await read_at(d, 4 * sector, sector);
        EXPECT_FALSE(it.delivered);
        EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
        d.async_read_some_at(0, asio::mutable_buffer(), [](auto&&...) {});
        co_await read_at(d, 3 * sector, 1);
        EXPECT_TRUE(it.delivered);
        EXPECT_EQ(w.world.undetected_damage().size(), 1u);
    });
}

// Fails if a wiped disk leaves room for damage elsewhere, or damage for a wipe elsewhere.
TEST(DiskDamage, AWipedDiskIsADamagedCopyOfEverything) {
    for (const bool wiped : {false, true}) {
        small_world w(always(&storage_faults::phantom_write));
        for (process* p : {&w.a, &w.b, &w.c})
            EXPECT_TRUE(w.world.may_wipe(*p));
        if (wiped) {
            w.a.start();
            w.a.crash();
            w.a.wipe();
        }
        with_file(w, [&](file& d) -> asio::awaitable<void> {
            co_await write_at(d, 0, content(2));
            EXPECT_EQ(w.world.damages().size(), wiped ? 0u : 1u);
            EXPECT_EQ(w.world.may_wipe(w.a), wiped);
            EXPECT_EQ(w.world.may_wipe(w.b), !wiped);
            EXPECT_FALSE(w.world.may_wipe(w.c));
        });
    }
}

// Fails if a program's word is not taken, is taken for damage that it was not brought, or of another place.
TEST(DiskDamage, IsCreditedToWhoNoticesIt) {
    for (const bool by_path : {false, true}) {
        small_world w(always(&storage_faults::phantom_write));
        with_file(w, [&](file& d) -> asio::awaitable<void> {
            const auto notice = [&](std::uint64_t offset, std::uint64_t size) {
                if (by_path)
                    corruption_detected(d.get_executor(), "./d", offset, size);
                else
                    corruption_detected(d, offset, size);
            };
            co_await write_at(d, 2 * sector, content(2));
            const damage& it = w.world.damages().at(0);
            notice(0, 8 * sector);
            EXPECT_FALSE(it.detected) << "it cannot know";
            co_await read_at(d, 2 * sector, sector);
            notice(0, 2 * sector);
            notice(3 * sector, sector);
            corruption_detected(d.get_executor(), "another", 0, 8 * sector);
            corruption_detected(w.a.executor(), "d", 0, 8 * sector);
            EXPECT_FALSE(it.detected) << "that is somewhere else";
            notice(2 * sector + 100, 1);
            EXPECT_TRUE(it.detected);
            EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
        });
        EXPECT_THAT(w.world.tail(),
                    testing::Contains(testing::HasSubstr("disk: damage was noticed, of phantom-write in d")));
    }
}

// Fails if the word of a program on a real disk does anything.
TEST(DiskDamage, IsNothingOnARealDisk) {
    asio::io_context context;
    file d(context.get_executor());
    corruption_detected(d, 0, 1);
    corruption_detected(context.get_executor(), "d", 0, 1);
    EXPECT_FALSE(d.is_open());
}

// Fails if what was overwritten, cut off or removed is still delivered.
TEST(DiskDamage, GoesWhenItIsOverwritten) {
    small_world w(always(&storage_faults::phantom_write));
    with_file(w, [&](file& d) -> asio::awaitable<void> {
        for (std::size_t i = 0; i < 4; ++i)
            co_await write_at(d, i * 2 * sector, content(2 + i));
        EXPECT_EQ(w.world.damages().size(), 4u);
        w.world.set_faults_on(false);
        co_await write_at(d, 0, content(7));
        co_await d.async_resize(6 * sector, asio::use_awaitable);
        co_await d.async_resize(8 * sector, asio::use_awaitable);
        co_await read_at(d, 0, sector);
        co_await read_at(d, 6 * sector, sector);
        EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
        co_await read_at(d, 0, 8 * sector);
        EXPECT_EQ(w.world.undetected_damage().size(), 2u) << "the others";
    });
}

// Fails if a read that nobody got counts as a delivery.
TEST(DiskDamage, IsNotDeliveredByACancelledRead) {
    small_world w(always(&storage_faults::bit_rot));
    with_file(w, [&](file& d) -> asio::awaitable<void> {
        std::string text(sector, '\0');
        d.async_read_some_at(0, asio::buffer(text), [](auto&&...) {});
        d.cancel();
        co_await sleep(w.b.executor(), 1s);
        EXPECT_EQ(w.world.damages().size(), 1u);
        EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
    });
}

// Fails if a lost sync is damage before a crash, or its losses are none after it; or bytes that are right all
// the same are called damaged.
TEST(DiskDamage, OfALostSyncIsWhatACrashTook) {
    small_world w(always(&storage_faults::lost_sync));
    with_file(w, [&](file& d) -> asio::awaitable<void> {
        co_await write_at(d, 0, content(2, 2));
        co_await write_at(d, 2 * sector, content(1, 8).substr(2 * sector, sector));  // as it was
        co_await d.async_sync(asio::use_awaitable);
        co_await write_at(d, 5 * sector, content(3));  // synced by nobody
        co_await read_at(d, 0, 8 * sector);
        EXPECT_THAT(w.world.damages(), testing::IsEmpty());
        w.b.crash(true);
    });
    EXPECT_THAT(kinds(w.world.damages()), testing::Each("lost-sync"));
    w.world.set_faults_on(false);
    w.b.start();
    w.spawn(w.b, [&]() -> asio::awaitable<void> {
        file d(w.b.executor());
        co_await d.async_open("d", read_write, asio::use_awaitable);
        EXPECT_TRUE((co_await read_at(d, 2 * sector, 6 * sector)) == content(1, 8).substr(2 * sector));
        EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
        co_await read_at(d, 0, sector);
        EXPECT_EQ(w.world.undetected_damage().size(), 1u);
    });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    ASSERT_FALSE(w.world.undetected_damage().empty());
    EXPECT_EQ(w.world.undetected_damage().front().decision, w.world.fault_records().front().decision);
}

// Fails if a sector of noise after a crash is no damage, or one that is merely lost is.
TEST(DiskDamage, OfATornWriteIsNoise) {
    for (const double garbled : {0.0, 1.0}) {
        faults f;
        f.storage.unsynced_sector_survives = 0;
        f.storage.unsynced_sector_garbled = garbled;
        small_world w(f);
        with_file(w, [&](file& d) -> asio::awaitable<void> {
            co_await write_at(d, 0, content(2, 2));
            w.b.crash(true);
        });
        w.b.start();
        w.spawn(w.b, [&]() -> asio::awaitable<void> { co_await read_file(w.b.executor(), "d"); });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_EQ(kinds(w.world.undetected_damage()),
                  garbled > 0 ? std::vector<std::string>{"torn-write"} : std::vector<std::string>{});
    }
}

// Fails if a misdirected read is not delivered damage, or stays.
TEST(DiskDamage, OfAMisdirectedReadIsThatReads) {
    small_world w(always(&storage_faults::misdirected_read));
    with_file(w, [&](file& d) -> asio::awaitable<void> {
        co_await read_at(d, sector, sector);
        EXPECT_EQ(kinds(w.world.undetected_damage()), std::vector<std::string>{"misdirected-read"});
        corruption_detected(d, sector, sector);
        EXPECT_THAT(w.world.undetected_damage(), testing::IsEmpty());
        w.world.set_faults_on(false);
        EXPECT_TRUE((co_await read_at(d, 0, 8 * sector)) == content(1, 8));
    });
}

// A group of replicas that hold the same file, and how many of them are wrong about each sector.
struct cluster {
    static constexpr std::size_t sectors = 12;

    cluster(int count, faults chosen, std::uint64_t seed, int group)
        : world({.seed = seed, .faults = std::move(chosen), .time_budget = std::chrono::hours(10'000)}) {
        for (int i = 0; i < count; ++i) {
            replicas.push_back(&world.add_process("r" + std::to_string(i), group));
            expected.push_back(content(1, sectors));
        }
    }

    // Each replica does it, at the same time.
    template <class Body>
    void each(Body body) {
        for (std::size_t i = 0; i < replicas.size(); ++i)
            asio::co_spawn(replicas[i]->executor(), body(*replicas[i], i), rethrow{});
        EXPECT_EQ(world.run().how, verdict::passed) << world.result().message;
    }
    void prepare() {
        world.set_faults_on(false);
        each([](process& p, std::size_t) -> asio::awaitable<void> {
            co_await write_file(p.executor(), "d", content(1, sectors));
            co_await sync_file(p.executor(), "d");
            co_await sync_names(p.executor());
        });
    }
    // Writes, reads and a sync with faults on, each replica in an order of its own; then some of them die.
    // With `unsynced` some of them die before the sync.
    void trouble(std::uint64_t round, bool unsynced) {
        const auto before = expected;
        const auto skips = [=](std::size_t me) { return unsynced && chance(mix(2, round, me), 0.5); };
        world.set_faults_on(true);
        each([&](process& p, std::size_t me) -> asio::awaitable<void> {
            decision_stream plan(round, me);
            file d(p.executor());
            co_await d.async_open("d", read_write, asio::use_awaitable);
            for (int i = 0; i < 6; ++i) {
                const std::size_t at = plan.below(sectors);
                co_await read_at(d, at * sector, sector);
                const std::size_t to = plan.below(sectors - 1);
                const std::size_t count = 1 + plan.below(2);
                const std::string text = content(round * 100 + to, count);
                co_await write_at(d, to * sector, text);
                expected[me].replace(to * sector, text.size(), text);
            }
            if (!skips(me))
                co_await d.async_sync(asio::use_awaitable);
        });
        for (std::size_t i = 0; i < replicas.size(); ++i) {
            if (skips(i))
                expected[i] = before[i];
            else if (!chance(mix(1, round, i), 0.5))
                continue;
            replicas[i]->crash(true);
            replicas[i]->start();
        }
    }
    // The most replicas that are wrong about one sector.
    int most_wrong() {
        world.set_faults_on(false);
        std::vector<int> wrong(sectors, 0);
        each([&](process& p, std::size_t me) -> asio::awaitable<void> {
            const std::string text = (co_await read_file(p.executor(), "d")).value();
            EXPECT_EQ(text.size(), expected[me].size());
            for (std::size_t s = 0; s < sectors; ++s)
                wrong[s] +=
                    text.substr(s * sector, sector) != expected[me].substr(s * sector, sector) ? 1 : 0;
        });
        return *std::max_element(wrong.begin(), wrong.end());
    }

    squall::world world;
    std::vector<process*> replicas;
    std::vector<std::string> expected;
};

faults heavy(std::uint32_t copies) {
    faults f;
    f.storage.phantom_write = f.storage.misdirected_write = 0.2;
    f.storage.bit_rot = f.storage.misdirected_read = 0.2;
    f.storage.lost_sync = 0.3;
    f.storage.unsynced_sector_survives = 0.3;
    f.storage.unsynced_sector_garbled = 0.5;
    f.storage.damaged_copies = copies;
    return f;
}

// Lost syncs alone: a budget must count what they may yet take.
faults lying(std::uint32_t copies) {
    faults f;
    f.storage.lost_sync = 1;
    f.storage.unsynced_sector_survives = 0.3;
    f.storage.damaged_copies = copies;
    return f;
}
// What is not synced is gone: repairs, too.
faults forgetful(std::uint32_t copies) {
    faults f = heavy(copies);
    f.storage.unsynced_sector_survives = 0;
    f.storage.unsynced_sector_garbled = 0;
    return f;
}

struct harm {
    int most = 0;
    std::size_t damages = 0;
};
harm harm_done(int count, const faults& chosen, std::uint64_t seed, int group = 1,
               const std::function<void(world&)>& set_up = {}) {
    cluster c(count, chosen, seed, group);
    if (set_up)
        set_up(c.world);
    c.prepare();
    harm all;
    for (std::uint64_t round = 1; round <= 8; ++round) {
        c.trouble(seed * 1000 + round, chosen.storage.unsynced_sector_survives == 0);
        all.most = std::max(all.most, c.most_wrong());
    }
    all.damages = c.world.damages().size();
    return all;
}

// Fails if more copies of a sector are wrong at a time than the budget has, or never as many.
TEST(DiskDamage, LeavesAMajority) {
    for (const auto make : {&heavy, &lying, &forgetful}) {
        int worst_of_three = 0;
        int worst_of_five = 0;
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            const harm three = harm_done(3, make(99), seed);
            EXPECT_LE(three.most, 1) << "seed " << seed;
            worst_of_three = std::max(worst_of_three, three.most);
            const harm five = harm_done(5, make(99), seed);
            EXPECT_LE(five.most, 2) << "seed " << seed;
            worst_of_five = std::max(worst_of_five, five.most);
            EXPECT_LE(harm_done(5, make(1), seed).most, 1) << "seed " << seed;
            EXPECT_GT(five.damages, 0u);
        }
        EXPECT_EQ(worst_of_three, 1);
        EXPECT_EQ(worst_of_five, 2);
    }
}

// Fails if a budget that is set is not the one that counts.
TEST(DiskDamage, CanBeGivenABudget) {
    int worst = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        worst = std::max(worst,
                         harm_done(3, heavy(1), seed, 1, [](world& w) { w.set_damage_budget(1, 3); }).most);
        EXPECT_EQ(harm_done(3, heavy(1), seed, 1, [](world& w) { w.set_damage_budget(1, 0); }).damages, 0u);
        EXPECT_EQ(harm_done(3, heavy(1), seed, 100).damages, 0u) << "clients' disks are whole";
        EXPECT_EQ(harm_done(2, heavy(1), seed).damages, 0u) << "two cannot spare one";
        EXPECT_GT(harm_done(1, heavy(1), seed, 100, [](world& w) { w.set_damage_budget(100, 1); }).damages,
                  0u);
    }
    EXPECT_GE(worst, 2) << "it is the budget that bounds the harm";
}

// Fails if copies in other places do not count as copies where the user says so.
TEST(DiskDamage, CountsCopiesAsTheUserSays) {
    const auto run = [](bool one_datum) {
        cluster c(3, heavy(1), 5, 1);
        if (one_datum)
            c.world.set_datum([](const process&, const std::string&, std::uint64_t) { return "all"; });
        c.prepare();
        c.trouble(1, false);
        std::set<std::string> hit;
        for (const damage& d : c.world.damages())
            hit.insert(d.process);
        return hit.size();
    };
    EXPECT_EQ(run(true), 1u);
    EXPECT_EQ(run(false), 3u);
}

}  // namespace
}  // namespace squall
