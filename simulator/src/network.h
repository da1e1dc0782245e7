// The simulated network: listeners, connections, and the faults on the way.
//
// A connection is two pipes. A pipe carries bytes in order: what is written arrives in segments, each after
// its latency but never before the one ahead of it. Faults delay, stall, or end a connection; none cuts a
// hole into a stream.
#ifndef SQUALL_SIMULATOR_NETWORK_H
#define SQUALL_SIMULATOR_NETWORK_H

#include "datagram.h"

#include <squall/provider.h>
#include <squall/world.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace squall::simulator {

class world_state;
class boot;
struct process_state;
class connection;
class sim_acceptor;

class network {
public:
    explicit network(world_state& world) : world_(world) {}

    std::unique_ptr<stream_backend> make_stream(boot& owner, const asio::any_io_executor& executor);
    std::unique_ptr<acceptor_backend> make_acceptor(boot& owner, const asio::any_io_executor& executor);

    sim_acceptor* listener(const endpoint& at) const;
    error_code bind(const endpoint& at, sim_acceptor* acceptor);
    void unbind(const endpoint& at, const sim_acceptor* acceptor);
    process_state* process_at(const asio::ip::address& address) const;
    // A port nobody listens on.
    std::uint16_t ephemeral_port(process_state& p) const;

    partition_id partition(std::vector<bool> side, bool outgoing, bool incoming);
    void heal(partition_id which);
    void heal();
    bool blocked(std::uint32_t from, std::uint32_t to) const;
    // To be run again once nothing blocks their way.
    void stall(connection* which) { stalled_.push_back(which); }
    void forget(connection* which);

    // A process's connections end, with or without word to the peers.
    void crash(process_state& p, bool silently);
    void enroll(connection* which);

    simulator::datagrams& datagrams() { return datagrams_; }

    // Ordinal of the next connection from one process to another; keys its decisions.
    std::uint64_t next_connection(std::uint32_t from, std::uint32_t to) { return ordinals_[{from, to}]++; }

    world_state& world() const { return world_; }

private:
    struct cut {
        std::vector<bool> side;
        bool outgoing, incoming;
        partition_id id;
    };

    world_state& world_;
    simulator::datagrams datagrams_{*this};
    std::map<endpoint, sim_acceptor*> listeners_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> ordinals_;
    std::vector<cut> cuts_;
    std::uint64_t next_cut_ = 0;
    std::vector<connection*> stalled_;
    std::vector<connection*> connections_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_NETWORK_H
