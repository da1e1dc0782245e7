// Faults of the network: what is sent is cut, lost, changed or late.
#include "families.h"

#include <squall/datagram_socket.h>
#include <squall/resolver.h>
#include <squall/stream.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <set>
#include <string_view>

namespace squall::family_tests {
namespace {

template <class T>
asio::awaitable<error_code> send(stream& to, const T& what) {
    const auto [error, n] = co_await asio::async_write(to, asio::buffer(&what, sizeof what), as_result);
    co_return error;
}
template <class T>
asio::awaitable<error_code> receive(stream& from, T& what) {
    const auto [error, n] = co_await asio::async_read(from, asio::buffer(&what, sizeof what), as_result);
    co_return error;
}

// partial-transfers: one read is taken for a whole message.
asio::awaitable<void> add_one(stream peer, bool fixed) {
    for (;;) {
        message m;
        if (fixed) {
            if (co_await receive(peer, m))
                co_return;
        } else {
            const auto [error, n] = co_await peer.async_read_some(asio::buffer(&m, sizeof m), as_result);
            if (error)
                co_return;
        }
        ++m.value;
        if (co_await send(peer, m))
            co_return;
    }
}
simulation::plan exact_reads(bool fixed) {
    simulation::plan plan;
    plan.groups.push_back({"server", 1, [=](process_context& self) -> asio::awaitable<void> {
                               acceptor listening(self.executor(), self.endpoint(port));
                               for (;;) {
                                   auto [error, peer] = co_await listening.async_accept(as_result);
                                   if (error)
                                       co_return;
                                   asio::co_spawn(self.executor(), add_one(std::move(peer), fixed),
                                                  rethrow{});
                               }
                           }});
    plan.workloads.push_back(one_client([](workload_context& self) -> asio::awaitable<void> {
        stream out(self.executor());
        const auto [error] = co_await out.async_connect({self.peers("server")[0], port}, as_result);
        SQUALL_ALWAYS(!error, "the server takes the connection");
        for (int i = 0; i < 8; ++i) {
            message asked{verb::put, 1, self.random().next(), self.random().next(), self.random().next()};
            message reply;
            const error_code unsent = co_await send(out, asked);
            const error_code unanswered = co_await receive(out, reply);
            SQUALL_ALWAYS(!unsent && !unanswered && reply.id == asked.id && reply.value == asked.value + 1 &&
                              reply.checksum == asked.checksum,
                          "the reply is the one to the request");
        }
    }));
    return plan;
}

// connections, latency-shape: an increment that is sent again, since its reply was lost or late, counts
// again.
simulation::plan increments(nanoseconds patience, bool fixed) {
    struct server {
        std::uint64_t count = 0;
        std::set<std::uint64_t> seen;
    };
    const auto state = std::make_shared<server>();
    constexpr std::uint64_t increments = 20;
    simulation::plan plan;
    plan.groups.push_back({"server", 1, [=](process_context& self) {
                               return serve(self, [=](message m) -> asio::awaitable<std::optional<message>> {
                                   if (!fixed || state->seen.insert(m.id).second)
                                       ++state->count;
                                   co_return m;
                               });
                           }});
    plan.workloads.push_back(one_client(
        [=](workload_context& self) -> asio::awaitable<void> {
            for (std::uint64_t i = 0; i < increments; ++i)
                co_await insist(self, self.peers("server")[0], {verb::put, 0, i, 1, 0}, patience);
        },
        [=](workload_context&) -> asio::awaitable<void> {
            SQUALL_ALWAYS(state->count == increments, "each increment counts once", "count", state->count);
            co_return;
        }));
    return plan;
}

// bit-flips: nobody looks whether what arrives is what was sent.
simulation::plan checksums(bool fixed) {
    const auto stored = std::make_shared<std::map<std::uint32_t, message>>();
    simulation::plan plan;
    plan.groups.push_back({"server", 1, [=](process_context& self) {
                               return serve(self, [=](message m) -> asio::awaitable<std::optional<message>> {
                                   if (fixed && !whole(m))
                                       co_return std::nullopt;
                                   if (m.what == verb::put)
                                       (*stored)[m.key] = m;
                                   co_return sealed((*stored)[m.key]);
                               });
                           }});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        const auto ask = [&self, fixed](message m) -> asio::awaitable<message> {
            for (;;) {
                const message reply = co_await insist(self, self.peers("server")[0], sealed(m), 500ms);
                if (!fixed || whole(reply))
                    co_return reply;
            }
        };
        std::map<std::uint32_t, message> mine;
        for (std::uint32_t key = 0; key < 16; ++key) {
            mine[key] = {verb::put, key, self.random().next(), self.random().next(), 0};
            co_await ask(mine[key]);
        }
        for (const auto& [key, written] : mine) {
            const message found = co_await ask(message{verb::get, key});
            SQUALL_ALWAYS(found.id == written.id && found.value == written.value,
                          "what is read is what was written");
        }
    }));
    return plan;
}

