#include "bus.h"

#include "cluster.h"
#include "node_core.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

#include <vector>

namespace squall::actors::detail {
namespace {

constexpr std::size_t max_under_way = 16 * 1024;  // calls that came over one connection

link_limits limits_of(const node_options& options) {
    return {options.max_frame, options.max_queued, options.connect_timeout, options.silence_timeout};
}

}  // namespace

struct bus::session {
    std::uint64_t number = 0;
    std::weak_ptr<bus> owner;
    std::shared_ptr<link> connection;
    boost::unordered_flat_map<std::uint64_t, call_ptr> under_way;  // by ticket
};

class bus::session_sink final : public call_sink {
public:
    session_sink(std::weak_ptr<session> from, std::uint64_t ticket)
        : from_(std::move(from)),
          ticket_(ticket) {}

    bool is_of(const std::shared_ptr<session>& from, std::uint64_t ticket) const {
        return ticket_ == ticket && from_.lock() == from;
    }
    void finished(call_base& call) override {
        reply_frame frame;
        frame.ticket = ticket_;
        call.encode_outcome(frame.outcome);
        send(std::move(frame), call);
    }
    void accepted(call_base& call) override {
        reply_frame frame;
        frame.ticket = ticket_;
        frame.accepted = true;
        send(std::move(frame), call);
    }

private:
    void send(reply_frame frame, const call_base& call) {
        const auto from = from_.lock();
        if (!from)
            return;
        from->under_way.erase(ticket_);
        frame.answered = call.answered;
        if (!frame.answered && call.forwards > 0) {
            const auto owner = from->owner.lock();
            if (owner && owner->core_ != nullptr)
                frame.answered = location{owner->core_->id(), 0};
        }
        try {
            if (!from->connection->send(frame_kind::reply, frame))
                from->connection->close();  // a caller that does not read
        } catch (const call_failed&) {
            reply_frame shorter;
            shorter.ticket = ticket_;
            encode_failure(shorter.outcome, error::handler_failed, "the result is larger than a frame");
            from->connection->send(frame_kind::reply, shorter);
        }
    }

