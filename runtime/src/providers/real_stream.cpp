#include "real_stream.h"

#include "buffer_range.h"
#include "operation_handler.h"

#include <utility>

namespace squall::real {
namespace {

class connect_handler {
public:
    using cancellation_slot_type = operation_handler::cancellation_slot_type;

    connect_handler(std::shared_ptr<stream::connection> connection, operation* op)
        : connection_(std::move(connection)),
          attempt_(connection_->attempt),
          handler_(op) {}

    cancellation_slot_type get_cancellation_slot() const noexcept { return handler_.get_cancellation_slot(); }

    void operator()(error_code ec) {
        if (connection_->attempt != attempt_) {
            ec = asio::error::operation_aborted;
        } else if (ec) {
            connection_->close();
        } else {
            connection_->connected = true;
        }
        connection_.reset();
        handler_(ec);
    }

private:
    std::shared_ptr<stream::connection> connection_;
    std::uint64_t attempt_;
    operation_handler handler_;
};

class transfer_handler {
public:
    using cancellation_slot_type = operation_handler::cancellation_slot_type;
    using allocator_type = operation_handler::allocator_type;

    transfer_handler(std::shared_ptr<stream::connection> connection, error_code stream::connection::* end,
                     operation* op)
        : connection_(std::move(connection)),
          attempt_(connection_->attempt),
          end_(end),
          handler_(op) {}

    allocator_type get_allocator() const noexcept { return handler_.get_allocator(); }
    cancellation_slot_type get_cancellation_slot() const noexcept { return handler_.get_cancellation_slot(); }

    void operator()(error_code ec, std::size_t bytes) {
        if (ec && ec != asio::error::operation_aborted && connection_->attempt == attempt_) {
            (*connection_).*end_ = ec;
        }
        connection_.reset();
        handler_(ec, bytes);
    }

private:
    std::shared_ptr<stream::connection> connection_;
    std::uint64_t attempt_;
    error_code stream::connection::* end_;
    operation_handler handler_;
};

class accept_handler {
public:
    using cancellation_slot_type = operation_handler::cancellation_slot_type;

    explicit accept_handler(accept_operation* op) : op_(op), handler_(op) {}

    cancellation_slot_type get_cancellation_slot() const noexcept { return handler_.get_cancellation_slot(); }

    void operator()(error_code ec, asio::ip::tcp::socket accepted) {
        if (!ec)
            op_->accepted = std::make_unique<stream>(std::move(accepted));
        handler_(ec);
    }

private:
    accept_operation* op_;
    operation_handler handler_;
};

}  // namespace

void stream::connection::close() {
    error_code ignored;
    ignored = socket.close(ignored);
    connected = false;
    read_end = {};
    write_end = {};
    ++attempt;
}

stream::stream(const asio::any_io_executor& executor)
    : connection_(std::make_shared<connection>(asio::ip::tcp::socket(executor))) {}

stream::stream(asio::ip::tcp::socket accepted)
    : connection_(std::make_shared<connection>(std::move(accepted))) {
    connection_->connected = true;
    error_code ignored;
    ignored = connection_->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

stream::~stream() {
    connection_->close();
}

void stream::connect(const endpoint& peer, operation* op) {
    asio::ip::tcp::socket& socket = connection_->socket;
    error_code ec;
    if (socket.is_open()) {
        ec = connection_->connected ? asio::error::already_connected : asio::error::already_started;
    } else {
        ec = socket.open(peer.protocol(), ec);
    }
    if (ec)
        return complete_later(socket.get_executor(), op, ec);
    error_code ignored;
    ignored = socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.async_connect(peer, connect_handler(connection_, op));
}

bool stream::ready(error_code end, std::size_t buffers, operation* op) {
    error_code ec;
    if (!is_open()) {
        ec = asio::error::bad_descriptor;
    } else if (!connection_->connected) {
        ec = asio::error::not_connected;
    } else if (buffers != 0) {
        ec = end;
    }
    if (ec)
        complete_later(connection_->socket.get_executor(), op, ec);
    return !ec;
}

void stream::read_some(mutable_buffers buffers, operation* op) {
    if (!ready(connection_->read_end, buffers.count, op))
        return;
    transfer_handler handler(connection_, &connection::read_end, op);
    if (buffers.count == 1) {
        connection_->socket.async_read_some(*buffers.data, std::move(handler));
    } else {
        connection_->socket.async_read_some(buffer_range(buffers), std::move(handler));
    }
}

void stream::write_some(const_buffers buffers, operation* op) {
    if (!ready(connection_->write_end, buffers.count, op))
        return;
    transfer_handler handler(connection_, &connection::write_end, op);
    if (buffers.count == 1) {
        connection_->socket.async_write_some(*buffers.data, std::move(handler));
    } else {
        connection_->socket.async_write_some(buffer_range(buffers), std::move(handler));
    }
}

void stream::shutdown_send(error_code& ec) {
    ec = connection_->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
}

void stream::close() {
    connection_->close();
}

void stream::cancel() {
    error_code ignored;
    ignored = connection_->socket.cancel(ignored);
}

bool stream::is_open() const {
    return connection_->socket.is_open();
}

endpoint stream::local_endpoint(error_code& ec) const {
    return connection_->socket.local_endpoint(ec);
}

endpoint stream::remote_endpoint(error_code& ec) const {
    return connection_->socket.remote_endpoint(ec);
}

void acceptor::listen(const endpoint& local, int backlog, error_code& ec) {
    if (acceptor_.is_open()) {
        ec = asio::error::already_open;
        return;
    }
    ec = acceptor_.open(local.protocol(), ec);
    // A server that restarts takes its port again although old connections to it linger.
    if (!ec)
        ec = acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address(true), ec);
    if (!ec)
        ec = acceptor_.bind(local, ec);
    if (!ec)
        ec = acceptor_.listen(backlog, ec);
    if (ec)
        close();
}

void acceptor::accept(accept_operation* op) {
    acceptor_.async_accept(accept_handler(op));
}

void acceptor::close() {
    error_code ignored;
    ignored = acceptor_.close(ignored);
}

void acceptor::cancel() {
    error_code ignored;
    ignored = acceptor_.cancel(ignored);
}

bool acceptor::is_open() const {
    return acceptor_.is_open();
}

endpoint acceptor::local_endpoint(error_code& ec) const {
    return acceptor_.local_endpoint(ec);
}

}  // namespace squall::real
