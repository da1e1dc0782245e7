#include "cluster_campaign.h"

#include "../../actors/src/frames.h"
#include "support.h"

#include <squall/actors/authority.h>
#include <squall/actors/file_store.h>
#include <squall/actors/memory_directory.h>
#include <squall/buggify.h>
#include <squall/stream.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>

#include <map>
#include <optional>
#include <sstream>

namespace squall::actors::testing_support {
namespace {

constexpr std::uint16_t authority_port = 7000;
constexpr std::uint16_t node_port = 7100;
constexpr int accounts = 6;
constexpr int lanes = 6;
constexpr int operations_of_a_lane = 8;

// How often each operation was done to the account.
struct account_state {
    std::map<std::uint64_t, std::uint32_t> done;
};

// The last operation that was noted; saved after the account's own state.
struct account_note {
    std::uint64_t operation = 0;
};
struct refusal {
    std::uint64_t number = 0;
};
enum class mishap { error, code, other };

class account {
    BOOST_DESCRIBE_CLASS(account, (), (apply, all, look_at, refuse, fail, tear_off, tick, leave, migrate), (),
                         ())

public:
    static constexpr std::string_view type_name = "account";
    using throws = std::tuple<refusal>;

    explicit account(context& self) : self_(self), state_(self), note_(self, "note") {}
    asio::awaitable<void> activate() {
        if (SQUALL_BUGGIFY_NAMED("an account does not begin"))
            throw std::runtime_error("it does not begin");
        active_ = true;
        self_.every<&account::tick>(700ms);
        co_return;
    }
    asio::awaitable<void> deactivate(deactivation) {
        SQUALL_ALWAYS(!inside_, "an actor ends between its turns");
        if (SQUALL_BUGGIFY_NAMED("an account does not end well"))
            throw std::runtime_error("it does not end well");
        co_return;
    }
    void tick() { SQUALL_ALWAYS(active_ && !inside_, "a tick is a message"); }
    asio::awaitable<std::uint64_t> apply(std::uint64_t operation) {
        SQUALL_ALWAYS(active_, "an actor is active before its first message");
        SQUALL_ALWAYS(!inside_, "one message at a time");
        inside_ = true;
        const leaving_turn end{inside_};
        ++state_->done[operation];
        co_await state_.save();
        SQUALL_ALWAYS(state_->done[operation] == 1, "an operation is done once", "operation", operation);
        if (operation % 4 == 0) {
            note_->operation = operation;
            co_await note_.save();
        }
        co_return state_->done.size();
    }
    std::map<std::uint64_t, std::uint32_t> all() {
        SQUALL_ALWAYS(!inside_, "nothing is read in the middle of a turn");
        SQUALL_ALWAYS(note_->operation == 0 || state_->done.contains(note_->operation),
                      "of two states the later holds nothing that the earlier has not", "operation",
                      note_->operation);
        return state_->done;
    }
    asio::awaitable<std::uint64_t> look_at(std::string other) {
        auto asked = self_.get<account>(other).call<&account::all>();
        const std::map<std::uint64_t, std::uint32_t> seen = co_await std::move(asked);
        co_return seen.size();
    }
    void refuse(std::uint64_t number) {
        refusal thrown;
        thrown.number = number;
        throw thrown;
    }
    void fail(mishap how) {
        if (how == mishap::error)
            throw std::runtime_error("it broke");
        if (how == mishap::code)
            throw boost::system::system_error(asio::error::no_permission);
        throw 1;
    }
    asio::awaitable<void> tear_off() { co_await note_.clear(); }
    void leave() { self_.deactivate(); }
    void migrate(const node_address& to) { self_.migrate(to); }

private:
    struct leaving_turn {
        bool& inside;
        ~leaving_turn() { inside = false; }
    };
    context& self_;
    persistent<account_state> state_;
    persistent<account_note> note_;
    bool active_ = false;
    bool inside_ = false;
};

// Bug: it takes every write as it comes.
class careless_store final : public state_store {
public:
    explicit careless_store(std::shared_ptr<state_store> kept) : kept_(std::move(kept)) {}
    asio::awaitable<std::uint64_t> open() override { return kept_->open(); }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t) override {
        return kept_->load(key, 1);
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t, std::uint64_t,
                                        std::string bytes) override {
        const stored_state now = co_await kept_->load(key, 1);
        const std::uint64_t version = co_await kept_->save(key, 1, now.version, std::move(bytes));
        co_return version;
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t, std::uint64_t expected) override {
        return kept_->clear(key, 1, expected);
    }

private:
    std::shared_ptr<state_store> kept_;
};

// Bug: whoever had an actor once has it until he gives it back.
class stale_directory final : public directory {
public:
    explicit stale_directory(std::shared_ptr<directory> kept) : kept_(std::move(kept)) {}
    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) override {
        return kept_->join(address, tags);
    }
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) override {
        return kept_->renew(node, activations);
    }
    asio::awaitable<std::vector<member>> members() override { return kept_->members(); }
    asio::awaitable<void> leave(const node_id& node) override { return kept_->leave(node); }
    asio::awaitable<std::optional<location>> lookup(const actor_id& actor) override {
        const auto found = places_.find(actor);
        std::optional<location> where;
        if (found != places_.end())
            where = found->second;
        co_return where;
    }
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) override {
        const auto found = places_.find(actor);
        if (found != places_.end() && found->second.node != node)
            co_return found->second;
        const location owner = co_await kept_->claim(actor, node);
        places_[actor] = owner;
        co_return owner;
    }
    asio::awaitable<void> release(const actor_id& actor, const location& from) override {
        places_.erase(actor);
        return kept_->release(actor, from);
    }

