#include "routing.h"

#include <squall/assertions.h>
#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace routing {

using namespace std::chrono_literals;
using common::message;
using common::words;

node::node(asio::any_io_executor executor, config setup)
    : executor_(executor),
      setup_(std::move(setup)),
      log_(executor, "messages.log") {}

asio::awaitable<void> node::run() {
    const auto self = shared_from_this();
    const std::function<void(const message&)> replay = [this](const message& entry) { apply(entry); };
    if (!co_await log_.open(replay))
        co_return;
    setup_.waiting_changed(waiting_);
    setup_.ended(ended_);
    for (const auto& [id, known] : known_)
        if (known.state == kind::accepted)
            asio::co_spawn(executor_, self->hand_on(id), asio::detached);
    const common::service service = [self](message request) { return self->answer(std::move(request)); };
    asio::co_spawn(executor_, common::serve(executor_, setup_.ring[setup_.index], service), asio::detached);
    co_await log_.run();
}

asio::awaitable<message> node::answer(message request) {
    message reply;
    if (request.size() != 3 || static_cast<kind>(request[0]) != kind::pass ||
        request[2] >= setup_.ring.size())
        co_return reply;
    if (SQUALL_BUGGIFY_NAMED("a node takes its time"))
        co_await common::pause(executor_, 1s);
    const std::uint64_t id = request[1];
    const std::uint64_t destination = request[2];
    bool accepted = true;
    if (const auto found = known_.find(id); found != known_.end()) {
        SQUALL_REACHABLE("a copy of a message is told from a new one");
        accepted = found->second.state != kind::refused;
    } else if (destination == setup_.index) {
        record(kind::delivered, id, destination);
    } else if (waiting_ >= setup_.capacity) {
        accepted = false;
        SQUALL_REACHABLE("a node has no room for a message");
        if (setup_.planted != bug::forgets_refusals)
            record(kind::refused, id, destination);
    } else {
        record(kind::accepted, id, destination);
        asio::co_spawn(executor_, shared_from_this()->hand_on(id), asio::detached);
    }
    if (co_await log_.commit())
        reply = words(accepted ? kind::accepted : kind::refused);
    co_return reply;
}

asio::awaitable<void> node::hand_on(std::uint64_t id) {
    const auto self = shared_from_this();
    const std::uint64_t destination = known_.at(id).destination;
    const squall::endpoint next = setup_.ring[next_to(destination)];
    if (!co_await log_.commit())
        co_return;
    for (int silent = 0;;) {
        const auto reply = co_await common::call(executor_, next, words(kind::pass, id, destination), 400ms);
        if (reply) {
            const bool taken = static_cast<kind>(reply->front()) == kind::accepted;
            record(taken ? kind::handed_on : kind::lost, id, destination);
            co_return;
        }
        ++silent;
        SQUALL_SOMETIMES(silent > 2, "a node is silent more than twice");
        if (setup_.planted == bug::gives_up && silent == 5) {
            record(kind::lost, id, destination);
            co_return;
        }
        co_await common::pause(executor_, 200ms);
    }
}

// The shorter way around.
std::uint64_t node::next_to(std::uint64_t destination) const {
    const std::uint64_t size = setup_.ring.size();
    const std::uint64_t ahead = (destination + size - setup_.index) % size;
    return (setup_.index + (2 * ahead <= size ? 1 : size - 1)) % size;
}

void node::record(kind what, std::uint64_t id, std::uint64_t destination) {
    const message entry = words(what, id, destination);
    log_.append(entry);
    apply(entry);
    setup_.waiting_changed(waiting_);
    if (what == kind::delivered || what == kind::lost)
        setup_.ended(ended_);
}

void node::apply(const message& entry) {
    const auto state = static_cast<kind>(entry[0]);
    if (state == kind::accepted)
        ++waiting_;
    if (state == kind::handed_on || state == kind::lost)
        --waiting_;
    if (state == kind::delivered || state == kind::lost)
        ++ended_[entry[1]];
    known_[entry[1]] = {state, entry[2]};
}

}  // namespace routing
