// Listeners, partitions, and the handles that programs hold.
#include "network.h"

#include "connection.h"
#include "hop.h"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace squall::simulator {
namespace {

class sim_stream final : public stream_backend, public in_kept_memory {
public:
    sim_stream(network& net, boot& owner, asio::any_io_executor foreign)
        : network_(net),
          boot_(owner),
          foreign_(std::move(foreign)) {}
    sim_stream(network& net, boot& owner, asio::any_io_executor foreign, std::shared_ptr<connection> accepted)
        : network_(net),
          boot_(owner),
          foreign_(std::move(foreign)),
          connection_(std::move(accepted)),
          side_(connection::server) {}
    ~sim_stream() override { sim_stream::close(); }

    void connect(const endpoint& peer, operation* op) override {
        op = via(foreign_, op);
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        if (connection_ && !connection_->failure(side_)) {
            reject(op, connection_->connected(side_) ? asio::error::already_connected
                                                     : asio::error::already_started);
            return;
        }
        close();
        process_state& mine = boot_.process;
        const endpoint local(mine.address, network_.ephemeral_port(mine));
        connection_ = std::allocate_shared<connection>(kept_allocator<connection>(), network_, mine, boot_,
                                                       local, placed(peer, mine.address));
        side_ = connection::client;
        connection_->connect(op);
    }
    void read_some(mutable_buffers buffers, operation* op) override {
        if (as_usual()) [[likely]]
            return connection_->read(side_, buffers, op);
        read_otherwise(buffers, op);
    }
    void write_some(const_buffers buffers, operation* op) override {
        if (as_usual()) [[likely]]
            return connection_->write(side_, buffers, op);
        write_otherwise(buffers, op);
    }
    void shutdown_send(error_code& ec) override {
        if (!boot_.alive())
            ec = asio::error::operation_aborted;
        else if (is_open())
            connection_->shutdown_send(side_, ec);
        else
            ec = asio::error::bad_descriptor;
    }
    void close() override {
        if (connection_)
            std::exchange(connection_, nullptr)->close(side_);
    }
    void cancel() override {
        if (connection_)
            connection_->cancel(side_);
    }
    // A connect that failed has closed the stream.
    bool is_open() const override { return connection_ != nullptr && !connection_->never_was(side_); }
    endpoint local_endpoint(error_code& ec) const override {
        ec = is_open() ? error_code() : error_code(asio::error::bad_descriptor);
        return ec ? endpoint() : connection_->local(side_);
    }
    endpoint remote_endpoint(error_code& ec) const override {
        ec = {};
        if (!is_open())
            ec = asio::error::bad_descriptor;
        else if (!connection_->connected(side_))
            ec = asio::error::not_connected;
        return ec ? endpoint() : connection_->remote(side_);
    }

private:
    void reject(operation* op, error_code ec) { boot_.world.reject(boot_, op, ec); }
    bool as_usual() const {
        return !foreign_ && boot_.alive() && connection_ && connection_->connected(side_);
    }
    [[gnu::noinline]] void read_otherwise(mutable_buffers buffers, operation* op) {
        op = via(foreign_, op);
        if (usable(op))
            connection_->read(side_, buffers, op);
    }
    [[gnu::noinline]] void write_otherwise(const_buffers buffers, operation* op) {
        op = via(foreign_, op);
        if (usable(op))
            connection_->write(side_, buffers, op);
    }
    // Ends the operation if not.
    bool usable(operation* op) {
        if (!boot_.alive()) {
            op->abandon();
            return false;
        }
        if (!is_open()) {
            reject(op, asio::error::bad_descriptor);
            return false;
        }
        if (!connection_->connected(side_) && !connection_->failure(side_)) {
            reject(op, asio::error::not_connected);
            return false;
        }
        return true;
    }

    network& network_;
    boot& boot_;
    asio::any_io_executor foreign_;
    std::shared_ptr<connection> connection_;
    unsigned side_ = connection::client;
};

}  // namespace

network::network(world_state& world) : world_(world), latencies_(world.options.faults.network) {}
network::~network() = default;

std::unique_ptr<stream_backend> network::make_stream(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_stream>(*this, owner, foreign_part(executor));
}
std::unique_ptr<acceptor_backend> network::make_acceptor(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_acceptor>(*this, owner, foreign_part(executor));
}

sim_acceptor* network::listener(const endpoint& at) const {
    auto found = listeners_.find(at);
    if (found == listeners_.end())
        return nullptr;
    return found->second;
}

error_code network::bind(const endpoint& at, sim_acceptor* acceptor) {
    return listeners_.emplace(at, acceptor).second ? error_code() : error_code(asio::error::address_in_use);
}

void network::unbind(const endpoint& at, const sim_acceptor* acceptor) {
    const auto found = listeners_.find(at);
    if (found != listeners_.end() && found->second == acceptor)
        listeners_.erase(found);
}