// latency: a read on another connection overtakes a write whose reply is not awaited.
simulation::plan awaited_writes(bool fixed) {
    const auto value = std::make_shared<std::uint64_t>(0);
    simulation::plan plan;
    plan.groups.push_back({"server", 1, [=](process_context& self) {
                               return serve(self, [=](message m) -> asio::awaitable<std::optional<message>> {
                                   if (m.what == verb::put)
                                       *value = m.value;
                                   m.value = *value;
                                   co_return m;
                               });
                           }});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        const endpoint server(self.peers("server")[0], port);
        stream writes(self.executor());
        stream reads(self.executor());
        co_await writes.async_connect(server, as_result);
        co_await reads.async_connect(server, as_result);
        for (std::uint64_t i = 1; i <= 4; ++i) {
            message reply;
            co_await send(writes, message{verb::put, 0, 0, i, 0});
            if (fixed)
                co_await receive(writes, reply);
            co_await send(reads, message{verb::get, 0, 0, 0, 0});
            co_await receive(reads, reply);
            SQUALL_ALWAYS(reply.value == i, "a read sees the write before it");
        }
    }));
    return plan;
}

// datagrams: what is lost does not count, what comes twice counts twice.
simulation::plan counted_datagrams(bool fixed) {
    struct server {
        std::uint64_t count = 0;
        std::set<std::uint64_t> seen;
    };
    const auto state = std::make_shared<server>();
    constexpr std::uint64_t datagrams = 10;
    simulation::plan plan;
    plan.groups.push_back(
        {"server", 1, [=](process_context& self) -> asio::awaitable<void> {
             datagram_socket socket(self.executor(), {self.address(), port});
             for (;;) {
                 std::uint64_t id = 0;
                 datagram_endpoint from;
                 co_await socket.async_receive_from(asio::buffer(&id, sizeof id), from, as_result);
                 if (!fixed || state->seen.insert(id).second)
                     ++state->count;
                 co_await socket.async_send_to(asio::buffer(&id, sizeof id), from, as_result);
             }
         }});
    plan.workloads.push_back(one_client(
        [=](workload_context& self) -> asio::awaitable<void> {
            const auto socket =
                std::make_shared<datagram_socket>(self.executor(), datagram_endpoint(self.address(), port));
            const auto answered = std::make_shared<std::set<std::uint64_t>>();
            asio::co_spawn(
                self.executor(),
                [](auto from, auto ids) -> asio::awaitable<void> {
                    for (;;) {
                        std::uint64_t id = 0;
                        datagram_endpoint sender;
                        const auto [error, n] = co_await from->async_receive_from(
                            asio::buffer(&id, sizeof id), sender, as_result);
                        if (error)
                            co_return;
                        ids->insert(id);
                    }
                }(socket, answered),
                rethrow{});
            for (std::uint64_t id = 0; id < datagrams; ++id) {
                do {
                    co_await socket->async_send_to(asio::buffer(&id, sizeof id),
                                                   datagram_endpoint(self.peers("server")[0], port),
                                                   as_result);
                    co_await sleep(self, 10ms);
                } while (fixed && !answered->contains(id));
            }
            socket->close();
        },
        [=](workload_context& self) -> asio::awaitable<void> {
            co_await sleep(self, 1s);
            SQUALL_ALWAYS(state->count == datagrams, "each datagram counts once", "count", state->count);
        }));
    return plan;
}

