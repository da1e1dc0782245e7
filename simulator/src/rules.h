// The rules of link_rule.h that are in force, and what they hold.
#ifndef SQUALL_SIMULATOR_RULES_H
#define SQUALL_SIMULATOR_RULES_H

#include "cuts.h"

#include <squall/link_rule.h>

#include <functional>
#include <memory>
#include <vector>

namespace squall::simulator {

class network;

struct rule_state {
    enum class verdict : std::uint8_t { pass, delay, drop, hold };

    verdict ask(const link_message& m, std::uint64_t& delay) const;

    network* net = nullptr;  // null: the rule has ended, or its world
    const process* from = nullptr;
    const process* to = nullptr;
    link_rule::decision decide;
    way_list held;
    std::vector<std::function<void()>> held_datagrams;  // what sends each on
};

class rules {
public:
    ~rules();
    struct answer {
        rule_state::verdict what = rule_state::verdict::pass;
        std::uint64_t delay = 0;           // nanoseconds
        std::shared_ptr<rule_state> rule;  // whose it is
    };

    bool none() const noexcept { return all_.empty(); }
    void add(std::shared_ptr<rule_state> rule) { all_.push_back(std::move(rule)); }
    void remove(const rule_state& rule);
    answer ask(const link_message& m);

private:
    std::vector<std::shared_ptr<rule_state>> all_;  // in order of making
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RULES_H
