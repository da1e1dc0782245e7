// A small system that uses everything: servers that log what they are sent and echo it, clients with
// time-outs and retries. It claims nothing, so every seed passes; what it does depends on every kind of
// fault.
#ifndef SQUALL_TESTS_SIMULATOR_STORE_H
#define SQUALL_TESTS_SIMULATOR_STORE_H

#include "support.h"

#include <squall/datagram_socket.h>
#include <squall/random.h>
#include <squall/resolver.h>
#include <squall/simulation.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <memory>
#include <string>

SQUALL_SITE(51d0000000000001, 64, 1, 1, "error-return\0store.h\0serve()\0\0")
SQUALL_SITE(51d0000000000002, 64, 2, 2, "duration\0store.h\0ask()\0\0")

namespace squall::testing_support {

inline asio::awaitable<void> serve(process_context& self, stream peer, file& log, std::uint64_t& end) {
    char data[256];
    for (;;) {
        const auto [read_error, n] = co_await peer.async_read_some(asio::buffer(data), as_result);
        if (read_error || ::squall::fire(squall_site_51d0000000000001.head))
            co_return;
        const std::uint64_t at = end;
        end += n;
        const auto [write_error, written] =
            co_await asio::async_write_at(log, at, asio::buffer(data, n), as_result);
        if (write_error)
            co_return;
        if (const auto [sync_error] = co_await log.async_sync(as_result); sync_error)
            co_return;
        for (std::size_t i = 0; i < n; ++i)
            data[i] = static_cast<char>(data[i] ^ static_cast<char>(random_source(self.executor())()));
        const auto [reply_error, replied] =
            co_await asio::async_write(peer, asio::buffer(data, n), as_result);
        if (reply_error)
            co_return;
    }
}

// Sends every datagram of port 8 back.
inline asio::awaitable<void> answer_datagrams(process_context& self) {
    datagram_socket socket(self.executor(), datagram_endpoint(self.address(), 8));
    char data[64];
    for (;;) {
        datagram_endpoint from;
        const auto [read_error, n] = co_await socket.async_receive_from(asio::buffer(data), from, as_result);
        if (read_error)
            continue;
        co_await socket.async_send_to(asio::buffer(data, n), from, as_result);
    }
}

inline asio::awaitable<void> store_server(process_context& self) {
    asio::co_spawn(self.executor(), answer_datagrams(self), rethrow{});
    file log(self.executor());
    const auto mode = open_mode::read | open_mode::write | open_mode::create;
    const auto [open_error] = co_await log.async_open("log", mode, as_result);
    if (open_error)
        co_return;
    std::string old(1 << 16, '\0');
    const auto [read_error, n] = co_await log.async_read_some_at(0, asio::buffer(old), as_result);
    std::uint64_t end = n;
    self.log("found " + std::to_string(text_hash(std::string_view(old).substr(0, n))));
    co_await async_sync_directory(self.executor(), "", as_result);
    acceptor listening(self.executor());
    error_code ec;
    listening.listen(self.endpoint(7), ec);
    for (;;) {
        auto [error, peer] = co_await listening.async_accept(as_result);
        if (error)
            co_return;
        asio::co_spawn(self.executor(), serve(self, std::move(peer), log, end), rethrow{});
    }
}

class store_client : public workload {
public:
    explicit store_client(int rounds = 40) : rounds_(rounds) {}
    asio::awaitable<void> run(workload_context& self) override {
        using namespace asio::experimental::awaitable_operators;
        const auto& servers = self.peers("server");
        for (int i = 0; i < rounds_; ++i) {
            timer limit(self.executor(),
                        ::squall::duration(squall_site_51d0000000000002.head, nanoseconds(2s)));
            co_await (ask(self, servers[self.random().below(servers.size())]) || limit.async_wait(as_result));
            co_await call_by_name(self, "server/" + std::to_string(i % 3));
            co_await sleep(self.executor(), self.random().exponential(300ms));
            self.log("wall " + std::to_string(wall_clock::now(self.executor()).time_since_epoch().count()));
        }
    }

private:
    asio::awaitable<void> ask(workload_context& self, asio::ip::address server) {
        stream out(self.executor());
        if (const auto [refused] = co_await out.async_connect({server, 7}, as_result); refused)
            co_return;
        for (int i = 0; i < 4; ++i) {
            const std::string text(1 + self.random().below(200), 'x');
            const auto [write_error, n] = co_await asio::async_write(out, asio::buffer(text), as_result);
            if (write_error)
                co_return;
            std::string reply(text.size(), '\0');
            const auto [read_error, m] = co_await asio::async_read(out, asio::buffer(reply), as_result);
            if (read_error)
                co_return;
        }
    }
    // Three datagrams, and what has come back of them in a second, by the number in each.
    asio::awaitable<void> call_by_name(workload_context& self, std::string name) {
        using namespace asio::experimental::awaitable_operators;
        resolver names(self.executor());
        const auto [unknown, found] = co_await names.async_resolve(name, "8", as_result);
        if (unknown)
            co_return;
        const datagram_endpoint server(found.begin()->endpoint().address(), found.begin()->endpoint().port());
        datagram_socket socket(self.executor(), datagram_endpoint(self.address(), 0));
        for (char number = '0'; number < '3'; ++number)
            co_await socket.async_send_to(asio::buffer(&number, 1), server, as_result);
        timer limit(self.executor(), 1s);
        std::string answers;
        co_await (hear(socket, answers) || limit.async_wait(as_result));
        self.log("answers " + answers);
    }
    static asio::awaitable<void> hear(datagram_socket& socket, std::string& answers) {
        char number = 0;
        datagram_endpoint from;
        for (;;) {
            const auto [error, n] =
                co_await socket.async_receive_from(asio::buffer(&number, 1), from, as_result);
            if (error)
                co_return;
            answers += number;
        }
    }
    int rounds_;
};

inline simulation::plan store_plan(int rounds = 40) {
    simulation::plan plan;
    plan.name = "store";
    plan.groups.push_back({"server", 3, store_server});
    plan.workloads.push_back({"client", 2, [rounds] { return std::make_unique<store_client>(rounds); }});
    return plan;
}

// One line of a run's log that tells of a fault: "... fault: kind detail [id]".
struct logged_fault {
    std::size_t line;
    std::string kind;
    std::uint64_t id;
};
inline std::vector<logged_fault> faults_in(const std::vector<std::string>& log) {
    std::vector<logged_fault> all;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const auto at = log[i].find("  fault: ");
        if (at == std::string::npos)
            continue;
        const std::string text = log[i].substr(at + 9);
        all.push_back(
            {i, text.substr(0, text.find(' ')), std::stoull(text.substr(text.rfind('[') + 1), nullptr, 16)});
    }
    return all;
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_STORE_H
