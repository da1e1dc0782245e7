#include "kv/backup.h"

namespace kv {

asio::awaitable<void> backup::prepare() {
    epoch_ = log_.last_epoch();
    co_return;
}

asio::awaitable<void> backup::serve(std::shared_ptr<link> connection) {
    std::string payload;
    for (;;) {
        if (primary_.lock() == connection)
            connection->read_timer.expires_after(kPeerTimeout);
        else
            connection->read_timer.expires_after(kIdleTimeout);
        error_code ec = co_await connection->read_frame(payload);
        if (ec)
            co_return;
        if (type_of(payload) == message_type::request) {
            request ask;
            ec = decode(payload, ask);
            reply answer{ask.id, status::not_primary, {}};
            if (!ec)
                ec = connection->send(encode(answer));
        } else {
            peer_message message;
            ec = decode(payload, message);
            if (!ec)
                ec = follow(message, connection);
        }
        if (ec)
            co_return;
    }
}

error_code backup::follow(const peer_message& message, const std::shared_ptr<link>& connection) {
    auto current = primary_.lock();
    if (message.type == message_type::hello) {
        // A connection that an earlier boot of the primary left behind must not touch the log any more.
        if (message.epoch < epoch_)
            return error::malformed_message;
        epoch_ = message.epoch;
        if (current && current != connection)
            current->close();
        primary_ = connection;
    } else if (current != connection) {
        return error::disconnected;
    }

    switch (message.type) {
        case message_type::truncate:
            log_.truncate(message.seq);
            [[fallthrough]];
        case message_type::hello: {
            following_ = false;
            peer_message position;
            position.type = message_type::position;
            position.epoch = log_.last_epoch();
            position.seq = log_.last_seq();
            return connection->send(encode(position));
        }
        case message_type::append: {
            following_ = true;
            error_code ec = append(message.records);
            return ec ? ec : send_ack(*connection);
        }
        default:
            return error::malformed_message;
    }
}

error_code backup::append(std::string_view records) {
    while (!records.empty()) {
        record entry;
        error_code ec = decode(records, entry);
        if (!ec && (entry.seq != log_.last_seq() + 1 || entry.epoch > epoch_))
            ec = error::malformed_message;
        if (ec)
            return ec;
        log_.append(std::move(entry));
        wake_flush();
    }
    return {};
}

// Also the answer to an empty batch: it shows the primary that the backup is there, however slow its disk is.
error_code backup::send_ack(link& connection) {
    peer_message ack;
    ack.type = message_type::ack;
    ack.seq = log_.synced_seq();
    return connection.send(encode(ack));
}

void backup::on_synced() {
    auto connection = primary_.lock();
    if (connection && following_ && send_ack(*connection))
        connection->close();
}

}  // namespace kv
