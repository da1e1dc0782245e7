// What stands behind the handles: one provider per execution context, real or simulated.
//
// Handles find it as a service of their executor's context. A context that nobody prepared (an io_context,
// say) gets the real one on first use; the simulator puts its own into each simulated process's context. The
// interfaces below are one contract with two implementations: tests/providers/ holds both to it. All
// operations of a backend belong to one executor and are completed on it, never inside the call that starts
// them. Destroying a backend cancels what is under way on it.
#ifndef SQUALL_PROVIDER_H
#define SQUALL_PROVIDER_H

#include <squall/clock.h>
#include <squall/operation.h>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

using endpoint = asio::ip::tcp::endpoint;
using datagram_endpoint = asio::ip::udp::endpoint;
using resolver_results = asio::ip::tcp::resolver::results_type;

// The payload of the longest UDP datagram over IPv4 (RFC 768 and 791: 65,535 less the two headers).
inline constexpr std::size_t max_datagram = 65'507;

// How a file is opened. `create` makes it where it is missing; `exclusive` with it fails where it exists;
// `truncate` empties it.
enum class open_mode : unsigned { read = 1, write = 2, create = 4, exclusive = 8, truncate = 16 };
constexpr open_mode operator|(open_mode a, open_mode b) {
    return static_cast<open_mode>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(open_mode set, open_mode flag) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(flag)) != 0;
}

class timer_backend {
public:
    virtual ~timer_backend() = default;
    // Completes at or after `when`, or with operation_aborted.
    virtual void wait(steady_clock::time_point when, operation* op) = 0;
    // Aborts all waits; returns how many there were.
    virtual std::size_t cancel() = 0;
};

// A connected byte stream: ordered, reliable, bounded both ways. Errors are those of TCP sockets:
// asio::error::eof after the peer's orderly end, connection_reset, broken_pipe, connection_refused,
// not_connected, bad_descriptor when closed.
class stream_backend {
public:
    virtual ~stream_backend() = default;
    virtual void connect(const endpoint& peer, operation* op) = 0;
    virtual void read_some(mutable_buffers buffers, operation* op) = 0;
    virtual void write_some(const_buffers buffers, operation* op) = 0;
    // Sends an orderly end after what has been written; reading goes on.
    virtual void shutdown_send(error_code& ec) = 0;
    virtual void close() = 0;
    virtual void cancel() = 0;
    virtual bool is_open() const = 0;
    virtual endpoint local_endpoint(error_code& ec) const = 0;
    virtual endpoint remote_endpoint(error_code& ec) const = 0;
};

class accept_operation : public operation {
public:
    std::unique_ptr<stream_backend> accepted;  // set with a success

protected:
    using operation::operation;
};

class acceptor_backend {
public:
    virtual ~acceptor_backend() = default;
    // address_in_use, access_denied and the like come back in ec. Port 0 picks a free one.
    virtual void listen(const endpoint& local, int backlog, error_code& ec) = 0;
    virtual void accept(accept_operation* op) = 0;
    virtual void close() = 0;
    virtual void cancel() = 0;
    virtual bool is_open() const = 0;
    virtual endpoint local_endpoint(error_code& ec) const = 0;
};

// Datagrams: whole or not at all, in any order, at times twice. What nobody takes is lost without an error.
class datagram_backend {
public:
    virtual ~datagram_backend() = default;
    // Opens and binds. Port 0 picks a free one.
    virtual void bind(const datagram_endpoint& local, error_code& ec) = 0;
    // `size` is what was asked for: more than the buffers hold where the caller's sequence had too many of
    // them. message_size then, and for more than max_datagram.
    virtual void send_to(const_buffers buffers, std::size_t size, const datagram_endpoint& destination,
                         operation* op) = 0;
    // `sender` is written with a success; it stays valid until the handler is called.
    virtual void receive_from(mutable_buffers buffers, datagram_endpoint& sender, operation* op) = 0;
    virtual void close() = 0;
    virtual void cancel() = 0;
    virtual bool is_open() const = 0;
    virtual datagram_endpoint local_endpoint(error_code& ec) const = 0;
};

