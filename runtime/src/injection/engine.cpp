// Changes of overrides, and the way from a site to its point.
#include "engine.h"

#include "gate.h"

#include <squall/catalog.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace squall::injection::detail {
namespace {

using override_list = std::vector<std::shared_ptr<const site_override>>;

site_override parse_pattern(std::string_view text) {
    if (text.empty())
        return {.where = site_override::field::any, .glob = "*", .terms = {}};
    auto parsed = parse_overrides(std::string(text) + "=off");
    if (parsed.size() != 1)
        throw override_error("'" + std::string(text) + "' is not one pattern", 0);
    return std::move(parsed.front());
}

// What of `one` cannot work for any site of the program; empty if all can. Outside of a run nothing draws a
// value for a knob or a duration.
std::string problem_of(const site_override& one) {
    const auto known = override_problems({one});
    if (!known.empty())
        return known.front();
    const auto all = catalog();
    const bool only_values = std::all_of(all.begin(), all.end(), [&](const catalog_entry& site) {
        return !is_fault_site(site.kind) || takes_value(site.kind) || !one.matches(site);
    });
    const bool fires = std::any_of(one.terms.begin(), one.terms.end(), [](const override_term& term) {
        return !term.value &&
               (term.what == override_term::action::fire || term.what == override_term::action::nth);
    });
    if (only_values && fires)
        return "override: all sites that match '" + one.glob +
               "' are knobs, durations or transfers, which only return(value) changes in a running program";
    return {};
}

override_list parse_and_check(std::string_view text) {
    override_list all;
    for (site_override& one : parse_overrides(text)) {
        const std::string problem = problem_of(one);
        if (!problem.empty())
            throw override_error(problem + " at position " + std::to_string(one.position), one.position);
        all.push_back(std::make_shared<const site_override>(std::move(one)));
    }
    return all;
}

std::string in_words(const override_list& all) {
    std::vector<site_override> copies;
    for (const auto& one : all)
        copies.push_back(*one);
    return to_string(copies);
}

const catalog_entry* entry_of(const std::vector<catalog_entry>& all, std::uint32_t index) {
    return index == 0 || index > all.size() ? nullptr : &all[index - 1];
}

}  // namespace

engine& engine::get() {
    static auto* const instance = new engine;
    return *instance;
}

point* engine::find(std::uint32_t index) noexcept {
    const table* const now = table_.load(std::memory_order_acquire);
    if (now == nullptr)
        return nullptr;
    if (index < now->points.size())
        return own_business::under_way() ? nullptr : now->points[index].load(std::memory_order_acquire);
    // A site of a module that was loaded since.
    if (!on_.load(std::memory_order_acquire) || own_business::under_way())
        return nullptr;
    try {
        return find_new(index);
    } catch (const std::exception&) {  // no memory: it is tried again at the next evaluation
        return nullptr;
    }
}

point* engine::find_new(std::uint32_t index) {
    const own_business ours;
    const std::lock_guard lock(mutex_);
    if (index >= tables_.back()->points.size()) {
        const auto now = published_.get();
        apply(now->all, now->seed);
    }
    return tables_.back()->points.at(index).load(std::memory_order_relaxed);
}

bool engine::fire(const site_record& site) noexcept {
    point* const at = find(site.index);
    return at != nullptr && at->evaluate().fires;
}

bool engine::value(const site_record& site, double* value) noexcept {
    point* const at = find(site.index);
    if (at == nullptr)
        return false;
    const outcome what = at->evaluate();
    if (what.value)
        *value = *what.value;
    return what.value.has_value();
}

void engine::set(std::string_view text, bool keep_others) {
    const own_business ours;
    override_list wanted = parse_and_check(text);
    const std::lock_guard lock(mutex_);
    const auto now = published_.get();
    if (keep_others) {
        override_list kept;
        for (const auto& old : now->all)
            if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& one) {
                    return one->where == old->where && one->glob == old->glob;
                }))
                kept.push_back(old);
        wanted.insert(wanted.begin(), kept.begin(), kept.end());
    }
    apply(std::move(wanted), now->seed);
}

void engine::set_seed(std::uint64_t seed) {
    const own_business ours;
    const std::lock_guard lock(mutex_);
    apply(published_.get()->all, seed);
}

