// How bytes, ends and resets travel over a connection.
#include "connection.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace squall::simulator {
namespace {

constexpr std::uint64_t latency_stream = stream_key("squall.latency");
constexpr std::uint64_t amount_stream = stream_key("squall.amount");
constexpr std::uint64_t bit_stream = stream_key("squall.bit");

template <class Buffers>
std::size_t total(const Buffers& buffers) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < buffers.count; ++i)
        sum += buffers.data[i].size();
    return sum;
}

}  // namespace

connection::connection(network& net, process_state& from, boot& owner, const endpoint& local,
                       const endpoint& remote)
    : network_(net),
      world_(net.world()),
      events_{world_event(this, &connection::deliver_event<client>),
              world_event(this, &connection::deliver_event<server>)},
      give_up_(this, &connection::give_up_event) {
    sides_[client].process = &from;
    sides_[client].owner = &owner;
    sides_[client].local = local;
    sides_[server].local = remote;
    sides_[server].process = net.process_at(remote.address());
    const std::uint32_t target =
        sides_[server].process != nullptr ? sides_[server].process->number : from.number;
    const std::uint64_t target_stream =
        sides_[server].process != nullptr ? sides_[server].process->stream : 0;
    const std::uint64_t key =
        stream_key(stream_key(from.stream, target_stream), net.next_connection(from.number, target));
    streams_ = {stream_key(key, client), stream_key(key, server)};
    for (unsigned to : {0u, 1u})
        latencies_[to] = mix_stream(world_.options.seed, stream_key(streams_[to], latency_stream));
    net.enroll(this);
}

connection::~connection() {
    for (auto& event : events_)
        world_.unschedule(event);
    world_.unschedule(give_up_);
    network_.forget(this);
}

std::uint64_t connection::latency(unsigned to) {
    const network_faults& f = world_.in_force().network;
    half& target = sides_[to];
    const std::uint64_t bits = mix_index(latencies_[to], target.messages * 2);
    auto delay = static_cast<std::uint64_t>((f.latency_min + exponential_of(bits, f.latency_mean)).count());
    if (f.slow_message > 0 && world_.strikes("slow-message", streams_[to], target.messages, f.slow_message,
                                             sides_[1 - to].process->number))
        delay += decision_stream(world_.options.seed, stream_key(streams_[to], latency_stream),
                                 target.messages * 2 + 1)
                     .below(static_cast<std::uint64_t>(f.slow_latency.count()) + 1);
    return delay;
}

void connection::send(unsigned to, control what, std::uint32_t bytes) {
    half& target = sides_[to];
    const std::uint64_t arrival = std::max(target.last_arrival, world_.now + latency(to));
    const network_faults& f = world_.in_force().network;
    if (f.clog > 0 &&
        world_.strikes("clog", streams_[to], target.messages, f.clog, sides_[1 - to].process->number)) {
        const std::uint64_t length = world_.draw(stream_key(streams_[to], amount_stream), target.messages) %
                                     (static_cast<std::uint64_t>(f.clog_time.count()) + 1);
        target.stands_until = std::max(target.stands_until, world_.now + length);
    }
    target.last_arrival = arrival;
    ++target.messages;
    if (world_.events_of_run.keeps_all()) [[unlikely]]
        record_send(to, what, bytes);
    target.on_the_way.push_back({arrival, bytes, what});
    arrange_delivery(to);
}

// What is sent first arrives first: the ordinal names the message at both ends.
std::uint64_t connection::message_name(unsigned to, std::uint64_t ordinal) const {
    return stream_key(streams_[to], ordinal);
}

void connection::record_send(unsigned to, control what, std::uint32_t bytes) {
    static constexpr std::array kinds{event_kind::send, event_kind::send_open, event_kind::send_opened,
                                      event_kind::send_end, event_kind::send_reset};
    const auto number = [](const process_state* p) { return p != nullptr ? p->number : record::nobody; };
    world_.events_of_run.add_send(world_.now, kinds[static_cast<std::size_t>(what)],
                                  number(sides_[1 - to].process), number(sides_[to].process), bytes,
                                  message_name(to, sides_[to].messages));
}

void connection::arrange_delivery(unsigned to) {
    half& target = sides_[to];
    if (target.delivery_pending || target.stalled || target.on_the_way.empty())
        return;
    target.delivery_pending = true;
    world_.schedule(std::max({target.on_the_way.front().arrival, target.stands_until, world_.now}),
                    events_[to]);
}

void connection::resume() {
    for (unsigned to : {0u, 1u}) {
        sides_[to].stalled = false;
        sides_[to].stands_until = 0;
        if (sides_[to].delivery_pending) {
            world_.unschedule(events_[to]);
            sides_[to].delivery_pending = false;
        }
        arrange_delivery(to);
    }
}

