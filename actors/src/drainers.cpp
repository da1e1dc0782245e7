// Drainers: coroutines that handle the messages of one activation and then of another. Spawning one costs
// some ten times as much as waking one that rests.
#include "node_core.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace squall::actors::detail {
namespace {

constexpr std::size_t most_resting = 256;
constexpr int turns_in_a_row = 64;  // before others on the executor have theirs
constexpr int most_nested = 32;     // turns that begin within each other, on one stack

// Ends also where the coroutine is destroyed, by a crash: what ends the call then must not touch the signal.
class stoppable {
public:
    stoppable(call_base& call, asio::cancellation_signal& stop) : call_(call) { call_.stop = &stop; }
    ~stoppable() { call_.stop = nullptr; }
    stoppable(const stoppable&) = delete;
    stoppable& operator=(const stoppable&) = delete;

private:
    call_base& call_;
};

}  // namespace

struct node_core::drainer {
    explicit drainer(const waiting_room& of) : room(of) {}

    context_ptr activation;  // null while it rests
    call_ptr call;           // the one message that it handles, of a re-entrant activation; null: all
    asio::cancellation_signal stop;
    wait_slot more;
    const waiting_room room;
};

// At once, as far as its first wait for something, unless many of the sort are on the stack already.
void node_core::set_to_work(const context_ptr& activation, const call_ptr& call) {
    drainer_ptr one;
    if (resting_.empty()) {
        one = std::make_shared<drainer>(waiting);
        asio::co_spawn(
            executor, work(weak_from_this(), one),
            asio::bind_cancellation_slot(one->stop.slot(), [one](const std::exception_ptr& thrown) {
                // A fault of ours: it goes to whoever runs the executor.
                if (thrown)
                    std::rethrow_exception(thrown);
            }));
    } else {
        one = std::move(resting_.back());
        resting_.pop_back();
    }
    one->activation = activation;
    one->call = call;
    if (nested_ < most_nested && one->more.waiting()) {
        const auto self = shared_from_this();  // the turn may be the node's last
        ++nested_;
        one->more.go_on();
        --nested_;
    } else {
        one->more.wake(waiting);
    }
}

// One coroutine and not several that await each other: each frame more would cost every message.
asio::awaitable<void> node_core::work(std::weak_ptr<node_core> owner, drainer_ptr me) {
    for (;;) {
        co_await me->more.async_wait(me->room, asio::deferred);
        const context_ptr activation = std::move(me->activation);
        const call_ptr only = std::move(me->call);
        const auto core = owner.lock();
        if (!activation || !core)
            co_return;
        context& a = *activation;
        bool begun = true;
        if (access::state(a) == access::phase::starting)
            begun = co_await core->begin_activation(activation);
        int turns = 0;
        for (call_ptr call = only    ? only
                             : begun ? core->next_turn(a)
                                     : nullptr;
             call; call = only ? nullptr : core->next_turn(a)) {
            if (call->state != call_state::finished) {
                core->begin_turn(*call);
                const stoppable until_its_end(*call, me->stop);
                if (!call->run_at_once(access::object(a)))
                    co_await call->run(access::object(a));
            }
            core->end_turn(*call, a);
            // A turn that was told to stop leaves its mark.
            const asio::cancellation_state cancelled = co_await asio::this_coro::cancellation_state;
            if (cancelled.cancelled() != asio::cancellation_type::none)
                co_await asio::this_coro::reset_cancellation_state();
            if (++turns % turns_in_a_row == 0)
                co_await asio::post(core->executor, asio::deferred);
        }
        if (only) {
            core->ended_beside_others(a);
        } else if (begun) {
            if (access::leaving(a) && access::running(a) == 0)
                co_await core->end_activation(activation);
            core->drained(a);
        }
        if (!core->rest(me))
            co_return;
    }
}

// False: it is not needed any more.
bool node_core::rest(const drainer_ptr& one) {
    // A coroutine that waits is work to its context: without activations there is to be none.
    if (!running || catalogue_.empty() || resting_.size() >= most_resting)
        return false;
    resting_.push_back(one);
    return true;
}

void node_core::let_drainers_go() {
    for (const drainer_ptr& one : std::exchange(resting_, {}))
        one->more.wake(waiting);
}

}  // namespace squall::actors::detail
