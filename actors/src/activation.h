// An activation as the node sees it.
#ifndef SQUALL_ACTORS_SRC_ACTIVATION_H
#define SQUALL_ACTORS_SRC_ACTIVATION_H

#include "deduplication.h"

#include <squall/actors/actor_type.h>
#include <squall/actors/context.h>
#include <squall/actors/persistent.h>
#include <squall/timer.h>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace squall::actors::detail {

using context_ptr = boost::intrusive_ptr<context>;

struct actor_timer {
    squall::timer clock;
    std::function<call_ptr()> make;
    std::chrono::nanoseconds period;
    bool again;
    call_ptr last;  // while it is under way
};

// What most activations have not.
struct context_extras {
    std::map<std::uint64_t, std::shared_ptr<actor_timer>> timers;
    std::uint64_t last_timer = 0;
    std::vector<persistent_base*> states;
    deduplication seen;
    std::optional<node_address> migrates_to;
};

// The node's access to its activations.
class activation_access {
public:
    using phase = context::phase;

    static context_ptr make(std::shared_ptr<node_core> core, actor_type& type, std::string key) {
        return context_ptr(new context(std::move(core), type, std::move(key)));
    }
    static auto& mailbox(context& a) { return a.mailbox_; }
    static phase& state(context& a) { return a.phase_; }
    static bool& draining(context& a) { return a.draining_; }
    static bool& leaving(context& a) { return a.leaving_; }
    static deactivation& why(context& a) { return a.why_; }
    static std::uint64_t& epoch(context& a) { return a.epoch_; }
    static std::uint32_t& running(context& a) { return a.running_; }
    static call_base*& current(context& a) { return a.current_; }
    static void*& object(context& a) { return a.object_; }
    static actor_type& type(const context& a) { return *a.type_; }
    static steady_clock::time_point& last_used(context& a) { return a.last_used_; }
    static context_extras& extras(context& a) { return a.extras(); }
    static bool has_extras(const context& a) { return a.extras_ != nullptr; }
    static void drop_extras(context& a) { a.extras_.reset(); }

    using idle_list = boost::intrusive::list<
        context,
        boost::intrusive::member_hook<context, boost::intrusive::list_member_hook<>, &context::in_idle_>>;
    static bool idle(const context& a) { return a.in_idle_.is_linked(); }
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_ACTIVATION_H
