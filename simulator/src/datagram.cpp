#include "datagram.h"

#include "buffers_copy.h"
#include "hop.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace squall::simulator {
namespace {

constexpr std::uint64_t datagram_stream = stream_key("squall.datagram");

}  // namespace

std::unique_ptr<datagram_backend> datagrams::make_socket(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_datagram_socket>(*this, owner, foreign_part(executor));
}

error_code datagrams::bind(const datagram_endpoint& at, sim_datagram_socket* socket) {
    return bound_.emplace(at, socket).second ? error_code() : error_code(asio::error::address_in_use);
}

void datagrams::unbind(const datagram_endpoint& at, const sim_datagram_socket* socket) {
    const auto found = bound_.find(at);
    if (found != bound_.end() && found->second == socket)
        bound_.erase(found);
}

std::uint16_t datagrams::free_port(process_state& p) const {
    std::uint16_t port;
    do
        port = network_.ephemeral_port(p);
    while (bound_.contains({p.address, port}));
    return port;
}

void datagrams::crash(const process_state& p) {
    const auto first = bound_.lower_bound({p.address, 0});
    const auto last = std::find_if(first, bound_.end(),
                                   [&](const auto& each) { return each.first.address() != p.address; });
    bound_.erase(first, last);
}

void datagrams::send(process_state& from, const datagram_endpoint& source,
                     const datagram_endpoint& destination, std::string payload) {
    process_state* const to = network_.process_at(destination.address());
    if (to == nullptr)
        return;
    world_state& world = network_.world();
    const network_faults& f = world.in_force().network;
    const std::uint64_t stream = stream_key(stream_key(from.stream, to->stream), datagram_stream);
    const std::uint64_t ordinal = network_.link(from.number, to->number).datagrams++;
    message sent{&from, to, source, destination, std::move(payload)};
    if (network_.cut_between(from.number, to->number) != nullptr ||
        (f.datagram_loss > 0 &&
         world.strikes("datagram-loss", stream, ordinal, f.datagram_loss, from.number))) {
        lose(sent);
        return;
    }
    if (f.datagram_duplicate > 0 &&
        world.strikes("datagram-duplicate", stream, ordinal, f.datagram_duplicate, from.number))
        dispatch(sent, stream, ordinal * 2 + 1);
    dispatch(std::move(sent), stream, ordinal * 2);
}

// `copy` keys what happens to it on the way.
void datagrams::dispatch(message sent, std::uint64_t stream, std::uint64_t copy) {
    world_state& world = network_.world();
    const network_faults& f = world.in_force().network;
    const std::uint64_t seed = world.options.seed;
    const std::uint32_t from = sent.from->number;
    const std::uint64_t bits = latency_bits(mix_stream(seed, stream_key(stream, latency_stream)), copy);
    std::uint64_t when = world.now;
    if (f.bandwidth != 0)
        when = network_.link(from, sent.to->number).sent_at(when, sent.payload.size(), f.bandwidth);
    when += network_.latencies().between(*sent.from, *sent.to).of(bits, seed, stream, copy);
    if (f.slow_message > 0 && world.strikes("slow-message", stream, copy, f.slow_message, from))
        when += slow_time(world, stream, copy);
    if (f.datagram_reorder > 0 && world.strikes("datagram-reorder", stream, copy, f.datagram_reorder, from))
        when += fault_time(world, stream, copy, f.datagram_reorder_time);
    if (f.flip_bit > 0 && !sent.payload.empty() && world.strikes("bit-flip", stream, copy, f.flip_bit, from))
        flip_bits(sent.payload.data(), sent.payload.size(), seed, stream, copy);
    world.schedule_task(when, world_task::create([this, sent = std::move(sent)]() mutable {
                            if (network_.link_rules().none())
                                arrive(sent);
                            else
                                come(std::move(sent));
                        }));
}

// Asks the rules first.
void datagrams::come(message sent) {
    const auto answer = network_.link_rules().ask(
        {sent.from->handle, sent.to->handle, message_kind::datagram, sent.payload, 0});
    if (answer.what == rule_state::verdict::pass)
        return arrive(sent);
    if (answer.what == rule_state::verdict::drop)
        return lose(sent);
    auto go_on = [this, sent = std::move(sent)] { arrive(sent); };
    if (answer.what == rule_state::verdict::hold) {
        answer.rule->held_datagrams.emplace_back(std::move(go_on));
        return;
    }
    world_state& world = network_.world();
    world.schedule_task(world.now + answer.delay, world_task::create(std::move(go_on)));
}

