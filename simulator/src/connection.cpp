// The two ends of a connection: what programs do with them, and how they end.
#include "connection.h"

#include "buffers_copy.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace squall::simulator {
namespace {

constexpr std::uint64_t slow_connect_stream = stream_key("squall.slow-connect");
constexpr std::uint64_t ending_stream = stream_key("squall.connection-end");

}  // namespace

connection::way_faults::way_faults(const world_state& world, std::uint64_t stream) {
    const network_faults& f = world.options.faults.network;
    slow_message = frequent_fault(world, "slow-message", stream, f.slow_message);
    clog = frequent_fault(world, "clog", stream, f.clog);
    flip_bit = frequent_fault(world, "bit-flip", stream, f.flip_bit);
    close = frequent_fault(world, "close-connection", stream, f.close_connection);
    partial_write = frequent_fault(world, "partial-write", stream, f.partial_write);
    partial_read = frequent_fault(world, "partial-read", stream, f.partial_read);
    for (const frequent_fault* each :
         {&slow_message, &clog, &flip_bit, &close, &partial_write, &partial_read})
        some = some || each->may_happen();
}

connection::connection(network& net, process_state& from, boot& owner, const endpoint& local,
                       const endpoint& remote)
    : network_(net),
      world_(net.world()),
      events_{world_event(this, &connection::deliver_event<client>),
              world_event(this, &connection::deliver_event<server>)},
      give_up_{world_event(this, &connection::give_up_event<client>),
               world_event(this, &connection::give_up_event<server>)} {
    process_state* const there = net.process_at(remote.address());
    sides_[client].process = &from;
    sides_[client].owner = &owner;
    sides_[client].local = local;
    sides_[server].process = there;
    sides_[server].local = remote;
    broken_.of = this;
    // Towards nobody, it is as towards a process without a name.
    law_ = there != nullptr ? &net.latencies().between(from, *there) : &net.latencies().over(distance::zone);
    const std::uint32_t target = there != nullptr ? there->number : from.number;
    link_state& link = net.link(from.number, target);
    const std::uint64_t key =
        stream_key(stream_key(from.stream, there != nullptr ? there->stream : 0), link.connections++);
    for (unsigned to : {0u, 1u}) {
        half& h = sides_[to];
        h.stopped.of = h.clogged.of = h.in_process.of = this;
        h.stopped.to = h.clogged.to = h.in_process.side = to;
        h.stream = stream_key(key, to);
        h.latencies = mix_stream(world_.options.seed, stream_key(h.stream, latency_stream));
        h.faults = way_faults(world_, h.stream);
        if (h.process != nullptr)
            net.enroll(h.in_process, *h.process);
    }
    if (world_.options.faults.network.bandwidth != 0) {
        sides_[server].link = &link;
        sides_[client].link = &net.link(target, from.number);
    }
}

connection::~connection() {
    for (auto& event : events_)
        world_.unschedule(event);
    for (auto& event : give_up_)
        world_.unschedule(event);
}

void connection::connect(operation* op) {
    half& mine = sides_[client];
    mine.connecting = op;
    world_.park(*mine.owner, op);
    op->state = this;
    op->cancel = &connection::cancel_hook<&half::connecting>;
    const network_faults& f = world_.in_force().network;
    const std::uint64_t stream = sides_[server].stream;
    std::uint64_t later = 0;
    if (f.connect_slow > 0 && world_.strikes("connect-slow", stream, 0, f.connect_slow, mine.process->number))
        later = fault_time(world_, stream_key(stream, slow_connect_stream), 0, f.connect_slow_time);
    send(server, control::open, 0, later);
    world_.schedule(world_.now + connect_timeout, give_up_[client]);  // as TCP does
}

void connection::fail_side(unsigned side, error_code ec) {
    half& mine = sides_[side];
    mine.failure = ec;
    world_.unschedule(give_up_[side]);
    finish(mine, mine.connecting, ec);
    finish(mine, mine.reader, ec);
    finish(mine, mine.writer, ec);
}

