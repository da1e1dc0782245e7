#include <squall/actors/file_store.h>

#include "frames.h"

#include <squall/actors/memory_store.h>
#include <squall/actors/wait.h>
#include <squall/corruption.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>

#include <filesystem>
#include <map>
#include <vector>

namespace squall::actors {
namespace {

constexpr std::size_t longest_batch = 256 * 1024 * 1024;
constexpr std::uint64_t rewrite_above = 256 * 1024;  // bytes; a shorter log is left as it is
constexpr std::uint64_t rewrite_factor = 4;          // of what a new one would have
constexpr auto batch_kind = static_cast<detail::frame_kind>(0x42);

// A change of one record.
struct entry {
    record_key key;
    std::uint64_t fence = 0;
    std::uint64_t counter = 0;
    bool has_state = false;
    stored_state state;
};
struct batch {
    std::uint64_t number = 0;
    std::uint64_t generation = 0;
    std::vector<entry> entries;
};

std::size_t weight(const record_key& key, const kept_state& record) {
    return key.actor.type.size() + key.actor.key.size() + key.name.size() + record.state.bytes.size() + 32;
}

}  // namespace

class file_store::log : public std::enable_shared_from_this<log> {
public:
    log(asio::any_io_executor executor, std::string directory)
        : executor_(std::move(executor)),
          waiting_(executor_),
          directory_(std::move(directory)),
          file_(executor_) {}

    asio::awaitable<std::uint64_t> open();
    // Makes what was changed so far durable.
    asio::awaitable<void> durable();
    void changed(const record_key& key, const kept_state& record, bool has_state);
    kept_state& record(const record_key& key) {
        if (failed_ || !open_)
            throw call_failed(error::store_unavailable, "a write has failed");
        return records_[key];
    }

    bool failed_ = false;
    std::uint64_t written_ = 0;  // bytes of the file that are batches

private:
    struct waiter {
        detail::wait_slot done;
        bool failed = false;
    };

    std::string path(const char* name) const { return directory_ + "/" + name; }
    void replay(std::string_view bytes);
    void refuse_damage(std::string_view rest, std::uint64_t at);
    asio::awaitable<void> read();
    asio::awaitable<void> flush_all();
    asio::awaitable<void> append(batch next);
    asio::awaitable<void> rewrite();

    const asio::any_io_executor executor_;
    const detail::waiting_room waiting_;
    const std::string directory_;
    squall::file file_;
    bool open_ = false;
    bool flushing_ = false;
    std::map<record_key, kept_state> records_;
    std::uint64_t live_ = 0;  // bytes that a new log would have, roughly
    std::uint64_t number_ = 0;
    std::uint64_t generation_ = 0;
    std::vector<entry> unwritten_;
    std::vector<std::shared_ptr<waiter>> waiters_;
};

asio::awaitable<std::uint64_t> file_store::log::open() {
    const auto self = shared_from_this();
    co_await squall::async_create_directory(executor_, directory_, asio::deferred);
    std::string parent = std::filesystem::path(directory_).parent_path().string();
    if (parent.empty())
        parent = ".";
    co_await squall::async_sync_directory(executor_, parent, asio::deferred);
    co_await read();
    ++generation_;
    batch first;
    co_await append(std::move(first));
    open_ = true;
    co_return generation_;
}

asio::awaitable<void> file_store::log::read() {
    const auto mode = open_mode::read | open_mode::write | open_mode::create;
    co_await file_.async_open(path("state.log"), mode, asio::deferred);
    co_await squall::async_sync_directory(executor_, directory_, asio::deferred);
    const std::size_t size = co_await file_.async_size(asio::deferred);
    std::string bytes(size, '\0');
    if (size > 0)
        co_await asio::async_read_at(file_, 0, asio::buffer(bytes), asio::deferred);
    replay(bytes);
    if (written_ < size)
        co_await file_.async_resize(written_, asio::deferred);
    // What the last process wrote and did not sync was read all the same: it must not go away now.
    co_await file_.async_sync(asio::deferred);
}

void file_store::log::replay(std::string_view bytes) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const std::uint64_t at = bytes.size() - rest.size();
        batch next;
        std::string_view before = rest;
        try {
            std::string_view body;
            if (!detail::take_frame(rest, body, longest_batch))
                return refuse_damage(before, at);
            next = decode<batch>(body.substr(1));
        } catch (const call_failed&) {
            return refuse_damage(before, at);
        }
        number_ = next.number;
        generation_ = next.generation;
        for (entry& each : next.entries) {
            kept_state& kept = records_[each.key];
            live_ -= std::min<std::uint64_t>(live_, weight(each.key, kept));
            kept.fence = each.fence;
            kept.counter = each.counter;
            if (each.has_state)
                kept.state = std::move(each.state);
            live_ += weight(each.key, kept);
        }
        written_ = bytes.size() - rest.size();
    }
}

