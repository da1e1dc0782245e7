#include "kv_workload.h"

#include <squall/assertions.h>
#include <squall/decisions.h>
#include <squall/timer.h>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>

namespace kv_sim {
namespace {

using namespace std::chrono_literals;
using kv::use_tuple;

constexpr int kLanes = 4;
constexpr int kClients = 3;
constexpr int kOperations = 30;  // of a lane
constexpr auto kPause = 100ms;   // mean, between operations that do not follow at once
constexpr int kPatience = 60;    // attempts of the final check

std::string key_of(int client, int lane) {
    return "client" + std::to_string(client) + "/lane" + std::to_string(lane);
}

std::uint64_t bits_of(const std::string& key, std::uint64_t n) {
    return squall::mix(1, squall::stream_key(key), n);
}

// Write 0 is the key's absence at the start.
bool deletes(const std::string& key, std::uint64_t n) {
    return n == 0 || bits_of(key, n) % 8 == 0;
}

// "<key>#<n>#<filler>": mostly short, now and then longer than a few sectors of a disk.
std::string value_of(const std::string& key, std::uint64_t n) {
    const std::uint64_t bits = bits_of(key, n);
    const std::size_t size = bits % 4 == 1 ? (bits >> 8) % 3000 : (bits >> 8) % 200;
    std::string value = key + "#" + std::to_string(n) + "#";
    for (std::uint64_t i = 0; i < size; ++i)
        value.push_back(static_cast<char>('a' + (bits + i * i) % 26));
    return value;
}

// The number of the write that put this value under some key; 0 for a value that no write puts under any.
std::uint64_t write_number(const std::string& value, std::string& key) {
    const auto first = value.find('#');
    const auto second = value.find('#', first + 1);
    if (first == std::string::npos || second == std::string::npos)
        return 0;
    std::uint64_t n = 0;
    const auto [end, problem] = std::from_chars(value.data() + first + 1, value.data() + second, n);
    if (problem != std::errc() || end != value.data() + second)
        return 0;
    key = value.substr(0, first);
    return n > 0 && !deletes(key, n) && value == value_of(key, n) ? n : 0;
}

}  // namespace

asio::awaitable<void> kv_workload::setup(squall::workload_context& self) {
    const squall::endpoint primary(self.peers("server").at(0), server_port);
    client_ = std::make_shared<kv::client>(self.executor(), primary);
    boost::system::error_code ec;
    for (int tried = 0; tried < kPatience; ++tried) {
        co_await write_own(key_of(self.index(), 0));
        ec = co_await read(key_of(self.index(), 0), true);
        if (!ec)
            co_return;
    }
    throw squall::check_failed("the store does not come up: " + ec.message());
}

asio::awaitable<void> kv_workload::run(squall::workload_context& self) {
    int running = kLanes;
    std::exception_ptr failure;
    squall::timer finished(self.executor());
    for (int i = 0; i < kLanes; ++i) {
        asio::co_spawn(self.executor(), lane(self, i), [&](std::exception_ptr problem) {
            if (problem)
                failure = problem;
            if (--running == 0)
                finished.cancel();
        });
    }
    finished.expires_at(squall::timer::time_point::max());
    while (running > 0)
        co_await finished.async_wait(use_tuple);
    if (failure)
        std::rethrow_exception(failure);

    SQUALL_SOMETIMES(client_->count().connects > 1, "a client connected again");
    SQUALL_SOMETIMES(client_->count().time_outs > 0, "a request timed out");
    SQUALL_SOMETIMES(client_->count().late_replies > 0, "a reply came when nobody waited for it any more");
}

asio::awaitable<void> kv_workload::lane(squall::workload_context& self, int number) {
    const std::string own = key_of(self.index(), number);
    squall::timer pause(self.executor());
    for (int i = 0; i < kOperations; ++i) {
        if (self.random().chance(0.4)) {
            pause.expires_after(self.random().exponential(kPause));
            co_await pause.async_wait(use_tuple);
        }
        if (self.random().chance(0.6)) {
            co_await write_own(own);
        } else {
            const auto client = static_cast<int>(self.random().below(kClients));
            const auto lane = static_cast<int>(self.random().below(kLanes));
            co_await read(key_of(client, lane), client == self.index());
        }
    }
}

asio::awaitable<void> kv_workload::check(squall::workload_context& self) {
    for (int i = 0; i < kLanes; ++i) {
        const std::string key = key_of(self.index(), i);
        boost::system::error_code ec;
        for (int tried = 0; tried < kPatience; ++tried) {
            ec = co_await read(key, true);
            if (!ec)
                break;
        }
        SQUALL_ALWAYS(!ec, "the store answers once all is healed", "key", key, "error", ec.message());
        SQUALL_SOMETIMES(keys_[key].floor < keys_[key].issued, "a write without an answer had no effect");
    }
    client_->stop();
}

asio::awaitable<void> kv_workload::write_own(const std::string& key) {
    history& known = keys_[key];
    const std::uint64_t n = ++known.issued;
    const std::uint64_t retries = client_->count().retries;
    boost::system::error_code ec;
    if (deletes(key, n)) {
        ec = co_await client_->del(key);
    } else {
        std::string value = value_of(key, n);
        ec = co_await client_->put(key, std::move(value));
    }
    if (!ec)
        known.floor = n;
    SQUALL_SOMETIMES(ec == kv::error::timed_out, "a write got no answer in time");
    SQUALL_SOMETIMES(ec == kv::error::unavailable, "a write was not committed in time");
    SQUALL_SOMETIMES(!ec && client_->count().retries > retries, "a write got through after retries");
}

asio::awaitable<boost::system::error_code> kv_workload::read(const std::string& key, bool own) {
    const std::uint64_t floor = keys_[key].floor;
    std::optional<std::string> value;
    boost::system::error_code ec = co_await client_->get(key, value);
    if (!ec)
        judge(key, own, floor, value);
    co_return ec;
}

// `floor` is what it was when the read began.
void kv_workload::judge(const std::string& key, bool own, std::uint64_t floor,
                        const std::optional<std::string>& value) {
    history& known = keys_[key];
    std::uint64_t n = floor;
    bool lost = false;
    if (value) {
        std::string written_to;
        n = write_number(*value, written_to);
        SQUALL_ALWAYS(n != 0 || value->empty(), "a value that is read was written", "key", key, "value",
                      *value);
        SQUALL_ALWAYS(written_to == key, "a request gets its own answer", "key", key, "value", *value);
        SQUALL_ALWAYS(!own || n <= known.issued, "a value is not read before it is written", "key", key,
                      "read", n);
        lost = n < floor;
    } else if (own) {
        // Which write deleted it cannot be told from outside: the earliest that fits.
        while (n <= known.issued && !deletes(key, n))
            ++n;
        lost = n > known.issued;
    }
    SQUALL_ALWAYS(!lost, "what was acknowledged is not lost", "key", key, "floor", floor, "read",
                  value ? std::to_string(n) : "nothing");
    SQUALL_SOMETIMES(own && n > known.floor, "a write without an answer took effect");
    known.floor = std::max(known.floor, n);
}

}  // namespace kv_sim
