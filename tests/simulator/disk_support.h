// What the tests of the disk share: files written, synced and read in one go.
#ifndef SQUALL_TESTS_SIMULATOR_DISK_SUPPORT_H
#define SQUALL_TESTS_SIMULATOR_DISK_SUPPORT_H

#include "support.h"

#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <optional>

namespace squall::testing_support {

inline constexpr open_mode read_write = open_mode::read | open_mode::write | open_mode::create;
inline constexpr std::size_t sector = 512;

inline asio::awaitable<void> write_file(asio::any_io_executor ex, std::string path, std::string text,
                                        std::uint64_t offset = 0) {
    file f(ex);
    co_await f.async_open(path, read_write, asio::use_awaitable);
    co_await asio::async_write_at(f, offset, asio::buffer(text), asio::use_awaitable);
}
inline asio::awaitable<void> sync_file(asio::any_io_executor ex, std::string path) {
    file f(ex);
    co_await f.async_open(path, open_mode::read | open_mode::write, asio::use_awaitable);
    co_await f.async_sync(asio::use_awaitable);
}
inline asio::awaitable<void> sync_names(asio::any_io_executor ex, std::string path = "") {
    co_await async_sync_directory(ex, path, asio::use_awaitable);
}
// Nothing where there is no such file.
inline asio::awaitable<std::optional<std::string>> read_file(asio::any_io_executor ex, std::string path) {
    file f(ex);
    const auto [missing] = co_await f.async_open(path, open_mode::read, as_result);
    if (missing)
        co_return std::nullopt;
    const std::size_t size = co_await f.async_size(asio::use_awaitable);
    std::string text(size, '\0');
    co_await asio::async_read_at(f, 0, asio::buffer(text), asio::use_awaitable);
    co_return text;
}

// Reads that many bytes, in one read.
inline asio::awaitable<std::string> read_at(file& f, std::uint64_t offset, std::size_t size) {
    std::string text(size, '\0');
    text.resize(co_await f.async_read_some_at(offset, asio::buffer(text), asio::use_awaitable));
    co_return text;
}
// Writes all of it, in one write.
inline asio::awaitable<void> write_at(file& f, std::uint64_t offset, std::string text) {
    EXPECT_EQ(co_await f.async_write_some_at(offset, asio::buffer(text), asio::use_awaitable), text.size());
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_DISK_SUPPORT_H
