// An append-only log of messages in one file: what a server must not forget.
//
// Records are frames with checksums (message.h). A log ends where one is not whole: what a crash tore off was
// never committed. It trusts the disk to keep what was synced.
#ifndef EXAMPLE_COMMON_LOG_H
#define EXAMPLE_COMMON_LOG_H

#include "common/message.h"
#include "common/rpc.h"

#include <squall/file.h>
#include <squall/timer.h>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace common {

// Belongs to one executor; to be owned by a shared_ptr, or by what is. A server opens it, appends and
// commits, while run() does the writing. A disk that fails ends run(), and with it the server: what stands on
// the disk then, only a new start can tell.
class log {
public:
    log(asio::any_io_executor executor, std::string path);

    // Reads the records there are, the oldest first. False where the disk fails.
    asio::awaitable<bool> open(std::function<void(const message&)> replay);

    void append(const message& record);
    // Waits until what has been appended by now is durable. False where the disk failed: what waited for it
    // must not be answered.
    asio::awaitable<bool> commit();
    // Of records: how many there are, and how many of them are durable.
    std::uint64_t appended() const { return appended_; }
    std::uint64_t durable() const { return durable_; }

    // Writes and syncs in groups; returns when the disk fails.
    asio::awaitable<void> run();

private:
    asio::awaitable<bool> flush();

    std::string path_;
    squall::file file_;
    squall::timer wake_;     // of run(): something was appended
    squall::timer flushed_;  // of commit(): something became durable
    std::string unwritten_;
    std::uint64_t end_ = 0;  // of the file
    std::uint64_t appended_ = 0;
    std::uint64_t durable_ = 0;
    bool failed_ = false;
};

}  // namespace common

#endif  // EXAMPLE_COMMON_LOG_H
