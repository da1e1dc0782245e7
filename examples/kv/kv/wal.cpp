#include "kv/wal.h"

#include "kv/link.h"

#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <algorithm>
#include <filesystem>

namespace kv {
namespace {

constexpr char kFileName[] = "kv.wal";

void check(error_code ec, const char* what) {
    if (ec)
        throw wal_error(ec, what);
}

}  // namespace

write_ahead_log::write_ahead_log(asio::any_io_executor executor, std::string directory)
    : directory_(std::move(directory)),
      file_(executor) {}

asio::awaitable<void> write_ahead_log::open() {
    std::string bytes;
    check(co_await open_file(), "opening the log");
    check(co_await read_file(bytes), "reading the log");

    std::string_view rest(bytes);
    while (record_size(rest) > 0) {
        record entry;
        check(decode(rest, entry), "reading a log record");
        if (entry.seq != last_seq() + 1 || entry.epoch < last_epoch())
            break;
        records_.push_back(std::move(entry));
        ends_.push_back(bytes.size() - rest.size());
    }
    written_ = ends_.empty() ? 0 : ends_.back();
    if (written_ < bytes.size())
        check(co_await resize(written_), "truncating the log");
    // Also where nothing was torn: what the last process wrote and did not sync is read back all the same.
    check(co_await sync(), "syncing the log");
    synced_seq_ = last_seq();
}

void write_ahead_log::append(record entry) {
    entry.seq = last_seq() + 1;
    const std::size_t before = unwritten_.size();
    encode(entry, unwritten_);
    ends_.push_back((ends_.empty() ? 0 : ends_.back()) + unwritten_.size() - before);
    records_.push_back(std::move(entry));
}

void write_ahead_log::truncate(std::uint64_t seq) {
    if (seq >= last_seq())
        return;
    records_.resize(seq);
    ends_.resize(seq);
    const std::uint64_t end = ends_.empty() ? 0 : ends_.back();
    if (end >= written_) {
        unwritten_.resize(end - written_);
    } else {
        unwritten_.clear();
        written_ = end;
        resize_to_ = end;
    }
    synced_seq_ = std::min(synced_seq_, seq);
    flushing_seq_ = std::min(flushing_seq_, seq);
}

asio::awaitable<void> write_ahead_log::flush() {
    while (resize_to_) {
        // Durable before anything is written behind it, lest old records come back behind new ones.
        const std::uint64_t size = *std::exchange(resize_to_, std::nullopt);
        check(co_await resize(size), "truncating the log");
        check(co_await sync(), "syncing the log");
    }
    std::string writing = std::exchange(unwritten_, {});
    const std::uint64_t offset = written_;
    written_ += writing.size();
    flushing_seq_ = last_seq();
    check(co_await write_at(offset, writing), "writing the log");
    check(co_await sync(), "syncing the log");
    synced_seq_ = flushing_seq_;
}

asio::awaitable<error_code> write_ahead_log::open_file() {
    auto executor = file_.get_executor();
    auto [ec] = co_await squall::async_create_directory(executor, directory_, use_tuple);
    if (ec)
        co_return ec;
    const auto mode = squall::open_mode::read | squall::open_mode::write | squall::open_mode::create;
    std::tie(ec) = co_await file_.async_open(directory_ + "/" + kFileName, mode, use_tuple);
    if (ec)
        co_return ec;
    // The names must survive as well: the file's in its directory, the directory's in its parent.
    std::tie(ec) = co_await squall::async_sync_directory(executor, directory_, use_tuple);
    if (ec)
        co_return ec;
    std::string parent = std::filesystem::path(directory_).parent_path().string();
    if (parent.empty())
        parent = ".";
    std::tie(ec) = co_await squall::async_sync_directory(executor, parent, use_tuple);
    co_return ec;
}

asio::awaitable<error_code> write_ahead_log::read_file(std::string& bytes) {
    auto [ec, size] = co_await file_.async_size(use_tuple);
    if (ec || size == 0)
        co_return ec;
    bytes.resize(size);
    std::tie(ec, size) = co_await asio::async_read_at(file_, 0, asio::buffer(bytes), use_tuple);
    co_return ec;
}

asio::awaitable<error_code> write_ahead_log::write_at(std::uint64_t offset, const std::string& bytes) {
    auto [ec, size] = co_await asio::async_write_at(file_, offset, asio::buffer(bytes), use_tuple);
    co_return ec;
}

asio::awaitable<error_code> write_ahead_log::resize(std::uint64_t size) {
    auto [ec] = co_await file_.async_resize(size, use_tuple);
    co_return ec;
}

asio::awaitable<error_code> write_ahead_log::sync() {
    auto [ec] = co_await file_.async_sync(use_tuple);
    co_return ec;
}

}  // namespace kv