// A batch is written when the one before it is synced. So what is torn is the last one: behind it there can
// be no whole one.
void file_store::log::refuse_damage(std::string_view rest, std::uint64_t at) {
    for (std::size_t skip = 1; skip < rest.size(); ++skip) {
        std::string_view later = rest.substr(skip);
        std::string_view body;
        try {
            if (!detail::take_frame(later, body, longest_batch) ||
                static_cast<detail::frame_kind>(body.front()) != batch_kind)
                continue;
            if (decode<batch>(body.substr(1)).number <= number_)
                continue;
        } catch (const call_failed&) {
            continue;
        }
        corruption_detected(file_, at, skip);
        throw call_failed(error::store_unavailable, "the log is damaged: " + path("state.log"));
    }
}

void file_store::log::changed(const record_key& key, const kept_state& record, bool has_state) {
    entry next;
    next.key = key;
    next.fence = record.fence;
    next.counter = record.counter;
    next.has_state = has_state;
    if (has_state)
        next.state = record.state;
    unwritten_.push_back(std::move(next));
}

asio::awaitable<void> file_store::log::durable() {
    const auto self = shared_from_this();
    if (unwritten_.empty() && !flushing_)
        co_return;
    const auto mine = std::make_shared<waiter>();
    waiters_.push_back(mine);
    if (!flushing_) {
        flushing_ = true;
        asio::co_spawn(executor_, flush_all(), asio::detached);
    }
    co_await mine->done.async_wait(waiting_, asio::deferred);
    if (mine->failed)
        throw call_failed(error::store_unavailable, "a write has failed");
}

asio::awaitable<void> file_store::log::flush_all() {
    const auto self = shared_from_this();
    while (!waiters_.empty()) {
        const std::vector<std::shared_ptr<waiter>> served = std::exchange(waiters_, {});
        batch next;
        next.entries = std::exchange(unwritten_, {});
        try {
            if (!failed_ && !next.entries.empty())
                co_await append(std::move(next));
            if (!failed_ && written_ > rewrite_above && written_ > rewrite_factor * live_)
                co_await rewrite();
        } catch (const boost::system::system_error&) {
            failed_ = true;
        }
        for (const auto& each : served) {
            each->failed = failed_;
            each->done.wake(waiting_);
        }
    }
    flushing_ = false;
}

asio::awaitable<void> file_store::log::append(batch next) {
    next.number = ++number_;
    next.generation = generation_;
    std::string bytes;
    detail::append_frame(bytes, batch_kind, next, longest_batch);
    co_await asio::async_write_at(file_, written_, asio::buffer(bytes), asio::deferred);
    co_await file_.async_sync(asio::deferred);
    written_ += bytes.size();
}

asio::awaitable<void> file_store::log::rewrite() {
    batch all;
    all.number = ++number_;
    all.generation = generation_;
    std::uint64_t live = 0;
    for (const auto& [key, kept] : records_) {
        entry each;
        each.key = key;
        each.fence = kept.fence;
        each.counter = kept.counter;
        each.has_state = true;
        each.state = kept.state;
        all.entries.push_back(std::move(each));
        live += weight(key, kept);
    }
    std::string bytes;
    detail::append_frame(bytes, batch_kind, all, longest_batch);
    squall::file next(executor_);
    const auto mode = open_mode::read | open_mode::write | open_mode::create | open_mode::truncate;
    co_await next.async_open(path("state.new"), mode, asio::deferred);
    co_await asio::async_write_at(next, 0, asio::buffer(bytes), asio::deferred);
    co_await next.async_sync(asio::deferred);
    co_await squall::async_rename(executor_, path("state.new"), path("state.log"), asio::deferred);
    co_await squall::async_sync_directory(executor_, directory_, asio::deferred);
    file_ = std::move(next);
    written_ = bytes.size();
    live_ = live;
}

file_store::file_store(asio::any_io_executor executor, std::string directory)
    : log_(std::make_shared<log>(std::move(executor), std::move(directory))) {}
file_store::~file_store() = default;

asio::awaitable<std::uint64_t> file_store::open() {
    return log_->open();
}

asio::awaitable<stored_state> file_store::load(const record_key& key, std::uint64_t epoch) {
    const auto kept = log_;
    kept_state& record = kept->record(key);
    record.check(epoch);
    if (record.fence != epoch) {
        record.fence = epoch;
        kept->changed(key, record, false);
    }
    stored_state found = record.state;
    co_await kept->durable();
    co_return found;
}

asio::awaitable<std::uint64_t> file_store::save(const record_key& key, std::uint64_t epoch,
                                                std::uint64_t expected, std::string bytes) {
    const auto kept = log_;
    kept_state& record = kept->record(key);
    record.check(epoch, expected);
    record.fence = epoch;
    record.state.version = ++record.counter;
    record.state.bytes = std::move(bytes);
    const std::uint64_t version = record.state.version;
    kept->changed(key, record, true);
    co_await kept->durable();
    co_return version;
}

asio::awaitable<void> file_store::clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) {
    const auto kept = log_;
    kept_state& record = kept->record(key);
    record.check(epoch, expected);
    record.fence = epoch;
    record.state = {};
    kept->changed(key, record, true);
    co_await kept->durable();
}

bool file_store::failed() const {
    return log_->failed_;
}
std::uint64_t file_store::size() const {
    return log_->written_;
}

}  // namespace squall::actors
