// The primary: serves clients, and sends its log to the backups.
#ifndef KV_PRIMARY_H
#define KV_PRIMARY_H

#include "kv/replica.h"
#include "kv/store.h"

#include <list>
#include <map>

namespace kv {

// A write is committed once it is on the disk of the primary and of a backup, and only then applied and
// answered `ok`. Reads see what is applied, so nothing that was read can be lost. A primary that starts does
// not know what it had committed before; everything that it had is in its log, so it serves reads once a
// record of its own epoch, and thereby all before it, is committed.
class primary final : public replica {
public:
    primary(asio::any_io_executor executor, replica_config config);

private:
    struct peer {
        peer(asio::any_io_executor executor, squall::endpoint address)
            : address(address),
              wake(std::move(executor)) {}
        squall::endpoint address;
        squall::timer wake;         // there is something to send
        std::uint64_t next = 1;     // seq of the next record to send
        std::uint64_t matched = 0;  // the logs agreed up to here when the connection began
        std::uint64_t acked = 0;    // on the backup's disk
    };

    asio::awaitable<void> prepare() override;
    asio::awaitable<void> serve(std::shared_ptr<link> connection) override;
    void on_synced() override { advance_commit(); }

    reply answer_read(const request& ask) const;
    asio::awaitable<void> answer_write(std::shared_ptr<link> connection, request ask);
    asio::awaitable<error_code> commit(record entry);
    void advance_commit();

    asio::awaitable<void> replicate_to(peer& backup);
    asio::awaitable<error_code> stream_log(peer& backup, std::shared_ptr<link> connection);
    asio::awaitable<error_code> match_logs(peer& backup, std::shared_ptr<link> connection);
    asio::awaitable<void> read_acks(peer& backup, std::shared_ptr<link> connection);

    store store_;
    std::uint64_t epoch_ = 0;
    std::uint64_t boot_seq_ = 0;                       // of this boot's own record
    std::uint64_t commit_ = 0;                         // committed and applied
    std::map<std::uint64_t, squall::timer*> waiting_;  // writes, by the seq of their record
    std::list<peer> peers_;
#ifdef KV_WITH_BUG
    bool degraded_ = false;
#endif
};

}  // namespace kv

#endif  // KV_PRIMARY_H
