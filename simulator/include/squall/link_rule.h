// Rules for what arrives, for scenarios made by hand: while the guard lives, a function of the test decides
// about each message between two processes. An exception that it throws ends the run.
//
//   squall::link_rule lost(world, leader, squall::any_process, [](const squall::link_message& m) {
//       return m.kind == squall::message_kind::datagram ? squall::link_action::drop()
//                                                       : squall::link_action::pass();
//   });
//
// Asked when a message is about to arrive, so that those already on their way are subject to it too. Of the
// rules that a message falls under, the first that was made and does not let it pass decides. A rule is part
// of the test, not a fault: it acts whether faults are on or off, is neither recorded nor vetoed, and what it
// decides must depend on nothing but the run.
#ifndef SQUALL_LINK_RULE_H
#define SQUALL_LINK_RULE_H

#include <squall/world.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace squall {

namespace simulator {
struct rule_state;
}

enum class message_kind : std::uint8_t {
    connect,  // asks for a connection
    accept,   // the answer
    data,     // bytes of a stream: what one write took
    end,      // of a stream in one direction
    reset,
    datagram,
};

// What is about to arrive.
struct link_message {
    const process& from;
    const process& to;
    message_kind kind;
    std::string_view payload;  // of data and datagrams; valid during the call
    std::uint32_t attempt;     // 0; of what was dropped n times: n
    std::size_t bytes() const noexcept { return payload.size(); }
};

class link_action {
public:
    // It arrives, unless a later rule minds.
    static link_action pass() { return link_action(what::pass, nanoseconds(0)); }
    // It arrives so much later (at least 0), and no rule is asked again. In a stream all behind it waits.
    static link_action delay(nanoseconds time) { return link_action(what::delay, time); }
    // A datagram is gone. So is a reset: nobody waits for an answer to it. All else in a stream is a segment
    // that TCP has lost: it and all behind it come again after the retransmission time-out, and rules are
    // asked again. That is 200 ms, for connect and accept 1 s, doubling up to 120 s (Linux; RFC 6298). The
    // sender gives up as Linux does: timed_out after 924.6 s (tcp_retries2), a connect after 127 s, an accept
    // after 63 s.
    static link_action drop() { return link_action(what::drop, nanoseconds(0)); }
    // It stays, and in a stream all behind it, until release() or the end of the rule.
    static link_action hold() { return link_action(what::hold, nanoseconds(0)); }

private:
    friend struct simulator::rule_state;
    enum class what : std::uint8_t { pass, delay, drop, hold };
    link_action(what chosen, nanoseconds time) : chosen_(chosen), time_(time) {}
    what chosen_;
    nanoseconds time_;
};

struct any_process_t {};
inline constexpr any_process_t any_process{};

// One process or any.
class process_choice {
public:
    process_choice(const process& one) : one_(&one) {}  // NOLINT(google-explicit-constructor)
    process_choice(any_process_t) {}                    // NOLINT(google-explicit-constructor)
    const process* one() const noexcept { return one_; }

private:
    const process* one_ = nullptr;
};

class link_rule {
public:
    using decision = std::function<link_action(const link_message&)>;

    // For messages from the one to the other; processes of this world.
    link_rule(world& where, process_choice from, process_choice to, decision decide);
    // For all messages.
    link_rule(world& where, decision decide)
        : link_rule(where, any_process, any_process, std::move(decide)) {}
    // Releases what it holds. The world may be gone by then.
    ~link_rule();
    link_rule(link_rule&&) noexcept = default;
    link_rule& operator=(link_rule&&) = delete;

    // What it holds goes on, in order, and with it what has come up behind; later messages are asked about
    // again.
    void release();

private:
    std::shared_ptr<simulator::rule_state> state_;
};

}  // namespace squall

#endif  // SQUALL_LINK_RULE_H
