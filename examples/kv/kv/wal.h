// The write-ahead log: a file of records, and the same records in memory.
#ifndef KV_WAL_H
#define KV_WAL_H

#include "kv/wire.h"

#include <squall/file.h>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace kv {

namespace asio = boost::asio;

// Appending and truncating act on memory at once; flush() brings the file up to it. One coroutine at a time
// may flush, and is the only one that touches the file; appending and truncating while it does is fine.
// open() and flush() throw wal_error.
class write_ahead_log {
public:
    write_ahead_log(asio::any_io_executor executor, std::string directory);

    // Opens or creates the file, reads the records, drops the torn end that a crash may have left, and makes
    // the rest durable.
    asio::awaitable<void> open();

    std::uint64_t last_seq() const { return records_.size(); }
    std::uint64_t last_epoch() const { return records_.empty() ? 0 : records_.back().epoch; }
    const record& at(std::uint64_t seq) const { return records_.at(seq - 1); }
    // Up to here the records survive a crash.
    std::uint64_t synced_seq() const { return synced_seq_; }

    // Gives the record the next seq.
    void append(record entry);
    // Keeps the records up to seq.
    void truncate(std::uint64_t seq);

    // Makes durable what was appended before, in one write and one sync; what is appended meanwhile is the
    // next flush's.
    asio::awaitable<void> flush();

private:
    asio::awaitable<error_code> open_file();
    asio::awaitable<error_code> read_file(std::string& bytes);
    asio::awaitable<error_code> write_at(std::uint64_t offset, const std::string& bytes);
    asio::awaitable<error_code> resize(std::uint64_t size);
    asio::awaitable<error_code> sync();

    std::string directory_;
    squall::file file_;
    std::vector<record> records_;
    std::vector<std::uint64_t> ends_;  // offset in the file behind each record
    std::string unwritten_;            // encoded records whose write has not begun
    std::optional<std::uint64_t> resize_to_;
    std::uint64_t written_ = 0;  // size of the file, counting a write under way
    std::uint64_t synced_seq_ = 0;
    std::uint64_t flushing_seq_ = 0;  // what synced_seq_ will be after the write under way
};

}  // namespace kv

#endif  // KV_WAL_H