void network::add_process(process_state& p) {
    addresses_.emplace(p.address.to_v4().to_uint(), &p);
    sides_.resize(std::max<std::size_t>(sides_.size(), p.number + 1));
}

process_state* network::process_at(const asio::ip::address& address) const {
    if (!address.is_v4())
        return nullptr;
    const auto found = addresses_.find(address.to_v4().to_uint());
    return found == addresses_.end() ? nullptr : found->second;
}

std::uint16_t network::ephemeral_port(process_state& p) const {
    constexpr std::uint16_t first = 32768;  // Linux: ip_local_port_range
    constexpr std::uint16_t count = 28232;
    std::uint16_t port;
    do
        port = static_cast<std::uint16_t>(first + p.next_port++ % count);
    while (listener({p.address, port}) != nullptr);
    return port;
}

void network::thaw(way_list& freed) {
    while (!freed.empty()) {
        waiting_way& way = freed.front();
        freed.pop_front();
        way.of->thaw(way.to);
    }
}

void network::heal(partition_id which) {
    way_list freed;
    cuts_.remove(which, freed);
    thaw(freed);
}

void network::heal() {
    way_list freed;
    cuts_.remove_all(freed);
    thaw(freed);
    freed.splice(freed.end(), clogged_);
    while (!freed.empty()) {
        waiting_way& way = freed.front();
        freed.pop_front();
        way.of->unclog(way.to);
    }
}

void network::faults_ended() {
    list_of<broken_connection> all;
    all.splice(all.end(), broken_);
    while (!all.empty()) {
        connection& broken = *all.front().of;
        all.pop_front();
        broken.put_right();
    }
}

void network::put_right_later(broken_connection& which) {
    if (!which.is_linked())
        broken_.push_back(which);
}

void network::enroll(side_of_process& side, const process_state& p) {
    sides_[p.number].push_back(side);
}

void network::crash(process_state& p, bool silently) {
    const auto first = listeners_.lower_bound({p.address, 0});
    const auto last = std::find_if(first, listeners_.end(),
                                   [&](const auto& each) { return each.first.address() != p.address; });
    listeners_.erase(first, last);
    datagrams_.crash(p);
    for (side_of_process& each : sides_[p.number])  // speaks, and ends nothing
        each.of->crashed(each.side, silently);
}

void sim_acceptor::listen(const endpoint& local, int backlog, error_code& ec) {
    endpoint at = place_to_bind(boot_, open_, local, ec);
    if (ec)
        return;
    if (at.port() == 0)
        at.port(network_.ephemeral_port(boot_.process));
    ec = network_.bind(at, this);
    if (ec)
        return;
    local_ = at;
    backlog_ = backlog > 0 ? static_cast<std::size_t>(backlog) : 1;
    open_ = true;
}

void sim_acceptor::accept(accept_operation* op) {
    op = via(foreign_, op);
    world_state& world = boot_.world;
    if (!boot_.alive()) {
        op->abandon();
        return;
    }
    if (!open_) {
        world.reject(boot_, op, asio::error::bad_descriptor);
        return;
    }
    world.park(boot_, op);
    op->state = this;
    op->cancel = [](operation* base) {
        auto* self = static_cast<sim_acceptor*>(base->state);
        std::erase(self->accepts_, base);
        self->boot_.world.finish(self->boot_, base, asio::error::operation_aborted);
    };
    if (waiting_.empty()) {
        accepts_.push_back(op);
        return;
    }
    auto next = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    hand_over(op, std::move(next));
}

void sim_acceptor::offer(std::shared_ptr<connection> arrived) {
    if (accepts_.empty()) {
        waiting_.push_back(std::move(arrived));
        return;
    }
    accept_operation* op = accepts_.front();
    accepts_.erase(accepts_.begin());
    hand_over(op, std::move(arrived));
}

void sim_acceptor::hand_over(accept_operation* op, std::shared_ptr<connection> arrived) {
    op->accepted = std::make_unique<sim_stream>(network_, boot_, foreign_, std::move(arrived));
    boot_.world.finish(boot_, op, {});
}

void sim_acceptor::cancel() {
    for (accept_operation* op : std::exchange(accepts_, {}))
        boot_.world.finish(boot_, op, asio::error::operation_aborted);
}

void sim_acceptor::close() {
    if (!open_)
        return;
    open_ = false;
    network_.unbind(local_, this);
    cancel();
    for (auto& left : std::exchange(waiting_, {}))
        left->close(connection::server);
}

endpoint sim_acceptor::local_endpoint(error_code& ec) const {
    ec = open_ ? error_code() : error_code(asio::error::bad_descriptor);
    return open_ ? local_ : endpoint();
}

}  // namespace squall::simulator