void connection::deliver(unsigned to) {
    half& target = sides_[to];
    // Anything but data may drop the last handle.
    const auto alive = !target.on_the_way.empty() && target.on_the_way.front().what == control::data &&
                               target.on_the_way.size() == 1
                           ? nullptr
                           : shared_from_this();
    target.delivery_pending = false;
    const half& source = sides_[1 - to];
    while (!target.on_the_way.empty() && target.on_the_way.front().arrival <= world_.now) {
        if (target.stands_until > world_.now)
            break;
        if (target.process != nullptr && network_.blocked(source.process->number, target.process->number)) {
            target.stalled = true;
            network_.stall(this);
            return;
        }
        const segment s = target.on_the_way.front();
        target.on_the_way.pop_front();
        arrived(to, s);
    }
    arrange_delivery(to);
}

void connection::arrived(unsigned to, const segment& s) {
    half& target = sides_[to];
    const auto from_number = sides_[1 - to].process->number;
    if (world_.events_of_run.keeps_all()) [[unlikely]]
        world_.events_of_run.arriving(message_name(to, target.messages - target.on_the_way.size()));
    if (s.what == control::open) {
        open_arrived();
        return;
    }
    const std::uint32_t number = target.process->number;
    if (target.closed) {
        if (s.what == control::data) {
            target.bytes.arrive(s.bytes);
            target.bytes.take(target.bytes.readable());
        }
        // Nobody is there to take it. The host answers with a reset, unless it is down or never knew.
        if (s.what != control::reset && s.what != control::end &&
            (!target.gone || (target.process->up() || !target.process->silent)))
            send(1 - to, control::reset, 0);
        return;
    }
    world_.absorb((std::uint64_t{number} << 32) ^ static_cast<std::uint64_t>(s.what));
    switch (s.what) {
        case control::data: {
            const network_faults& f = world_.in_force().network;
            const std::uint64_t ordinal = target.messages - target.on_the_way.size();
            if (f.flip_bit > 0 && world_.strikes("bit-flip", streams_[to], ordinal, f.flip_bit, number))
                flip_bit(to, s.bytes, ordinal);
            world_.absorb_bytes(target.bytes.arriving(), s.bytes);
            world_.events_of_run.add(world_.now, event_kind::deliver, number, from_number, s.bytes);
            target.bytes.arrive(s.bytes);
            try_read(to);
            break;
        }
        case control::opened:
            if (target.failure) {  // it has given up: as a host answers for a socket that is no more
                send(1 - to, control::reset, 0);
                break;
            }
            target.established = true;
            world_.unschedule(give_up_);
            world_.events_of_run.add(world_.now, event_kind::connect, number, from_number);
            finish(target, target.connecting, {});
            break;
        case control::end:
            target.got_end = true;
            world_.events_of_run.add(world_.now, event_kind::end_of_stream, number, from_number);
            try_read(to);
            break;
        case control::reset:
            world_.events_of_run.add(world_.now, target.established ? event_kind::reset : event_kind::refuse,
                                     number, from_number);
            fail_side(to,
                      target.established ? asio::error::connection_reset : asio::error::connection_refused);
            break;
        case control::open:
            break;
    }
}

void connection::flip_bit(unsigned to, std::uint32_t bytes, std::uint64_t message) {
    if (bytes == 0)
        return;
    const std::uint64_t where =
        world_.draw(stream_key(streams_[to], bit_stream), message) % (std::uint64_t{bytes} * 8);
    char& byte = sides_[to].bytes.arriving()[where / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << (where % 8)));
}

void connection::connect(operation* op) {
    half& mine = sides_[client];
    mine.connecting = op;
    world_.park(*mine.owner, op);
    op->state = this;
    op->cancel = &connection::cancel_hook<&half::connecting>;
    send(server, control::open, 0);
    world_.schedule(world_.now + connect_timeout, give_up_);  // as TCP does
}

void connection::open_arrived() {
    half& there = sides_[server];
    const network_faults& f = world_.in_force().network;
    const std::uint32_t asker = sides_[client].process->number;
    if (there.process == nullptr || (!there.process->up() && there.process->silent))
        return;  // nobody answers
    if (f.connect_hangs > 0 && world_.strikes("connect-hang", streams_[server], 0, f.connect_hangs, asker))
        return;
    sim_acceptor* listening = network_.listener(there.local);
    const bool refused = listening == nullptr || listening->full() ||
                         (f.connect_refused > 0 &&
                          world_.strikes("connect-refused", streams_[server], 0, f.connect_refused, asker));
    if (refused || sides_[client].closed) {
        there.closed = true;
        send(client, control::reset, 0);
        return;
    }
    there.owner = &listening->owner();
    there.established = true;
    world_.events_of_run.add(world_.now, event_kind::accept, there.process->number, asker);
    send(client, control::opened, 0);
    listening->offer(shared_from_this());
}

