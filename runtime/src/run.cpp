// The decisions of sites, the tallies of a run, and the gate.
#include <squall/run.h>

#include <squall/catalog.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

int squall_gate = 0;

namespace squall {
namespace {
thread_local run* this_threads_run = nullptr;

constexpr std::uint64_t activation_stream = stream_key("squall.site.activation");
constexpr std::uint64_t factor_stream = stream_key("squall.site.factor");

// "function (file:line)" of a record whose module has registered, and is sound therefore.
std::string where(const site_record& site) {
    const char* text = reinterpret_cast<const char*>(&site) + sizeof(site_record);
    const std::string_view rule(text);
    const std::string_view file(rule.data() + rule.size() + 1);
    const std::string_view function(file.data() + file.size() + 1);
    return std::string(function) + " (" + std::string(file) + ":" + std::to_string(site.line) + ")";
}
}  // namespace

run::run(run_options options, run_observer* observer)
    : options_(std::move(options)),
      observer_(observer),
      cells_(catalog_size() + 1) {
    std::sort(options_.vetoed.begin(), options_.vetoed.end());
    if (options_.overrides.empty())
        return;
    for (const catalog_entry& site : catalog()) {
        if (is_assertion(site.kind) || site.kind == site_kind::coverage)
            continue;
        for (auto o = options_.overrides.rbegin(); o != options_.overrides.rend(); ++o) {
            if (!o->matches(site))
                continue;
            overridden_.push_back({site.index, {&*o, 0, 0, 0}});
            cell_of(site.index).state = 4;
            break;
        }
    }
}

run::cell& run::cell_of(std::uint32_t index) {
    if (index >= cells_.size())
        cells_.resize(std::max(index, catalog_size()) + 1);  // a module loaded since
    return cells_[index];
}

std::uint32_t run::next_evaluation(std::uint32_t site) {
    if (process_ >= evaluations_.size())
        evaluations_.resize(process_ + 1);
    auto& counts = evaluations_[process_];
    if (site >= counts.size())
        counts.resize(cells_.size());
    return counts[site]++;
}

run::firing run::evaluate(const site_record& site) noexcept {
    cell& here = cell_of(site.index);
    ++here.evaluated;
    if (here.state == 0)
        here.state =
            squall::chance(mix(options_.seed, activation_stream, site.id), options_.activation) ? 2 : 1;
    if ((here.state != 2 && here.state != 4) || !sites_on_)
        return {false, 0, 0};
    const std::uint64_t stream = stream_key(site.id, process_stream_);
    const std::uint64_t index = next_evaluation(site.index);
    const bool fires =
        here.state == 2
            ? decide(stream, index, options_.firing)
            : decide_overridden(
                  std::lower_bound(overridden_.begin(), overridden_.end(), site.index,
                                   [](const auto& entry, std::uint32_t i) { return entry.first < i; })
                      ->second,
                  stream, index);
    if (!fires)
        return {false, stream, index};
    ++here.fired;
    return {true, stream, index};
}

bool run::decide_overridden(overridden& state, std::uint64_t stream, std::uint64_t index) noexcept {
    const override_term& term = state.by->terms[state.term];
    const std::uint64_t evaluation = state.evaluations++;
    bool fires = false;
    switch (term.what) {
        case override_term::action::off:
            break;
        case override_term::action::fire:
            fires = decide(stream, index, term.probability);
            break;
        case override_term::action::nth:
            fires = evaluation == term.nth && !vetoed(stream, index);
            break;
    }
    if (fires && term.count && ++state.fired >= *term.count && state.term + 1 < state.by->terms.size()) {
        ++state.term;
        state.fired = 0;
    }
    return fires;
}

bool run::fire(const site_record& site) noexcept {
    const firing choice = evaluate(site);
    if (choice.fires && observer_ != nullptr) {
        report_fault({to_string(site.kind), decision_id(choice.stream, choice.index), where(site)});
    }
    return choice.fires;
}

double run::factor_for(const site_record& site, const firing& choice) {
    // Short time-outs find more than long ones: six of eight factors shorten, by up to a thousand.
    static constexpr std::array factors{0.001, 0.01, 0.03, 0.1, 0.25, 0.5, 2.0, 4.0};
    const double factor =
        factors[mix(options_.seed, stream_key(choice.stream, factor_stream), choice.index) % factors.size()];
    if (observer_ != nullptr)
        report_fault({to_string(site.kind), decision_id(choice.stream, choice.index),
                      where(site) + " times " + std::to_string(factor)});
    return factor;
}

long long run::draw_duration(const site_record& site, long long count) noexcept {
    const firing choice = evaluate(site);
    if (!choice.fires || count <= 0)
        return count;
    const double scaled = static_cast<double>(count) * factor_for(site, choice);
    if (scaled >= 9.2e18)
        return count;
    return std::max(1LL, static_cast<long long>(scaled));
}

double run::draw_duration(const site_record& site, double count) noexcept {
    const firing choice = evaluate(site);
    return choice.fires && count > 0 && std::isfinite(count) ? count * factor_for(site, choice) : count;
}

void run::count_assertion(std::uint32_t index, bool held) noexcept {
    cell& here = cell_of(index);
    here.state = 3;
    ++(held ? here.evaluated : here.fired);
}

void run::violate(violation violated) {
    violated_ = true;
    if (observer_ != nullptr)
        observer_->on_violation(violated);
}

void run::report_fault(const fault_record& fault) {
    if (observer_ != nullptr)
        observer_->on_fault(fault);
}

bool run::is_vetoed(std::uint64_t id) const noexcept {
    return std::binary_search(options_.vetoed.begin(), options_.vetoed.end(), id);
}

std::vector<site_tally> run::site_tallies() const {
    std::vector<site_tally> all;
    for (std::uint32_t index = 1; index < cells_.size(); ++index) {
        const cell& here = cells_[index];
        if (here.state == 1 || here.state == 2 || (here.state == 4 && here.evaluated > 0))
            all.push_back({index, here.evaluated, here.state != 1, here.fired});
    }
    return all;
}

std::vector<assertion_tally> run::assertion_tallies() const {
    std::vector<assertion_tally> all;
    for (std::uint32_t index = 1; index < cells_.size(); ++index)
        if (cells_[index].state == 3)
            all.push_back({index, cells_[index].evaluated, cells_[index].fired});
    return all;
}

run* current_run() noexcept {
    return this_threads_run;
}

run_scope::run_scope(run& bound) noexcept : previous_(std::exchange(this_threads_run, &bound)) {
    __atomic_add_fetch(&squall_gate, 1, __ATOMIC_RELAXED);
}

run_scope::~run_scope() {
    __atomic_sub_fetch(&squall_gate, 1, __ATOMIC_RELAXED);
    this_threads_run = previous_;
}

}  // namespace squall

bool squall_fire(squall::site_record* site) noexcept {
    auto* run = squall::current_run();
    return run != nullptr && site->index != 0 && run->fire(*site);
}

long long squall_duration(squall::site_record* site, long long count) noexcept {
    auto* run = squall::current_run();
    return run != nullptr && site->index != 0 ? run->draw_duration(*site, count) : count;
}

double squall_duration_real(squall::site_record* site, double count) noexcept {
    auto* run = squall::current_run();
    return run != nullptr && site->index != 0 ? run->draw_duration(*site, count) : count;
}