class resolve_operation : public operation {
public:
    resolver_results results;  // set with a success

protected:
    using operation::operation;
};

class resolver_backend {
public:
    virtual ~resolver_backend() = default;
    virtual void resolve(const std::string& host, const std::string& service, resolve_operation* op) = 0;
    virtual void cancel() = 0;
};

// A random-access file. A read at or past the end is asio::error::eof; a write past the end leaves a hole of
// zeros. What has been written is durable only once a later sync() has succeeded.
class file_backend {
public:
    virtual ~file_backend() = default;
    virtual void open(const std::string& path, open_mode mode, operation* op) = 0;
    virtual void read_some_at(std::uint64_t offset, mutable_buffers buffers, operation* op) = 0;
    virtual void write_some_at(std::uint64_t offset, const_buffers buffers, operation* op) = 0;
    virtual void sync(operation* op) = 0;
    virtual void resize(std::uint64_t size, operation* op) = 0;
    // Gives the size in `bytes`.
    virtual void size(operation* op) = 0;
    virtual void close() = 0;
    virtual void cancel() = 0;
    virtual bool is_open() const = 0;
    // See corruption.h.
    virtual void corruption_detected(std::uint64_t /*offset*/, std::uint64_t /*size*/) {}
};

class list_operation : public operation {
public:
    std::vector<std::string> names;  // sorted by bytes

protected:
    using operation::operation;
};

class provider {
public:
    virtual ~provider() = default;

    virtual std::unique_ptr<timer_backend> make_timer(const asio::any_io_executor& executor) = 0;
    virtual std::unique_ptr<stream_backend> make_stream(const asio::any_io_executor& executor) = 0;
    virtual std::unique_ptr<acceptor_backend> make_acceptor(const asio::any_io_executor& executor) = 0;
    virtual std::unique_ptr<datagram_backend> make_datagram_socket(const asio::any_io_executor& executor) = 0;
    virtual std::unique_ptr<resolver_backend> make_resolver(const asio::any_io_executor& executor) = 0;
    virtual std::unique_ptr<file_backend> make_file(const asio::any_io_executor& executor) = 0;

    // Directory operations complete on `executor`. Changes are durable once the directory that holds the name
    // has been synced.
    virtual void rename(const asio::any_io_executor& executor, const std::string& from, const std::string& to,
                        operation* op) = 0;
    virtual void remove(const asio::any_io_executor& executor, const std::string& path, operation* op) = 0;
    virtual void create_directory(const asio::any_io_executor& executor, const std::string& path,
                                  operation* op) = 0;
    virtual void sync_directory(const asio::any_io_executor& executor, const std::string& path,
                                operation* op) = 0;
    virtual void list_directory(const asio::any_io_executor& executor, const std::string& path,
                                list_operation* op) = 0;

    // See corruption.h.
    virtual void corruption_detected(const std::string& /*path*/, std::uint64_t /*offset*/,
                                     std::uint64_t /*size*/) {}

    // Whether time is virtual and one thread drives everything.
    virtual bool simulated() const noexcept { return false; }
    virtual steady_clock::time_point steady_now() = 0;
    virtual wall_clock::time_point wall_now() = 0;
    // 64 uniform bits. In the simulator a stream of the process and its boot, keyed by the run's seed.
    virtual std::uint64_t random_bits() = 0;
};

// The provider on Boost.Asio's sockets and timers, with a small thread pool for files.
std::unique_ptr<provider> make_real_provider(asio::execution_context& context);

// Holds a context's provider.
class provider_service : public asio::execution_context::service {
public:
    using key_type = provider_service;
    static asio::execution_context::id id;

    // Made by asio::use_service where nobody prepared the context: the real provider.
    explicit provider_service(asio::execution_context& context);
    provider_service(asio::execution_context& context, std::unique_ptr<provider> chosen);
    ~provider_service() override;

    provider& get() { return *provider_; }

private:
    void shutdown() override;

    std::unique_ptr<provider> provider_;
};

// The provider behind an executor.
provider& provider_of(const asio::any_io_executor& executor);

}  // namespace squall

#endif  // SQUALL_PROVIDER_H
