// A store in a file, which survives crashes of its process and of its machine.
//
// The file is a log of batches, each with a checksum and a number. A save is in it, and synced, before it
// returns; saves that wait at the same time share a sync. What a crash tore off at the end is dropped, none
// of which was acknowledged; damage before the end is an error, never a silent loss. The log is written anew
// when most of it is of states that are not the last.
#ifndef SQUALL_ACTORS_FILE_STORE_H
#define SQUALL_ACTORS_FILE_STORE_H

#include <squall/actors/store.h>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace squall::actors {

// One object, of one process, has the directory at a time. Belongs to one executor. All states are in memory
// as well. After a write that failed what the disk has is unknown: every call from then on fails with
// error::store_unavailable, and another object has to open the directory.
class file_store final : public state_store {
public:
    // The directory is made where it is missing; its parent must exist.
    file_store(asio::any_io_executor executor, std::string directory);
    ~file_store() override;

    // Throws system_error of the disk's; call_failed(error::store_unavailable) where the log is damaged.
    asio::awaitable<std::uint64_t> open() override;
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override;
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override;
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override;

    // Whether a write failed.
    bool failed() const;
    // Of the log.
    std::uint64_t size() const;

private:
    class log;
    std::shared_ptr<log> log_;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_FILE_STORE_H
