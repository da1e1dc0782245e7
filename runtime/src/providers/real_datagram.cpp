#include "real_datagram.h"

#include "buffer_range.h"
#include "operation_handler.h"

namespace squall::real {

void datagram_socket::bind(const datagram_endpoint& local, error_code& ec) {
    ec = {};
    if (socket_.is_open())
        ec = asio::error::already_open;
    else
        ec = socket_.open(local.protocol(), ec);
    if (ec)
        return;
    ec = socket_.bind(local, ec);
    if (ec)
        close();
}

void datagram_socket::send_to(const_buffers buffers, std::size_t size, const datagram_endpoint& destination,
                              operation* op) {
    const buffer_range range(buffers);
    error_code ec;
    if (!is_open())
        ec = asio::error::bad_descriptor;
    else if (size > max_datagram || size != asio::buffer_size(range))
        ec = asio::error::message_size;
    if (ec)
        return complete_later(socket_.get_executor(), op, ec);
    socket_.async_send_to(range, destination, operation_handler(op));
}

void datagram_socket::receive_from(mutable_buffers buffers, datagram_endpoint& sender, operation* op) {
    if (!is_open())
        return complete_later(socket_.get_executor(), op, asio::error::bad_descriptor);
    socket_.async_receive_from(buffer_range(buffers), sender, operation_handler(op));
}

void datagram_socket::close() {
    error_code ignored;
    ignored = socket_.close(ignored);
}

void datagram_socket::cancel() {
    error_code ignored;
    ignored = socket_.cancel(ignored);
}

bool datagram_socket::is_open() const {
    return socket_.is_open();
}

datagram_endpoint datagram_socket::local_endpoint(error_code& ec) const {
    return socket_.local_endpoint(ec);
}

}  // namespace squall::real
