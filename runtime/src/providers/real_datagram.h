// Datagrams on UDP sockets.
#ifndef SQUALL_PROVIDERS_REAL_DATAGRAM_H
#define SQUALL_PROVIDERS_REAL_DATAGRAM_H

#include <squall/provider.h>

#include <boost/asio/ip/udp.hpp>

namespace squall::real {

class datagram_socket final : public datagram_backend {
public:
    explicit datagram_socket(const asio::any_io_executor& executor) : socket_(executor) {}

    void bind(const datagram_endpoint& local, error_code& ec) override;
    void send_to(const_buffers buffers, std::size_t size, const datagram_endpoint& destination,
                 operation* op) override;
    void receive_from(mutable_buffers buffers, datagram_endpoint& sender, operation* op) override;
    void close() override;
    void cancel() override;
    bool is_open() const override;
    datagram_endpoint local_endpoint(error_code& ec) const override;

private:
    asio::ip::udp::socket socket_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_DATAGRAM_H
