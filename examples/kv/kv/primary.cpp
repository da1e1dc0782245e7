#include "kv/primary.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace kv {

primary::primary(asio::any_io_executor executor, replica_config config)
    : replica(std::move(executor), std::move(config)) {
    for (const squall::endpoint& address : config_.backups)
        peers_.emplace_back(executor_, address);
}

asio::awaitable<void> primary::prepare() {
    record boot;
    boot.epoch = epoch_ = log_.last_epoch() + 1;
    log_.append(std::move(boot));
    boot_seq_ = log_.last_seq();
    // Before anything of this epoch leaves the process: no later boot may use the same one.
    co_await log_.flush();
    for (peer& backup : peers_)
        spawn(replicate_to(backup));
}

asio::awaitable<void> primary::serve(std::shared_ptr<link> connection) {
    std::string payload;
    for (;;) {
        request ask;
        connection->read_timer.expires_after(kIdleTimeout);
        error_code ec = co_await connection->read_frame(payload);
        if (!ec)
            ec = decode(payload, ask);
        if (ec)
            co_return;

        reply answer{ask.id, status::invalid, {}};
        if (ask.key.empty() || ask.key.size() > kMaxKey || ask.value.size() > kMaxValue) {
            ec = connection->send(encode(answer));
        } else if (ask.kind == request_kind::get) {
            ec = connection->send(encode(answer_read(ask)));
        } else if (connection->in_flight >= kMaxInFlight) {
            answer.code = status::busy;
            ec = connection->send(encode(answer));
        } else {
            ++connection->in_flight;
            asio::co_spawn(
                executor_,
                [self = shared_from_this(), this, connection, ask = std::move(ask)] {
                    return answer_write(connection, ask);
                },
                [connection](std::exception_ptr problem) {
                    --connection->in_flight;
                    if (problem)
                        connection->close();
                });
        }
        if (ec)
            co_return;
    }
}

reply primary::answer_read(const request& ask) const {
    reply answer{ask.id, status::unavailable, {}};
    if (commit_ < boot_seq_)
        return answer;
    auto found = store_.entries().find(ask.key);
    if (found == store_.entries().end() || !found->second.value) {
        answer.code = status::not_found;
    } else {
        answer.code = status::ok;
        answer.value = *found->second.value;
    }
    return answer;
}

asio::awaitable<void> primary::answer_write(std::shared_ptr<link> connection, request ask) {
    record entry;
    entry.kind = ask.kind == request_kind::put ? record_kind::put : record_kind::del;
    entry.client = ask.client;
    entry.client_seq = ask.client_seq;
    entry.key = std::move(ask.key);
    entry.value = std::move(ask.value);
    error_code ec = co_await commit(std::move(entry));
    reply answer{ask.id, status::ok, {}};
    if (ec)
        answer.code = ec == error::busy ? status::busy : status::unavailable;
    if (connection->send(encode(answer)))
        connection->close();
}

asio::awaitable<error_code> primary::commit(record entry) {
    if (store_.has_applied(entry))
        co_return error_code();
    if (log_.last_seq() - commit_ >= kMaxUncommitted)
        co_return error::busy;
    entry.epoch = epoch_;
    log_.append(std::move(entry));
    const std::uint64_t seq = log_.last_seq();
    wake_flush();
    for (peer& backup : peers_)
        backup.wake.cancel();

    squall::timer committed(executor_);
    waiting_.emplace(seq, &committed);
    committed.expires_after(kReplicationTimeout);
    co_await committed.async_wait(use_tuple);
    waiting_.erase(seq);
#ifdef KV_WITH_BUG
    if (commit_ < seq) {
        // No backup keeps up: go on without them rather than turn the clients away.
        degraded_ = true;
        advance_commit();
    }
#endif
    co_return commit_ >= seq ? error_code() : error::unavailable;
}

