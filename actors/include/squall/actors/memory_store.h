// A store in memory, for tests and for states that need not outlive the process.
#ifndef SQUALL_ACTORS_MEMORY_STORE_H
#define SQUALL_ACTORS_MEMORY_STORE_H

#include <squall/actors/store.h>

#include <map>

namespace squall::actors {

// What a store says of a record; both stores of the library judge by it.
struct kept_state {
    std::uint64_t fence = 0;    // the greatest epoch that loaded or saved it
    std::uint64_t counter = 0;  // of versions
    stored_state state;

    // Throw error::fenced; error::conflict.
    void check(std::uint64_t epoch) const;
    void check(std::uint64_t epoch, std::uint64_t expected) const;
};

// Answers within the call. Several nodes of one thread may share it.
class memory_store final : public state_store {
public:
    asio::awaitable<std::uint64_t> open() override;
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override;
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override;
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override;

private:
    std::map<record_key, kept_state> records_;
    std::uint64_t generation_ = 0;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_MEMORY_STORE_H
