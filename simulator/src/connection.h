// One simulated connection: two sides, and a pipe into each.
#ifndef SQUALL_SIMULATOR_CONNECTION_H
#define SQUALL_SIMULATOR_CONNECTION_H

#include "frequent_fault.h"
#include "pipe_bytes.h"
#include "small_queue.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <array>
#include <vector>

namespace squall::simulator {

class connection final : public std::enable_shared_from_this<connection> {
public:
    // A connect that nobody answers ends after this (Linux: 127 s with the default six retries).
    static constexpr std::uint64_t connect_timeout = 127'000'000'000;
    // Bytes that nobody acknowledges end a connection after this (Linux: net.ipv4.tcp_retries2, 15).
    static constexpr std::uint64_t answer_timeout = 924'600'000'000;

    enum side_index : unsigned { client = 0, server = 1 };

    connection(network& net, process_state& from, boot& owner, const endpoint& local, const endpoint& remote);
    ~connection();

    void connect(operation* op);
    void read(unsigned side, mutable_buffers buffers, operation* op) {
        side == client ? read_at<client>(buffers, op) : read_at<server>(buffers, op);
    }
    void write(unsigned side, const_buffers buffers, operation* op) {
        side == client ? write_at<client>(buffers, op) : write_at<server>(buffers, op);
    }
    void shutdown_send(unsigned side, error_code& ec);
    // The handle of this side is gone or closed.
    void close(unsigned side);
    void cancel(unsigned side);

    // The acceptor that took the server side in hands it over.
    void adopt(boot& owner) { sides_[server].owner = &owner; }
    bool connected(unsigned side) const { return sides_[side].established && !sides_[side].closed; }
    const endpoint& local(unsigned side) const { return sides_[side].local; }
    const endpoint& remote(unsigned side) const { return sides_[1 - side].local; }
    error_code failure(unsigned side) const { return sides_[side].failure; }
    // Its connect has failed.
    bool never_was(unsigned side) const { return sides_[side].failure && !sides_[side].established; }

    // For the network. The way towards a side: no cut keeps it back any more; its clog has ended; a rule has
    // let go what has come up.
    void thaw(unsigned to) { arrange_delivery(to); }
    void unclog(unsigned to);
    void released(unsigned to);
    // Faults have ended.
    void put_right();
    // The process of this side has.
    void crashed(unsigned side, bool silently);

private:
    enum class control : std::uint8_t { data, open, opened, end, reset };
    struct segment {
        std::uint64_t arrival;
        std::uint32_t bytes;
        control what;
        bool asked = false;        // rules have decided
        std::uint8_t attempt = 0;  // times that a rule has dropped it
    };
    // What may happen to what goes one way.
    struct way_faults {
        way_faults() = default;
        way_faults(const world_state& world, std::uint64_t stream);
        bool some = false;  // may happen: asked before each of them
        frequent_fault slow_message, clog, flip_bit, close, partial_write, partial_read;
    };
    struct half {
        process_state* process = nullptr;
        boot* owner = nullptr;
        endpoint local;
        side_of_process in_process;
        bool established = false;
        bool closed = false;      // by its program, or its process is gone
        bool gone = false;        // its process ended without word: no answer
        bool unheard = false;     // it has ended, and its peer does not know
        bool unanswered = false;  // it has sent what vanished, and waits for that to be acknowledged
        bool sent_end = false;
        bool got_end = false;
        error_code failure;  // connection_reset, refused...: stands once set
        operation* connecting = nullptr;
        operation* reader = nullptr;
        mutable_buffers read_into;
        operation* writer = nullptr;
        const_buffers write_from;
        std::size_t vanished = 0;  // bytes that it has written and nobody will have

        // The pipe into this side.
        pipe_bytes bytes;  // readable, and on the way
        small_queue<segment> on_the_way;
        std::uint64_t last_arrival = 0;
        std::uint64_t stands_until = 0;  // clogged; 0 after that
        std::uint64_t messages = 0;
        std::uint64_t reads = 0;
        bool delivery_pending = false;
        waiting_way stopped;  // by a cut or a rule
        waiting_way clogged;
        link_state* link = nullptr;   // where there is a bandwidth
        std::uint64_t stream = 0;     // key of decisions
        std::uint64_t latencies = 0;  // mix_stream() of its latencies
        way_faults faults;
    };

