// How bytes, ends and resets travel over a connection.
#include "buffers_copy.h"
#include "connection.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstring>

namespace squall::simulator {

[[gnu::always_inline]] inline std::uint64_t connection::latency(unsigned to) {
    half& target = sides_[to];
    const std::uint64_t ordinal = target.messages;
    std::uint64_t time =
        law_->of(latency_bits(target.latencies, ordinal), world_.options.seed, target.stream, ordinal);
    if (target.faults.some &&
        target.faults.slow_message.strikes(world_, ordinal, sides_[1 - to].process->number))
        time += slow_time(world_, target.stream, ordinal);
    return time;
}

[[gnu::always_inline]] inline void connection::arrange(unsigned to) {
    half& target = sides_[to];
    if (target.delivery_pending || target.on_the_way.empty() || target.stopped.is_linked())
        return;
    target.delivery_pending = true;
    // In pairs: of a list, g++ calls a loop.
    const std::uint64_t due = std::max(target.on_the_way.front().arrival, target.stands_until);
    world_.schedule(std::max(due, world_.now), events_[to]);
}

[[gnu::always_inline]] inline void connection::set_out(unsigned to, control what, std::uint32_t bytes,
                                                       std::uint64_t later) {
    half& target = sides_[to];
    std::uint64_t arrival = world_.now + later;
    if (target.link != nullptr) [[unlikely]]
        arrival = target.link->sent_at(arrival, bytes, world_.options.faults.network.bandwidth);
    arrival = std::max(target.last_arrival, arrival + latency(to));
    if (target.faults.some &&
        target.faults.clog.strikes(world_, target.messages, sides_[1 - to].process->number)) [[unlikely]]
        clog(to);
    target.last_arrival = arrival;
    ++target.messages;
    if (world_.events_of_run.keeps_all()) [[unlikely]]
        record_send(to, what, bytes);
    target.on_the_way.push_back({arrival, bytes, what});
    arrange(to);
}

void connection::send(unsigned to, control what, std::uint32_t bytes, std::uint64_t later) {
    if (severed_) [[unlikely]] {
        if (what == control::end)
            await_answer(1 - to);
        return;
    }
    set_out(to, what, bytes, later);
}

// Whether a write of so many bytes is taken at once and nothing happens to it.
[[gnu::always_inline]] inline bool connection::goes_whole(unsigned side, std::size_t wanted) const {
    const half& mine = sides_[side];
    const half& target = sides_[1 - side];
    return wanted != 0 && mine.writer == nullptr &&
           target.bytes.size() + wanted <= world_.options.faults.network.window && !severed_ &&
           !mine.sent_end && !mine.failure &&
           (!target.faults.some || (!target.faults.close.comes_up(world_, target.messages) &&
                                    !target.faults.partial_write.comes_up(world_, target.messages)));
}

[[gnu::always_inline]] inline void connection::write_to(unsigned side, const_buffers buffers, operation* op) {
    if (buffers.count != 1 || !goes_whole(side, buffers.data->size())) [[unlikely]]
        return write_in_parts(side, buffers, op);
    const std::size_t bytes = buffers.data->size();
    sides_[1 - side].bytes.append(buffers.data->data(), bytes);
    set_out(1 - side, control::data, static_cast<std::uint32_t>(bytes), 0);
    op->bytes = bytes;
    world_.complete_now(*sides_[side].owner, op);
}

[[gnu::always_inline]] inline void connection::read_from(unsigned side, mutable_buffers buffers,
                                                         operation* op) {
    half& mine = sides_[side];
    world_.park(*mine.owner, op);
    if (mine.reader != nullptr) [[unlikely]] {
        world_.finish(*mine.owner, op, asio::error::already_started);
        return;
    }
    op->state = this;
    op->cancel = &connection::cancel_hook<&half::reader>;
    mine.reader = op;
    mine.read_into = buffers;
    if (mine.bytes.readable() != 0 || mine.got_end || mine.failure || total(buffers) == 0) [[unlikely]]
        try_read(side);
}

void connection::clog(unsigned to) {
    half& target = sides_[to];
    const std::uint64_t length =
        fault_time(world_, target.stream, target.messages, world_.options.faults.network.clog_time);
    target.stands_until = std::max(target.stands_until, world_.now + length);
    if (!target.clogged.is_linked())
        network_.clogged().push_back(target.clogged);
}

// What is sent first arrives first: the ordinal names the message at both ends.
std::uint64_t connection::message_name(unsigned to, std::uint64_t ordinal) const {
    return stream_key(sides_[to].stream, ordinal);
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
    arrange(to);
}

void connection::unclog(unsigned to) {
    half& target = sides_[to];
    target.stands_until = 0;
    if (target.delivery_pending) {
        world_.unschedule(events_[to]);
        target.delivery_pending = false;
    }
    arrange_delivery(to);
}

void connection::released(unsigned to) {
    for (segment& each : sides_[to].on_the_way) {
        if (each.arrival > world_.now)
            break;
        each.asked = true;
    }
    arrange_delivery(to);
}

[[gnu::always_inline]] inline void connection::deliver(unsigned to) {
    half& target = sides_[to];
    target.delivery_pending = false;
    if (!target.on_the_way.is_one() || target.on_the_way.front().what != control::data ||
        !network_.undisturbed() || target.stands_until != 0) [[unlikely]]
        return deliver_in_order(to);
    const std::uint32_t bytes = target.on_the_way.front().bytes;
    target.on_the_way.clear();
    data_arrived(to, bytes);
    if (!target.on_the_way.empty()) [[unlikely]]
        arrange_delivery(to);
}

void connection::deliver_in_order(unsigned to) {
    half& target = sides_[to];
    // Anything but data may drop the last handle, and so may a rule.
    const auto alive = shared_from_this();
    const half& source = sides_[1 - to];
    while (!target.on_the_way.empty() && target.on_the_way.front().arrival <= world_.now) {
        if (target.stands_until > world_.now)
            break;
        target.stands_until = 0;
        if (target.clogged.is_linked())
            target.clogged.unlink();
        if (target.process != nullptr) {
            if (way_list* at = network_.cut_between(source.process->number, target.process->number)) {
                at->push_back(target.stopped);
                return;
            }
            if (!network_.link_rules().none() && !target.on_the_way.front().asked && stopped_by_rule(to)) {
                if (target.stopped.is_linked())
                    return;
                continue;
            }
        }
        const segment s = target.on_the_way.front();
        target.on_the_way.pop_front();
        arrived(to, s);
    }
    arrange_delivery(to);
}

// Asks the rules about what comes first. True if it does not arrive now.
bool connection::stopped_by_rule(unsigned to) {
    static constexpr std::array kinds{message_kind::data, message_kind::connect, message_kind::accept,
                                      message_kind::end, message_kind::reset};
    half& target = sides_[to];
    const segment s = target.on_the_way.front();
    // Linux: tcp_syn_retries 6, tcp_synack_retries 5, tcp_retries2 15; and after each it waits once more.
    const unsigned most = s.what == control::open ? 7 : s.what == control::opened ? 6 : 16;
    if (s.attempt >= most) {
        lose_way(to);
        fail_side(1 - to, asio::error::timed_out);
        return true;
    }
    const auto answer = network_.link_rules().ask(
        {sides_[1 - to].process->handle, target.process->handle, kinds[static_cast<std::size_t>(s.what)],
         s.bytes == 0 ? std::string_view() : std::string_view(target.bytes.arriving(), s.bytes), s.attempt});
    switch (answer.what) {
        case rule_state::verdict::pass:
            return false;
        case rule_state::verdict::delay:
            target.on_the_way.front().asked = true;
            target.on_the_way.front().arrival = world_.now + answer.delay;
            return true;
        case rule_state::verdict::drop:
            lost(to);
            return true;
        case rule_state::verdict::hold:
            answer.rule->held.push_back(target.stopped);
            return true;
    }
    return false;
}

// What comes first is lost on the way, and sent again if there is somebody to do it.
void connection::lost(unsigned to) {
    constexpr std::uint64_t longest = 120'000'000'000;    // Linux: TCP_RTO_MAX
    constexpr std::uint64_t first_of_data = 200'000'000;  // TCP_RTO_MIN
    constexpr std::uint64_t first = 1'000'000'000;        // of what makes a connection: RFC 6298, 2.1
    segment& s = sides_[to].on_the_way.front();
    const half& source = sides_[1 - to];
    if (s.what == control::reset || source.gone || (s.what == control::open && source.connecting == nullptr))
        return lose_way(to);
    const bool making = s.what == control::open || s.what == control::opened;
    s.arrival = world_.now + std::min(longest, (making ? first : first_of_data) << s.attempt);
    ++s.attempt;
}

// Nothing of what is on the way arrives, and who sent it is done.
void connection::lose_way(unsigned to) {
    sides_[to].on_the_way.clear();
    sides_[to].bytes.lose_arriving();
    sides_[1 - to].unheard = true;
    network_.put_right_later(broken_);
}

// Its segment is off the way.
[[gnu::always_inline]] inline void connection::data_arrived(unsigned to, std::uint32_t bytes) {
    half& target = sides_[to];
    if (world_.events_of_run.keeps_all()) [[unlikely]]
        world_.events_of_run.arriving(message_name(to, arriving_ordinal(to)));
    if (target.closed || target.unheard) [[unlikely]]
        return arrived_too_late(to, {0, bytes, control::data});
    const std::uint32_t number = target.process->number;
    if (target.faults.some) {
        const std::uint64_t ordinal = arriving_ordinal(to);
        if (target.faults.flip_bit.strikes(world_, ordinal, number) && bytes != 0)
            flip_bits(target.bytes.arriving(), bytes, world_.options.seed, target.stream, ordinal);
    }
    world_.absorb_bytes(number, target.bytes.arriving(), bytes);
    world_.events_of_run.add_inline(world_.now, event_kind::deliver, number, sides_[1 - to].process->number,
                                    bytes);
    if (target.reader == nullptr || target.read_into.count != 1 || bytes == 0 ||
        target.bytes.readable() != 0 ||
        (target.faults.some && target.faults.partial_read.comes_up(world_, target.reads))) [[unlikely]]
        return hand_over(to, bytes);
    // A reader waits for them, and they go straight to it.
    const std::size_t taken = std::min<std::size_t>(bytes, target.read_into.data->size());
    std::memcpy(target.read_into.data->data(), target.bytes.arriving(), taken);
    ++target.reads;
    target.bytes.arrive(bytes);
    target.bytes.take(taken);
    succeed(target, target.reader, taken);
    if (sides_[1 - to].writer != nullptr) [[unlikely]]
        try_write(1 - to);
}

void connection::hand_over(unsigned to, std::uint32_t bytes) {
    sides_[to].bytes.arrive(bytes);
    try_read(to);
}

void connection::arrived(unsigned to, const segment& s) {
    half& target = sides_[to];
    const auto from_number = sides_[1 - to].process->number;
    if (s.what == control::data)
        return data_arrived(to, s.bytes);
    if (world_.events_of_run.keeps_all()) [[unlikely]]
        world_.events_of_run.arriving(message_name(to, arriving_ordinal(to)));
    if (s.what == control::open) {
        open_arrived();
        return;
    }
    if (target.closed || target.unheard)
        return arrived_too_late(to, s);
    const std::uint32_t number = target.process->number;
    world_.absorb((std::uint64_t{number} << 32) ^ static_cast<std::uint64_t>(s.what));
    switch (s.what) {
        case control::opened:
            if (target.failure) {  // it has given up: as a host answers for a socket that is no more
                send(1 - to, control::reset, 0);
                break;
            }
            target.established = true;
            world_.unschedule(give_up_[client]);
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
        case control::data:
        case control::open:
            break;
    }
}

// Nobody is there to take it. The host answers with a reset, unless it is down or never knew.
void connection::arrived_too_late(unsigned to, const segment& s) {
    half& target = sides_[to];
    if (s.what == control::data) {
        target.bytes.arrive(s.bytes);
        target.bytes.take(target.bytes.readable());
    }
    if (s.what == control::reset || (s.what == control::end && !target.unheard))
        return;
    if (!target.gone || target.process->up() || !target.process->silent)
        send(1 - to, control::reset, 0);
}

void connection::open_arrived() {
    half& there = sides_[server];
    const network_faults& f = world_.in_force().network;
    const std::uint32_t asker = sides_[client].process->number;
    if (there.process == nullptr || (!there.process->up() && there.process->silent))
        return;  // nobody answers
    const std::uint64_t index = opens_++;
    if (f.connect_hangs > 0 && world_.strikes("connect-hang", there.stream, index, f.connect_hangs, asker)) {
        hung_ = true;
        network_.put_right_later(broken_);
        return;
    }
    sim_acceptor* listening = network_.listener(there.local);
    const bool refused = listening == nullptr || listening->full() ||
                         (f.connect_refused > 0 &&
                          world_.strikes("connect-refused", there.stream, index, f.connect_refused, asker));
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

template <unsigned Side>
void connection::read_at(mutable_buffers buffers, operation* op) {
    read_from(Side, buffers, op);
}
template <unsigned Side>
void connection::write_at(const_buffers buffers, operation* op) {
    write_to(Side, buffers, op);
}
template <unsigned Side>
void connection::deliver_event(void* self) {
    static_cast<connection*>(self)->deliver(Side);
}
template void connection::read_at<connection::client>(mutable_buffers, operation*);
template void connection::read_at<connection::server>(mutable_buffers, operation*);
template void connection::write_at<connection::client>(const_buffers, operation*);
template void connection::write_at<connection::server>(const_buffers, operation*);
template void connection::deliver_event<connection::client>(void*);
template void connection::deliver_event<connection::server>(void*);

}  // namespace squall::simulator
