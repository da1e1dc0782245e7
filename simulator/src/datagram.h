// Simulated datagrams: sockets, and the way between them.
//
// Each datagram has a latency of its own, so that one may overtake another. It is lost by chance, in a
// partition, where nobody is bound, and where the receiver's queue is full; it may arrive twice, late, or
// with bits changed.
#ifndef SQUALL_SIMULATOR_DATAGRAM_H
#define SQUALL_SIMULATOR_DATAGRAM_H

#include <squall/provider.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace squall::simulator {

class boot;
class network;
class sim_datagram_socket;
struct process_state;

// The datagram part of a world's network.
class datagrams {
public:
    explicit datagrams(network& net) : network_(net) {}

    std::unique_ptr<datagram_backend> make_socket(boot& owner, const asio::any_io_executor& executor);

    error_code bind(const datagram_endpoint& at, sim_datagram_socket* socket);
    void unbind(const datagram_endpoint& at, const sim_datagram_socket* socket);
    std::uint16_t free_port(process_state& p) const;

    void send(process_state& from, const datagram_endpoint& source, const datagram_endpoint& destination,
              std::string payload);
    // Nobody is bound to the process's address any more. What it has sent is on its way all the same.
    void crash(const process_state& p);

private:
    struct message {
        process_state* from;
        process_state* to;
        datagram_endpoint source;
        datagram_endpoint destination;
        std::string payload;
    };

    void dispatch(message sent, std::uint64_t stream, std::uint64_t copy);
    void come(message sent);
    void arrive(const message& sent);
    void lose(const message& sent);

    network& network_;
    std::map<datagram_endpoint, sim_datagram_socket*> bound_;
};

class sim_datagram_socket final : public datagram_backend {
public:
    // What a socket holds for a reader who does not come (Linux: net.core.rmem_default), each datagram
    // counting for its bytes and what the kernel keeps of even the smallest one (there: 768).
    static constexpr std::size_t capacity = 212'992;
    static constexpr std::size_t overhead = 768;

    sim_datagram_socket(datagrams& net, boot& owner, asio::any_io_executor foreign)
        : network_(net),
          boot_(owner),
          foreign_(std::move(foreign)) {}
    ~sim_datagram_socket() override { sim_datagram_socket::close(); }

    void bind(const datagram_endpoint& local, error_code& ec) override;
    void send_to(const_buffers buffers, std::size_t size, const datagram_endpoint& destination,
                 operation* op) override;
    void receive_from(mutable_buffers buffers, datagram_endpoint& sender, operation* op) override;
    void close() override;
    void cancel() override;
    bool is_open() const override { return open_; }
    datagram_endpoint local_endpoint(error_code& ec) const override;

    // False if there is no room for it.
    bool take(const datagram_endpoint& source, const std::string& payload);

private:
    struct receiver {
        operation* op;
        mutable_buffers buffers;
        datagram_endpoint* sender;
    };

    void hand_over(const receiver& to, const datagram_endpoint& source, const std::string& payload);

    datagrams& network_;
    boot& boot_;
    asio::any_io_executor foreign_;
    datagram_endpoint local_;
    bool open_ = false;
    std::size_t queued_bytes_ = 0;
    std::deque<std::pair<datagram_endpoint, std::string>> queue_;
    std::deque<receiver> receivers_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DATAGRAM_H
