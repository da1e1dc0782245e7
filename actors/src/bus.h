// The connections of a node: calls go out over those that it opened, and come in over those that it accepted.
#ifndef SQUALL_ACTORS_SRC_BUS_H
#define SQUALL_ACTORS_SRC_BUS_H

#include "link.h"

#include <squall/actors/call.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace squall::actors::detail {

class node_core;

// Held by a shared_ptr. After stop() it does nothing more, and knows nothing of its node.
class bus : public std::enable_shared_from_this<bus> {
public:
    explicit bus(node_core& core);
    // Throws system_error.
    void listen(const asio::ip::tcp::endpoint& local);
    void stop();

    // Over the connection to that node, which is opened if there is none. The outcome, or that there is none,
    // comes to the node.
    void send(const call_ptr& call, const node_address& where);
    // Nobody waits for its answer any more.
    void forget(call_base& call);

private:
    // A node that calls are sent to.
    struct sent_call {
        call_ptr call;
        bool doubted;  // an earlier attempt may have been handled
    };
    struct peer {
        std::shared_ptr<link> connection;  // null: none
        bool greeted = false;
        std::deque<call_ptr> waiting;  // for the connection
        std::map<std::uint64_t, sent_call, std::less<>,
                 squall::detail::kept_allocator<std::pair<const std::uint64_t, sent_call>>>
            under_way;  // by ticket
    };
    // A connection that calls come over.
    struct session;
    class session_sink;

    asio::awaitable<void> run_peer(node_address where);
    asio::awaitable<void> converse(node_address where, std::shared_ptr<link> connection);
    void transmit(peer& to, const call_ptr& call);
    void lost(const node_address& where);
    void answer(peer& from, const reply_frame& frame);

    asio::awaitable<void> accept_all(std::shared_ptr<squall::acceptor> listening);
    asio::awaitable<void> serve(std::shared_ptr<session> from);
    void take_in(const std::shared_ptr<session>& from, std::string_view body);
    void request(const std::shared_ptr<session>& from, request_frame frame);
    void refuse(session& from, std::uint64_t ticket, error_code code);

    node_core* core_;
    const asio::any_io_executor executor_;
    const link_limits limits_;
    std::map<node_address, peer> peers_;
    std::uint64_t last_ticket_ = 0;
    std::shared_ptr<squall::acceptor> listening_;
    std::uint64_t last_session_ = 0;
    std::map<std::uint64_t, std::shared_ptr<session>>
        sessions_;  // in the order of their coming: no address decides
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_BUS_H
