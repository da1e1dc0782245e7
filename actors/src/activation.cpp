// Activations: how they begin, handle their messages one after the other, and end.
#include "activation.h"

#include "bus.h"
#include "cluster.h"
#include "node_core.h"

#include <boost/asio/deferred.hpp>

#include <algorithm>

namespace squall::actors::detail {
namespace {

// Thrown where the directory says that another node has the actor.
struct moved {
    node_id where;
};

}  // namespace

context_ptr node_core::find(const actor_type& type, std::string_view key) const {
    const auto found = catalogue_.find(name{&type, key});
    return found == catalogue_.end() ? nullptr : found->second;
}

context_ptr node_core::make(actor_type& type, const std::string& key) {
    context_ptr made = access::make(shared_from_this(), type, key);
    catalogue_.emplace(name{&type, made->key()}, made);
    relieve();
    return made;
}

// Whether the call is to be handled: it may be one that was.
bool node_core::admit(call_base& call, context& activation) {
    if (call.mode != delivery::at_least_once || !access::type(activation).options.deduplicate ||
        access::state(activation) != access::phase::active)
        return true;
    if (!call.from_remote)
        call.oldest = least_unanswered();
    std::string answer;
    const auto found = access::extras(activation).seen.look(call, answer);
    if (found == deduplication::verdict::first)
        return true;
    call.handler.reset();
    if (found == deduplication::verdict::full) {
        fail(call, error::busy);
        return false;
    }
    ++count.duplicates;
    if (call.one_way && call.sink)
        std::exchange(call.sink, nullptr)->accepted(call);
    if (found == deduplication::verdict::answered) {
        call.decode_outcome(answer);
        finish(call);
    } else if (found == deduplication::verdict::running && !call.from_remote) {
        retry(call_ptr(&call));  // a copy of ours that came back: its answer will be known then
    } else if (found == deduplication::verdict::running) {
        call.sink.reset();  // the first one has it now
        finish(call);
    } else {
        fail(call, error::result_lost);
    }
    return false;
}

void node_core::enqueue(const call_ptr& call, const context_ptr& activation) {
    auto& mailbox = access::mailbox(*activation);
    call->state = call_state::queued;
    call->handler = activation;
    if (mailbox.size() >= access::type(*activation).options.mailbox) {
        ++count.busy;
        if (call->from_remote) {
            fail(*call, error::busy);
            return;
        }
        call->waits_for_room = true;
    } else {
        accepted(*call);
    }
    mailbox.push_back(*call);
    intrusive_ptr_add_ref(call.get());  // the mailbox's
    start_draining(activation);
}

void node_core::accepted(call_base& call) {
    call.waits_for_room = false;
    if (!call.one_way || call.accepted)
        return;
    call.accepted = true;
    deadlines_->remove(call);
    call.deadline = steady_clock::time_point::max();
    if (!call.from_remote)
        call.done.wake(waiting);
    else if (const auto sink = std::move(call.sink))
        sink->accepted(call);
}

call_ptr node_core::take(context& activation) {
    auto& mailbox = access::mailbox(activation);
    if (mailbox.empty())
        return nullptr;
    call_ptr call(&mailbox.front(), false);
    mailbox.pop_front();
    // The one that has room now.
    const std::size_t room = access::type(activation).options.mailbox;
    if (mailbox.size() >= room) {
        auto next = mailbox.begin();
        std::advance(next, static_cast<std::ptrdiff_t>(room) - 1);
        accepted(*next);
    }
    return call;
}

void node_core::start_draining(const context_ptr& activation) {
    if (access::draining(*activation))
        return;
    access::draining(*activation) = true;
    if (access::idle(*activation)) {
        auto& list = hosted(*activation).idle;
        list.erase(list.iterator_to(*activation));
    }
    set_to_work(activation, nullptr);
}

// The message whose turn it is; null if there is none, or they are handled side by side, or it ends.
call_ptr node_core::next_turn(context& a) {
    while (!access::leaving(a)) {
        if (cluster && !access::type(a).options.fixed && !cluster->is_member()) {
            leave(a, deactivation::fenced);
            break;
        }
        call_ptr call = take(a);
        if (!call)
            break;
        if (!access::type(a).options.reentrant) {
            access::current(a) = call.get();
            access::running(a) = 1;
            return call;
        }
        ++access::running(a);
        set_to_work(context_ptr(&a), call);
    }
    return nullptr;
}

void node_core::begin_turn(call_base& call) {
    call.state = call_state::running;
    ++count.turns;
}

void node_core::end_turn(call_base& call, context& a) {
    if (!access::type(a).options.reentrant) {
        access::current(a) = nullptr;
        access::running(a) = 0;
    }
    // Of a message that was sent one way nobody else is told.
    if (call.failure() == error::handler_failed || (call.one_way && call.failed())) {
        ++count.handler_errors;
        log("a method failed",
            to_string(a.id()) + " " + std::string(call.method_name()) + ": " + call.failure_text());
    }
    settle(call);
}

// All messages are handled, and it does not leave.
void node_core::drained(context& a) {
    access::draining(a) = false;
    if (access::state(a) != access::phase::gone && access::running(a) == 0)
        now_idle(a);
}

void node_core::ended_beside_others(context& a) {
    if (--access::running(a) > 0 || access::draining(a))
        return;
    if (access::leaving(a))
        start_draining(context_ptr(&a));
    else
        now_idle(a);
}

// False if the activation is over before it began; its messages are taken care of then.
asio::awaitable<bool> node_core::begin_activation(context_ptr activation) {
    context& a = *activation;
    error_code code;
    std::string text;
    std::optional<node_id> elsewhere;
    for (int attempts = 0;; ++attempts) {
        code = {};
        try {
            co_await create(activation);
        } catch (const moved& to) {
            elsewhere = to.where;
            code = error::fenced;
        } catch (const boost::system::system_error& e) {
            code = e.code();
            text = e.what();
        } catch (const std::exception& e) {
            code = error::activation_failed;
            text = e.what();
        }
        if (!code)
            break;
        if (access::object(a) != nullptr)
            access::type(a).destroy(std::exchange(access::object(a), nullptr));
        access::drop_extras(a);
        // What a service out of reach refuses now it may grant while somebody still waits for it.
        const bool again = !elsewhere && (code == error::timed_out || code == error::not_delivered ||
                                          code == error::store_unavailable || code == error::fenced ||
                                          code == error::expelled || code == error::unreachable);
        if (!again || access::mailbox(a).empty() || access::leaving(a) || stopping_)
            break;
        squall::timer clock(executor, backoff(attempts));
        co_await clock.async_wait(asio::deferred);
    }
    if (!code) {
        access::state(a) = access::phase::active;
        ++count.activations;
        // Among those that came meanwhile may be some that were handled before.
        if (access::has_extras(a) || cluster) {
            std::vector<call_ptr> came;
            for (call_base& each : access::mailbox(a))
                came.emplace_back(&each);
            for (const call_ptr& each : came) {
                if (each->in_mailbox.is_linked() && !admit(*each, a)) {
                    access::mailbox(a).erase(access::mailbox(a).iterator_to(*each));
                    intrusive_ptr_release(each.get());
                }
            }
        }
        co_return true;
    }
    ++count.activation_failures;
    access::draining(a) = false;
    remove(a);
    if (elsewhere)
        route_all(a, elsewhere);
    else if (access::leaving(a))
        route_all(a, std::nullopt);
    else {
        log("an activation failed", to_string(a.id()) + ": " + text);
        refuse_all(a, error::activation_failed, text);
    }
    co_return false;
}

asio::awaitable<void> node_core::create(context_ptr activation) {
    context& a = *activation;
    if (cluster && !access::type(a).options.fixed) {
        const auto owner = co_await cluster->claim(a.id());
        if (owner.node != id())
            throw moved{owner.node};
        access::epoch(a) = owner.epoch;
    } else {
        access::epoch(a) = next_epoch();
    }
    access::object(a) = access::type(a).create(a);
    if (access::has_extras(a)) {
        for (persistent_base* state : access::extras(a).states)
            co_await state->load();
    }
    if (access::type(a).activate != nullptr)
        co_await access::type(a).activate(access::object(a));
}

asio::awaitable<void> node_core::end_activation(context_ptr activation) {
    context& a = *activation;
    access::state(a) = access::phase::ending;
    const deactivation why = access::why(a);
    if (access::type(a).deactivate != nullptr && why != deactivation::fenced) {
        try {
            co_await access::type(a).deactivate(access::object(a), why);
        } catch (const std::exception& e) {
            log("a deactivation failed", to_string(a.id()) + ": " + e.what());
        }
    }
    access::type(a).destroy(std::exchange(access::object(a), nullptr));
    std::optional<node_address> to;
    if (access::has_extras(a))
        to = access::extras(a).migrates_to;
    access::drop_extras(a);
    ++count.deactivations;
    if (cluster && why != deactivation::fenced && !access::type(a).options.fixed) {
        try {
            co_await cluster->release(a.id(), access::epoch(a));
        } catch (const boost::system::system_error& e) {
            log("a release failed", to_string(a.id()) + ": " + e.what());
        }
    }
    remove(a);
    std::optional<node_id> next;
    if (to && cluster)
        next = cluster->member_at(*to);
    route_all(a, next);
}

void node_core::leave(context& activation, deactivation why) {
    if (access::leaving(activation))
        return;
    access::leaving(activation) = true;
    access::why(activation) = why;
    start_draining(context_ptr(&activation));
}

std::vector<context_ptr> node_core::sorted() const {
    std::vector<context_ptr> all;
    all.reserve(catalogue_.size());
    for (const auto& [key, activation] : catalogue_)
        all.push_back(activation);
    std::sort(all.begin(), all.end(), [](const context_ptr& a, const context_ptr& b) {
        return std::pair(a->type(), std::string_view(a->key())) <
               std::pair(b->type(), std::string_view(b->key()));
    });
    return all;
}

void node_core::lose_all() {
    for (const context_ptr& each : sorted()) {
        if (access::type(*each).options.fixed)
            continue;
        access::why(*each) = deactivation::fenced;
        leave(*each, deactivation::fenced);
        if (call_base* const turn = access::current(*each); turn != nullptr && turn->stop != nullptr)
            turn->stop->emit(asio::cancellation_type::terminal);
    }
}

void node_core::save_done(context& activation, error_code outcome) {
    ++count.saves;
    if (!outcome || outcome == error::conflict || outcome == error::too_large)
        return;
    if (outcome == error::fenced)
        ++count.fenced;
    leave(activation, outcome == error::fenced ? deactivation::fenced : deactivation::failed);
}

void node_core::refuse_all(context& activation, error_code code, const std::string& text) {
    while (const call_ptr call = take(activation)) {
        call->state = call_state::fresh;
        fail(*call, code, text);
    }
}

void node_core::route_all(context& activation, const std::optional<node_id>& where) {
    auto& mailbox = access::mailbox(activation);
    while (!mailbox.empty()) {
        const call_ptr call(&mailbox.front(), false);
        mailbox.pop_front();
        call->handler.reset();
        call->waits_for_room = false;
        if (call->of_timer) {
            finish(*call);
            continue;
        }
        call->state = call_state::fresh;
        if (where)
            forward(call, *where);
        else
            route(call);
    }
}

void node_core::remove(context& activation) {
    access::state(activation) = access::phase::gone;
    catalogue_.erase(name{&access::type(activation), activation.key()});
    if (!catalogue_.empty())
        return;
    let_drainers_go();
    if (stopping_)
        emptied_.wake(waiting);
}

void node_core::now_idle(context& activation) {
    access::last_used(activation) = now();
    auto& type = hosted(activation);
    type.idle.push_back(activation);
    arm_idle(type);
    relieve();
}

void node_core::relieve() {
    if (options.max_activations == 0 || catalogue_.size() <= options.max_activations)
        return;
    context* oldest = nullptr;
    for (auto& [name, type] : types_) {
        if (type->idle.empty())
            continue;
        context& first = type->idle.front();
        if (oldest == nullptr || access::last_used(first) < access::last_used(*oldest))
            oldest = &first;
    }
    if (oldest != nullptr)
        leave(*oldest, deactivation::pressure);
}

void node_core::arm_idle(hosted_type& type) {
    if (type.armed || type.idle.empty() || type.options.idle_after.count() == 0)
        return;
    type.armed = true;
    if (!type.clock)
        type.clock.emplace(executor);
    type.clock->expires_at(access::last_used(type.idle.front()) + type.options.idle_after);
    type.clock->async_wait([this, &type, owner = weak_from_this()](error_code aborted) {
        const auto alive = owner.lock();
        if (!aborted && alive)
            sweep(type);
    });
}

void node_core::sweep(hosted_type& type) {
    type.armed = false;
    const auto until = now() - type.options.idle_after;
    while (!type.idle.empty() && access::last_used(type.idle.front()) <= until)
        leave(type.idle.front(), deactivation::idle);
    arm_idle(type);
}

std::vector<activation_info> node_core::list() const {
    std::vector<activation_info> all;
    for (const auto& [key, a] : catalogue_) {
        activation_info info;
        info.type = a->type();
        info.key = a->key();
        info.epoch = a->epoch();
        info.waiting = access::mailbox(*a).size();
        info.running = access::running(*a);
        info.active = access::state(*a) == access::phase::active;
        all.push_back(std::move(info));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.type, a.key, a.epoch) < std::tie(b.type, b.key, b.epoch);
    });
    return all;
}

}  // namespace squall::actors::detail