private:
    std::shared_ptr<directory> kept_;
    std::map<actor_id, location> places_;
};

asio::awaitable<void> run_authority(process_context& self, bug planted) {
    const auto io = self.executor();
    try {
        std::shared_ptr<file_store> file = std::make_shared<file_store>(io, "states");
        directory_options options;
        options.generation = co_await file->open();
        options.successor = options.generation > 1;
        options.lease = 1s;  // short, so that a pause outlasts it
        std::shared_ptr<directory> places = std::make_shared<memory_directory>(io, options);
        std::shared_ptr<state_store> states = file;
        if (planted == bug::no_epoch_check)
            states = std::make_shared<careless_store>(file);
        if (planted == bug::crashed_nodes_stay)
            places = std::make_shared<stale_directory>(places);
        node_options how;
        how.listen = self.endpoint(authority_port);
        node here(io, how);
        serve_authority(here, places, states);
        co_await here.start();
        while (!file->failed())
            co_await pause(io, 100ms);
    } catch (const boost::system::system_error&) {
        // The disk: the next boot reads what it has.
    }
}

// A member of the cluster, with what it needs to be one.
struct member_node {
    member_node(process_context& self, bug planted, bool hosts)
        : services(self.executor()),
          here(self.executor(), options(self, planted, hosts)) {
        type_options type;
        type.deduplicate = planted != bug::no_deduplication;
        type.idle_after = 2s;
        type.mailbox = 2;  // so that senders are held back
        if (hosts)
            here.add<account>(type);
    }
    node_options options(process_context& self, bug planted, bool hosts) {
        const asio::ip::tcp::endpoint authority(self.peers("authority").front(), authority_port);
        node_options how;
        if (hosts)
            how.listen = self.endpoint(node_port);
        how.hosts = hosts;
        how.directory = remote_directory(services, authority);
        how.store = remote_store(services, authority);
        if (planted == bug::forwards_without_limit)
            how.max_forwards = 1'000'000;
        return how;
    }
    asio::awaitable<void> start() {
        co_await services.start();
        co_await here.start();
    }
    node services;
    node here;
};

// The counters, as Prometheus gets them, become the campaign's metrics.
void measure(process_context& self, const node& of) {
    std::istringstream text(prometheus_text(of));
    for (std::string line; std::getline(text, line);) {
        const std::size_t space = line.find(' ');
        if (!line.starts_with('#') && line.substr(0, space).ends_with("_total"))
            self.measure(line.substr(0, space), std::stod(line.substr(space)));
    }
}

asio::awaitable<void> run_node(process_context& self, bug planted) {
    member_node mine(self, planted, true);
    co_await mine.start();
    for (int looks = 0; !self.stopping(); ++looks) {
        co_await pause(self.executor(), 50ms);
        if (looks % 20 == 0)
            measure(self, mine.here);
        SQUALL_SOMETIMES(mine.here.count().fenced > 0, "a save is fenced");
        SQUALL_SOMETIMES(mine.here.count().expulsions > 0, "a node is expelled");
        SQUALL_SOMETIMES(mine.here.count().duplicates > 0, "a message comes again");
        SQUALL_SOMETIMES(mine.here.count().forwards > 0, "a message is forwarded");
        SQUALL_SOMETIMES(mine.here.count().bad_frames > 0, "a damaged frame is noticed");
        SQUALL_ALWAYS_LE(mine.here.count().most_forwards, 2u, "no message is forwarded without end");
    }
    co_await mine.here.stop(1s);
}

