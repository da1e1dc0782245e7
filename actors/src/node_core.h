// The inside of a node: its types, its activations, and the way of each call to one of them.
#ifndef SQUALL_ACTORS_SRC_NODE_CORE_H
#define SQUALL_ACTORS_SRC_NODE_CORE_H

#include "activation.h"
#include "deadlines.h"

#include <squall/actors/metrics.h>
#include <squall/actors/options.h>
#include <squall/provider.h>
#include <squall/random.h>

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace squall::actors::detail {

class bus;
class cluster;

class node_core : public std::enable_shared_from_this<node_core> {
public:
    node_core(asio::any_io_executor executor, node_options options);
    ~node_core();
    void begin();  // once it is held by a shared_ptr

    void add_type(actor_type type);
    actor_type* find_type(std::string_view name);
    asio::awaitable<void> start();
    asio::awaitable<void> stop(std::chrono::nanoseconds grace);
    void stop_now();
    node_id id() const;

    // The way of a call. Each function takes it a step further, at once.
    void prepare(call_base& call, const call_options& how, const context* from);
    void submit(call_base& call);
    void take_in(const call_ptr& call, std::chrono::nanoseconds time_left);  // from another node
    void route(const call_ptr& call);                                        // to wherever its actor is
    void deliver(const call_ptr& call);                                      // to the actor's activation here
    void forward(const call_ptr& call, const node_id& where);                // to another node
    // An outcome is there: finishes it, or has it tried again. At once: a local caller goes on within this
    // call, which is its caller's last deed.
    void settle(call_base& call, bool at_once = false);
    void finish(call_base& call, bool at_once = false);
    void fail(call_base& call, error_code code, std::string text = {});
    void retry(const call_ptr& call);                // later, until its deadline
    void give_up(call_base& call, error_code code);  // cancelled, or out of time

    // Activations.
    void arm_actor_timer(const context_ptr& activation, std::uint64_t id);
    void leave(context& activation, deactivation why);
    void lose_all();  // without saving
    std::vector<context_ptr> sorted() const;
    void save_done(context& activation, error_code outcome);
    std::size_t active() const { return catalogue_.size(); }
    std::vector<activation_info> list() const;

    std::uint64_t next_epoch() { return ++epoch_; }
    // The number of the first call that is sent at least once and has no answer, or of the next call.
    std::uint64_t least_unanswered() const {
        return unanswered_.empty() ? last_number_ + 1 : *unanswered_.begin();
    }
    steady_clock::time_point now() const { return provider_.steady_now(); }
    // Between half of it and all.
    std::chrono::nanoseconds jitter(std::chrono::nanoseconds most);
    std::chrono::nanoseconds backoff(int attempts);
    void log(std::string_view what, std::string_view about);

    const asio::any_io_executor executor;
    const node_options options;
    const waiting_room waiting;
    random_source random;
    counters count;
    const std::uint64_t caller;  // of this node's calls, unlike all others'
    bool running = false;
    std::shared_ptr<detail::bus> bus;          // null before start()
    std::shared_ptr<detail::cluster> cluster;  // null without a directory

private:
    struct name {
        const actor_type* type;
        std::string_view key;
        bool operator==(const name&) const = default;
    };
    struct hash {
        using is_avalanching = void;
        std::size_t operator()(const name& n) const noexcept;
    };
    using access = activation_access;

    struct hosted_type : actor_type {
        explicit hosted_type(actor_type type) : actor_type(std::move(type)) {}
        access::idle_list idle;  // the longest idle first
        std::optional<squall::timer> clock;
        bool armed = false;
    };
    static hosted_type& hosted(const context& a) { return static_cast<hosted_type&>(access::type(a)); }

    context_ptr find(const actor_type& type, std::string_view key) const;
    context_ptr make(actor_type& type, const std::string& key);
    bool admit(call_base& call, context& activation);
    void enqueue(const call_ptr& call, const context_ptr& activation);
    void start_draining(const context_ptr& activation);
    struct drainer;
    using drainer_ptr = std::shared_ptr<drainer>;
    void set_to_work(const context_ptr& activation, const call_ptr& call);
    bool rest(const drainer_ptr& one);
    void let_drainers_go();
    static asio::awaitable<void> work(std::weak_ptr<node_core> owner, drainer_ptr me);
    call_ptr next_turn(context& a);
    asio::awaitable<bool> begin_activation(context_ptr activation);
    asio::awaitable<void> create(context_ptr activation);
    asio::awaitable<void> end_activation(context_ptr activation);
    void begin_turn(call_base& call);
    void end_turn(call_base& call, context& a);
    void drained(context& a);
    void ended_beside_others(context& a);
    call_ptr take(context& activation);
    void accepted(call_base& call);
    void refuse_all(context& activation, error_code code, const std::string& text);
    void route_all(context& activation, const std::optional<node_id>& where);
    void remove(context& activation);
    void now_idle(context& activation);
    void relieve();
    void arm_idle(hosted_type& type);
    void sweep(hosted_type& type);
    void arm_retries();
    void fire_actor_timer(const context_ptr& activation, std::uint64_t id);

    static bool to_be_tried_again(const call_base& call);
    void go_on(call_base& call);

    squall::provider& provider_;
    std::map<std::string, std::unique_ptr<hosted_type>, std::less<>> types_;
    actor_type* last_found_ = nullptr;  // among them; calls come in a row
    boost::unordered_flat_map<name, context_ptr, hash> catalogue_;
    std::optional<deadlines> deadlines_;
    std::multimap<steady_clock::time_point, call_ptr> retries_;
    std::optional<squall::timer> retry_clock_;
    steady_clock::time_point retry_armed_ = steady_clock::time_point::max();
    std::set<std::uint64_t> unanswered_;  // numbers of calls that are sent at least once
    std::uint64_t last_number_ = 0;
    std::uint64_t epoch_ = 0;
    bool stopping_ = false;
    wait_slot emptied_;
    std::vector<drainer_ptr> resting_;
    int nested_ = 0;
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_NODE_CORE_H
