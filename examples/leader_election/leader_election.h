// A node that elects a leader with its peers: terms, and one vote a term, as in Raft (D. Ongaro and J.
// Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014), without the log of commands.
//
// A vote is on the disk before it is given, so that no node votes twice in a term, whatever it forgets. Two
// majorities share a node: no term has two leaders.
#ifndef LEADER_ELECTION_H
#define LEADER_ELECTION_H

#include "common/log.h"
#include "common/rpc.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace leader_election {

namespace asio = boost::asio;

enum class bug {
    none,
    half_is_enough,     // half of the nodes, rounded down, elect a leader
    votes_before_sync,  // a vote is given before the disk has it
};

// Requests. Their replies are {term, 1 if granted, node that is followed}.
enum class kind : std::uint64_t {
    vote = 1,  // term, candidate; also the log's record
    beat,      // term, leader
    status,
};

inline constexpr std::uint64_t nobody = 1000;

struct view {
    std::uint64_t term = 0;
    std::uint64_t leader = nobody;  // whom it follows; itself where it leads
    bool leads = false;
    bool voting = false;  // a vote of its own is not on the disk yet
};

struct config {
    std::uint64_t index = 0;  // in `nodes`
    std::vector<squall::endpoint> nodes;
    bug planted = bug::none;
    std::function<void(const view&)> changed;
    std::function<std::uint64_t(std::uint64_t)> below;  // random numbers
};

class node : public std::enable_shared_from_this<node> {
public:
    node(asio::any_io_executor executor, config setup);
    // Returns when the disk fails.
    asio::awaitable<void> run();

private:
    asio::awaitable<common::message> answer(common::message request);
    asio::awaitable<void> hold_elections();
    asio::awaitable<void> stand();
    asio::awaitable<void> ask_for_vote(std::uint64_t term, std::uint64_t peer);
    asio::awaitable<void> send_beats(std::uint64_t term, std::uint64_t peer);

    // Whether it has this node's vote in the present term; the vote is in the log then, if not on the disk.
    bool vote_for(std::uint64_t candidate);
    asio::awaitable<bool> vote_is_durable();
    void follow(std::uint64_t term, std::uint64_t leader);
    void heard();
    bool leads(std::uint64_t term) const { return view_.leads && view_.term == term; }

    asio::any_io_executor executor_;
    config setup_;
    common::log log_;
    squall::timer silence_;  // until the next election
    std::uint64_t voted_for_ = nobody;
    std::uint64_t votes_ = 0;  // for this node, in the present term
    view view_;
};

}  // namespace leader_election

#endif  // LEADER_ELECTION_H
