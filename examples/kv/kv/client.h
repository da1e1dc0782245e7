// A client of the store.
#ifndef KV_CLIENT_H
#define KV_CLIENT_H

#include "kv/link.h"
#include "kv/wire.h"

#include <squall/random.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace kv {

// Always held by a shared_ptr; belongs to one executor. Any number of operations may be under way, on one
// connection; each is tried kMaxAttempts times at most. Connects when there is something to do.
//
// A write that ends with an error other than invalid_argument may have taken effect, may still take effect,
// or never will. Writes of one client to one key take effect in the order in which they were started, each
// once at most.
class client : public std::enable_shared_from_this<client> {
public:
    struct counters {
        std::uint64_t connects = 0;
        std::uint64_t time_outs = 0;
        std::uint64_t retries = 0;
        std::uint64_t late_replies = 0;  // to requests that nobody waited for any more
    };

    client(asio::any_io_executor executor, squall::endpoint primary);

    // No error and no value: there is no such key.
    asio::awaitable<error_code> get(std::string key, std::optional<std::string>& value);
    asio::awaitable<error_code> put(std::string key, std::string value);
    asio::awaitable<error_code> del(std::string key);
    // Ends the connection; what is under way fails.
    void stop();

    const counters& count() const { return count_; }

private:
    struct pending {
        pending(const asio::any_io_executor& executor, std::shared_ptr<link> over)
            : done(executor),
              connection(std::move(over)) {}
        squall::timer done;
        std::shared_ptr<link> connection;
        std::optional<reply> answer;
    };

    asio::awaitable<error_code> write(request_kind kind, std::string key, std::string value);
    asio::awaitable<error_code> call(request& ask, reply& answer);
    asio::awaitable<error_code> attempt(request& ask, reply& answer);
    asio::awaitable<error_code> ensure_connected();
    asio::awaitable<error_code> connect();
    asio::awaitable<void> read_replies(std::shared_ptr<link> connection);

    asio::any_io_executor executor_;
    squall::endpoint primary_;
    squall::random_source random_;
    squall::timer connected_;  // cancelled when an attempt to connect has ended
    bool connecting_ = false;
    bool stopped_ = false;
    std::shared_ptr<link> link_;  // for new requests; an older one lives on while it has requests in flight
    std::uint64_t id_;            // of this client, for its writes
    std::uint64_t last_write_ = 0;
    std::uint64_t next_request_ = 1;
    std::map<std::uint64_t, std::shared_ptr<pending>> pending_;
    counters count_;
};

}  // namespace kv

#endif  // KV_CLIENT_H
