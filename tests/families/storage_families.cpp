// Faults of disks, and of processes that lose what was not on theirs.
#include "families.h"

#include <squall/file.h>
#include <squall/text_hash.h>
#include <squall/timer.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace squall::family_tests {
namespace {

constexpr auto read_write = open_mode::read | open_mode::write | open_mode::create;

// Opens the file, or makes it so that it is there after a crash, however often that takes.
asio::awaitable<void> open_for_sure(file& which, std::string path, bool sync_directory = true) {
    for (bool open = false; !open;) {
        const auto [error] = co_await which.async_open(path, read_write, as_result);
        open = !error;
    }
    for (bool synced = !sync_directory; !synced;) {
        const auto [error] = co_await async_sync_directory(which.get_executor(), "", as_result);
        synced = !error;
    }
}
template <class T>
asio::awaitable<error_code> write_whole(file& to, std::uint64_t at, const T& what) {
    const auto [error, n] =
        co_await asio::async_write_at(to, at, asio::buffer(&what, sizeof what), as_result);
    co_return error;
}
template <class T>
asio::awaitable<error_code> read_whole(file& from, std::uint64_t at, T& what) {
    const auto [error, n] =
        co_await asio::async_read_at(from, at, asio::buffer(&what, sizeof what), as_result);
    co_return error;
}

// disk-errors: a write or a sync that failed is acknowledged all the same. Each value has a file of its own,
// since the next sync of a file makes up for one that failed.
simulation::plan errors_are_seen(bool fixed) {
    constexpr std::uint32_t files = 24;
    const auto crash = std::make_shared<one_crash>();
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        std::vector<file> all;
        for (std::uint32_t i = 0; i < files; ++i)
            co_await open_for_sure(all.emplace_back(self.executor()), std::to_string(i), i + 1 == files);
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            file& its = all[m.key];
            if (m.what == verb::get) {
                co_await read_whole(its, 0, m.value);
                co_return m;
            }
            const error_code not_written = co_await write_whole(its, 0, m.value);
            const auto [not_synced] = co_await its.async_sync(as_result);
            if (fixed && (not_written || not_synced))
                co_return std::nullopt;
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"server", 1, server});
    plan.injectors.push_back([=] { return std::make_unique<crasher>(crash); });
    plan.workloads.push_back(one_client(
        [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint32_t key = 0; key < files; ++key)
                co_await insist(self, self.peers("server")[0], message{verb::put, key, 0, key + 1}, 1s);
            crash->wanted = true;
            while (!crash->done)
                co_await sleep(self, 5ms);
        },
        [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint32_t key = 0; key < files; ++key) {
                const auto found =
                    co_await insist(self, self.peers("server")[0], message{verb::get, key}, 1s);
                SQUALL_ALWAYS(found.value == key + 1, "what was acknowledged is on the disk");
            }
        }));
    return plan;
}

// short-transfers: one write is taken for the whole.
simulation::plan whole_writes(bool fixed) {
    using record = std::array<std::uint64_t, 32>;
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        file data(self.executor());
        co_await open_for_sure(data, "data");
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            record r;
            const std::uint64_t at = m.key * sizeof r;
            if (m.what == verb::put) {
                r.fill(m.value);
                if (fixed)
                    co_await write_whole(data, at, r);
                else
                    co_await data.async_write_some_at(at, asio::buffer(&r, sizeof r), as_result);
                co_return m;
            }
            const error_code none = co_await read_whole(data, at, r);
            m.value = !none && std::ranges::count(r, r.front()) == std::ssize(r) ? r.front() : 0;
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"server", 1, server});
    plan.workloads.push_back(one_client([](workload_context& self) -> asio::awaitable<void> {
        const auto to = self.peers("server")[0];
        for (std::uint32_t key = 0; key < 12; ++key)
            co_await insist(self, to, message{verb::put, key, 0, key + 1}, 1s);
        for (std::uint32_t key = 0; key < 12; ++key) {
            const auto found = co_await insist(self, to, message{verb::get, key}, 1s);
            SQUALL_ALWAYS(found.value == key + 1, "what is read is what was written");
        }
    }));
    return plan;
}

// A client that puts one id after another for as long as chaos lasts, 4 s.
simulation::clients keeps_putting(std::shared_ptr<std::set<std::uint64_t>> acknowledged,
                                  nanoseconds interval) {
    return one_client([=](workload_context& self) -> asio::awaitable<void> {
        for (std::uint64_t id = 1; self.now() < 4s; ++id) {
            co_await insist(self, self.peers("server")[0], message{verb::put, 0, id}, 200ms);
            acknowledged->insert(id);
            co_await sleep(self, interval);
        }
    });
}

// torn-writes, crashes: a journal of records, which is replayed at each boot.
struct journal_rules {
    bool checksums = true;  // a record that is torn is told from a whole one
    bool sync_before_ack = true;
    bool sync_directory = true;  // once the file has been made
};
struct journal_record {  // of several sectors
    std::uint64_t id = 0;
    std::uint64_t checksum = 0;
    std::array<std::uint64_t, 254> content{};

