// Faults of disks that lie, rot or do not answer.
#include "families.h"

#include <squall/file.h>
#include <squall/timer.h>

#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

namespace squall::family_tests {
namespace {

constexpr std::uint32_t keys = 8;
constexpr std::uint64_t sector = 512;

// Keeps each message that is put, as it is, in a sector of its own.
asio::awaitable<void> keeper(process_context& self) {
    file data(self.executor());
    const auto mode = open_mode::read | open_mode::write | open_mode::create;
    co_await data.async_open("data", mode, as_result);
    co_await async_sync_directory(self.executor(), "", as_result);
    co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
        const std::uint64_t at = m.key * sector;
        if (m.what == verb::put) {
            co_await asio::async_write_at(data, at, asio::buffer(&m, sizeof m), as_result);
            co_await data.async_sync(as_result);
            co_return m;
        }
        message found;
        co_await asio::async_read_at(data, at, asio::buffer(&found, sizeof found), as_result);
        co_return found;
    });
}

// bit-rot, disk-lies: what one replica's disk brings is believed; or all are asked, and the newest whole copy
// counts. `id` is the version.
simulation::plan three_copies(bool fixed) {
    const auto crash = std::make_shared<one_crash>();
    simulation::plan plan;
    plan.groups.push_back({"keeper", 3, keeper});
    plan.injectors.push_back([=] { return std::make_unique<crasher>(crash); });
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        const auto& keepers = self.peers("keeper");
        constexpr std::uint64_t versions = 2;
        for (std::uint64_t version = 1; version <= versions; ++version)
            for (std::uint32_t key = 0; key < keys; ++key)
                for (const auto& to : keepers)
                    co_await insist(self, to, sealed({verb::put, key, version, version * 100 + key, 0}), 1s);
        crash->wanted = true;
        co_await sleep(self, 50ms);
        for (std::uint32_t key = 0; key < 3 * keys; ++key) {
            message newest;
            const message request{verb::get, key % keys};
            if (fixed) {
                for (const auto& to : keepers) {
                    const message found = co_await insist(self, to, request, 1s);
                    if (whole(found) && found.key == request.key && found.id > newest.id)
                        newest = found;
                }
            } else {
                newest = co_await insist(self, keepers[key % keepers.size()], request, 1s);
            }
            SQUALL_ALWAYS(newest.id == versions && newest.value == versions * 100 + request.key,
                          "what is read is what was written");
        }
    }));
    return plan;
}

// disk-trouble: a server waits for its disk for as long as that takes; or says no after a while.
simulation::plan impatient_server(bool fixed) {
    const auto server = [=](process_context& self) -> asio::awaitable<void> {
        file data(self.executor());
        co_await data.async_open("data", open_mode::write | open_mode::create, as_result);
        co_await serve(self, [&](message m) -> asio::awaitable<std::optional<message>> {
            timer limit(self.executor(), 500ms);
            if (fixed)
                limit.async_wait([&data](error_code ec) {
                    if (!ec)
                        data.cancel();
                });
            const auto [unwritten, n] =
                co_await asio::async_write_at(data, 0, asio::buffer(&m, sizeof m), as_result);
            if (!unwritten)
                co_await data.async_sync(as_result);
            co_return m;
        });
    };
    simulation::plan plan;
    plan.groups.push_back({"server", 1, server});
    plan.workloads.push_back(one_client([](workload_context& self) -> asio::awaitable<void> {
        co_await sleep(self, 100ms);  // the server opens its file
        for (std::uint64_t i = 0; i < 50; ++i) {
            const auto reply = co_await call(self, self.peers("server")[0], message{verb::put, 0, i}, 2s);
            SQUALL_ALWAYS(reply.has_value(), "a request is answered, if only by no");
            co_await sleep(self, 200ms);
        }
    }));
    return plan;
}

INSTANTIATE_TEST_SUITE_P(
    Damage, Family,
    testing::Values(
        family_case{"bit_rot",
                    [](faults& all, const faults& drawn) { all.storage.bit_rot = drawn.storage.bit_rot; },
                    three_copies, "what is read is what was written", 75},
        family_case{"disk_lies",
                    [](faults& all, const faults& drawn) {
                        all.storage.lost_sync = drawn.storage.lost_sync;
                        all.storage.phantom_write = drawn.storage.phantom_write;
                        all.storage.misdirected_write = drawn.storage.misdirected_write;
                        all.storage.misdirected_read = drawn.storage.misdirected_read;
                    },
                    three_copies, "what is read is what was written", 125},
        family_case{"disk_trouble",
                    [](faults& all, const faults& drawn) { all.disk_trouble = drawn.disk_trouble; },
                    impatient_server, "a request is answered, if only by no", 25}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