struct promise {
    int account = 0;
    bool done = false;     // it was acknowledged
    bool refused = false;  // it has certainly had no effect
};

class client final : public workload {
public:
    explicit client(bug planted) : planted_(planted) {}

    asio::awaitable<void> run(workload_context& self) override {
        mine_.emplace(self, planted_, false);
        co_await mine_->start();
        int left = lanes;
        for (int i = 0; i < lanes; ++i)
            asio::co_spawn(self.executor(), lane(self), [&left](const std::exception_ptr& thrown) {
                --left;
                if (thrown)
                    std::rethrow_exception(thrown);
            });
        while (left > 0)
            co_await pause(self.executor(), 100ms);
        measure(self, mine_->here);
    }

    asio::awaitable<void> check(workload_context& self) override {
        std::map<std::uint64_t, std::uint32_t> seen;
        for (int i = 0; i < accounts; ++i) {
            std::optional<std::map<std::uint64_t, std::uint32_t>> found;
            for (int tried = 0; !found; ++tried) {
                SQUALL_ALWAYS(tried < 10, "every actor can be reached when the faults are over", "account",
                              i);
                try {
                    call_options how;
                    how.timeout = 5s;
                    auto asked = mine_->here.get<account>(std::to_string(i)).with(how).call<&account::all>();
                    found = co_await std::move(asked);
                } catch (const call_failed&) {
                }
                if (!found)
                    co_await pause(self.executor(), 1s);
            }
            for (const auto& [operation, count] : *found) {
                SQUALL_ALWAYS(count == 1, "an operation was done once", "operation", operation);
                const auto promised = promises_.find(operation);
                if (promised != promises_.end())
                    SQUALL_ALWAYS(promised->second.account == i, "an operation is done to its account");
                seen[operation] += count;
            }
        }
        for (const auto& [operation, promised] : promises_) {
            if (promised.done)
                SQUALL_ALWAYS(seen.contains(operation), "what was acknowledged is kept", "operation",
                              operation);
            if (promised.refused)
                SQUALL_ALWAYS(!seen.contains(operation), "what was refused is not done", "operation",
                              operation);
        }
        co_return;
    }

private:
    asio::awaitable<void> lane(workload_context& self) {
        for (int i = 0; i < operations_of_a_lane; ++i) {
            co_await pause(self.executor(), self.random().exponential(500ms));
            co_await one(self);
        }
    }
    asio::awaitable<void> one(workload_context& self) {
        const auto number = static_cast<int>(self.random().below(accounts));
        call_options how;
        how.mode = self.random().chance(0.7) ? delivery::at_least_once : delivery::at_most_once;
        how.timeout = 10s;
        const auto actor = mine_->here.get<account>(std::to_string(number)).with(how);
        const auto what = self.random().below(16);
        if (what < 10) {
            const std::uint64_t operation = (static_cast<std::uint64_t>(self.index() + 1) << 32) | ++last_;
            promise& made = promises_[operation];
            made.account = number;
            const bool one_way = what == 9;
            error_code code;
            if (one_way)
                code = co_await code_of(actor.send<&account::apply>(operation));
            else
                code = co_await code_of(actor.call<&account::apply>(operation));
            made.done = (!code && !one_way) || code == error::result_lost;
            made.refused = had_no_effect(code);
            SQUALL_SOMETIMES(code == error::result_lost, "a result is lost");
            SQUALL_SOMETIMES(code == error::maybe_delivered, "a message is maybe delivered");
            SQUALL_SOMETIMES(code && !made.refused, "an outcome is unknown");
            SQUALL_SOMETIMES(!code, "an operation is acknowledged");
        } else if (what < 11) {
            co_await code_of(actor.call<&account::leave>());
        } else if (what < 12) {
            co_await refused(actor, ++last_);
        } else if (what < 13) {
            const auto how = static_cast<mishap>(self.random().below(3));
            const error_code code = co_await code_of(actor.call<&account::fail>(how));
            SQUALL_ALWAYS(code.failed(), "a method that fails does not succeed");
            SQUALL_SOMETIMES(code == error::handler_failed, "a method fails");
            SQUALL_SOMETIMES(code == asio::error::no_permission, "a method fails with a code of its own");
        } else if (what < 14) {
            co_await code_of(actor.call<&account::tear_off>());
        } else if (what < 15) {
            const auto& nodes = self.peers("node");
            const node_address to(
                asio::ip::tcp::endpoint(nodes[self.random().below(nodes.size())], node_port));
            co_await code_of(actor.call<&account::migrate>(to));
        } else {
            const std::string other = std::to_string(self.random().below(accounts));
            co_await code_of(actor.call<&account::look_at>(other));
        }
    }

