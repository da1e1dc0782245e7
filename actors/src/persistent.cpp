#include <squall/actors/persistent.h>

#include "activation.h"
#include "node_core.h"

#include <squall/actors/store.h>

#include <stdexcept>

namespace squall::actors::detail {
namespace {

// What the store has of a state.
struct saved_state {
    std::vector<handled_messages> handled;
    std::string state;
};

state_store& store_of(const std::shared_ptr<node_core>& core) {
    if (!core)
        throw call_failed(error::stopped);
    if (!core->options.store)
        throw std::logic_error("squall: an actor has a persistent state, and node_options::store is not set");
    return *core->options.store;
}

}  // namespace

persistent_base::persistent_base(context& self, std::string name) : self_(self), name_(std::move(name)) {
    activation_access::extras(self).states.push_back(this);
}

persistent_base::~persistent_base() = default;

asio::awaitable<void> persistent_base::load() {
    const auto core = self_.core();
    state_store& store = store_of(core);
    const record_key key{self_.id(), name_};
    const std::uint64_t epoch = self_.epoch();
    const stored_state found = co_await store.load(key, epoch);
    reset_state();
    if (found.version != 0) {
        const auto saved = decode<saved_state>(found.bytes);
        decode_state(saved.state);
        activation_access::extras(self_).seen.loaded(saved.handled);
    }
    version_ = found.version;
}

asio::awaitable<void> persistent_base::save() {
    const auto core = self_.core();
    state_store& store = store_of(core);
    auto& seen = activation_access::extras(self_).seen;
    const call_ptr turn(activation_access::current(self_));
    saved_state now;
    now.handled = seen.with(turn.get());
    encode_state(now.state);
    std::string bytes = encode(now);
    const record_key key{self_.id(), name_};
    const std::uint64_t epoch = self_.epoch();
    const std::uint64_t expected = version_;
    // Until it is known to have failed without an effect, it may have had one.
    error_code outcome = error::store_unavailable;
    try {
        version_ = co_await store.save(key, epoch, expected, std::move(bytes));
        outcome = {};
    } catch (const call_failed& e) {
        outcome = e.code();
    } catch (const boost::system::system_error&) {
        // Cancelled, or the store's own error.
    }
    if (outcome.category() == category() && outcome != error::fenced && outcome != error::conflict &&
        outcome != error::too_large)
        outcome = error::store_unavailable;
    core->save_done(self_, outcome);
    if (outcome)
        throw call_failed(outcome);
    if (turn)
        seen.saved(*turn);
}

asio::awaitable<void> persistent_base::clear() {
    const auto core = self_.core();
    state_store& store = store_of(core);
    const record_key key{self_.id(), name_};
    const std::uint64_t epoch = self_.epoch();
    error_code outcome = error::store_unavailable;
    try {
        co_await store.clear(key, epoch, version_);
        outcome = {};
    } catch (const call_failed& e) {
        if (e.code() == error::fenced || e.code() == error::conflict)
            outcome = e.code();
    } catch (const boost::system::system_error&) {
        // As above.
    }
    core->save_done(self_, outcome);
    if (outcome)
        throw call_failed(outcome);
    reset_state();
    version_ = 0;
}

}  // namespace squall::actors::detail