    std::weak_ptr<session> from_;
    std::uint64_t ticket_;
};

bus::bus(node_core& core) : core_(&core), executor_(core.executor), limits_(limits_of(core.options)) {}

void bus::listen(const asio::ip::tcp::endpoint& local) {
    listening_ = std::make_shared<squall::acceptor>(executor_, local);
    asio::co_spawn(executor_, accept_all(listening_), asio::detached);
}

void bus::stop() {
    core_ = nullptr;
    if (listening_)
        listening_->close();
    for (auto& [where, to] : peers_) {
        if (to.connection)
            to.connection->close();
        to.waiting.clear();
        to.under_way.clear();
    }
    for (const auto& [number, from] : sessions_) {
        from->connection->close();
        from->under_way.clear();
    }
}

// Calls to other nodes.

void bus::send(const call_ptr& call, const node_address& where) {
    if (core_ == nullptr)
        return;
    call->state = call_state::remote;
    peer& to = peers_[where];
    if (to.greeted) {
        transmit(to, call);
        return;
    }
    to.waiting.push_back(call);
    if (to.connection)
        return;
    ++core_->count.connects;
    to.connection = std::make_shared<link>(squall::stream(executor_), limits_);
    asio::co_spawn(executor_, run_peer(where), asio::detached);
}

void bus::forget(call_base& call) {
    for (auto& [where, to] : peers_) {
        const auto found = to.under_way.find(call.ticket);
        if (found != to.under_way.end() && found->second.call.get() == &call) {
            to.under_way.erase(found);
            if (to.greeted)
                to.connection->send(frame_kind::cancel, cancel_frame{call.ticket});
            return;
        }
        std::erase_if(to.waiting, [&call](const call_ptr& each) { return each.get() == &call; });
    }
}

void bus::transmit(peer& to, const call_ptr& call) {
    if (call->state != call_state::remote)
        return;
    request_frame frame;
    frame.ticket = ++last_ticket_;
    frame.caller = call->caller;
    frame.number = call->number;
    frame.oldest = call->from_remote ? call->oldest : core_->least_unanswered();
    frame.type = call->type;
    frame.key = call->key;
    frame.method = call->method;
    frame.at_least_once = call->mode == delivery::at_least_once;
    frame.one_way = call->one_way;
    frame.forwards = static_cast<std::uint32_t>(call->forwards);
    const auto left = std::max<std::chrono::nanoseconds>(call->deadline - core_->now(), 0ns);
    frame.time_left = static_cast<std::uint64_t>(left.count());
    try {
        call->encode_arguments(frame.arguments);
        const bool sent = to.connection->send(frame_kind::request, frame);
        if (!sent) {
            core_->retry(call);
            return;
        }
    } catch (const call_failed& e) {
        core_->fail(*call, e.code());
        return;
    }
    ++core_->count.messages_out;
    to.under_way.emplace(frame.ticket, sent_call{call, call->uncertain});
    call->uncertain = true;
    call->ticket = frame.ticket;
}

asio::awaitable<void> bus::run_peer(node_address where) {
    const auto self = shared_from_this();
    const auto connection = peers_[where].connection;
    try {
        co_await converse(where, connection);
    } catch (const call_failed& e) {
        if (core_ != nullptr) {
            ++core_->count.bad_frames;
            core_->log("a connection is given up", e.what());
        }
    } catch (const boost::system::system_error&) {
        // Unreachable, or closed: what waits for it learns that below.
    } catch (const std::exception& e) {
        // An address that is none, say.
        if (core_ != nullptr)
            core_->log("a connection is given up", e.what());
    }
    connection->close();
    if (core_ != nullptr)
        lost(where);
}

asio::awaitable<void> bus::converse(node_address where, std::shared_ptr<link> connection) {
    co_await connection->connect(where.endpoint());
    if (core_ == nullptr)
        co_return;
    std::string cluster = core_->options.cluster;
    co_await connection->greet(std::move(cluster));
    if (core_ == nullptr)
        co_return;
    connection->start(true);
    peer& to = peers_[where];
    to.greeted = true;
    for (std::deque<call_ptr> waiting = std::exchange(to.waiting, {}); !waiting.empty(); waiting.pop_front())
        transmit(to, waiting.front());
    for (std::string_view body;;) {
        if (!connection->next(body)) {
            auto [ec, got] = co_await connection->async_more();
            connection->came(ec, got);
            continue;
        }
        if (core_ == nullptr)
            co_return;
        const auto kind = static_cast<frame_kind>(body.front());
        if (kind == frame_kind::reply)
            answer(to, decode<reply_frame>(body.substr(1)));
        else if (kind != frame_kind::pong)
            throw call_failed(error::bad_frame, "no answer");
    }
}

void bus::lost(const node_address& where) {
    peer gone = std::move(peers_[where]);
    peers_.erase(where);
    ++core_->count.connections_lost;
    if (core_->cluster)
        core_->cluster->forget(where);
    for (const auto& [ticket, sent] : gone.under_way) {
        const call_ptr& call = sent.call;
        if (call->state != call_state::remote)
            continue;
        call->fail(error::maybe_delivered);
        core_->settle(*call);
        if (core_ == nullptr)
            return;
    }
    for (const call_ptr& call : gone.waiting) {
        if (call->state != call_state::remote)
            continue;
        if (core_->cluster)
            core_->cluster->forget(*call);
        core_->retry(call);
    }
}

void bus::answer(peer& from, const reply_frame& frame) {
    const auto found = from.under_way.find(frame.ticket);
    if (found == from.under_way.end())
        return;  // it was given up
    const auto [call, doubted] = std::move(found->second);
    from.under_way.erase(found);
    if (call->state != call_state::remote)
        return;
    call->answered = frame.answered;
    if (frame.answered && core_->cluster)
        core_->cluster->learned(*call, *frame.answered);
    call->uncertain = doubted;
    if (!frame.accepted) {
        try {
            call->decode_outcome(frame.outcome);
        } catch (const call_failed& e) {
            call->fail(error::bad_result, e.what());
        }
    } else if (call->from_remote) {
        // One that we forwarded: whoever sent it to us waits for the same word.
        if (const auto sink = std::move(call->sink))
            sink->accepted(*call);
    }
    core_->settle(*call, true);
}

// Calls from other nodes.

asio::awaitable<void> bus::accept_all(std::shared_ptr<squall::acceptor> listening) {
    const auto self = shared_from_this();
    while (core_ != nullptr) {
        auto [ec, stream] = co_await listening->async_accept(asio::as_tuple(asio::deferred));
        if (core_ == nullptr)
            co_return;
        if (ec) {
            // Out of descriptors, say: connections end, and then there are some again.
            squall::timer clock(executor_, 50ms);
            co_await clock.async_wait(asio::deferred);
            continue;
        }
        if (sessions_.size() >= core_->options.max_connections)
            continue;
        const auto from = std::make_shared<session>();
        from->owner = weak_from_this();
        from->connection = std::make_shared<link>(std::move(stream), limits_);
        from->number = ++last_session_;
        sessions_.emplace(from->number, from);
        asio::co_spawn(executor_, serve(from), asio::detached);
    }
}

asio::awaitable<void> bus::serve(std::shared_ptr<session> from) {
    const auto self = shared_from_this();
    try {
        std::string cluster = core_ == nullptr ? std::string() : core_->options.cluster;
        co_await from->connection->greet(std::move(cluster));
        from->connection->start(false);
        for (std::string_view body; core_ != nullptr;) {
            if (from->connection->next(body)) {
                take_in(from, body);
                continue;
            }
            auto [ec, got] = co_await from->connection->async_more();
            from->connection->came(ec, got);
        }
    } catch (const call_failed& e) {
        if (core_ != nullptr) {
            ++core_->count.bad_frames;
            core_->log("a connection is given up", e.what());
        }
    } catch (const boost::system::system_error&) {
        // Closed by the other side, or silent for too long.
    } catch (const std::exception& e) {
        // What came took more memory than there is, say: that is the end of this connection, not of the node.
        if (core_ != nullptr)
            core_->log("a connection is given up", e.what());
    }
    from->connection->close();
    sessions_.erase(from->number);
}

void bus::take_in(const std::shared_ptr<session>& from, std::string_view body) {
    const std::string_view bytes = body.substr(1);
    switch (static_cast<frame_kind>(body.front())) {
        case frame_kind::request:
            request(from, decode<request_frame>(bytes));
            break;
        case frame_kind::cancel: {
            const auto found = from->under_way.find(decode<cancel_frame>(bytes).ticket);
            if (found == from->under_way.end())
                break;
            const call_ptr call = found->second;
            const auto* waits = static_cast<const session_sink*>(call->sink.get());
            if (waits != nullptr && !waits->is_of(from, found->first))
                break;  // it came again another way, and is waited for there
            core_->give_up(*call, call->uncertain ? error::maybe_delivered : error::not_delivered);
            break;
        }
        case frame_kind::ping:
            from->connection->send(frame_kind::pong, empty_frame{});
            break;
        default:
            throw call_failed(error::bad_frame, "a frame of an unknown kind");
    }
}

void bus::request(const std::shared_ptr<session>& from, request_frame frame) {
    ++core_->count.messages_in;
    if (from->under_way.size() >= max_under_way)
        return refuse(*from, frame.ticket, error::busy);
    if (frame.key.size() > core_->options.max_key)
        return refuse(*from, frame.ticket, error::too_large);
    if (from->under_way.contains(frame.ticket))
        throw call_failed(error::bad_frame, "a ticket twice");
    const actor_type* type = core_->find_type(frame.type);
    if (type == nullptr)
        return refuse(*from, frame.ticket, error::unknown_type);
    const method_entry* method = nullptr;
    for (const method_entry& each : type->methods)
        if (each.number == frame.method)
            method = &each;
    if (method == nullptr)
        return refuse(*from, frame.ticket, error::unknown_method);
    const call_ptr call = method->make();
    try {
        call->decode_arguments(frame.arguments);
    } catch (const call_failed&) {
        return refuse(*from, frame.ticket, error::malformed);
    }
    call->core = core_;
    call->from_remote = true;
    call->type = type->name;
    call->key = std::move(frame.key);
    call->mode = frame.at_least_once ? delivery::at_least_once : delivery::at_most_once;
    call->one_way = frame.one_way;
    call->forwards = static_cast<int>(std::min<std::uint32_t>(frame.forwards, 1'000'000));
    call->caller = frame.caller;
    call->number = frame.number;
    call->oldest = frame.oldest;
    call->sink = std::allocate_shared<session_sink>(squall::detail::kept_allocator<session_sink>(), from,
                                                    frame.ticket);
    from->under_way.emplace(frame.ticket, call);
    core_->take_in(call, std::chrono::nanoseconds(static_cast<std::int64_t>(
                             std::min<std::uint64_t>(frame.time_left, std::uint64_t{1} << 55))));
}

void bus::refuse(session& from, std::uint64_t ticket, error_code code) {
    reply_frame frame;
    frame.ticket = ticket;
    encode_failure(frame.outcome, code, {});
    if (!from.connection->send(frame_kind::reply, frame))
        from.connection->close();
}

}  // namespace squall::actors::detail
