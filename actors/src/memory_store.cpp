#include <squall/actors/memory_store.h>

namespace squall::actors {

void kept_state::check(std::uint64_t epoch) const {
    if (epoch < fence)
        throw call_failed(error::fenced);
}

void kept_state::check(std::uint64_t epoch, std::uint64_t expected) const {
    check(epoch);
    if (state.version != expected)
        throw call_failed(error::conflict);
}

asio::awaitable<std::uint64_t> memory_store::open() {
    co_return ++generation_;
}

asio::awaitable<stored_state> memory_store::load(const record_key& key, std::uint64_t epoch) {
    kept_state& record = records_[key];
    record.check(epoch);
    record.fence = epoch;
    co_return record.state;
}

asio::awaitable<std::uint64_t> memory_store::save(const record_key& key, std::uint64_t epoch,
                                                  std::uint64_t expected, std::string bytes) {
    kept_state& record = records_[key];
    record.check(epoch, expected);
    record.fence = epoch;
    record.state.version = ++record.counter;
    record.state.bytes = std::move(bytes);
    co_return record.state.version;
}

asio::awaitable<void> memory_store::clear(const record_key& key, std::uint64_t epoch,
                                          std::uint64_t expected) {
    kept_state& record = records_[key];
    record.check(epoch, expected);
    record.fence = epoch;
    record.state = {};
    co_return;
}

}  // namespace squall::actors
