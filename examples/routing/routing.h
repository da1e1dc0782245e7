// A node of a ring that hands messages on until they are where they are to go.
//
// What a node has accepted is on its disk, and is told to the next node until that has accepted or refused
// it. A message that is refused on its way is reported lost by the node that has it. So each message that was
// accepted at its origin is delivered once or reported lost once, in the end.
#ifndef ROUTING_H
#define ROUTING_H

#include "common/log.h"
#include "common/rpc.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace routing {

namespace asio = boost::asio;

enum class bug {
    none,
    gives_up,          // a message is reported lost when the next node is silent, though that may have it
    forgets_refusals,  // a late copy of a message that was refused is accepted
};

// Requests are {kind, id, destination}; the log's records are {kind, id, destination} as well.
enum class kind : std::uint64_t {
    pass = 1,   // a request, of clients and of nodes
    accepted,   // a record, and a reply
    refused,    // a record, and a reply
    delivered,  // a record
    handed_on,  // a record: the next node has it
    lost,       // a record
};

// Ids of messages that were delivered or reported lost here, and how often.
using endings = std::map<std::uint64_t, int>;

struct config {
    std::uint64_t index = 0;  // in `ring`
    std::vector<squall::endpoint> ring;
    std::size_t capacity = 30;  // messages that wait
    bug planted = bug::none;
    std::function<void(std::size_t)> waiting_changed;  // messages that this node has yet to see to
    std::function<void(const endings&)> ended;
};

class node : public std::enable_shared_from_this<node> {
public:
    node(asio::any_io_executor executor, config setup);
    // Returns when the disk fails.
    asio::awaitable<void> run();

private:
    struct known_message {
        kind state = kind::accepted;
        std::uint64_t destination = 0;
    };

    asio::awaitable<common::message> answer(common::message request);
    asio::awaitable<void> hand_on(std::uint64_t id);
    std::uint64_t next_to(std::uint64_t destination) const;
    void record(kind what, std::uint64_t id, std::uint64_t destination);
    void apply(const common::message& entry);

    asio::any_io_executor executor_;
    config setup_;
    common::log log_;
    std::map<std::uint64_t, known_message> known_;
    std::size_t waiting_ = 0;
    endings ended_;
};

}  // namespace routing

#endif  // ROUTING_H
