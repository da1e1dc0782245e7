// Where actors' states are kept, fenced by epochs.
//
// An implementation may be a table of a database: one row a record, with its version, its fence and its
// bytes.
#ifndef SQUALL_ACTORS_STORE_H
#define SQUALL_ACTORS_STORE_H

#include <squall/actors/error.h>
#include <squall/actors/identity.h>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

namespace squall::actors {

// A state of an actor; one actor may have several, by name.
struct record_key {
    actor_id actor;
    std::string name;

    auto operator<=>(const record_key&) const = default;
};

struct stored_state {
    std::uint64_t version = 0;  // of the last save; 0: never saved, or cleared
    std::string bytes;

    bool operator==(const stored_state&) const = default;
};

// All throw call_failed. What a call that failed with error::store_unavailable, or was cancelled, has done is
// not known; all other errors did nothing. tests/actors/store_contract.cpp holds implementations to it.
class state_store {
public:
    virtual ~state_store() = default;

    // To be called once before the others. Returns a number greater than any that this store returned before,
    // to begin epochs with.
    virtual asio::awaitable<std::uint64_t> open() = 0;
    // The last state saved. From here on whoever has a lower epoch can neither load nor save this record: he
    // gets error::fenced.
    virtual asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) = 0;
    // Returns the new version, greater than all before; error::conflict if `expected` is not the version that
    // is there. When it returns the state is durable.
    virtual asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch,
                                                std::uint64_t expected, std::string bytes) = 0;
    // Makes the record one that was never saved; its fence stays, and versions go on growing.
    virtual asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch,
                                        std::uint64_t expected) = 0;
};

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_STORE_H
