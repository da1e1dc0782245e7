// Streams and acceptors on TCP sockets.
#ifndef SQUALL_PROVIDERS_REAL_STREAM_H
#define SQUALL_PROVIDERS_REAL_STREAM_H

#include <squall/provider.h>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>

namespace squall::real {

class stream final : public stream_backend {
public:
    explicit stream(const asio::any_io_executor& executor);
    explicit stream(asio::ip::tcp::socket accepted);
    ~stream() override;

    void connect(const endpoint& peer, operation* op) override;
    void read_some(mutable_buffers buffers, operation* op) override;
    void write_some(const_buffers buffers, operation* op) override;
    void shutdown_send(error_code& ec) override;
    void close() override;
    void cancel() override;
    bool is_open() const override;
    endpoint local_endpoint(error_code& ec) const override;
    endpoint remote_endpoint(error_code& ec) const override;

    // Shared with a connect under way, which must not change a stream that has been closed and reopened
    // since.
    struct connection {
        asio::ip::tcp::socket socket;
        std::uint64_t attempt = 0;
        bool connected = false;
        // The errors that reading and writing have ended with. Asio would wait for ever if asked to go on
        // after one (its reactor is edge-triggered, and there will be no further edge).
        error_code read_end = {};
        error_code write_end = {};

        void close();
    };

private:
    bool ready(error_code end, std::size_t buffers, operation* op);

    std::shared_ptr<connection> connection_;
};

class acceptor final : public acceptor_backend {
public:
    explicit acceptor(const asio::any_io_executor& executor) : acceptor_(executor) {}

    void listen(const endpoint& local, int backlog, error_code& ec) override;
    void accept(accept_operation* op) override;
    void close() override;
    void cancel() override;
    bool is_open() const override;
    endpoint local_endpoint(error_code& ec) const override;

private:
    asio::ip::tcp::acceptor acceptor_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_STREAM_H
