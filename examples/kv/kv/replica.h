// A server of the store: what the primary and the backups have in common.
#ifndef KV_REPLICA_H
#define KV_REPLICA_H

#include "kv/link.h"
#include "kv/wal.h"

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kv {

struct replica_config {
    bool primary = false;
    squall::endpoint listen;
    std::vector<squall::endpoint> backups;  // for the primary: where the backups listen
    std::string directory = "data";
    std::function<void(const std::string&)> log = [](const std::string&) {};
};

// Everything of a replica runs on one executor.
class replica : public std::enable_shared_from_this<replica> {
public:
    static std::shared_ptr<replica> make(asio::any_io_executor executor, replica_config config);
    virtual ~replica() = default;

    // Recovers the log and serves until stop(). Throws wal_error when the log fails, and system_error where
    // it cannot listen: the process should then end and be started again.
    asio::awaitable<void> run();
    void stop();

protected:
    replica(asio::any_io_executor executor, replica_config config);

    // After recovery, before the replica listens.
    virtual asio::awaitable<void> prepare() = 0;
    // The life of one accepted connection. What it throws ends that connection alone, except wal_error.
    virtual asio::awaitable<void> serve(std::shared_ptr<link> connection) = 0;
    virtual void on_synced() = 0;

    // Runs a task that the replica cannot do without: what it throws ends the replica.
    void spawn(asio::awaitable<void> task);
    void wake_flush() { flush_wake_.cancel(); }
    // Between the two, stop() closes the connection; drop() closes it in any case.
    void track(const std::shared_ptr<link>& connection);
    void drop(const std::shared_ptr<link>& connection);

    asio::any_io_executor executor_;
    replica_config config_;
    write_ahead_log log_;
    bool stopped_ = false;

private:
    asio::awaitable<void> accept_connections();
    asio::awaitable<void> run_connection(std::shared_ptr<link> connection);
    asio::awaitable<void> flush_log();
    void fail(std::exception_ptr reason);

    squall::acceptor acceptor_;
    squall::timer flush_wake_;
    squall::timer end_;
    std::vector<std::shared_ptr<link>> links_;
    std::exception_ptr failure_;
};

}  // namespace kv

#endif  // KV_REPLICA_H
