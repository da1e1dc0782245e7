// Calls: from their beginning to their outcome.
#include "node_core.h"

#include "bus.h"
#include "cluster.h"

#include <squall/actors/store.h>

#include <boost/asio/deferred.hpp>
#include <boost/container_hash/hash.hpp>
#include <spdlog/logger.h>

#include <algorithm>

namespace squall::actors::detail {

std::size_t node_core::hash::operator()(const name& n) const noexcept {
    std::size_t seed = boost::hash_value(n.type);
    boost::hash_combine(seed, boost::hash_range(n.key.begin(), n.key.end()));
    return seed * 0x9e3779b97f4a7c15u;
}

node_core::node_core(asio::any_io_executor io, node_options given)
    : executor(std::move(io)),
      options(std::move(given)),
      waiting(executor),
      random(executor),
      caller(random()),
      provider_(provider_of(executor)) {}

node_core::~node_core() {
    stop_now();
}

void node_core::begin() {
    deadlines_.emplace(executor, weak_from_this(), [this](call_base& call) {
        error_code code =
            call.uncertain || call.state == call_state::running ? error::timed_out : error::not_delivered;
        if (call.waits_for_room)
            code = error::busy;
        else if (!call.uncertain && call.fixed)
            code = error::unreachable;
        ++count.expired;
        give_up(call, code);
    });
    retry_clock_.emplace(executor);
}

void node_core::add_type(actor_type type) {
    if (types_.contains(type.name))
        throw call_failed(error::duplicate_type, std::string(type.name));
    const std::string name(type.name);
    types_[name] = std::make_unique<hosted_type>(std::move(type));
}

actor_type* node_core::find_type(std::string_view name) {
    if (last_found_ != nullptr && last_found_->name == name)
        return last_found_;
    const auto found = types_.find(name);
    return last_found_ = found == types_.end() ? nullptr : found->second.get();
}

std::chrono::nanoseconds node_core::jitter(std::chrono::nanoseconds most) {
    const auto half = static_cast<std::uint64_t>(most.count() / 2);
    return std::chrono::nanoseconds(half + random() % (half + 1));
}

std::chrono::nanoseconds node_core::backoff(int attempts) {
    const auto doubled = options.retry_min * (std::int64_t{1} << std::min(attempts, 20));
    return jitter(std::min(doubled, options.retry_max));
}

void node_core::log(std::string_view what, std::string_view about) {
    if (options.log)
        options.log->info("[{}] {}: {}", options.listen ? to_string(id()) : options.cluster, what, about);
}

void node_core::prepare(call_base& call, const call_options& how, const context* from) {
    call.mode = how.mode.value_or(options.mode);
    call.caller = caller;
    const auto limit = how.timeout.value_or(options.call_timeout);
    call.deadline = now() + std::min<std::chrono::nanoseconds>(limit, std::chrono::hours(24 * 365));
    if (from != nullptr) {
        if (!how.timeout && from->deadline() != steady_clock::time_point::max())
            call.deadline = from->deadline();
        // An actor that waits for itself waits for ever.
        if (!call.one_way && from->key() == call.key && from->type() == call.type &&
            !access::type(*from).options.reentrant)
            call.fail(error::would_deadlock);
    }
    if (call.key.size() > options.max_key)
        call.fail(error::too_large, "the key");
}

void node_core::submit(call_base& call) {
    ++count.calls;
    call.core = this;
    call.number = ++last_number_;
    call.done.whose = &call;
    call.done.on_cancel = [](void* whose) {
        auto& cancelled = *static_cast<call_base*>(whose);
        cancelled.core->give_up(cancelled, asio::error::operation_aborted);
    };
    if (call.failed()) {
        finish(call);
        return;
    }
    if (!running) {
        fail(call, error::stopped);
        return;
    }
    if (call.mode == delivery::at_least_once)
        unanswered_.insert(call.number);
    deadlines_->add(call);
    if (!cluster && !call.fixed)
        deliver(call_ptr(&call));
    else
        route(call_ptr(&call));
}

void node_core::take_in(const call_ptr& call, std::chrono::nanoseconds time_left) {
    call->deadline = now() + time_left;
    deadlines_->add(*call);
    route(call);
}

void node_core::route(const call_ptr& call) {
    if (call->state == call_state::finished)
        return;
    call->state = call_state::fresh;
    call->waits_for_room = false;
    if (!running) {
        fail(*call, error::stopped);
        return;
    }
    if (call->fixed) {
        if (options.listen && node_address(*options.listen) == *call->fixed)
            deliver(call);
        else
            bus->send(call, *call->fixed);
        return;
    }
    const actor_type* type = find_type(call->type);
    if (!cluster || (type != nullptr && options.hosts && find(*type, call->key)))
        deliver(call);
    else
        cluster->place(call);
}

void node_core::deliver(const call_ptr& call) {
    if (call->state == call_state::finished)
        return;
    actor_type* type = find_type(call->type);
    if (type == nullptr) {
        fail(*call, error::unknown_type, std::string(call->type));
        return;
    }
    if (!call->from_remote)
        ++count.messages_local;
    if (options.encode_local && !call->from_remote) {
        std::string bytes;
        call->encode_arguments(bytes);
        call->decode_arguments(bytes);
    }
    context_ptr activation = find(*type, call->key);
    if (!activation) {
        if (stopping_) {
            fail(*call, error::stopped);
            return;
        }
        activation = make(*type, call->key);
    }
    if (!admit(*call, *activation))
        return;
    enqueue(call, activation);
}

void node_core::forward(const call_ptr& call, const node_id& where) {
    if (call->state == call_state::finished)
        return;
    if (call->from_remote) {
        if (call->forwards >= options.max_forwards) {
            fail(*call, error::too_many_forwards);
            return;
        }
        ++call->forwards;
        ++count.forwards;
        count.most_forwards = std::max(count.most_forwards, static_cast<std::uint64_t>(call->forwards));
    }
    bus->send(call, where.address);
}

void node_core::fail(call_base& call, error_code code, std::string text) {
    if (call.state == call_state::finished)
        return;
    call.fail(code, std::move(text));
    finish(call);
}

// Whether the failure is one that another attempt may mend. Of a message that is sent at most once: if it was
// not handled.
bool node_core::to_be_tried_again(const call_base& call) {
    if (call.from_remote || call.failure().category() != category())
        return false;
    const bool again = call.mode == delivery::at_least_once;
    switch (static_cast<error>(call.failure().value())) {
        case error::not_delivered:
        case error::busy:
        case error::too_many_forwards:
        case error::stopped:
            return true;
        case error::maybe_delivered:
        case error::fenced:
        case error::store_unavailable:
            return again;
        default:
            return false;
    }
}

void node_core::settle(call_base& call, bool at_once) {
    if (call.state == call_state::finished)
        return;
    if (!running || call.accepted || !to_be_tried_again(call)) {
        finish(call, at_once);
        return;
    }
    const call_ptr alive(&call);
    if (!had_no_effect(call.failure()))
        call.uncertain = true;
    if (call.handler && call.mode == delivery::at_least_once && access::has_extras(*call.handler))
        access::extras(*call.handler).seen.forget(call);
    call.handler.reset();
    call.waits_for_room = call.failure() == error::busy;
    call.forget_outcome();
    if (cluster)
        cluster->forget(call);
    retry(alive);
}

void node_core::finish(call_base& call, bool at_once) {
    if (call.state == call_state::finished)
        return;
    const call_ptr alive(&call);
    // What the last attempt did not do an earlier one may have done.
    if (!call.from_remote && call.uncertain && had_no_effect(call.failure()))
        call.fail(error::maybe_delivered, call.failure().message());
    call.state = call_state::finished;
    deadlines_->remove(call);
    if (call.handler) {
        if (call.mode == delivery::at_least_once && access::has_extras(*call.handler)) {
            // One of this node does not come again.
            if (!call.from_remote || had_no_effect(call.failure())) {
                access::extras(*call.handler).seen.forget(call);
            } else {
                std::string bytes;
                call.encode_outcome(bytes);
                access::extras(*call.handler).seen.answered(call, std::move(bytes));
            }
        }
        call.handler.reset();
    }
    if (call.from_remote) {
        if (const auto sink = std::move(call.sink))
            sink->finished(call);
        return;
    }
    if (call.mode == delivery::at_least_once)
        unanswered_.erase(call.number);
    if (call.failure().category() == category())
        ++count.calls_failed;
    if (call.accepted)
        return;  // nobody waits for it
    if (options.encode_local && !call.failure()) {
        std::string bytes;
        call.encode_outcome(bytes);
        call.decode_outcome(bytes);
    }
    if (at_once && call.done.waiting())
        go_on(call);
    else
        call.done.wake(waiting);
}

void node_core::go_on(call_base& call) {
    const auto self = shared_from_this();  // the caller may destroy its node
    call.done.go_on();
}

void node_core::retry(const call_ptr& call) {
    if (call->state == call_state::finished)
        return;
    if (call->from_remote) {  // its caller's node tries again
        fail(*call, call->uncertain ? error::maybe_delivered : error::not_delivered);
        return;
    }
    call->state = call_state::fresh;
    ++count.retries;
    retries_.emplace(now() + backoff(call->attempts++), call);
    arm_retries();
}

void node_core::arm_retries() {
    if (retries_.empty() || retries_.begin()->first >= retry_armed_)
        return;
    retry_armed_ = retries_.begin()->first;
    retry_clock_->expires_at(retry_armed_);
    retry_clock_->async_wait([this, owner = weak_from_this()](error_code aborted) {
        const auto alive = owner.lock();
        if (aborted || !alive)
            return;
        retry_armed_ = steady_clock::time_point::max();
        while (!retries_.empty() && retries_.begin()->first <= now()) {
            const call_ptr due = retries_.begin()->second;
            retries_.erase(retries_.begin());
            route(due);
        }
        arm_retries();
    });
}

void node_core::give_up(call_base& call, error_code code) {
    const call_ptr alive(&call);
    switch (call.state) {
        case call_state::finished:
            return;
        case call_state::queued:
            if (call.in_mailbox.is_linked()) {
                access::mailbox(*call.handler).erase(access::mailbox(*call.handler).iterator_to(call));
                intrusive_ptr_release(&call);
            }
            break;
        case call_state::running: {
            // The method is told; what it makes of it is the outcome of a call from another node, which
            // nobody here has given up.
            asio::cancellation_signal* const stop = call.stop;
            const auto handler = call.handler;
            if (!call.from_remote)
                fail(call, code);
            if (stop != nullptr)
                stop->emit(asio::cancellation_type::terminal);
            return;
        }
        case call_state::remote:
            bus->forget(call);
            break;
        case call_state::fresh:
            break;
    }
    fail(call, code);
}

asio::awaitable<void> node_core::start() {
    const auto self = shared_from_this();
    if (options.store && !options.directory) {
        const std::uint64_t generation = co_await options.store->open();
        epoch_ = generation << 32;
    }
    bus = std::make_shared<detail::bus>(*this);
    if (options.listen)
        bus->listen(*options.listen);
    running = true;
    if (options.directory) {
        cluster = std::make_shared<detail::cluster>(*this);
        co_await cluster->start();
    }
}

asio::awaitable<void> node_core::stop(std::chrono::nanoseconds grace) {
    const auto self = shared_from_this();
    if (!running)
        co_return;
    stopping_ = true;
    for (const context_ptr& each : sorted())
        leave(*each, deactivation::stopping);
    if (!catalogue_.empty()) {
        squall::timer limit(executor, grace);
        limit.async_wait([this, owner = weak_from_this()](error_code aborted) {
            const auto alive = owner.lock();
            if (!aborted && alive)
                emptied_.wake(waiting);
        });
        co_await emptied_.async_wait(waiting, asio::deferred);
    }
    if (cluster) {
        try {
            co_await cluster->leave();
        } catch (const boost::system::system_error& e) {
            log("leaving the cluster failed", e.what());
        }
    }
    stop_now();
}

void node_core::stop_now() {
    running = false;
    stopping_ = true;
    if (deadlines_)
        deadlines_->expire_all([this](call_base& call) {
            if (!call.from_remote)
                give_up(call, call.uncertain ? error::maybe_delivered : error::stopped);
        });
    retries_.clear();
    let_drainers_go();
    if (cluster)
        cluster->stop();
    if (bus)
        bus->stop();
    for (const context_ptr& each : sorted()) {
        for (auto& mailbox = access::mailbox(*each); !mailbox.empty();) {
            const call_ptr call(&mailbox.front(), false);
            mailbox.pop_front();
            call->handler.reset();
        }
        if (access::running(*each) == 0) {
            access::drop_extras(*each);
        } else if (access::has_extras(*each)) {
            // Its method is in the midst of its end and still has states and timers; but calls hold their
            // actor.
            access::extras(*each).seen.drop_calls();
            for (const auto& [id, each_timer] : access::extras(*each).timers)
                each_timer->last.reset();
        }
        if (access::idle(*each)) {
            auto& list = hosted(*each).idle;
            list.erase(list.iterator_to(*each));
        }
    }
    const auto in_order = sorted();  // no address decides which of the last ones goes first
    catalogue_.clear();
}

node_id node_core::id() const {
    if (cluster)
        return cluster->self();
    node_id id;
    if (options.listen)
        id.address = *options.listen;
    id.incarnation = 1;
    return id;
}

void prepare(node_core& core, call_base& call, const call_options& how, const context* from) {
    core.prepare(call, how, from);
}
void submit(node_core& core, call_base& call) {
    core.submit(call);
}
const waiting_room& waiting_room_of(const node_core& core) {
    return core.waiting;
}

}  // namespace squall::actors::detail
