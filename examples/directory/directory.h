// A node that hosts entities, and keeps a part of the directory of where they are.
//
// Entity e is registered at its home, node e % nodes, which keeps what it has said on its disk. A node has an
// entity active only while the home has it registered there. Every registration has a generation of its own,
// and is ended by that alone.
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include "common/log.h"
#include "common/rpc.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace directory {

namespace asio = boost::asio;

enum class bug {
    none,
    any_generation,       // a home ends a registration whatever generation it is asked to end
    answers_before_sync,  // a home answers before its disk has it
};

// Requests are {kind, entity, ...}.
enum class kind : std::uint64_t {
    activate = 1,  // asked of a node
    release,       // of a node
    move,          // of a node: index of the node to move to
    visit,         // of a node: done where it has the entity active
    claim,         // of a home: index of the node; also a record, with the generation
    give_up,       // of a home: index of the node, generation; also a record
    look_up,       // of a home: replies with done, index of the node, generation; refused if there is none
    done,          // a reply
    refused,       // a reply: nothing happened
    unknown,       // a reply: something may have happened
};

inline constexpr std::size_t entities = 48;
inline constexpr std::size_t nobody = 1000;

struct view {
    std::uint64_t active = 0;                        // the entities, by bit
    std::array<std::size_t, entities> registered{};  // where; nobody: nowhere, or another home's
};

struct config {
    std::size_t index = 0;  // among `nodes`
    std::vector<squall::endpoint> nodes;
    bug planted = bug::none;
    std::function<void(const view&)> changed;
};

class node : public std::enable_shared_from_this<node> {
public:
    node(asio::any_io_executor executor, config setup);
    // Returns when the disk fails.
    asio::awaitable<void> run();

private:
    struct registration {
        std::size_t at = nobody;
        std::uint64_t generation = 0;  // of the last registration, ended or not
    };

    asio::awaitable<common::message> answer(common::message request);
    // What is asked of a node.
    asio::awaitable<kind> activate(std::uint64_t entity);
    asio::awaitable<kind> release(std::uint64_t entity);
    asio::awaitable<kind> move(std::uint64_t entity, std::uint64_t to);
    asio::awaitable<std::optional<common::message>> ask_home(common::message request);
    // What is asked of a home.
    common::message claim(std::uint64_t entity, std::uint64_t at);
    common::message give_up(std::uint64_t entity, std::uint64_t at, std::uint64_t generation);

    void record(const common::message& entry);
    void apply(const common::message& entry);

    asio::any_io_executor executor_;
    config setup_;
    common::log log_;
    std::map<std::uint64_t, registration> registered_;  // of the entities whose home this is
    std::map<std::uint64_t, std::uint64_t> active_;     // entity to generation
    std::set<std::uint64_t> busy_;                      // something is being done to them here
    view view_;
};

}  // namespace directory

#endif  // DIRECTORY_H