void connection::finish(half& h, operation*& op, error_code ec) {
    if (op == nullptr)
        return;
    world_.finish(*h.owner, std::exchange(op, nullptr), ec);
}

template <operation* connection::half::* Which>
void connection::cancel_hook(operation* op) {
    auto* self = static_cast<connection*>(op->state);
    for (half& h : self->sides_) {
        if (h.*Which != op)
            continue;
        const bool was_connecting = h.connecting == op;
        self->finish(h, h.*Which, asio::error::operation_aborted);
        if (was_connecting) {
            h.failure = asio::error::operation_aborted;
            self->world_.unschedule(self->give_up_[client]);
        }
    }
}

template void connection::cancel_hook<&connection::half::reader>(operation*);

void connection::try_read(unsigned side) {
    half& mine = sides_[side];
    if (mine.reader == nullptr)
        return;
    const std::size_t there = mine.bytes.readable();
    std::size_t wanted = total(mine.read_into);
    if (wanted == 0) {
        finish(mine, mine.reader, {});
        return;
    }
    if (there == 0) {
        if (mine.failure)
            finish(mine, mine.reader, mine.failure);
        else if (mine.got_end)
            finish(mine, mine.reader, asio::error::eof);
        return;
    }
    wanted = std::min(wanted, there);
    const std::uint64_t ordinal = mine.reads++;
    if (wanted > 1 && mine.faults.partial_read.strikes(world_, ordinal, mine.process->number))
        wanted = 1 + world_.draw(stream_key(mine.stream, amount_stream), ordinal) % (wanted - 1);
    const std::size_t copied = scatter(mine.bytes.front(), wanted, mine.read_into);
    mine.bytes.take(copied);
    succeed(mine, mine.reader, copied);
    if (sides_[1 - side].writer != nullptr)
        try_write(1 - side);
}

void connection::write_in_parts(unsigned side, const_buffers buffers, operation* op) {
    half& mine = sides_[side];
    world_.park(*mine.owner, op);
    if (mine.writer != nullptr) {
        world_.finish(*mine.owner, op, asio::error::already_started);
        return;
    }
    op->state = this;
    op->cancel = &connection::cancel_hook<&half::writer>;
    mine.writer = op;
    mine.write_from = buffers;
    try_write(side);
}

void connection::try_write(unsigned side) {
    half& mine = sides_[side];
    half& target = sides_[1 - side];
    if (mine.writer == nullptr)
        return;
    std::size_t wanted = total(mine.write_from);
    if (mine.failure || mine.sent_end) {
        finish(mine, mine.writer, mine.sent_end ? error_code(asio::error::broken_pipe) : mine.failure);
        return;
    }
    if (wanted == 0) {
        finish(mine, mine.writer, {});
        return;
    }
    if (severed_) [[unlikely]]
        return write_into_nothing(side, wanted);
    const std::uint64_t ordinal = target.messages;
    if (target.faults.close.comes_up(world_, ordinal) && ends_at_write(side, ordinal)) [[unlikely]]
        return;
    const std::size_t window = world_.options.faults.network.window;
    const std::size_t ahead = target.bytes.size();
    if (ahead != 0 && ahead >= window)
        return;  // until the reader has caught up
    wanted = std::min(wanted, window > ahead ? window - ahead : 1);
    if (wanted > 1 && target.faults.partial_write.strikes(world_, ordinal, mine.process->number))
        wanted = 1 + world_.draw(stream_key(target.stream, amount_stream), ordinal) % (wanted - 1);
    const std::size_t copied =
        for_each_piece(mine.write_from, wanted,
                       [&target](const void* data, std::size_t n) { target.bytes.append(data, n); });
    send(1 - side, control::data, static_cast<std::uint32_t>(copied));
    succeed(mine, mine.writer, copied);
}

