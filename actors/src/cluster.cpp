#include "cluster.h"

#include "bus.h"
#include "node_core.h"
#include "placement.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace squall::actors::detail {
namespace {

constexpr std::size_t max_places = 65'536;  // that are remembered
constexpr int renewals = 4;                 // in a lease's time
constexpr auto look_every = 500ms;          // of one who is no member, to see who is

}  // namespace

cluster::cluster(node_core& core)
    : core_(&core),
      executor_(core.executor),
      directory_(core.options.directory) {
    if (core.options.listen)
        self_.address = *core.options.listen;
}

asio::awaitable<void> cluster::start() {
    const auto self = shared_from_this();
    if (core_->options.hosts)
        co_await join();
    if (core_ != nullptr)
        asio::co_spawn(executor_, core_->options.hosts ? keep_lease() : watch(), asio::detached);
}

bool cluster::is_member() const {
    return self_.incarnation != 0 && steady_clock::now(executor_) < lease_until_;
}

asio::awaitable<void> cluster::leave() {
    const node_id left = std::exchange(self_, node_id{self_.address, 0});
    if (left)
        co_await directory_->leave(left);
}

// Tries until it is done, or the node stops.
asio::awaitable<void> cluster::join() {
    for (int attempts = 0; core_ != nullptr; ++attempts) {
        const auto begun = steady_clock::now(executor_);
        try {
            const node_address address = self_.address;
            const std::vector<std::string> tags = core_->options.tags;
            const lease granted = co_await directory_->join(address, tags);
            if (core_ == nullptr)
                co_return;
            self_ = granted.node;
            duration_ = granted.duration;
            lease_until_ = begun + granted.duration;
            core_->log("joined", to_string(self_));
            co_await renew();
            co_return;
        } catch (const boost::system::system_error& e) {
            if (core_ != nullptr)
                core_->log("joining failed", e.what());
        }
        if (core_ == nullptr)
            co_return;
        squall::timer clock(executor_, core_->backoff(attempts));
        co_await clock.async_wait(asio::deferred);
    }
}

asio::awaitable<void> cluster::renew() {
    const auto begun = steady_clock::now(executor_);
    const node_id mine = self_;
    std::vector<member> now = co_await directory_->renew(mine, core_->active());
    if (core_ == nullptr || self_ != mine)
        co_return;
    lease_until_ = begun + duration_;
    set_members(std::move(now));
}

asio::awaitable<void> cluster::keep_lease() {
    const auto self = shared_from_this();
    while (core_ != nullptr) {
        squall::timer clock(executor_, duration_ / renewals);
        co_await clock.async_wait(asio::deferred);
        if (core_ == nullptr || !self_)
            co_return;
        bool expelled = !is_member();
        if (!expelled) {
            try {
                co_await renew();
            } catch (const boost::system::system_error& e) {
                expelled = e.code() == error::expelled;
            }
        }
        if (core_ == nullptr || !self_)
            co_return;
        if (expelled || !is_member()) {
            lost();
            co_await join();
        }
    }
}

asio::awaitable<void> cluster::watch() {
    const auto self = shared_from_this();
    while (core_ != nullptr) {
        try {
            std::vector<member> now = co_await directory_->members();
            if (core_ != nullptr)
                set_members(std::move(now));
        } catch (const boost::system::system_error&) {
            // What was known stays.
        }
        squall::timer clock(executor_, look_every);
        co_await clock.async_wait(asio::deferred);
    }
}

// Somebody else may have our actors from here on.
void cluster::lost() {
    ++core_->count.expulsions;
    core_->log("expelled", to_string(self_));
    self_.incarnation = 0;
    core_->lose_all();
}

void cluster::set_members(std::vector<member> now) {
    members_ = std::move(now);
    std::erase_if(places_, [this](const auto& place) {
        return std::none_of(members_.begin(), members_.end(),
                            [&place](const member& each) { return each.node == place.second; });
    });
}

std::optional<node_id> cluster::member_at(const node_address& where) const {
    for (const member& each : members_)
        if (each.node.address == where)
            return each.node;
    return std::nullopt;
}

void cluster::go(const call_ptr& call, const node_id& where) {
    if (where.address == self_.address && core_->options.hosts)
        core_->deliver(call);
    else
        core_->forward(call, where);
}

void cluster::place(const call_ptr& call) {
    if (call->from_remote && core_->options.hosts) {
        // Somebody thought that the actor is here, or should be. The directory decides when we claim it.
        core_->deliver(call);
        return;
    }
    const actor_id actor{std::string(call->type), call->key};
    const auto found = looking_.find(actor);
    if (found != looking_.end()) {
        found->second.push_back(call);
        return;
    }
    const auto known = places_.find(actor);
    if (known != places_.end()) {
        go(call, known->second);
        return;
    }
    looking_[actor].push_back(call);
    asio::co_spawn(executor_, find(actor), asio::detached);
}

asio::awaitable<void> cluster::find(actor_id actor) {
    const auto self = shared_from_this();
    std::optional<node_id> where;
    bool remember = false;
    for (int attempts = 0; core_ != nullptr && !where; ++attempts) {
        auto& calls = looking_[actor];
        std::erase_if(calls, [](const call_ptr& each) { return each->state == call_state::finished; });
        if (calls.empty())
            break;
        try {
            const std::optional<location> found = co_await directory_->lookup(actor);
            if (core_ == nullptr)
                co_return;
            remember = found.has_value();
            if (found)
                where = found->node;
            else
                where = choose(actor);
        } catch (const boost::system::system_error&) {
            // Out of reach: again, as long as somebody waits.
        }
        if (core_ == nullptr)
            co_return;
        if (!where && !members_.empty())
            break;
        if (!where) {
            squall::timer clock(executor_, core_->backoff(attempts));
            co_await clock.async_wait(asio::deferred);
        }
    }
    if (core_ == nullptr)
        co_return;
    const std::list<call_ptr> calls = std::move(looking_[actor]);
    looking_.erase(actor);
    if (where && remember) {
        if (places_.size() >= max_places)
            places_.clear();
        places_[actor] = *where;
    }
    for (const call_ptr& call : calls) {
        if (call->state == call_state::finished || core_ == nullptr)
            continue;
        if (where)
            go(call, *where);
        else
            core_->fail(*call, error::no_place);
    }
}

std::optional<node_id> cluster::choose(const actor_id& actor) {
    const actor_type* type = core_->find_type(actor.type);
    const type_options options = type == nullptr ? type_options{} : type->options;
    return choose_node(actor, options, members_, self_, core_->random);
}

asio::awaitable<location> cluster::claim(const actor_id& actor) {
    if (!is_member())
        throw call_failed(error::expelled);
    const node_id mine = self_;
    location owner = co_await directory_->claim(actor, mine);
    // An epoch of a life that is over is none of ours.
    if (self_ != mine)
        throw call_failed(error::expelled);
    co_return owner;
}

asio::awaitable<void> cluster::release(const actor_id& actor, std::uint64_t epoch) {
    if (!self_)
        co_return;
    const location from{self_, epoch};
    co_await directory_->release(actor, from);
}

void cluster::learned(const call_base& call, const location& where) {
    if (member_at(where.node.address))
        places_[actor_id{std::string(call.type), call.key}] = where.node;
}

void cluster::forget(const call_base& call) {
    places_.erase(actor_id{std::string(call.type), call.key});
}

void cluster::forget(const node_address& where) {
    std::erase_if(places_, [&where](const auto& place) { return place.second.address == where; });
}

}  // namespace squall::actors::detail
