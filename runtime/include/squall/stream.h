// A byte stream between two processes and the acceptor that takes them in; TCP, or the simulator's model of
// it.
#ifndef SQUALL_STREAM_H
#define SQUALL_STREAM_H

#include <squall/provider.h>

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/system/system_error.hpp>

namespace squall {

// Models Asio's AsyncReadStream and AsyncWriteStream: asio::async_read, async_write, async_read_until, Beast
// and ssl::stream work over it. Move-only; at most one read and one write at a time. Destroying it closes the
// connection.
class stream {
public:
    using executor_type = asio::any_io_executor;
    using lowest_layer_type = stream;
    using endpoint_type = endpoint;

    explicit stream(executor_type executor)
        : executor_(std::move(executor)),
          backend_(provider_of(executor_).make_stream(executor_)) {}
    stream(executor_type executor, std::unique_ptr<stream_backend> connected)
        : executor_(std::move(executor)),
          backend_(std::move(connected)) {}

    executor_type get_executor() const { return executor_; }
    lowest_layer_type& lowest_layer() { return *this; }

    // Signature void(error_code). Of a closed stream it makes an open one.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_connect(const endpoint& peer, Token&& token = {}) {
        return detail::initiate<Token, void(error_code), operation, detail::error_result>(
            executor_, token, [this, peer](operation* op) { backend_->connect(peer, op); });
    }

    // Signature void(error_code, std::size_t): at least one byte unless the buffers are empty, or an error.
    template <class MutableBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_read_some(const MutableBufferSequence& buffers, Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::mutable_buffer, mutable_buffers>(
            executor_, buffers, token,
            [this](operation* op, mutable_buffers list) { backend_->read_some(list, op); });
    }

    // Signature void(error_code, std::size_t): the bytes taken over, at least one unless the buffers are
    // empty.
    template <class ConstBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_write_some(const ConstBufferSequence& buffers, Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::const_buffer, const_buffers>(
            executor_, buffers, token,
            [this](operation* op, const_buffers list) { backend_->write_some(list, op); });
    }

    void shutdown_send(error_code& ec) {
        ec = {};
        backend_->shutdown_send(ec);
    }
    // As asio::ip::tcp::socket has it; only for shutdown_send, all else is operation_not_supported.
    error_code shutdown(asio::socket_base::shutdown_type what, error_code& ec) {
        ec = asio::error::operation_not_supported;
        if (what == asio::socket_base::shutdown_send)
            shutdown_send(ec);
        return ec;
    }
    // Closes at once; operations under way end with operation_aborted.
    void close() { backend_->close(); }
    void cancel() { backend_->cancel(); }
    bool is_open() const { return backend_ && backend_->is_open(); }
    endpoint local_endpoint(error_code& ec) const { return backend_->local_endpoint(ec); }
    endpoint remote_endpoint(error_code& ec) const { return backend_->remote_endpoint(ec); }

private:
    executor_type executor_;
    std::unique_ptr<stream_backend> backend_;
};

class acceptor {
public:
    using executor_type = asio::any_io_executor;

    explicit acceptor(executor_type executor)
        : executor_(std::move(executor)),
          backend_(provider_of(executor_).make_acceptor(executor_)) {}
    // Listening; throws boost::system::system_error.
    acceptor(executor_type executor, const endpoint& local) : acceptor(std::move(executor)) {
        error_code ec;
        listen(local, ec);
        if (ec)
            throw boost::system::system_error(ec, "listen");
    }

    executor_type get_executor() const { return executor_; }

    // Binds and listens; errors come back in ec. Port 0 picks a free one, which local_endpoint() tells.
    void listen(const endpoint& local, error_code& ec) { backend_->listen(local, default_backlog, ec); }

    // Signature void(error_code, stream): the accepted stream has the acceptor's executor.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_accept(Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, stream)>(
            [this](auto&& handler) {
                using handler_type = std::decay_t<decltype(handler)>;
                auto* op = detail::handler_operation<
                    accept_with_executor, handler_type, detail::no_buffers,
                    accepted_stream>::create(handler_type(std::forward<decltype(handler)>(handler)),
                                             executor_);
                op->executor = executor_;
                backend_->accept(op);
            },
            token);
    }

    void close() { backend_->close(); }
    void cancel() { backend_->cancel(); }
    bool is_open() const { return backend_ && backend_->is_open(); }
    endpoint local_endpoint(error_code& ec) const { return backend_->local_endpoint(ec); }

private:
    static constexpr int default_backlog = 128;

    class accept_with_executor : public accept_operation {
    public:
        executor_type executor;

    protected:
        using accept_operation::accept_operation;
    };
    struct accepted_stream {
        std::tuple<error_code, stream> operator()(accept_with_executor& op) const {
            return {op.ec, stream(std::move(op.executor), std::move(op.accepted))};
        }
    };

    executor_type executor_;
    std::unique_ptr<acceptor_backend> backend_;
};

}  // namespace squall

#endif  // SQUALL_STREAM_H