// The connection ends under this write, in one of three ways. False if it does not after all.
bool connection::ends_at_write(unsigned side, std::uint64_t ordinal) {
    const network_faults& f = world_.in_force().network;
    half& mine = sides_[side];
    const std::uint64_t stream = sides_[1 - side].stream;
    const std::uint64_t choices = stream_key(stream, ending_stream);
    const auto chosen = [&](std::uint64_t choice, double p) {
        return p > 0 && chance(world_.draw(choices, ordinal * 2 + choice), p);
    };
    const auto strikes = [&](std::string_view kind) {
        return world_.strikes(kind, stream, ordinal, 1, mine.process->number);
    };
    if (chosen(0, f.close_silently)) {
        if (!strikes("close-silently"))
            return false;
        severed_ = true;
        network_.put_right_later(broken_);
        write_into_nothing(side, total(mine.write_from));
        return true;
    }
    if (chosen(1, f.close_half)) {
        if (!strikes("half-open"))
            return false;
        mine.unheard = true;
        network_.put_right_later(broken_);
    } else {
        if (!strikes("close-connection"))
            return false;
        send(1 - side, control::reset, 0);
    }
    fail_side(side, asio::error::connection_reset);
    return true;
}

// Taken, as long as there is room for it on this side; and never acknowledged.
void connection::write_into_nothing(unsigned side, std::size_t wanted) {
    half& mine = sides_[side];
    await_answer(side);
    const std::size_t window = std::max(world_.options.faults.network.window, 1u);
    const std::size_t kept = mine.vanished + sides_[1 - side].bytes.size();
    if (kept >= window)
        return;
    wanted = std::min(wanted, window - kept);
    mine.vanished += wanted;
    succeed(mine, mine.writer, wanted);
}

void connection::await_answer(unsigned side) {
    if (sides_[side].unanswered || sides_[side].closed)
        return;
    sides_[side].unanswered = true;
    world_.schedule(world_.now + answer_timeout, give_up_[side]);
}

void connection::put_right() {
    if (std::exchange(hung_, false) && sides_[client].connecting != nullptr)
        send(server, control::open, 0);  // as TCP does again and again
    const bool told_nobody = std::exchange(severed_, false);
    for (unsigned side : {0u, 1u}) {
        const half& h = sides_[side];
        const bool lives = (h.established || h.connecting != nullptr) && !h.closed && !h.failure;
        if (lives && (told_nobody || sides_[1 - side].unheard))
            send(side, control::reset, 0);
    }
}

void connection::shutdown_send(unsigned side, error_code& ec) {
    half& mine = sides_[side];
    if (!mine.established || mine.failure) {
        ec = asio::error::not_connected;
        return;
    }
    if (mine.sent_end)
        return;
    mine.sent_end = true;
    send(1 - side, control::end, 0);
}

void connection::cancel(unsigned side) {
    half& mine = sides_[side];
    if (mine.connecting != nullptr) {
        world_.unschedule(give_up_[client]);
        mine.failure = asio::error::operation_aborted;
    }
    finish(mine, mine.connecting, asio::error::operation_aborted);
    finish(mine, mine.reader, asio::error::operation_aborted);
    finish(mine, mine.writer, asio::error::operation_aborted);
}

void connection::close(unsigned side) {
    half& mine = sides_[side];
    if (mine.closed || (mine.owner != nullptr && !mine.owner->alive()))
        return;  // of a process that is gone, crashed() speaks
    cancel(side);
    mine.closed = true;
    world_.unschedule(give_up_[side]);
    if (mine.owner == nullptr || mine.failure || sides_[server].process == nullptr)
        return;
    if (!mine.established && side == server)
        return;
    // Unread bytes make it a reset, as in TCP (RFC 2525, 2.17); else an orderly end, if not sent before.
    if (mine.bytes.readable() > 0)
        send(1 - side, control::reset, 0);
    else if (!mine.sent_end)
        send(1 - side, control::end, 0);
}

void connection::crashed(unsigned side, bool silently) {
    half& mine = sides_[side];
    if (mine.gone || mine.owner == nullptr || mine.owner->alive())
        return;
    const bool was_closed = mine.closed;
    mine.closed = true;
    mine.gone = true;
    world_.unschedule(give_up_[side]);
    mine.connecting = mine.reader = mine.writer = nullptr;  // abandoned with the boot
    if (!silently && !was_closed && !mine.failure)
        send(1 - side, control::reset, 0);
}

}  // namespace squall::simulator