void datagrams::arrive(const message& sent) {
    world_state& world = network_.world();
    const std::uint32_t number = sent.to->number;
    const auto found = bound_.find(sent.destination);
    if (network_.cut_between(sent.from->number, number) != nullptr || found == bound_.end() ||
        !found->second->take(sent.source, sent.payload)) {
        lose(sent);
        return;
    }
    world.absorb_bytes(number, sent.payload.data(), sent.payload.size());
    world.events_of_run.add(world.now, event_kind::datagram, number, sent.from->number, sent.payload.size());
}

void datagrams::lose(const message& sent) {
    world_state& world = network_.world();
    world.events_of_run.add(world.now, event_kind::lost, sent.to->number, sent.from->number,
                            sent.payload.size());
}

void sim_datagram_socket::bind(const datagram_endpoint& local, error_code& ec) {
    datagram_endpoint at = place_to_bind(boot_, open_, local, ec);
    if (ec)
        return;
    if (at.port() == 0)
        at.port(network_.free_port(boot_.process));
    ec = network_.bind(at, this);
    if (ec)
        return;
    local_ = at;
    open_ = true;
}

void sim_datagram_socket::send_to(const_buffers buffers, std::size_t size,
                                  const datagram_endpoint& destination, operation* op) {
    op = via(foreign_, op);
    if (!boot_.alive()) {
        op->abandon();
        return;
    }
    if (!open_)
        return boot_.world.reject(boot_, op, asio::error::bad_descriptor);
    std::string payload;
    if (size <= max_datagram)
        for_each_piece(buffers, size, [&](const void* data, std::size_t n) {
            payload.append(static_cast<const char*>(data), n);
        });
    if (payload.size() != size)
        return boot_.world.reject(boot_, op, asio::error::message_size);
    network_.send(boot_.process, local_, placed(destination, boot_.process.address), std::move(payload));
    op->bytes = size;
    boot_.world.complete_now(boot_, op);
}

void sim_datagram_socket::receive_from(mutable_buffers buffers, datagram_endpoint& sender, operation* op) {
    op = via(foreign_, op);
    if (!boot_.alive()) {
        op->abandon();
        return;
    }
    if (!open_)
        return boot_.world.reject(boot_, op, asio::error::bad_descriptor);
    boot_.world.park(boot_, op);
    op->state = this;
    op->cancel = [](operation* base) {
        auto* self = static_cast<sim_datagram_socket*>(base->state);
        std::erase_if(self->receivers_, [base](const receiver& r) { return r.op == base; });
        self->boot_.world.finish(self->boot_, base, asio::error::operation_aborted);
    };
    const receiver next{op, buffers, &sender};
    if (queue_.empty()) {
        receivers_.push_back(next);
        return;
    }
    const auto [source, payload] = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= payload.size() + overhead;
    hand_over(next, source, payload);
}

bool sim_datagram_socket::take(const datagram_endpoint& source, const std::string& payload) {
    if (!receivers_.empty()) {
        const receiver next = receivers_.front();
        receivers_.pop_front();
        hand_over(next, source, payload);
        return true;
    }
    if (queued_bytes_ + payload.size() + overhead > capacity)
        return false;
    queued_bytes_ += payload.size() + overhead;
    queue_.emplace_back(source, payload);
    return true;
}

void sim_datagram_socket::hand_over(const receiver& to, const datagram_endpoint& source,
                                    const std::string& payload) {
    const std::size_t copied = scatter(payload.data(), payload.size(), to.buffers);
    *to.sender = source;
    boot_.world.finish(boot_, to.op, {}, copied);
}

void sim_datagram_socket::cancel() {
    for (const receiver& each : std::exchange(receivers_, {}))
        boot_.world.finish(boot_, each.op, asio::error::operation_aborted);
}

void sim_datagram_socket::close() {
    if (!open_)
        return;
    open_ = false;
    network_.unbind(local_, this);
    cancel();
    queue_.clear();
    queued_bytes_ = 0;
}

datagram_endpoint sim_datagram_socket::local_endpoint(error_code& ec) const {
    ec = open_ ? error_code() : error_code(asio::error::bad_descriptor);
    return open_ ? local_ : datagram_endpoint();
}

}  // namespace squall::simulator