// With the mutex held.
void engine::apply(override_list all, std::uint64_t seed) {
    const auto sites = catalog();
    auto next = std::make_shared<configuration>();
    next->seed = seed;
    next->all = std::move(all);
    for (const catalog_entry& site : sites) {
        if (!is_fault_site(site.kind))
            continue;
        const auto found = std::find_if(next->all.rbegin(), next->all.rend(),
                                        [&](const auto& one) { return one->matches(site); });
        if (found != next->all.rend())
            next->by_site.emplace(site.index, *found);
    }
    make_points(*next, sites.size());
    const bool on = !next->all.empty();
    published_.publish(std::move(next));

    const bool was_on = on_.exchange(on);
    if (on && !was_on) {
        install_process_sites(this);
        open_gate();
    }
    if (!on && was_on)
        close_gate();
    for (const auto& [index, at] : points_)
        at->update();  // lets go of whoever an override held that is no longer in force
}

void engine::make_points(const configuration& wanted, std::size_t sites) {
    if (tables_.empty() || tables_.back()->points.size() < sites + 1) {
        auto longer =
            std::make_unique<table>(sites + 1);  // no longer: find() looks for new sites past its end
        for (const auto& [index, at] : points_)
            longer->points[index].store(at.get(), std::memory_order_relaxed);
        tables_.push_back(std::move(longer));
        table_.store(tables_.back().get(), std::memory_order_release);
    }
    for (const auto& [index, by] : wanted.by_site) {
        auto& at = points_[index];
        if (at == nullptr) {
            at = std::make_unique<point>(index, catalog_at(index).id, published_);
            tables_.back()->points[index].store(at.get(), std::memory_order_release);
        }
    }
}

std::string engine::overrides() {
    const own_business ours;
    return in_words(published_.get()->all);
}

std::vector<point*> engine::points_that_match(std::string_view pattern) {
    const site_override wanted = parse_pattern(pattern);
    const auto entries = catalog();
    std::vector<point*> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [index, at] : points_) {
        const catalog_entry* const entry = entry_of(entries, index);
        if (entry != nullptr && wanted.matches(*entry))
            found.push_back(at.get());
    }
    return found;
}

std::vector<site_state> engine::states(std::string_view pattern, bool all) {
    const own_business ours;
    std::map<std::uint32_t, point_state> known;
    for (point* const at : points_that_match(pattern))
        known.emplace(at->index(), at->state());
    const site_override wanted = parse_pattern(pattern);
    std::vector<site_state> found;
    for (const catalog_entry& site : catalog()) {
        if (!is_fault_site(site.kind) || !wanted.matches(site))
            continue;
        const point_state& now = known[site.index];
        if (!all && now.by == nullptr && now.evaluated == 0)
            continue;
        found.push_back({site.index, site.id, site.kind, site.line, std::string(site.rule),
                         std::string(site.detail), std::string(site.function), std::string(site.file),
                         now.by == nullptr ? std::string() : to_string({*now.by}), now.evaluated, now.acted,
                         now.waiting});
    }
    return found;
}

void engine::reset_counts() {
    const own_business ours;
    for (point* const at : points_that_match({}))
        at->reset_counts();
}

std::size_t engine::waiting(std::string_view pattern) {
    const own_business ours;
    std::size_t all = 0;
    for (point* const at : points_that_match(pattern))
        all += at->state().waiting;
    return all;
}

std::size_t engine::release(std::string_view pattern) {
    const own_business ours;
    std::size_t all = 0;
    for (point* const at : points_that_match(pattern))
        all += at->release();
    return all;
}

}  // namespace squall::injection::detail

namespace squall::injection {

using detail::engine;

void set_overrides(std::string_view text) {
    engine::get().set(text, false);
}
void add_overrides(std::string_view text) {
    engine::get().set(text, true);
}
void clear_overrides() {
    engine::get().set({}, false);
}
std::string overrides() {
    return engine::get().overrides();
}
void set_seed(std::uint64_t seed) {
    engine::get().set_seed(seed);
}
std::vector<site_state> sites(std::string_view pattern) {
    return engine::get().states(pattern, true);
}
std::vector<site_state> counts(std::string_view pattern) {
    return engine::get().states(pattern, false);
}
void reset_counts() {
    engine::get().reset_counts();
}
std::size_t waiting(std::string_view pattern) {
    return engine::get().waiting(pattern);
}
std::size_t release(std::string_view pattern) {
    return engine::get().release(pattern);
}

}  // namespace squall::injection
