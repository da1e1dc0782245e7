#include "leader_election.h"

#include <squall/assertions.h>
#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace leader_election {

using namespace std::chrono_literals;
using common::message;
using common::words;

node::node(asio::any_io_executor executor, config setup)
    : executor_(executor),
      setup_(std::move(setup)),
      log_(executor, "votes.log"),
      silence_(executor) {}

asio::awaitable<void> node::run() {
    const auto self = shared_from_this();
    const std::function<void(const message&)> replay = [this](const message& vote) {
        view_.term = vote[1];
        voted_for_ = vote[2];
    };
    if (!co_await log_.open(replay))
        co_return;
    setup_.changed(view_);
    const common::service service = [self](message request) { return self->answer(std::move(request)); };
    asio::co_spawn(executor_, common::serve(executor_, setup_.nodes[setup_.index], service), asio::detached);
    asio::co_spawn(executor_, hold_elections(), asio::detached);
    co_await log_.run();
}

asio::awaitable<message> node::answer(message request) {
    message reply;
    const auto asked = static_cast<kind>(request[0]);
    if (asked == kind::status)
        co_return words(view_.term, view_.leads, view_.leader);
    if (request.size() != 3 || request[2] >= setup_.nodes.size())
        co_return reply;
    const std::uint64_t term = request[1];
    const std::uint64_t peer = request[2];
    bool granted = false;
    if (term > view_.term)
        follow(term, nobody);
    if (asked == kind::beat && term == view_.term) {
        granted = true;
        if (view_.leader != peer)
            follow(term, peer);
        heard();
    } else if (asked == kind::vote && term == view_.term) {
        granted = vote_for(peer);
        SQUALL_SOMETIMES(!granted, "a vote is asked of a node that has voted");
        if (granted)
            heard();
        if (setup_.planted != bug::votes_before_sync) {
            const bool durable = co_await vote_is_durable();
            if (!durable)
                co_return reply;
        }
    } else {
        SQUALL_REACHABLE("a node is told of a term that is over");
    }
    // `view_` may be of a later term by now: then whoever asked has lost.
    reply = words(view_.term, granted && view_.term == term, view_.leader);
    co_return reply;
}

asio::awaitable<void> node::hold_elections() {
    const auto self = shared_from_this();
    heard();
    for (;;) {
        const auto [ec] = co_await silence_.async_wait(common::use_tuple);
        if (ec)
            continue;
        if (!view_.leads)
            co_await stand();
        heard();
    }
}

// Stands for election; returns once it has asked all peers, and is leader or will hear of none.
asio::awaitable<void> node::stand() {
    const std::uint64_t term = view_.term + 1;
    follow(term, nobody);
    if (!vote_for(setup_.index))
        co_return;
    const bool durable = co_await vote_is_durable();
    if (!durable || view_.term != term)
        co_return;
    votes_ = 1;
    for (std::uint64_t peer = 0; peer < setup_.nodes.size(); ++peer)
        if (peer != setup_.index)
            asio::co_spawn(executor_, ask_for_vote(term, peer), asio::detached);
}

// Asks until it is answered, or the term is over.
asio::awaitable<void> node::ask_for_vote(std::uint64_t term, std::uint64_t peer) {
    const auto self = shared_from_this();
    const squall::endpoint address = setup_.nodes[peer];
    std::optional<message> reply;
    while (!reply && view_.term == term && !view_.leads) {
        reply = co_await common::call(executor_, address, words(kind::vote, term, setup_.index), 300ms);
        if (!reply)
            co_await common::pause(executor_, 50ms);
    }
    if (!reply || reply->size() != 3 || view_.term != term)
        co_return;
    if (reply->at(0) > term)
        follow(reply->at(0), nobody);
    else if (reply->at(1) == 1)
        ++votes_;
    const std::uint64_t size = setup_.nodes.size();
    const std::uint64_t needed = setup_.planted == bug::half_is_enough ? size / 2 : size / 2 + 1;
    if (view_.term != term || view_.leads || view_.leader != nobody || votes_ < needed)
        co_return;
    view_.leads = true;
    view_.leader = setup_.index;
    setup_.changed(view_);
    for (std::uint64_t other = 0; other < size; ++other)
        if (other != setup_.index)
            asio::co_spawn(executor_, send_beats(term, other), asio::detached);
}

asio::awaitable<void> node::send_beats(std::uint64_t term, std::uint64_t peer) {
    const auto self = shared_from_this();
    const squall::endpoint address = setup_.nodes[peer];
    while (leads(term)) {
        if (SQUALL_BUGGIFY_NAMED("a leader falls silent"))
            co_await common::pause(executor_, 2s);
        const auto reply =
            co_await common::call(executor_, address, words(kind::beat, term, setup_.index), 300ms);
        if (reply && reply->front() > view_.term)
            follow(reply->front(), nobody);
        co_await common::pause(executor_, 100ms);
    }
}

bool node::vote_for(std::uint64_t candidate) {
    if (voted_for_ == nobody) {
        voted_for_ = candidate;
        log_.append(words(kind::vote, view_.term, candidate));
        view_.voting = true;
        setup_.changed(view_);
    }
    return voted_for_ == candidate;
}

asio::awaitable<bool> node::vote_is_durable() {
    const bool durable = co_await log_.commit();
    if (view_.voting && log_.durable() == log_.appended()) {
        view_.voting = false;
        setup_.changed(view_);
    }
    co_return durable;
}

void node::follow(std::uint64_t term, std::uint64_t leader) {
    SQUALL_SOMETIMES(view_.leads, "a leader steps down");
    SQUALL_ALWAYS(!view_.leads || term > view_.term, "a leader follows nobody of its own term", "term", term);
    if (term > view_.term)
        voted_for_ = nobody;
    view_.term = term;
    view_.leader = leader;
    view_.leads = false;
    setup_.changed(view_);
}

void node::heard() {
    silence_.expires_after(400ms + std::chrono::milliseconds(setup_.below(600)));
}

}  // namespace leader_election
