// Small things that the contract's cases share.
#ifndef SQUALL_TESTS_PROVIDERS_TOOLS_H
#define SQUALL_TESTS_PROVIDERS_TOOLS_H

#include "contract.h"

#include <squall/datagram_socket.h>
#include <squall/file.h>
#include <squall/resolver.h>
#include <squall/stream.h>
#include <squall/timer.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <vector>

namespace squall::contract {

using std::chrono::milliseconds;

constexpr open_mode fresh = open_mode::read | open_mode::write | open_mode::create;

// Set once, waited for by one coroutine.
class event {
public:
    explicit event(const asio::any_io_executor& executor) : timer_(executor) {
        timer_.expires_at(timer::time_point::max());
    }
    void set() {
        set_ = true;
        timer_.cancel();
    }
    bool is_set() const { return set_; }
    asio::awaitable<void> wait() {
        while (!set_)
            co_await timer_.async_wait(as_values);
    }

private:
    timer timer_;
    bool set_ = false;
};

// Coroutines beside the case's own, on process 0; all must have been joined before it is destroyed.
class tasks {
public:
    explicit tasks(const asio::any_io_executor& executor) : executor_(executor), idle_(executor) {
        idle_.expires_at(timer::time_point::max());
    }
    void spawn(asio::awaitable<void> task) {
        ++running_;
        asio::co_spawn(executor_, std::move(task), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure && !failure_)
                failure_ = failure;
            idle_.cancel();
        });
    }
    // Throws what the first failed one threw.
    asio::awaitable<void> join() {
        while (running_ != 0)
            co_await idle_.async_wait(as_values);
        if (failure_)
            std::rethrow_exception(failure_);
    }

private:
    asio::any_io_executor executor_;
    timer idle_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
};

struct stream_pair {
    stream client;
    stream server;
};

// Listens on a free port of the process; throws where that fails.
acceptor listening(contract_world& world, int process = 1);
endpoint address_of(const acceptor& a);
datagram_endpoint address_of(const datagram_socket& s);

// A connection from process 0 to process 1.
asio::awaitable<stream_pair> connected(contract_world& world);

// Writes until nothing more is taken.
asio::awaitable<void> fill(stream& s);

asio::awaitable<void> sleep(contract_world& world, steady_clock::duration time);

// Bytes in which a shift, a swap or a loss shows.
std::string pattern(std::size_t size, std::size_t from = 0);

asio::awaitable<void> send(stream& s, std::string text);
// Reads exactly so many bytes.
asio::awaitable<std::string> receive(stream& s, std::size_t size);
// Reads to the end, which must be an orderly one.
asio::awaitable<std::string> receive_all(stream& s);

// A file with this content, made by process 0.
asio::awaitable<void> make_file(contract_world& world, std::string path, std::string content);
asio::awaitable<std::string> content_of(contract_world& world, std::string path);

}  // namespace squall::contract

#endif  // SQUALL_TESTS_PROVIDERS_TOOLS_H
