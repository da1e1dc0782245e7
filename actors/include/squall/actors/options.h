// What a node, a type of actors and a call can be told.
#ifndef SQUALL_ACTORS_OPTIONS_H
#define SQUALL_ACTORS_OPTIONS_H

#include <squall/actors/identity.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace squall::actors {

using namespace std::chrono_literals;
class directory;
class state_store;

// How often a message is handled, if its answer does not come.
enum class delivery : std::uint8_t {
    at_most_once,   // a broken connection ends the call with error::maybe_delivered
    at_least_once,  // it is sent again until it is answered; an actor handles it once for all that, as long
                    // as it lives or has saved its state with it (docs/reference/actors.md)
};

// Where an actor that has no place yet is activated. The node that calls it decides, by its own registration
// of the type; one that has not registered it takes any node, whatever its tags.
enum class placement : std::uint8_t {
    random,        // any node
    local,         // the node that called it
    least_loaded,  // the one with the fewer activations of two random nodes
    hash,          // by the key: the same node as long as the members stay the same (rendezvous hashing)
};

struct type_options {
    bool reentrant = false;      // messages are begun without waiting for the end of those before
    std::size_t mailbox = 1024;  // messages that wait, at most; above 0
    // Without a message for so long, an activation ends; 0: never.
    std::chrono::nanoseconds idle_after = 10min;
    actors::placement place = actors::placement::random;
    std::string tag = {};  // only on nodes that have this tag; empty: on any
    // Messages that are sent at least once are handled once. false: for actors to whom once more is no harm.
    bool deduplicate = true;
    // Reached by node::at alone: the directory has no part in it, and each node may have one of each key.
    bool fixed = false;
};

struct call_options {
    // From the call on; without one the deadline of the message that the caller handles, or else the node's
    // call_timeout.
    std::optional<std::chrono::nanoseconds> timeout;
    std::optional<actors::delivery> mode;  // without one the node's
};

struct node_options {
    // Without an address the node has no connections: its actors are its own.
    std::optional<asio::ip::tcp::endpoint> listen;
    std::string cluster = "squall";  // nodes of another name are refused
    std::vector<std::string> tags;
    // Without a directory all actors that are called here live here. Both must outlive the node, or be shared
    // with it.
    std::shared_ptr<actors::directory> directory;
    std::shared_ptr<actors::state_store> store;
    bool hosts = true;  // false: it calls actors and has none, and is no member

    std::chrono::nanoseconds call_timeout = 30s;
    actors::delivery mode = delivery::at_most_once;
    std::size_t max_activations = 0;  // beyond, the longest idle one ends; 0: no limit
    int max_forwards = 2;             // of one message from node to node
    // Arguments and results are encoded and decoded on local calls too, as on remote ones: for tests.
    bool encode_local = false;

    // Of the bus.
    std::size_t max_key = 1024;                // bytes
    std::size_t max_frame = 1024 * 1024;       // bytes; of what is sent, and of what is read
    std::size_t max_queued = 8 * 1024 * 1024;  // bytes that wait to be written to one peer
    std::size_t max_connections = 1024;        // accepted
    std::chrono::nanoseconds connect_timeout = 1s;
    std::chrono::nanoseconds silence_timeout = 3s;  // a peer that owes an answer and sends nothing for so
                                                    // long is disconnected; it is asked for a sign in between
    std::chrono::nanoseconds retry_min = 20ms;      // before a message is sent again; doubled, with jitter
    std::chrono::nanoseconds retry_max = 1s;

    std::shared_ptr<spdlog::logger> log;  // null: silent
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_OPTIONS_H