    std::uint64_t sum() const {
        return text_hash({reinterpret_cast<const char*>(&id), sizeof id}) ^
               text_hash({reinterpret_cast<const char*>(&content), sizeof content});
    }
};
simulation::plan journal(journal_rules rules) {
    const auto acknowledged = std::make_shared<std::set<std::uint64_t>>();
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        file log(self.executor());
        co_await open_for_sure(log, "log", rules.sync_directory);
        std::uint64_t end = 0;
        std::set<std::uint64_t> replayed;
        for (;;) {
            journal_record r;
            const error_code none = co_await read_whole(log, end, r);
            if (none || r.id == 0 || (rules.checksums && r.checksum != r.sum()))
                break;
            SQUALL_ALWAYS_OR_UNREACHABLE(std::ranges::count(r.content, r.id) == std::ssize(r.content),
                                         "what is replayed is what was written");
            replayed.insert(r.id);
            end += sizeof r;
        }
        SQUALL_ALWAYS(std::ranges::includes(replayed, *acknowledged),
                      "what was acknowledged is there after a crash");
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            journal_record r{m.id, 0, {}};
            r.content.fill(m.id);
            r.checksum = r.sum();
            co_await write_whole(log, std::exchange(end, end + sizeof r), r);
            if (rules.sync_before_ack)
                co_await log.async_sync(as_result);
            else
                log.async_sync([](error_code) {});
            co_return m;
        });
    };
    simulation::plan plan;
    plan.chaos_duration = 4s;
    plan.groups.push_back({"server", 1, server});
    plan.workloads.push_back(keeps_putting(acknowledged, 50ms));
    return plan;
}

// crashes: what was taken in is written a while later, and not at all where the process is asked to stop.
simulation::plan drained_queue(bool fixed) {
    const auto acknowledged = std::make_shared<std::set<std::uint64_t>>();
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        file log(self.executor());
        co_await open_for_sure(log, "log");
        std::set<std::uint64_t> found;
        std::uint64_t end = 0;
        for (;;) {
            std::uint64_t id = 0;
            const error_code none = co_await read_whole(log, end, id);
            if (none)
                break;
            found.insert(id);
            end += sizeof id;
        }
        SQUALL_ALWAYS(std::ranges::includes(found, *acknowledged),
                      "a graceful stop loses nothing that was acknowledged");
        struct intake {
            std::vector<std::uint64_t> queue;
            bool open = true;
        };
        const auto taken = std::make_shared<intake>();  // by handlers too, which may outlive this program
        asio::co_spawn(self.executor(),
                       serve(self,
                             [=](message m) -> asio::awaitable<std::optional<message>> {
                                 if (!taken->open)
                                     co_return std::nullopt;
                                 taken->queue.push_back(m.id);
                                 co_return m;
                             }),
                       rethrow{});
        const auto flush = [&]() -> asio::awaitable<void> {
            for (const std::uint64_t each : std::exchange(taken->queue, {})) {
                co_await write_whole(log, end, each);
                end += sizeof each;
            }
            co_await log.async_sync(as_result);
        };
        while (!self.stopping()) {
            co_await sleep(self, 20ms);
            if (self.stopping())
                break;
            co_await flush();
        }
        taken->open = false;
        if (fixed)
            co_await flush();
    };
    simulation::plan plan;
    plan.chaos_duration = 4s;
    plan.groups.push_back({"server", 1, server});
    plan.workloads.push_back(keeps_putting(acknowledged, 15ms));
    return plan;
}

// crashes with wipes: a value is on one of three disks, or on all.
simulation::plan copies_on_all_disks(bool fixed) {
    constexpr std::uint32_t keys = 12;
    const auto server = [](process_context& self) -> asio::awaitable<void> {
        file data(self.executor());
        co_await open_for_sure(data, "data");
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            const std::uint64_t at = m.key * sizeof m.value;
            if (m.what == verb::put) {
                co_await write_whole(data, at, m.value);
                co_await data.async_sync(as_result);
            } else {
                const error_code none = co_await read_whole(data, at, m.value);
                m.value = none ? 0 : m.value;
            }
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"disk", 3, server});
    plan.workloads.push_back(one_client(
        [=](workload_context& self) -> asio::awaitable<void> {
            const auto& disks = self.peers("disk");
            for (std::uint32_t key = 0; key < keys; ++key) {
                for (std::size_t i = 0; i < disks.size(); ++i)
                    if (fixed || i == key % disks.size())
                        co_await insist(self, disks[i], message{verb::put, key, 0, key + 1}, 200ms);
                co_await sleep(self, 500ms);
            }
        },
        [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint32_t key = 0; key < keys; ++key) {
                std::uint64_t newest = 0;
                const auto replies = co_await call_all(self, self.peers("disk"), message{verb::get, key}, 1s);
                for (const auto& r : replies)
                    newest = std::max(newest, r ? r->value : 0);
                SQUALL_ALWAYS(newest == key + 1, "what was acknowledged survives the loss of a disk");
            }
        }));
    return plan;
}

