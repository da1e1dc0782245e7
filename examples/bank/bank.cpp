#include "bank.h"

#include <squall/assertions.h>
#include <squall/buggify.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace bank {

using namespace std::chrono_literals;
using common::message;
using common::words;

server::server(asio::any_io_executor executor, config setup)
    : executor_(executor),
      setup_(std::move(setup)),
      log_(executor, "accounts.log") {
    for (std::size_t a = setup_.index; a < accounts; a += setup_.servers.size())
        balances_[a] = opening_balance;
    view_.sent.resize(setup_.servers.size());
    view_.credited.resize(setup_.servers.size());
}

asio::awaitable<void> server::run() {
    const auto self = shared_from_this();
    const std::function<void(const message&)> replay = [this](const message& entry) { apply(entry); };
    if (!co_await log_.open(replay))
        co_return;
    tell();
    for (const auto& [operation, owed] : promises_)
        asio::co_spawn(executor_, self->pay(operation), asio::detached);
    const common::service service = [self](message request) { return self->answer(std::move(request)); };
    asio::co_spawn(executor_, common::serve(executor_, setup_.servers[setup_.index], service),
                   asio::detached);
    co_await log_.run();
}

bool server::valid(const message& request) const {
    const auto mine = [&](std::size_t at) { return balances_.contains(request[at]); };
    switch (static_cast<kind>(request[0])) {
        case kind::deposit:
        case kind::withdraw:
            return request.size() == 4 && mine(2);
        case kind::transfer:
            return request.size() == 5 && mine(2) && request[3] < accounts;
        case kind::balance:
            return request.size() == 3 && mine(2);
        case kind::credit:
            return request.size() == 5 && mine(2) && request[4] < setup_.servers.size();
        default:
            return false;
    }
}

asio::awaitable<message> server::answer(message request) {
    message reply;
    if (!valid(request))
        co_return reply;
    const auto asked = static_cast<kind>(request[0]);
    const std::uint64_t operation = request[1];
    if (asked == kind::credit) {
        SQUALL_SOMETIMES(credits_.contains(operation), "a payment is told again");
        if (!credits_.contains(operation) || setup_.planted == bug::credits_twice)
            record(request);
        reply = words(kind::done);
    } else if (asked == kind::balance) {
        reply = words(kind::done, balances_.at(request[2]));
    } else {
        SQUALL_SOMETIMES(answers_.contains(operation), "a client asks again for what was decided");
        if (!answers_.contains(operation)) {
            record(judge(request));
            if (promises_.contains(operation))
                asio::co_spawn(executor_, shared_from_this()->pay(operation), asio::detached);
        }
        reply = words(answers_.at(operation));
    }
    if (!co_await log_.commit())
        reply.clear();
    co_return reply;
}

// A refusal is recorded as well: a copy of the request that comes late must not be granted.
message server::judge(const message& request) const {
    const auto asked = static_cast<kind>(request[0]);
    const auto amount = static_cast<std::int64_t>(request.back());
    if (asked != kind::deposit && balances_.at(request[2]) < amount)
        return words(kind::refused, request[1]);
    return request;
}

void server::record(const message& entry) {
    log_.append(entry);
    apply(entry);
    tell();
}

void server::apply(const message& entry) {
    const std::uint64_t operation = entry[1];
    switch (static_cast<kind>(entry[0])) {
        case kind::deposit:
            balances_[entry[2]] += static_cast<std::int64_t>(entry[3]);
            view_.deposited += static_cast<std::int64_t>(entry[3]);
            answers_[operation] = kind::done;
            break;
        case kind::withdraw:
            balances_[entry[2]] -= static_cast<std::int64_t>(entry[3]);
            view_.withdrawn += static_cast<std::int64_t>(entry[3]);
            answers_[operation] = kind::done;
            break;
        case kind::transfer: {
            const promise owed{entry[3], static_cast<std::int64_t>(entry[4])};
            balances_[entry[2]] -= owed.amount;
            view_.sent[owed.to % setup_.servers.size()] += owed.amount;
            promises_[operation] = owed;
            answers_[operation] = kind::done;
            break;
        }
        case kind::credit:
            balances_[entry[2]] += static_cast<std::int64_t>(entry[3]);
            view_.credited[entry[4]] += static_cast<std::int64_t>(entry[3]);
            credits_.insert(operation);
            break;
        case kind::paid:
            promises_.erase(operation);
            break;
        default:
            answers_[operation] = kind::refused;
            break;
    }
}

void server::tell() {
    view_.money = 0;
    view_.least = balances_.begin()->second;
    for (const auto& [account, balance] : balances_) {
        view_.money += balance;
        view_.least = std::min(view_.least, balance);
    }
    view_.promises = promises_.size();
    setup_.changed(view_);
}

asio::awaitable<void> server::pay(std::uint64_t operation) {
    const auto self = shared_from_this();
    const promise owed = promises_.at(operation);
    if (setup_.planted != bug::pays_before_sync) {
        const bool durable = co_await log_.commit();
        if (!durable)
            co_return;
    }
    if (SQUALL_BUGGIFY_NAMED("a payment is slow"))
        co_await common::pause(executor_, 2s);
    const squall::endpoint peer = setup_.servers[owed.to % setup_.servers.size()];
    for (int tried = 1;; ++tried) {
        message payment = words(kind::credit, operation, owed.to, owed.amount, setup_.index);
        const auto reply = co_await common::call(executor_, peer, std::move(payment), 500ms);
        SQUALL_SOMETIMES(tried > 3, "a payment takes more than three tries");
        if (reply)
            break;
        co_await common::pause(executor_, 200ms);
    }
    record(words(kind::paid, operation));
}

}  // namespace bank
