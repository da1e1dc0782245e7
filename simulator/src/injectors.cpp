// The injectors that every simulation has: each waits, draws an action, and does it unless it is vetoed.
#include "injectors.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <tuple>

namespace squall::simulator {
namespace {

constexpr nanoseconds shortest = 1ms;  // between two actions

std::string in_words(nanoseconds time) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f s", static_cast<double>(time.count()) * 1e-9);
    return text;
}

// All of `candidates` that stand in the same place as `one`; `one` alone where it stands in none.
std::vector<process*> together_with(process& one, const std::vector<process*>& candidates,
                                    std::string location::* place) {
    if ((one.where().*place).empty())
        return {&one};
    std::vector<process*> all;
    std::ranges::copy_if(candidates, std::back_inserter(all),
                         [&](const process* p) { return p->where().*place == one.where().*place; });
    return all;
}

process& any_of(const std::vector<process*>& candidates, decision_stream& draws) {
    return *candidates[draws.below(candidates.size())];
}

class attrition final : public repeating {
public:
    std::string name() const override { return "attrition"; }

private:
    nanoseconds every(const faults& options) const override { return options.attrition.every; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const attrition_faults& f = chaos.options().attrition;
        process& chosen = any_of(chaos.processes(), draws);
        const bool silently = draws.chance(f.silent);
        const nanoseconds down = draws.duration(f.restart_min, std::max(f.restart_min, f.restart_max));
        const nanoseconds grace = draws.duration(f.grace_min, std::max(f.grace_min, f.grace_max));
        const bool graceful = draws.chance(f.graceful);
        std::vector<process*> victims = victims_with(chosen, chaos, draws.real(0, 1));
        if (!chaos.may_take_down(victims))
            victims = {&chosen};  // as FoundationDB lowers a kill that it cannot survive
        if (!chaos.may_take_down(victims))
            co_return;
        for (process* p : victims) {
            const char* const kind = graceful ? "graceful-stop" : silently ? "power-cut" : "crash";
            if (!chaos.strikes(
                    kind, k, 1.0, *p,
                    (graceful ? "grace " + in_words(grace) + ", " : "") + "down for " + in_words(down)))
                continue;
            if (graceful) {
                chaos.stop(*p, grace, down);
                continue;
            }
            chaos.crash(*p, silently, down);
            if (f.wipe > 0 && chaos.may_wipe(*p) && chaos.strikes("wipe", k, f.wipe, *p))
                chaos.wipe(*p);
        }
    }

    static std::vector<process*> victims_with(process& chosen, const fault_context& chaos, double drawn) {
        const attrition_faults& f = chaos.options().attrition;
        const auto all_of = [&](std::string location::* place) {
            return together_with(chosen, chaos.processes(), place);
        };
        if ((drawn -= f.datacenter) < 0)
            return all_of(&location::datacenter);
        if ((drawn -= f.zone) < 0)
            return all_of(&location::zone);
        if ((drawn -= f.machine) < 0)
            return all_of(&location::machine);
        return {&chosen};
    }
};

class partitions final : public repeating {
public:
    std::string name() const override { return "partitions"; }

private:
    nanoseconds every(const faults& options) const override { return options.partitions.every; }
    bool possible(const fault_context& chaos) const override { return chaos.everybody().size() >= 2; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const partition_faults& f = chaos.options().partitions;
        const std::vector<process*> side = side_of(chaos, draws);
        const bool one_way = draws.chance(f.one_way);
        const bool outgoing = draws.chance(0.5);
        const nanoseconds length = draws.exponential(f.time);
        if (side.empty() || side.size() == chaos.everybody().size())
            co_return;
        if (!chaos.strikes("partition", k, 1.0, *side.front(), "for " + in_words(length)))
            co_return;
        const auto cut = chaos.world().partition(side, !one_way || outgoing, !one_way || !outgoing);
        const bool goes_on = co_await chaos.wait(length);
        if (goes_on)
            chaos.world().heal(cut);
    }