// disk-speed: an append whose reply is late is made again.
simulation::plan appended_once(bool fixed) {
    constexpr std::uint64_t records = 20;
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        file log(self.executor());
        co_await open_for_sure(log, "log");
        std::uint64_t end = 0;
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            if (m.what == verb::put) {
                const std::uint64_t at = fixed ? m.id * sizeof m.id : end;
                end = std::max(end, at + sizeof m.id);
                co_await write_whole(log, at, m.id);
                co_await log.async_sync(as_result);
                co_return m;
            }
            std::vector<std::uint64_t> found(end / sizeof m.id);
            co_await asio::async_read_at(log, 0, asio::buffer(found), as_result);
            m.value = found.size() == records && std::set(found.begin(), found.end()).size() == records;
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"server", 1, server});
    plan.workloads.push_back(one_client([](workload_context& self) -> asio::awaitable<void> {
        const auto to = self.peers("server")[0];
        for (std::uint64_t id = 0; id < records; ++id)
            co_await insist(self, to, message{verb::put, 0, id}, 200ms);
        const auto once = co_await insist(self, to, message{verb::get}, 10s);
        SQUALL_ALWAYS(once.value == 1, "each record is in the log once");
    }));
    return plan;
}

// Only what concerns the case: what else attrition draws would be other faults.
void keep_crashes(faults& all, const faults& drawn) {
    all.attrition = drawn.attrition;
    all.attrition.graceful = all.attrition.wipe = 0;
}
// So that a crash is likely to come between a write and the end of its sync.
void slow_syncs(faults& all) {
    all.storage.sync_min = 40ms;
}

INSTANTIATE_TEST_SUITE_P(Storage, Family,
                         testing::Values(family_case{"disk_errors",
                                                     [](faults& all, const faults& drawn) {
                                                         all.storage.read_error = drawn.storage.read_error;
                                                         all.storage.write_error = drawn.storage.write_error;
                                                         all.storage.sync_error = drawn.storage.sync_error;
                                                         all.storage.no_space = drawn.storage.no_space;
                                                     },
                                                     errors_are_seen, "what was acknowledged is on the disk",
                                                     75},
                                         family_case{"short_transfers",
                                                     [](faults& all, const faults& drawn) {
                                                         all.storage.short_transfer =
                                                             drawn.storage.short_transfer;
                                                     },
                                                     whole_writes, "what is read is what was written", 10},
                                         family_case{"torn_writes",
                                                     [](faults& all, const faults& drawn) {
                                                         keep_crashes(all, drawn);
                                                         slow_syncs(all);
                                                         all.storage.unsynced_sector_survives =
                                                             drawn.storage.unsynced_sector_survives;
                                                         all.storage.unsynced_sector_garbled =
                                                             drawn.storage.unsynced_sector_garbled;
                                                     },
                                                     [](bool fixed) { return journal({.checksums = fixed}); },
                                                     "what is replayed is what was written", 75},
                                         family_case{"disk_speed",
                                                     [](faults& all, const faults& drawn) {
                                                         all.storage.access_mean = drawn.storage.access_mean;
                                                         all.storage.sync_mean = drawn.storage.sync_mean;
                                                         all.storage.slow_sync = drawn.storage.slow_sync;
                                                         all.storage.slow_sync_time =
                                                             drawn.storage.slow_sync_time;
                                                         all.storage.bandwidth = drawn.storage.bandwidth;
                                                         all.storage.iops = drawn.storage.iops;
                                                     },
                                                     appended_once, "each record is in the log once", 15}),
                         name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Processes, Family,
    testing::Values(family_case{"crashes_before_sync",
                                [](faults& all, const faults& drawn) {
                                    keep_crashes(all, drawn);
                                    slow_syncs(all);
                                },
                                [](bool fixed) { return journal({.sync_before_ack = fixed}); },
                                "what was acknowledged is there after a crash", 10},
                    family_case{"crashes_before_directory_sync", keep_crashes,
                                [](bool fixed) { return journal({.sync_directory = fixed}); },
                                "what was acknowledged is there after a crash", 15},
                    family_case{"graceful_stops",
                                [](faults& all, const faults& drawn) {
                                    all.attrition = drawn.attrition;
                                    all.attrition.graceful = 1;
                                },
                                drained_queue, "a graceful stop loses nothing that was acknowledged", 10},
                    family_case{"wipes",
                                [](faults& all, const faults& drawn) {
                                    all.attrition = drawn.attrition;
                                    all.attrition.graceful = 0;
                                },
                                copies_on_all_disks, "what was acknowledged survives the loss of a disk",
                                30}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
