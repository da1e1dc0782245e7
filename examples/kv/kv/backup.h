// A backup: keeps a copy of the primary's log.
#ifndef KV_BACKUP_H
#define KV_BACKUP_H

#include "kv/replica.h"

namespace kv {

class backup final : public replica {
public:
    backup(asio::any_io_executor executor, replica_config config)
        : replica(std::move(executor), std::move(config)) {}

private:
    asio::awaitable<void> prepare() override;
    asio::awaitable<void> serve(std::shared_ptr<link> connection) override;
    void on_synced() override;

    error_code follow(const peer_message& message, const std::shared_ptr<link>& connection);
    error_code append(std::string_view records);
    error_code send_ack(link& connection);

    std::uint64_t epoch_ = 0;      // latest epoch of a primary seen
    std::weak_ptr<link> primary_;  // the one connection that may change the log
    bool following_ = false;       // its logs have been matched: what we have synced is the primary's
};

}  // namespace kv

#endif  // KV_BACKUP_H
