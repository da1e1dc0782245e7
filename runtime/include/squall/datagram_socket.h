// A socket for datagrams; UDP, or the simulator's model of it.
#ifndef SQUALL_DATAGRAM_SOCKET_H
#define SQUALL_DATAGRAM_SOCKET_H

#include <squall/provider.h>

#include <boost/system/system_error.hpp>

namespace squall {

// Datagrams arrive whole or not at all, in any order, and now and then twice. Move-only; sends and receives
// may overlap, and receives under way get the datagrams in the order in which they were started. Destroying
// it closes it.
class datagram_socket {
public:
    using executor_type = asio::any_io_executor;
    using endpoint_type = datagram_endpoint;

    explicit datagram_socket(executor_type executor)
        : executor_(std::move(executor)),
          backend_(provider_of(executor_).make_datagram_socket(executor_)) {}
    // Open and bound; throws boost::system::system_error.
    datagram_socket(executor_type executor, const datagram_endpoint& local)
        : datagram_socket(std::move(executor)) {
        error_code ec;
        bind(local, ec);
        if (ec)
            throw boost::system::system_error(ec, "bind");
    }

    executor_type get_executor() const { return executor_; }

    // Opens the socket and binds it; errors come back in ec. Port 0 picks a free one, which local_endpoint()
    // tells.
    void bind(const datagram_endpoint& local, error_code& ec) { backend_->bind(local, ec); }

    // Signature void(error_code, std::size_t): the datagram's size. A success says that it is on its way, not
    // that it arrives. message_size for more than 65,507 bytes or 16 non-empty buffers.
    template <class ConstBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_send_to(const ConstBufferSequence& buffers, const datagram_endpoint& destination,
                       Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::const_buffer, const_buffers>(
            executor_, buffers, token,
            [this, destination, size = asio::buffer_size(buffers)](operation* op, const_buffers list) {
                backend_->send_to(list, size, destination, op);
            });
    }

    // Signature void(error_code, std::size_t): the bytes that the buffers took, 0 for an empty datagram; what
    // has no room in them (the first 16 that are not empty) is lost without an error. `sender` is written
    // before the handler is called.
    template <class MutableBufferSequence, class Token = asio::default_completion_token_t<executor_type>>
    auto async_receive_from(const MutableBufferSequence& buffers, datagram_endpoint& sender,
                            Token&& token = {}) {
        return detail::initiate_transfer<Token, asio::mutable_buffer, mutable_buffers>(
            executor_, buffers, token, [this, &sender](operation* op, mutable_buffers list) {
                backend_->receive_from(list, sender, op);
            });
    }

    // Closes at once; receives under way end with operation_aborted.
    void close() { backend_->close(); }
    void cancel() { backend_->cancel(); }
    bool is_open() const { return backend_ && backend_->is_open(); }
    datagram_endpoint local_endpoint(error_code& ec) const { return backend_->local_endpoint(ec); }

private:
    executor_type executor_;
    std::unique_ptr<datagram_backend> backend_;
};

}  // namespace squall

#endif  // SQUALL_DATAGRAM_SOCKET_H