// names: "try again" is taken for an answer.
simulation::plan name_look_ups(bool fixed) {
    simulation::plan plan;
    plan.groups.push_back(
        {"server", 1, [](process_context& self) -> asio::awaitable<void> { co_await sleep(self, 1h); }});
    plan.workloads.push_back(one_client([=](workload_context& self) -> asio::awaitable<void> {
        resolver names(self.executor());
        for (int i = 0; i < 5; ++i) {
            for (bool again = true; again;) {
                const auto [error, found] = co_await names.async_resolve("server/0", "7", as_result);
                again = fixed && error == asio::error::host_not_found_try_again;
                SQUALL_ALWAYS(!error || again, "the server is found by its name");
            }
        }
    }));
    return plan;
}

INSTANTIATE_TEST_SUITE_P(
    Network, Family,
    testing::Values(
        family_case{"partial_transfers",
                    [](faults& all, const faults& drawn) {
                        all.network.partial_read = drawn.network.partial_read;
                        all.network.partial_write = drawn.network.partial_write;
                    },
                    exact_reads, "the reply is the one to the request", 10},
        family_case{"connections",
                    [](faults& all, const faults& drawn) {
                        all.network.close_connection = drawn.network.close_connection;
                        all.network.close_silently = drawn.network.close_silently;
                        all.network.close_half = drawn.network.close_half;
                        all.network.connect_refused = drawn.network.connect_refused;
                        all.network.connect_hangs = drawn.network.connect_hangs;
                        all.network.connect_slow = drawn.network.connect_slow;
                        all.network.connect_slow_time = drawn.network.connect_slow_time;
                    },
                    [](bool fixed) { return increments(500ms, fixed); }, "each increment counts once", 50},
        family_case{"bit_flips",
                    [](faults& all, const faults& drawn) { all.network.flip_bit = drawn.network.flip_bit; },
                    checksums, "what is read is what was written", 175},
        family_case{"latency",
                    [](faults& all, const faults& drawn) {
                        all.network.latency_min = drawn.network.latency_min;
                        all.network.latency_mean = drawn.network.latency_mean;
                    },
                    awaited_writes, "a read sees the write before it", 10, false},
        family_case{"latency_shape",
                    [](faults& all, const faults& drawn) {
                        all.network.shape = drawn.network.shape;
                        all.network.tail_share = drawn.network.tail_share;
                        all.network.tail_factor = drawn.network.tail_factor;
                    },
                    [](bool fixed) { return increments(8ms, fixed); }, "each increment counts once", 250},
        family_case{"datagrams",
                    [](faults& all, const faults& drawn) {
                        all.network.datagram_loss = drawn.network.datagram_loss;
                        all.network.datagram_duplicate = drawn.network.datagram_duplicate;
                        all.network.datagram_reorder = drawn.network.datagram_reorder;
                        all.network.datagram_reorder_time = drawn.network.datagram_reorder_time;
                    },
                    counted_datagrams, "each datagram counts once", 10},
        family_case{"names",
                    [](faults& all, const faults& drawn) {
                        all.network.resolve_try_again = drawn.network.resolve_try_again;
                        all.network.resolve_slow = drawn.network.resolve_slow;
                        all.network.resolve_slow_time = drawn.network.resolve_slow_time;
                    },
                    name_look_ups, "the server is found by its name", 25}),
    name_of_case);

}  // namespace
}  // namespace squall::family_tests
