// The partitions in force: who hears nothing of whom, and what stands still because of it.
//
// A cut is known to the processes on its side alone. What a message costs grows with the cuts of its two
// processes, and what a cut costs with its side and with what it has stopped; neither with the world.
#ifndef SQUALL_SIMULATOR_CUTS_H
#define SQUALL_SIMULATOR_CUTS_H

#include <squall/world.h>

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <map>
#include <vector>

namespace squall::simulator {

class connection;

// One direction of a connection, in the list of what it waits for. Leaves it when it is destroyed.
struct waiting_way
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    connection* of = nullptr;
    unsigned to = 0;
};
using way_list = boost::intrusive::list<waiting_way, boost::intrusive::constant_time_size<false>>;

class cuts {
public:
    // Between the processes of `side` and all others, in one direction or both.
    partition_id add(std::vector<std::uint32_t> side, bool outgoing, bool incoming);
    // What it has stopped goes to `freed`. Of one that is no more: nothing.
    void remove(partition_id name, way_list& freed);
    void remove_all(way_list& freed);

    bool none() const noexcept { return all_.empty(); }
    // The list of what stands at a cut that keeps messages from going there; null if none does.
    way_list* between(std::uint32_t from, std::uint32_t to) {
        return all_.empty() ? nullptr : look(from, to);
    }

private:
    struct cut {
        std::vector<std::uint32_t> side;  // sorted
        bool outgoing, incoming;
        way_list stopped;
        bool holds(std::uint32_t process) const noexcept;
    };
    way_list* look(std::uint32_t from, std::uint32_t to);
    void forget(const cut& gone);

    std::map<partition_id, cut> all_;
    std::vector<std::vector<cut*>> of_process_;  // those with the process on their side
    std::uint64_t last_ = 0;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_CUTS_H
