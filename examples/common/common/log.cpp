#include "common/log.h"

#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <utility>

namespace common {

log::log(asio::any_io_executor executor, std::string path)
    : path_(std::move(path)),
      file_(executor),
      wake_(executor),
      flushed_(executor) {
    wake_.expires_at(squall::timer::time_point::max());
    flushed_.expires_at(squall::timer::time_point::max());
}

asio::awaitable<bool> log::open(std::function<void(const message&)> replay) {
    const auto mode = squall::open_mode::read | squall::open_mode::write | squall::open_mode::create;
    auto [ec] = co_await file_.async_open(path_, mode, use_tuple);
    if (ec)
        co_return false;
    std::tie(ec) = co_await squall::async_sync_directory(file_.get_executor(), ".", use_tuple);
    if (ec)
        co_return false;
    std::string bytes;
    auto [problem, size] = co_await file_.async_size(use_tuple);
    if (problem)
        co_return false;
    if (size > 0) {
        bytes.resize(size);
        std::tie(problem, size) = co_await asio::async_read_at(file_, 0, asio::buffer(bytes), use_tuple);
        if (problem)
            co_return false;
    }
    std::string_view rest(bytes);
    while (const auto record = decode(rest)) {
        replay(*record);
        ++appended_;
    }
    end_ = bytes.size() - rest.size();
    std::tie(ec) = co_await file_.async_resize(end_, use_tuple);
    if (ec)
        co_return false;
    // Also where nothing was torn: what the last boot wrote and did not sync is read back all the same.
    std::tie(ec) = co_await file_.async_sync(use_tuple);
    durable_ = appended_;
    co_return !ec;
}

void log::append(const message& record) {
    unwritten_ += encode(record);
    ++appended_;
    wake_.cancel();
}

asio::awaitable<bool> log::commit() {
    const std::uint64_t mine = appended_;
    while (durable_ < mine && !failed_)
        co_await flushed_.async_wait(use_tuple);
    co_return !failed_;
}

asio::awaitable<void> log::run() {
    while (!failed_) {
        if (unwritten_.empty())
            co_await wake_.async_wait(use_tuple);
        else
            failed_ = !co_await flush();
        flushed_.cancel();
    }
}

asio::awaitable<bool> log::flush() {
    const std::string writing = std::exchange(unwritten_, {});
    const std::uint64_t upto = appended_;
    const std::uint64_t offset = std::exchange(end_, end_ + writing.size());
    const auto [ec, size] = co_await asio::async_write_at(file_, offset, asio::buffer(writing), use_tuple);
    if (ec)
        co_return false;
    const auto [problem] = co_await file_.async_sync(use_tuple);
    if (!problem)
        durable_ = upto;
    co_return !problem;
}

}  // namespace common