void primary::advance_commit() {
    std::uint64_t replicated = 0;
    for (const peer& backup : peers_)
        replicated = std::max(replicated, backup.acked);
    std::uint64_t target = std::min(replicated, log_.synced_seq());
#ifdef KV_WITH_BUG
    if (degraded_)
        target = log_.last_seq();
#endif
    if (target < boot_seq_)
        return;
    while (commit_ < target) {
        store_.apply(log_.at(++commit_));
        auto waiter = waiting_.find(commit_);
        if (waiter != waiting_.end())
            waiter->second->cancel();
    }
}

asio::awaitable<void> primary::replicate_to(peer& backup) {
    squall::timer pause(executor_);
    while (!stopped_) {
        auto connection = std::make_shared<link>(squall::stream(executor_));
        track(connection);
        error_code ec = co_await stream_log(backup, connection);
        drop(connection);
        config_.log("backup disconnected: " + ec.message());
        pause.expires_after(kReconnectDelay);
        co_await pause.async_wait(use_tuple);
    }
}

asio::awaitable<error_code> primary::stream_log(peer& backup, std::shared_ptr<link> connection) {
    connection->read_timer.expires_after(kConnectTimeout);
    error_code ec = co_await connection->connect(backup.address);
    if (ec)
        co_return ec;
    connection->start();
    ec = co_await match_logs(backup, connection);
    if (ec)
        co_return ec;
    spawn(read_acks(backup, connection));
    bool heartbeat = true;  // the first batch tells the backup that the logs match, even if it is empty
    while (!stopped_ && connection->is_open()) {
        peer_message batch;
        batch.type = message_type::append;
        const std::uint64_t limit =
            std::min(log_.last_seq(), std::max(backup.acked, backup.matched) + kReplicationWindow);
        while (backup.next <= limit && batch.records.size() < kMaxBatch)
            encode(log_.at(backup.next++), batch.records);
        if (heartbeat || !batch.records.empty())
            ec = connection->send(encode(batch));
        if (ec)
            co_return ec;
        heartbeat = false;
        if (backup.next <= limit)
            continue;
        backup.wake.expires_after(kHeartbeat);
        auto [woken] = co_await backup.wake.async_wait(use_tuple);
        heartbeat = !woken;
    }
    co_return error::disconnected;
}

// Has the backup cut its log until its last record is one of ours: then all before it are.
asio::awaitable<error_code> primary::match_logs(peer& backup, std::shared_ptr<link> connection) {
    std::string payload;
    peer_message ask;
    ask.type = message_type::hello;
    ask.epoch = epoch_;
    for (;;) {
        error_code ec = connection->send(encode(ask));
        if (ec)
            co_return ec;
        peer_message last;
        connection->read_timer.expires_after(kPeerTimeout);
        ec = co_await connection->read_frame(payload);
        if (!ec)
            ec = decode(payload, last);
        if (!ec && last.type != message_type::position)
            ec = error::malformed_message;
        if (ec)
            co_return ec;
        if (last.seq == 0 || (last.seq <= log_.last_seq() && log_.at(last.seq).epoch == last.epoch)) {
            backup.matched = last.seq;
            backup.next = last.seq + 1;
            co_return error_code();
        }
        // The logs agree at most up to the last of our records that is not of a later epoch than its last
        // one.
        ask.type = message_type::truncate;
        ask.seq = std::min(last.seq - 1, log_.last_seq());
        while (ask.seq > 0 && log_.at(ask.seq).epoch > last.epoch)
            --ask.seq;
    }
}

asio::awaitable<void> primary::read_acks(peer& backup, std::shared_ptr<link> connection) {
    std::string payload;
    for (;;) {
        peer_message ack;
        connection->read_timer.expires_after(kPeerTimeout);
        error_code ec = co_await connection->read_frame(payload);
        if (!ec)
            ec = decode(payload, ack);
        if (!ec && (ack.type != message_type::ack || ack.seq > log_.last_seq()))
            ec = error::malformed_message;
        if (ec)
            break;
        backup.acked = std::max(backup.acked, ack.seq);
#ifdef KV_WITH_BUG
        degraded_ = degraded_ && backup.acked < log_.synced_seq();
#endif
        advance_commit();
        backup.wake.cancel();
    }
    connection->close();
    backup.wake.cancel();
}

}  // namespace kv
