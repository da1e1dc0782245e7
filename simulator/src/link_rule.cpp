// Rules by hand: who is asked, and what is let go.
#include <squall/link_rule.h>

#include "connection.h"
#include "rules.h"

#include <algorithm>

namespace squall {
namespace simulator {

rule_state::verdict rule_state::ask(const link_message& m, std::uint64_t& delay) const {
    const link_action action = decide(m);
    delay = action.time_.count() > 0 ? static_cast<std::uint64_t>(action.time_.count()) : 0;
    switch (action.chosen_) {
        case link_action::what::pass:
            return verdict::pass;
        case link_action::what::delay:
            return verdict::delay;
        case link_action::what::drop:
            return verdict::drop;
        case link_action::what::hold:
            return verdict::hold;
    }
    return verdict::pass;
}

rules::~rules() {
    for (const auto& rule : all_) {
        rule->net = nullptr;
        rule->held.clear();
        rule->held_datagrams.clear();
    }
}

void rules::remove(const rule_state& rule) {
    std::erase_if(all_, [&](const auto& each) { return each.get() == &rule; });
}

rules::answer rules::ask(const link_message& m) {
    const auto now = all_;  // a decision may make and end rules
    for (const auto& rule : now) {
        if (rule->net == nullptr || (rule->from != nullptr && rule->from != &m.from) ||
            (rule->to != nullptr && rule->to != &m.to))
            continue;
        answer a;
        try {
            a.what = rule->ask(m, a.delay);
        } catch (const std::exception& error) {  // nobody's code is on the stack to take it
            if (rule->net != nullptr)
                rule->net->world().fail(
                    {squall::verdict::exception, std::string("a link rule: ") + error.what(), "", ""});
        }
        if (a.what == rule_state::verdict::hold && rule->net == nullptr)
            a.what = rule_state::verdict::pass;  // it has ended itself meanwhile
        if (a.what == rule_state::verdict::pass)
            continue;
        a.rule = rule;
        return a;
    }
    return {};
}

}  // namespace simulator

link_rule::link_rule(world& where, process_choice from, process_choice to, decision decide)
    : state_(std::make_shared<simulator::rule_state>()) {
    state_->net = &where.state_->network;
    state_->from = from.one();
    state_->to = to.one();
    state_->decide = std::move(decide);
    state_->net->link_rules().add(state_);
}

link_rule::~link_rule() {
    if (!state_ || state_->net == nullptr)
        return;
    release();
    state_->net->link_rules().remove(*state_);
    state_->net = nullptr;
}

void link_rule::release() {
    if (!state_ || state_->net == nullptr)
        return;
    simulator::way_list held;
    held.splice(held.end(), state_->held);
    while (!held.empty()) {
        simulator::waiting_way& way = held.front();
        held.pop_front();
        way.of->released(way.to);
    }
    simulator::world_state& world = state_->net->world();
    for (auto& go_on : std::exchange(state_->held_datagrams, {}))
        world.schedule_task(world.now, simulator::world_task::create(std::move(go_on)));
}

}  // namespace squall