    asio::awaitable<void> refused(ref<account> actor, std::uint64_t number) {
        error_code code;
        std::uint64_t arrived = 0;
        try {
            auto asked = actor.call<&account::refuse>(number);
            co_await std::move(asked);
        } catch (const refusal& e) {
            arrived = e.number;
        } catch (const call_failed& e) {
            code = e.code();
        }
        SQUALL_ALWAYS(code.failed() || arrived == number, "a declared exception arrives whole", "number",
                      number, "arrived", arrived);
        SQUALL_ALWAYS(code != error::handler_failed, "a declared exception arrives as what it is");
        SQUALL_SOMETIMES(arrived == number, "a declared exception arrives");
    }

    bug planted_;
    std::optional<member_node> mine_;
    std::map<std::uint64_t, promise> promises_;
    std::uint64_t last_ = 0;
};

// Whoever can reach a node's port: nothing that he sends may do more than end his own connection.
class stranger final : public workload {
public:
    asio::awaitable<void> run(workload_context& self) override {
        while (self.chaos()) {
            co_await pause(self.executor(), self.random().exponential(1s));
            co_await visit(self);
        }
    }

private:
    asio::awaitable<void> visit(workload_context& self) {
        const auto& nodes = self.peers("node");
        const bool to_authority = self.random().chance(0.2);
        const asio::ip::tcp::endpoint where(
            to_authority ? self.peers("authority").front() : nodes[self.random().below(nodes.size())],
            to_authority ? authority_port : node_port);
        squall::stream connection(self.executor());
        constexpr auto values = asio::as_tuple(asio::deferred);
        auto [refused] = co_await connection.async_connect(where, values);
        if (refused)
            co_return;
        const std::string bytes = speech(self, to_authority);
        auto [failed, sent] = co_await asio::async_write(connection, asio::buffer(bytes), values);
        if (!failed)
            co_await pause(self.executor(), self.random().exponential(200ms));
    }

    std::string speech(workload_context& self, bool to_authority) {
        using namespace detail;
        constexpr std::size_t longest = 64 * 1024;
        const auto what = self.random().below(9);
        std::string bytes;
        if (what == 0) {  // no frame
            for (int i = 0; i < 100; ++i)
                bytes += static_cast<char>(self.random().below(256));
            return bytes;
        }
        hello_frame hello;
        hello.cluster = what == 1 ? "others" : "squall";
        append_frame(bytes, what == 2 ? frame_kind::pong : frame_kind::hello, hello, longest);
        request_frame request;
        request.ticket = 1;
        request.type = to_authority ? "squall.directory" : account::type_name;
        request.key = std::string("\0\xff", 2);
        request.method = method_number(to_authority ? "join" : "apply");
        request.time_left = self.random().below(~std::uint64_t{0});
        if (what == 3) {
            append_frame(bytes, static_cast<frame_kind>(99), empty_frame{}, longest);
        } else if (what == 4) {
            append_frame(bytes, frame_kind::request, hello, longest);
        } else if (what == 5) {
            request.type = "nothing";
            append_frame(bytes, frame_kind::request, request, longest);
        } else if (what == 6) {
            request.method = 1;
            append_frame(bytes, frame_kind::request, request, longest);
        } else if (what == 7) {  // arguments that are none
            request.arguments = "\x01\xff";
            append_frame(bytes, frame_kind::request, request, longest);
        } else {  // a ticket twice
            request.method = method_number(to_authority ? "members" : "all");
            request.arguments = encode(std::tuple<>());
            append_frame(bytes, frame_kind::request, request, longest);
            append_frame(bytes, frame_kind::request, request, longest);
        }
        return bytes;
    }
};

}  // namespace

simulation cluster_simulation(bug planted, std::uint64_t seeds) {
    simulation all("actors");
    all.processes("authority", 1, [planted](process_context& self) { return run_authority(self, planted); })
        .processes("node", 3, [planted](process_context& self) { return run_node(self, planted); })
        .workload("client", 2, [planted] { return std::make_unique<client>(planted); })
        .workload("stranger", 1, [] { return std::make_unique<stranger>(); })
        .damage_budget("authority", 0)  // the states are on one disk
        .chaos_duration(15s)
        .seeds(seeds);
    if (planted != bug::none)
        all.until_first_failure();
    return all;
}

}  // namespace squall::actors::testing_support