    static std::vector<process*> side_of(const fault_context& chaos, decision_stream& draws) {
        const partition_faults& f = chaos.options().partitions;
        const std::vector<process*>& everybody = chaos.everybody();
        process& chosen = any_of(everybody, draws);
        double drawn = draws.real(0, 1);
        if ((drawn -= f.by_datacenter) < 0)
            return together_with(chosen, everybody, &location::datacenter);
        if ((drawn -= f.by_zone) < 0)
            return together_with(chosen, everybody, &location::zone);
        // To isolate one suffices for most partition failures (A. Alquraan et al., OSDI 2018).
        if (draws.chance(f.isolate))
            return {&chosen};
        std::vector<process*> side;
        std::ranges::copy_if(everybody, std::back_inserter(side),
                             [&](const process*) { return draws.chance(0.5); });
        return side;
    }
};

// As FoundationDB's swizzle: off in one order, back in another.
class clogging final : public repeating {
public:
    std::string name() const override { return "clogging"; }

private:
    nanoseconds every(const faults& options) const override { return options.clogging.every; }
    bool possible(const fault_context& chaos) const override { return chaos.everybody().size() >= 2; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const clogging_faults& f = chaos.options().clogging;
        struct step {
            nanoseconds at;
            std::size_t victim;
            bool back;
        };
        std::vector<step> steps;
        std::vector<process*> victims;
        const nanoseconds half = f.time / 2;
        for (process* p : chaos.everybody()) {
            if (!draws.chance(f.share))
                continue;
            steps.push_back({draws.duration(0ns, half), victims.size(), false});
            steps.push_back({half + draws.duration(0ns, half), victims.size(), true});
            victims.push_back(p);
        }
        std::ranges::sort(steps, {}, [](const step& s) { return std::tuple(s.at, s.victim, s.back); });
        std::vector<std::optional<partition_id>> cuts(victims.size());
        nanoseconds passed{0};
        for (const step& s : steps) {
            if (s.at > passed) {
                const bool goes_on = co_await chaos.wait(s.at - passed);
                if (!goes_on)
                    co_return;
            }
            passed = std::max(passed, s.at);
            if (!s.back && chaos.strikes("swizzle", k, 1.0, *victims[s.victim]))
                cuts[s.victim] = chaos.world().partition({victims[s.victim]}, true, true);
            else if (s.back && cuts[s.victim])
                chaos.world().heal(*cuts[s.victim]);
        }
    }
};

class disk_trouble final : public repeating {
public:
    std::string name() const override { return "disk_trouble"; }

private:
    nanoseconds every(const faults& options) const override { return options.disk_trouble.every; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const disk_trouble_faults& f = chaos.options().disk_trouble;
        process& victim = any_of(chaos.processes(), draws);
        const bool dead = draws.chance(f.dead);
        const bool slow = draws.chance(f.slow);
        const nanoseconds time = draws.exponential(f.stall_time) + 1us;
        if (!victim.up())
            co_return;
        if (dead) {
            if (chaos.may_take_down({&victim}) && chaos.strikes("disk-dead", k, 1.0, victim))
                victim.lose_disk();
        } else if (slow && f.slow_factor > 1) {
            if (chaos.strikes("disk-slow", k, 1.0, victim, "for " + in_words(time)))
                victim.slow_disk(f.slow_factor, time);
        } else if (chaos.strikes("disk-stall", k, 1.0, victim, "for " + in_words(time))) {
            victim.stall_disk(time);
        }
    }
};

class pauses final : public repeating {
public:
    std::string name() const override { return "pauses"; }

private:
    nanoseconds every(const faults& options) const override { return options.pauses.every; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const pause_faults& f = chaos.options().pauses;
        process& victim = any_of(chaos.processes(), draws);
        const nanoseconds time = draws.exponential(f.time) + 1us;
        if (victim.up() && !victim.paused() &&
            chaos.strikes("pause", k, 1.0, victim, "for " + in_words(time)))
            victim.pause(time);
        co_return;
    }
};

class clock_trouble final : public repeating {
public:
    std::string name() const override { return "clock_trouble"; }

private:
    nanoseconds every(const faults& options) const override { return options.clock_trouble.every; }
    asio::awaitable<void> act(fault_context& chaos, std::uint64_t k, decision_stream& draws) override {
        const clock_trouble_faults& f = chaos.options().clock_trouble;
        process& victim = any_of(chaos.processes(), draws);
        const std::int64_t most = f.step_max.count();
        const nanoseconds step(draws.range(-most, most));
        if (chaos.strikes("clock-step", k, 1.0, victim, "by " + in_words(step)))
            victim.step_clock(step);
        co_return;
    }
};

template <class... Injectors>
void add(const faults& options, std::vector<std::unique_ptr<repeating>>& to) {
    const auto add_one = [&]<class One>(const One& probe) {
        if (static_cast<const repeating&>(probe).every(options) > 0ns)
            to.push_back(std::make_unique<One>());
    };
    (add_one(Injectors()), ...);
}

}  // namespace

std::optional<nanoseconds> repeating::first(const fault_context& chaos) const {
    const nanoseconds mean = every(chaos.options());
    if (mean <= 0ns || !possible(chaos))
        return std::nullopt;
    return chaos.choices(0).exponential(mean) + shortest;
}

asio::awaitable<void> repeating::run(fault_context& chaos) {
    const nanoseconds mean = every(chaos.options());
    for (std::uint64_t k = 0;; ++k) {
        decision_stream draws = chaos.choices(k);
        const nanoseconds time = draws.exponential(mean) + shortest;
        if (k > 0) {  // the first time has passed already
            const bool goes_on = co_await chaos.wait(time);
            if (!goes_on)
                co_return;
        }
        co_await act(chaos, k, draws);
    }
}

std::vector<std::unique_ptr<repeating>> built_in_injectors(const faults& options) {
    std::vector<std::unique_ptr<repeating>> all;
    all.reserve(built_in_names.size());
    add<attrition, partitions, clogging, disk_trouble, pauses, clock_trouble>(options, all);
    return all;
}

}  // namespace squall::simulator
