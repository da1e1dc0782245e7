#include <squall/actors/authority.h>

namespace squall::actors {
namespace {

// The two services are actors of a fixed place.
class directory_actor {
    BOOST_DESCRIBE_CLASS(directory_actor, (), (join, renew, members, leave, lookup, claim, release), (), ())

public:
    static constexpr std::string_view type_name = "squall.directory";
    explicit directory_actor(std::shared_ptr<directory> kept) : kept_(std::move(kept)) {}

    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) {
        return kept_->join(address, tags);
    }
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) {
        return kept_->renew(node, activations);
    }
    asio::awaitable<std::vector<member>> members() { return kept_->members(); }
    asio::awaitable<void> leave(const node_id& node) { return kept_->leave(node); }
    asio::awaitable<std::optional<location>> lookup(const actor_id& actor) { return kept_->lookup(actor); }
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) {
        return kept_->claim(actor, node);
    }
    asio::awaitable<void> release(const actor_id& actor, const location& from) {
        return kept_->release(actor, from);
    }

private:
    std::shared_ptr<directory> kept_;
};

class store_actor {
    BOOST_DESCRIBE_CLASS(store_actor, (), (open, load, save, clear), (), ())

public:
    static constexpr std::string_view type_name = "squall.store";
    explicit store_actor(std::shared_ptr<state_store> kept) : kept_(std::move(kept)) {}

    asio::awaitable<std::uint64_t> open() { return kept_->open(); }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) {
        return kept_->load(key, epoch);
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) {
        return kept_->save(key, epoch, expected, std::move(bytes));
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) {
        return kept_->clear(key, epoch, expected);
    }

private:
    std::shared_ptr<state_store> kept_;
};

// What a service answered, or that nothing is known of it.
[[noreturn]] void rethrow_unless_unknown(const call_failed& e) {
    if (e.code() == error::expelled || e.code() == error::fenced || e.code() == error::conflict ||
        e.code() == error::too_large)
        throw call_failed(e.code());
    throw call_failed(error::store_unavailable, e.what());
}

class directory_client final : public directory {
public:
    directory_client(ref<directory_actor> far) : far_(std::move(far)) {}

    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) override {
        return far_.call<&directory_actor::join>(address, tags);
    }
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) override {
        return far_.call<&directory_actor::renew>(node, activations);
    }
    asio::awaitable<std::vector<member>> members() override { return far_.call<&directory_actor::members>(); }
    asio::awaitable<void> leave(const node_id& node) override {
        return far_.call<&directory_actor::leave>(node);
    }
    asio::awaitable<std::optional<location>> lookup(const actor_id& actor) override {
        return far_.call<&directory_actor::lookup>(actor);
    }
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) override {
        return far_.call<&directory_actor::claim>(actor, node);
    }
    asio::awaitable<void> release(const actor_id& actor, const location& from) override {
        return far_.call<&directory_actor::release>(actor, from);
    }

private:
    ref<directory_actor> far_;
};

class store_client final : public state_store {
public:
    store_client(ref<store_actor> far) : far_(std::move(far)) {}

    asio::awaitable<std::uint64_t> open() override { return far_.call<&store_actor::open>(); }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override {
        try {
            auto asked = far_.call<&store_actor::load>(key, epoch);
            stored_state found = co_await std::move(asked);
            co_return found;
        } catch (const call_failed& e) {
            rethrow_unless_unknown(e);
        }
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override {
        try {
            auto asked = far_.call<&store_actor::save>(key, epoch, expected, std::move(bytes));
            const std::uint64_t version = co_await std::move(asked);
            co_return version;
        } catch (const call_failed& e) {
            rethrow_unless_unknown(e);
        }
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override {
        try {
            auto asked = far_.call<&store_actor::clear>(key, epoch, expected);
            co_await std::move(asked);
        } catch (const call_failed& e) {
            rethrow_unless_unknown(e);
        }
    }

private:
    ref<store_actor> far_;
};

template <class T>
ref<T> service(node& services, const asio::ip::tcp::endpoint& where, delivery mode,
               std::chrono::nanoseconds patience) {
    call_options how;
    how.timeout = patience;
    how.mode = mode;
    return services.at<T>(where, "").with(how);
}

}  // namespace

void serve_authority(node& here, std::shared_ptr<directory> the_directory,
                     std::shared_ptr<state_store> the_store) {
    type_options options;
    options.reentrant = true;
    options.fixed = true;
    options.idle_after = 0s;
    options.mailbox = 64 * 1024;
    // Whatever they are asked twice has the effect of once; but for a save, which at most once is enough for.
    options.deduplicate = false;
    if (the_directory)
        here.add<directory_actor>(
            options, [the_directory](context&) { return std::make_unique<directory_actor>(the_directory); });
    if (the_store)
        here.add<store_actor>(options,
                              [the_store](context&) { return std::make_unique<store_actor>(the_store); });
}

std::shared_ptr<directory> remote_directory(node& services, const asio::ip::tcp::endpoint& where,
                                            std::chrono::nanoseconds patience) {
    return std::make_shared<directory_client>(
        service<directory_actor>(services, where, delivery::at_least_once, patience));
}

std::shared_ptr<state_store> remote_store(node& services, const asio::ip::tcp::endpoint& where,
                                          std::chrono::nanoseconds patience) {
    return std::make_shared<store_client>(
        service<store_actor>(services, where, delivery::at_most_once, patience));
}

}  // namespace squall::actors