void connection::fail_side(unsigned side, error_code ec) {
    half& mine = sides_[side];
    mine.failure = ec;
    if (side == client)
        world_.unschedule(give_up_);
    finish(mine, mine.connecting, ec);
    finish(mine, mine.reader, ec);
    finish(mine, mine.writer, ec);
}

void connection::finish(half& h, operation*& op, error_code ec, std::size_t bytes) {
    if (op == nullptr)
        return;
    world_.finish(*h.owner, std::exchange(op, nullptr), ec, bytes);
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
            self->world_.unschedule(self->give_up_);
        }
    }
}

void connection::read(unsigned side, mutable_buffers buffers, operation* op) {
    half& mine = sides_[side];
    world_.park(*mine.owner, op);
    if (mine.reader != nullptr) {
        world_.finish(*mine.owner, op, asio::error::already_started);
        return;
    }
    op->state = this;
    op->cancel = &connection::cancel_hook<&half::reader>;
    mine.reader = op;
    mine.read_into = buffers;
    try_read(side);
}

void connection::try_read(unsigned side) {
    half& mine = sides_[side];
    if (mine.reader == nullptr)
        return;
    const std::size_t there = mine.bytes.readable();
    std::size_t wanted = mine.read_into.count == 1 ? mine.read_into.data[0].size() : total(mine.read_into);
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
    const network_faults& f = world_.in_force().network;
    const std::uint64_t ordinal = mine.reads++;
    if (wanted > 1 && f.partial_read > 0 &&
        world_.strikes("partial-read", streams_[side], ordinal, f.partial_read, mine.process->number))
        wanted = 1 + world_.draw(stream_key(streams_[side], amount_stream), ordinal) % (wanted - 1);
    std::size_t copied = 0;
    if (mine.read_into.count == 1) {
        std::memcpy(mine.read_into.data[0].data(), mine.bytes.front(), wanted);
        copied = wanted;
    }
    for (std::size_t i = 0; i < mine.read_into.count && copied < wanted; ++i) {
        const std::size_t n = std::min(mine.read_into.data[i].size(), wanted - copied);
        std::memcpy(mine.read_into.data[i].data(), mine.bytes.front() + copied, n);
        copied += n;
    }
    mine.bytes.take(copied);
    finish(mine, mine.reader, {}, copied);
    if (sides_[1 - side].writer != nullptr)
        try_write(1 - side);
}

void connection::write(unsigned side, const_buffers buffers, operation* op) {
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
    std::size_t wanted = mine.write_from.count == 1 ? mine.write_from.data[0].size() : total(mine.write_from);
    if (mine.failure || mine.sent_end) {
        finish(mine, mine.writer, mine.sent_end ? error_code(asio::error::broken_pipe) : mine.failure);
        return;
    }
    if (wanted == 0) {
        finish(mine, mine.writer, {});
        return;
    }
    const network_faults& f = world_.in_force().network;
    const std::uint64_t ordinal = target.messages;
    if (f.close_connection > 0 && world_.strikes("close-connection", streams_[1 - side], ordinal,
                                                 f.close_connection, mine.process->number)) {
        send(1 - side, control::reset, 0);
        fail_side(side, asio::error::connection_reset);
        return;
    }
    const std::size_t ahead = target.bytes.size();
    if (ahead >= window)
        return;  // until the reader has caught up
    wanted = std::min(wanted, window - ahead);
    if (wanted > 1 && f.partial_write > 0 &&
        world_.strikes("partial-write", streams_[1 - side], ordinal, f.partial_write, mine.process->number))
        wanted = 1 + world_.draw(stream_key(streams_[1 - side], amount_stream), ordinal) % (wanted - 1);
    std::size_t copied = 0;
    for (std::size_t i = 0; i < mine.write_from.count && copied < wanted; ++i) {
        const std::size_t n = std::min(mine.write_from.data[i].size(), wanted - copied);
        target.bytes.append(mine.write_from.data[i].data(), n);
        copied += n;
    }
    send(1 - side, control::data, static_cast<std::uint32_t>(copied));
    finish(mine, mine.writer, {}, copied);
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
        world_.unschedule(give_up_);
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
    if (side == client)
        world_.unschedule(give_up_);
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

void connection::crashed(const process_state& p, bool silently) {
    for (unsigned side : {0u, 1u}) {
        half& mine = sides_[side];
        if (mine.process != &p || mine.gone || mine.owner == nullptr || mine.owner->alive())
            continue;
        const bool was_closed = mine.closed;
        mine.closed = true;
        mine.gone = true;
        if (side == client)
            world_.unschedule(give_up_);
        mine.connecting = mine.reader = mine.writer = nullptr;  // abandoned with the boot
        if (!silently && !was_closed && !mine.failure)
            send(1 - side, control::reset, 0);
    }
}

}  // namespace squall::simulator