    // What happens with each message is compiled for either side: their places are then constants.
    template <unsigned Side>
    void read_at(mutable_buffers buffers, operation* op);
    template <unsigned Side>
    void write_at(const_buffers buffers, operation* op);
    template <unsigned Side>
    static void deliver_event(void* self);
    void send(unsigned to, control what, std::uint32_t bytes, std::uint64_t later = 0);
    inline void set_out(unsigned to, control what, std::uint32_t bytes, std::uint64_t later);
    void record_send(unsigned to, control what, std::uint32_t bytes);
    std::uint64_t message_name(unsigned to, std::uint64_t ordinal) const;
    std::uint64_t arriving_ordinal(unsigned to) const {
        return sides_[to].messages - sides_[to].on_the_way.size();
    }
    inline void arrange(unsigned to);
    void arrange_delivery(unsigned to);
    inline void deliver(unsigned to);
    void deliver_in_order(unsigned to);
    void clog(unsigned to);
    bool stopped_by_rule(unsigned to);
    void lost(unsigned to);
    void lose_way(unsigned to);
    void arrived(unsigned to, const segment& s);
    inline void data_arrived(unsigned to, std::uint32_t bytes);
    void hand_over(unsigned to, std::uint32_t bytes);
    void arrived_too_late(unsigned to, const segment& s);
    void open_arrived();
    void fail_side(unsigned side, error_code ec);
    inline void read_from(unsigned side, mutable_buffers buffers, operation* op);
    inline void write_to(unsigned side, const_buffers buffers, operation* op);
    void try_read(unsigned side);
    void try_write(unsigned side);
    inline bool goes_whole(unsigned side, std::size_t wanted) const;
    void write_in_parts(unsigned side, const_buffers buffers, operation* op);
    bool ends_at_write(unsigned side, std::uint64_t ordinal);
    void write_into_nothing(unsigned side, std::size_t wanted);
    void await_answer(unsigned side);
    void finish(half& h, operation*& op, error_code ec);
    [[gnu::always_inline]] void succeed(half& h, operation*& op, std::size_t bytes) {
        world_.succeed(*h.owner, std::exchange(op, nullptr), bytes);
    }
    inline std::uint64_t latency(unsigned to);
    template <unsigned Side>
    static void give_up_event(void* self) {
        static_cast<connection*>(self)->fail_side(Side, asio::error::timed_out);
    }
    template <operation* half::* Which>
    static void cancel_hook(operation* op);

    network& network_;
    world_state& world_;
    const latency_law* law_;
    bool severed_ = false;     // what is sent from now on vanishes, both ways
    bool hung_ = false;        // the listener's host has not answered
    std::uint64_t opens_ = 0;  // that have arrived
    broken_connection broken_;
    std::array<half, 2> sides_;
    std::array<world_event, 2> events_;
    std::array<world_event, 2> give_up_;  // by side: scheduled while it waits for an answer
};

class sim_acceptor final : public acceptor_backend, public in_kept_memory {
public:
    sim_acceptor(network& net, boot& owner, asio::any_io_executor foreign)
        : network_(net),
          boot_(owner),
          foreign_(std::move(foreign)) {}
    ~sim_acceptor() override { close(); }

    void listen(const endpoint& local, int backlog, error_code& ec) override;
    void accept(accept_operation* op) override;
    void close() override;
    void cancel() override;
    bool is_open() const override { return open_; }
    endpoint local_endpoint(error_code& ec) const override;

    boot& owner() const { return boot_; }
    bool full() const { return waiting_.size() >= backlog_; }
    void offer(std::shared_ptr<connection> arrived);

private:
    void hand_over(accept_operation* op, std::shared_ptr<connection> arrived);

    network& network_;
    boot& boot_;
    asio::any_io_executor foreign_;
    endpoint local_;
    bool open_ = false;
    std::size_t backlog_ = 0;
    kept_vector<std::shared_ptr<connection>> waiting_;  // both short: the oldest first
    kept_vector<accept_operation*> accepts_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_CONNECTION_H
