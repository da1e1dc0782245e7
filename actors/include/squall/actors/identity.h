// Who is who: actors by type and key, nodes by address and incarnation.
#ifndef SQUALL_ACTORS_IDENTITY_H
#define SQUALL_ACTORS_IDENTITY_H

#include <boost/asio/ip/tcp.hpp>
#include <boost/describe/class.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace squall::actors {

namespace asio = boost::asio;

// An actor exists by being addressed. The key is any bytes, the empty key among them; lengths are limited by
// node_options::max_key.
struct actor_id {
    std::string type;
    std::string key;

    auto operator<=>(const actor_id&) const = default;
};

// "type/key" with what is not printable in the key as \xNN; for people.
std::string to_string(const actor_id& id);

// Where a node listens; the bytes of its IPv4 or IPv6 address (4 or 16), and the port.
struct node_address {
    std::string ip;
    std::uint16_t port = 0;

    node_address() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): an endpoint is one
    node_address(const asio::ip::tcp::endpoint& where);
    // Throws std::invalid_argument if `ip` has another length.
    asio::ip::tcp::endpoint endpoint() const;

    auto operator<=>(const node_address&) const = default;
};
BOOST_DESCRIBE_STRUCT(node_address, (), (ip, port))

// One life of a node. Incarnations are given out by the directory, each once; 0 is no node.
struct node_id {
    node_address address;
    std::uint64_t incarnation = 0;

    explicit operator bool() const { return incarnation != 0; }
    auto operator<=>(const node_id&) const = default;
};
std::string to_string(const node_id& id);  // "10.0.1.2:7000#17"

// Who has an actor, and since which epoch. Of two activations of one actor the later has the greater epoch.
struct location {
    node_id node;
    std::uint64_t epoch = 0;

    bool operator==(const location&) const = default;
};

struct member {
    node_id node;
    std::vector<std::string> tags;
    std::uint64_t activations = 0;  // as it said last

    bool operator==(const member&) const = default;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_IDENTITY_H
