// The simulated network: listeners, connections, and the faults on the way.
//
// A connection is two pipes. A pipe carries bytes in order: what is written arrives in segments, each after
// its latency but never before the one ahead of it. Faults delay, stall, or end a connection; none cuts a
// hole into a stream.
#ifndef SQUALL_SIMULATOR_NETWORK_H
#define SQUALL_SIMULATOR_NETWORK_H

#include "cuts.h"
#include "datagram.h"
#include "kept_memory.h"
#include "message_latency.h"
#include "rules.h"

#include <squall/provider.h>
#include <squall/world.h>

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace squall::simulator {

class world_state;
class boot;
struct process_state;
class connection;
class sim_acceptor;

// The way from one process to another, which all that goes there shares.
struct link_state {
    std::uint64_t connections = 0;  // ordinals of the next; key its decisions
    std::uint64_t datagrams = 0;
    std::uint64_t free_at = 0;  // nanoseconds: when what is ahead has been sent

    // When the last of so many bytes has left, behind what is ahead. With a bandwidth of 0 at once.
    std::uint64_t sent_at(std::uint64_t now, std::uint64_t bytes, std::uint64_t bandwidth) noexcept {
        if (bandwidth == 0)
            return now;
        free_at = (free_at > now ? free_at : now) + bytes * 1'000'000'000 / bandwidth;
        return free_at;
    }
};

// One side of a connection in the list of its process's.
struct side_of_process
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    connection* of = nullptr;
    unsigned side = 0;
};

// A connection that is to be put right when faults end.
struct broken_connection
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    connection* of = nullptr;
};

class network {
public:
    explicit network(world_state& world);
    ~network();

    std::unique_ptr<stream_backend> make_stream(boot& owner, const asio::any_io_executor& executor);
    std::unique_ptr<acceptor_backend> make_acceptor(boot& owner, const asio::any_io_executor& executor);

    sim_acceptor* listener(const endpoint& at) const;
    error_code bind(const endpoint& at, sim_acceptor* acceptor);
    void unbind(const endpoint& at, const sim_acceptor* acceptor);
    void add_process(process_state& p);
    process_state* process_at(const asio::ip::address& address) const;
    // A port nobody listens on.
    std::uint16_t ephemeral_port(process_state& p) const;

    partition_id partition(std::vector<std::uint32_t> side, bool outgoing, bool incoming) {
        return cuts_.add(std::move(side), outgoing, incoming);
    }
    void heal(partition_id which);
    // All partitions and clogs.
    void heal();
    // Nothing stays broken: what nobody was told of ends, what nobody answered is asked again.
    void faults_ended();
    way_list* cut_between(std::uint32_t from, std::uint32_t to) { return cuts_.between(from, to); }
    way_list& clogged() { return clogged_; }
    // No partition and no rule is in force.
    bool undisturbed() const noexcept { return cuts_.none() && rules_.none(); }
    void put_right_later(broken_connection& which);

    // A process's connections end, with or without word to the peers.
    void crash(process_state& p, bool silently);
    void enroll(side_of_process& side, const process_state& p);

    simulator::datagrams& datagrams() { return datagrams_; }
    rules& link_rules() { return rules_; }
    const latency_laws& latencies() const { return latencies_; }
    link_state& link(std::uint32_t from, std::uint32_t to) { return links_[{from, to}]; }

    world_state& world() const { return world_; }

private:
    template <class Hook>
    using list_of = boost::intrusive::list<Hook, boost::intrusive::constant_time_size<false>>;

    static void thaw(way_list& freed);

    world_state& world_;
    latency_laws latencies_;
    simulator::datagrams datagrams_{*this};
    kept_map<std::uint32_t, process_state*> addresses_;  // IPv4
    kept_map<endpoint, sim_acceptor*> listeners_;
    kept_map<std::pair<std::uint32_t, std::uint32_t>, link_state> links_;
    std::deque<list_of<side_of_process>, kept_allocator<list_of<side_of_process>>> sides_;  // by process
    list_of<broken_connection> broken_;
    way_list clogged_;
    cuts cuts_;
    rules rules_;
};

// The process's own address for those that mean "here".
template <class Endpoint>
Endpoint placed(const Endpoint& given, const asio::ip::address& own) {
    const bool here = given.address().is_unspecified() || given.address().is_loopback();
    return {here ? own : given.address(), given.port()};
}

// Where a socket of this boot that wants to be at `wanted` is to be bound, port 0 left as it is; `ec` if it
// cannot.
template <class Endpoint, class Boot>
Endpoint place_to_bind(const Boot& owner, bool is_open, const Endpoint& wanted, error_code& ec) {
    const Endpoint at = placed(wanted, owner.process.address);
    ec = {};
    if (is_open)
        ec = asio::error::already_open;
    else if (!owner.alive())
        ec = asio::error::operation_aborted;
    else if (at.address() != owner.process.address)
        ec = error_code(EADDRNOTAVAIL, boost::system::system_category());
    return at;
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_NETWORK_H
