#include "directory.h"

#include <squall/assertions.h>
#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace directory {

using namespace std::chrono_literals;
using common::message;
using common::words;

node::node(asio::any_io_executor executor, config setup)
    : executor_(executor),
      setup_(std::move(setup)),
      log_(executor, "directory.log") {
    view_.registered.fill(nobody);
    for (std::size_t e = setup_.index; e < entities; e += setup_.nodes.size())
        registered_[e] = {};
}

asio::awaitable<void> node::run() {
    const auto self = shared_from_this();
    const std::function<void(const message&)> replay = [this](const message& entry) { apply(entry); };
    if (!co_await log_.open(replay))
        co_return;
    setup_.changed(view_);
    const common::service service = [self](message request) { return self->answer(std::move(request)); };
    asio::co_spawn(executor_, common::serve(executor_, setup_.nodes[setup_.index], service), asio::detached);
    co_await log_.run();
}

asio::awaitable<message> node::answer(message request) {
    message reply;
    if (request.size() < 2 || request[1] >= entities)
        co_return reply;
    const auto asked = static_cast<kind>(request[0]);
    const std::uint64_t entity = request[1];
    if (asked == kind::activate || asked == kind::release || asked == kind::move) {
        if (!busy_.insert(entity).second) {
            SQUALL_REACHABLE("something is asked of an entity while something is being done to it");
            co_return words(kind::refused);
        }
        kind outcome = kind::refused;
        if (asked == kind::activate)
            outcome = co_await activate(entity);
        else if (asked == kind::release)
            outcome = co_await release(entity);
        else if (request.size() == 3 && request[2] < setup_.nodes.size())
            outcome = co_await move(entity, request[2]);
        busy_.erase(entity);
        co_return words(outcome);
    }
    if (asked == kind::visit)
        co_return words(active_.contains(entity) ? kind::done : kind::refused);

    if (!registered_.contains(entity))
        co_return reply;
    if (SQUALL_BUGGIFY_NAMED("a home takes its time"))
        co_await common::pause(executor_, 1s);
    const registration& known = registered_.at(entity);
    if (asked == kind::claim && request.size() == 3)
        reply = claim(entity, request[2]);
    else if (asked == kind::give_up && request.size() == 4)
        reply = give_up(entity, request[2], request[3]);
    else if (asked == kind::look_up)
        reply = known.at == nobody ? words(kind::refused) : words(kind::done, known.at, known.generation);
    if (setup_.planted != bug::answers_before_sync) {
        const bool durable = co_await log_.commit();
        if (!durable)
            reply.clear();
    }
    co_return reply;
}

asio::awaitable<kind> node::activate(std::uint64_t entity) {
    if (active_.contains(entity))
        co_return kind::done;
    const auto reply = co_await ask_home(words(kind::claim, entity, setup_.index));
    SQUALL_SOMETIMES(!reply, "it is unknown whether an entity was registered");
    if (!reply)
        co_return kind::unknown;
    if (static_cast<kind>(reply->front()) != kind::done || reply->size() != 2)
        co_return kind::refused;
    active_[entity] = reply->at(1);
    view_.active |= std::uint64_t{1} << entity;
    setup_.changed(view_);
    co_return kind::done;
}

// First it ends here, and then its registration: what comes between leaves it nowhere, never at two places.
asio::awaitable<kind> node::release(std::uint64_t entity) {
    std::uint64_t generation = 0;
    if (const auto found = active_.find(entity); found != active_.end()) {
        generation = found->second;
        active_.erase(found);
        view_.active &= ~(std::uint64_t{1} << entity);
        setup_.changed(view_);
    } else {
        const auto known = co_await ask_home(words(kind::look_up, entity));
        if (!known || known->size() != 3 || known->at(1) != setup_.index)
            co_return kind::refused;
        generation = known->at(2);
        SQUALL_REACHABLE("a node ends the registration of an entity that it has not got");
    }
    const auto reply = co_await ask_home(words(kind::give_up, entity, setup_.index, generation));
    SQUALL_SOMETIMES(!reply, "it is unknown whether a registration has ended");
    co_return reply ? static_cast<kind>(reply->front()) : kind::unknown;
}

asio::awaitable<kind> node::move(std::uint64_t entity, std::uint64_t to) {
    if (!active_.contains(entity) || to == setup_.index)
        co_return kind::refused;
    const kind released = co_await release(entity);
    if (released != kind::done)
        co_return released;
    const auto reply = co_await common::call(executor_, setup_.nodes[to], words(kind::activate, entity), 1s);
    SQUALL_SOMETIMES(reply && static_cast<kind>(reply->front()) == kind::done, "an entity moves");
    co_return reply ? static_cast<kind>(reply->front()) : kind::unknown;
}

asio::awaitable<std::optional<message>> node::ask_home(message request) {
    const squall::endpoint home = setup_.nodes[request[1] % setup_.nodes.size()];
    return common::call(executor_, home, std::move(request), 400ms);
}

message node::claim(std::uint64_t entity, std::uint64_t at) {
    const registration& known = registered_.at(entity);
    if (known.at != nobody && known.at != at)
        return words(kind::refused);
    record(words(kind::claim, entity, at, known.generation + 1));
    return words(kind::done, known.generation);
}

message node::give_up(std::uint64_t entity, std::uint64_t at, std::uint64_t generation) {
    const registration& known = registered_.at(entity);
    const bool late = known.generation != generation;
    SQUALL_SOMETIMES(late, "a home is asked to end a registration that is none any more");
    if (known.at != at || (late && setup_.planted != bug::any_generation))
        return words(kind::refused);
    record(words(kind::give_up, entity, at, known.generation));
    return words(kind::done);
}

void node::record(const message& entry) {
    log_.append(entry);
    apply(entry);
    setup_.changed(view_);
}

void node::apply(const message& entry) {
    registration& known = registered_[entry[1]];
    known.at = static_cast<kind>(entry[0]) == kind::claim ? entry[2] : nobody;
    known.generation = entry[3];
    view_.registered.at(entry[1]) = known.at;
}

}  // namespace directory
