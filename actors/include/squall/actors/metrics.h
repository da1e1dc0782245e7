// What a node counts, and what it can list; for people and for Prometheus.
#ifndef SQUALL_ACTORS_METRICS_H
#define SQUALL_ACTORS_METRICS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace squall::actors {

class node;

// Since the node was made.
struct counters {
    std::uint64_t activations = 0;  // begun and come to be active
    std::uint64_t activation_failures = 0;
    std::uint64_t deactivations = 0;
    std::uint64_t calls = 0;           // begun here
    std::uint64_t calls_failed = 0;    // begun here, and ended by an error of error.h
    std::uint64_t messages_local = 0;  // to actors here, from here
    std::uint64_t messages_in = 0;     // from other nodes
    std::uint64_t messages_out = 0;    // to other nodes, each attempt
    std::uint64_t forwards = 0;        // to where the actor had gone
    std::uint64_t most_forwards = 0;   // of one message
    std::uint64_t retries = 0;
    std::uint64_t duplicates = 0;  // messages that came again and were not handled again
    std::uint64_t turns = 0;       // messages handled
    // Of them: ended by an exception that the class does not declare; sent one way, by any.
    std::uint64_t handler_errors = 0;
    std::uint64_t expired = 0;  // messages whose deadline came before their turn
    std::uint64_t busy = 0;     // messages that found a mailbox full
    std::uint64_t connects = 0;
    std::uint64_t connections_lost = 0;
    std::uint64_t bad_frames = 0;
    std::uint64_t saves = 0;
    std::uint64_t fenced = 0;      // activations that lost their actor to a later one
    std::uint64_t expulsions = 0;  // times the directory gave this node up
};

struct activation_info {
    std::string type;
    std::string key;
    std::uint64_t epoch = 0;
    std::uint64_t waiting = 0;  // messages in the mailbox
    std::uint64_t running = 0;  // turns under way
    bool active = false;        // else it begins or ends
};

// The counters and the activations per type in Prometheus' text format (version 0.0.4), all names beginning
// with squall_actors_.
std::string prometheus_text(const node& of);
// The same activations as a table, one a line, for people.
std::string activation_table(const node& of);

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_METRICS_H
