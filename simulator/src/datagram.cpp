#include "datagram.h"

#include "hop.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace squall::simulator {
namespace {

constexpr std::uint64_t datagram_stream = stream_key("squall.datagram");
constexpr std::uint64_t latency_stream = stream_key("squall.latency");
constexpr std::uint64_t amount_stream = stream_key("squall.amount");
constexpr std::uint64_t bit_stream = stream_key("squall.bit");

// The process's own address for those that mean "here".
datagram_endpoint placed(const datagram_endpoint& given, const process_state& mine) {
    const bool here = given.address().is_unspecified() || given.address().is_loopback();
    return {here ? mine.address : given.address(), given.port()};
}

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
    std::erase_if(bound_, [&](const auto& entry) { return entry.first.address() == p.address; });
}

void datagrams::send(process_state& from, const datagram_endpoint& source,
                     const datagram_endpoint& destination, std::string payload) {
    process_state* const to = network_.process_at(destination.address());
    if (to == nullptr)
        return;
    world_state& world = network_.world();
    const network_faults& f = world.in_force().network;
    const std::uint64_t link = stream_key(stream_key(from.stream, to->stream), datagram_stream);
    const std::uint64_t ordinal = ordinals_[{from.number, to->number}]++;
    message sent{&from, to, source, destination, std::move(payload)};
    if (network_.blocked(from.number, to->number) ||
        (f.datagram_loss > 0 &&
         world.strikes("datagram-loss", link, ordinal, f.datagram_loss, from.number))) {
        lose(sent);
        return;
    }
    if (f.datagram_duplicate > 0 &&
        world.strikes("datagram-duplicate", link, ordinal, f.datagram_duplicate, from.number))
        dispatch(sent, link, ordinal * 2 + 1);
    dispatch(std::move(sent), link, ordinal * 2);
}

// `copy` keys what happens to it on the way.
void datagrams::dispatch(message sent, std::uint64_t link, std::uint64_t copy) {
    world_state& world = network_.world();
    const network_faults& f = world.in_force().network;
    const std::uint32_t from = sent.from->number;
    decision_stream draws(world.options.seed, stream_key(stream_key(link, latency_stream), copy));
    auto delay = static_cast<std::uint64_t>((f.latency_min + draws.exponential(f.latency_mean)).count());
    if (f.slow_message > 0 && world.strikes("slow-message", link, copy, f.slow_message, from))
        delay += draws.below(static_cast<std::uint64_t>(f.slow_latency.count()) + 1);
    if (f.datagram_reorder > 0 && world.strikes("datagram-reorder", link, copy, f.datagram_reorder, from))
        delay += world.draw(stream_key(link, amount_stream), copy) %
                 (static_cast<std::uint64_t>(f.datagram_reorder_time.count()) + 1);
    if (f.flip_bit > 0 && !sent.payload.empty() && world.strikes("bit-flip", link, copy, f.flip_bit, from)) {
        const std::uint64_t where =
            world.draw(stream_key(link, bit_stream), copy) % (std::uint64_t{sent.payload.size()} * 8);
        char& byte = sent.payload[where / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << (where % 8)));
    }
    world.schedule_task(world.now + delay,
                        world_task::create([this, sent = std::move(sent)] { arrive(sent); }));
}

void datagrams::arrive(const message& sent) {
    world_state& world = network_.world();
    const std::uint32_t number = sent.to->number;
    const auto found = bound_.find(sent.destination);
    if (network_.blocked(sent.from->number, number) || found == bound_.end() ||
        !found->second->take(sent.source, sent.payload)) {
        lose(sent);
        return;
    }
    world.absorb((std::uint64_t{number} << 32) ^ sent.payload.size());
    world.absorb_bytes(sent.payload.data(), sent.payload.size());
    world.events_of_run.add(world.now, event_kind::datagram, number, sent.from->number, sent.payload.size());
}

void datagrams::lose(const message& sent) {
    world_state& world = network_.world();
    world.events_of_run.add(world.now, event_kind::lost, sent.to->number, sent.from->number,
                            sent.payload.size());
}

void sim_datagram_socket::bind(const datagram_endpoint& local, error_code& ec) {
    ec = {};
    if (open_) {
        ec = asio::error::already_open;
        return;
    }
    if (!boot_.alive()) {
        ec = asio::error::operation_aborted;
        return;
    }
    datagram_endpoint at = placed(local, boot_.process);
    if (at.address() != boot_.process.address) {
        ec = error_code(EADDRNOTAVAIL, boost::system::system_category());
        return;
    }
    if (at.port() == 0)
        at.port(network_.free_port(boot_.process));
    ec = network_.bind(at, this);
    if (ec)
        return;
    local_ = at;
    open_ = true;
}

void sim_datagram_socket::reject(operation* op, error_code ec) {
    op->ec = ec;
    boot_.world.complete_now(boot_, op);
}

void sim_datagram_socket::send_to(const_buffers buffers, std::size_t size,
                                  const datagram_endpoint& destination, operation* op) {
    op = via(foreign_, op);
    if (!boot_.alive()) {
        op->abandon();
        return;
    }
    if (!open_)
        return reject(op, asio::error::bad_descriptor);
    std::string payload;
    if (size <= max_datagram)
        for (std::size_t i = 0; i < buffers.count; ++i)
            payload.append(static_cast<const char*>(buffers.data[i].data()), buffers.data[i].size());
    if (payload.size() != size)
        return reject(op, asio::error::message_size);
    network_.send(boot_.process, local_, placed(destination, boot_.process), std::move(payload));
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
        return reject(op, asio::error::bad_descriptor);
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
    std::size_t copied = 0;
    for (std::size_t i = 0; i < to.buffers.count && copied < payload.size(); ++i) {
        const std::size_t n = std::min(to.buffers.data[i].size(), payload.size() - copied);
        payload.copy(static_cast<char*>(to.buffers.data[i].data()), n, copied);
        copied += n;
    }
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
