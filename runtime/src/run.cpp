// The decisions of sites, and the tallies of a run.
#include <squall/run.h>

#include "antithesis_output.h"
#include "cell_state.h"
#include "gate.h"
#include "where.h"

#include <squall/catalog.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

extern "C" {
__thread squall::detail::thread_view squall_thread
    __attribute__((tls_model("initial-exec"))) = {nullptr, 0, nullptr};
}

namespace squall {
namespace {

constexpr std::uint64_t activation_stream = stream_key("squall.site.activation");
constexpr std::uint64_t factor_stream = stream_key("squall.site.factor");
constexpr std::uint64_t delay_stream = stream_key("squall.site.delay");
constexpr std::uint64_t fewer_stream = stream_key("squall.site.fewer");
constexpr std::uint64_t knob_stream = stream_key("squall.knob");
constexpr std::size_t combinations_kept = 4096;

using enum detail::cell_state;

void check_probability(double p, const char* what) {
    if (!(p >= 0 && p <= 1))
        throw std::invalid_argument("squall: " + std::string(what) + " is " + std::to_string(p) +
                                    ", which is outside [0, 1]");
}

}  // namespace

void run_observer::on_delay(std::chrono::nanoseconds delay) {
    std::this_thread::sleep_for(delay);
}

run::run(run_options options, run_observer* observer)
    : options_(std::move(options)),
      observer_(observer),
      firing_threshold_(chance_threshold(options_.firing)),
      cells_(catalog_size() + 1) {
    check_probability(options_.activation, "run_options::activation");
    check_probability(options_.firing, "run_options::firing");
    cells_[0].state = unknown;
    std::sort(options_.vetoed.begin(), options_.vetoed.end());
    if (options_.overrides.empty())
        return;
    for (const catalog_entry& site : catalog()) {
        if (const auto* by = find_override(options_.overrides, site)) {
            overridden_.emplace(site.index, override_progress(*by));
            cell_of(site.index).state = overridden;
        }
    }
}

detail::thread_view run::view() noexcept {
    // With Antithesis' output on nothing may pass it by: no fast paths then.
    return {cells_.data(), antithesis::on() ? 0 : static_cast<unsigned int>(cells_.size()), this};
}

run::cell& run::cell_of(std::uint32_t index) {
    if (index >= cells_.size()) {  // a module loaded since
        cells_.resize(std::max(index, catalog_size()) + 1);
        if (squall_thread.run == this)
            squall_thread = view();
    }
    return cells_[index];
}

run::active_site& run::active_here(const site_record& site) {
    if (process_ >= active_.size())
        active_.resize(process_ + 1);
    auto& sites = active_[process_];
    if (site.index >= sites.size())
        sites.resize(cells_.size());
    active_site& here = sites[site.index];
    if (here.evaluations == 0) {
        here.stream = stream_key(site.id, process_stream_);
        here.mixed = mix_stream(options_.seed, here.stream);
    }
    return here;
}

run::firing run::evaluate(const site_record& site, std::uint64_t threshold) {
    cell& here = cell_of(site.index);
    ++here.evaluated;
    if (here.state == unseen)
        here.state = squall::chance(mix(options_.seed, activation_stream, site.id), options_.activation)
                         ? active
                         : inactive;
    if (here.state == inactive || !sites_on_)
        return {};
    active_site& site_here = active_here(site);
    firing choice{false, site_here.stream, site_here.evaluations++, nullptr};
    const std::uint64_t bits = mix_index(site_here.mixed, choice.index);
    if (here.state == active) {
        choice.fires = (bits >> 11) < threshold && !vetoed(choice.stream, choice.index);
    } else {
        choice.by = overridden_.at(site.index).step([&](double p) {
            return (bits >> 11) < chance_threshold(p) && !vetoed(choice.stream, choice.index);
        });
        choice.fires = choice.by != nullptr;
    }
    if (choice.fires)
        ++here.fired;
    return choice;
}

// Does what an override says beyond firing; what comes back fires if the site is to.
run::firing run::act(const site_record& site, firing choice) {
    if (!choice.fires || choice.by == nullptr)
        return choice;
    switch (choice.by->what) {
        case override_term::action::fire:
        case override_term::action::nth:
            return choice;
        case override_term::action::off:
        case override_term::action::wait:  // nobody could release it: time stands still while a run waits
            break;
        case override_term::action::delay:
            report("delay", site, choice);
            if (observer_ != nullptr)
                observer_->on_delay(choice.by->delay);
            else
                std::this_thread::sleep_for(choice.by->delay);
            break;
        case override_term::action::panic:
            detail::panic_at(site.index);
    }
    choice.fires = false;
    return choice;
}

// Tells the observer, if there is one, what a decision brought about; `more` goes behind the place.
void run::report(std::string_view kind, const site_record& site, const firing& choice,
                 std::string_view more) {
    if (observer_ != nullptr)
        observer_->on_fault(
            {kind, decision_id(choice.stream, choice.index), detail::where(site.index) + std::string(more)});
}

bool run::fires(const site_record& site, std::uint64_t threshold) noexcept {
    // An active site that was here before, and whose firing nobody is to hear of: the rest is for what is
    // rarer.
    if (site.index < cells_.size() && process_ < active_.size() && site.index < active_[process_].size()) {
        cell& here = cells_[site.index];
        active_site& known = active_[process_][site.index];
        if (here.state == active && sites_on_ && known.evaluations != 0) {
            const bool fires = (mix_index(known.mixed, known.evaluations) >> 11) < threshold;
            if (!fires || (observer_ == nullptr && options_.vetoed.empty())) {
                ++here.evaluated;
                here.fired += fires ? 1 : 0;
                ++known.evaluations;
                return fires;
            }
        }
    }
    return fires_slowly(site, threshold);
}

bool run::fires_slowly(const site_record& site, std::uint64_t threshold) noexcept {
    const firing choice = act(site, evaluate(site, threshold));
    if (choice.fires)
        report(to_string(site.kind), site, choice);
    return choice.fires;
}

bool run::buggify(const site_record& site, double probability) noexcept {
    return probability < 0 ? fire(site) : fires(site, chance_threshold(probability));
}

double run::factor_for(const site_record& site, const firing& choice) {
    // Short time-outs find more than long ones: six of eight factors shorten, by up to a thousand.
    static constexpr std::array factors{0.001, 0.01, 0.03, 0.1, 0.25, 0.5, 2.0, 4.0};
    const double factor =
        factors[mix(options_.seed, stream_key(choice.stream, factor_stream), choice.index) % factors.size()];
    if (observer_ != nullptr)
        report(to_string(site.kind), site, choice, " times " + std::to_string(factor));
    return factor;
}

// What becomes of a duration of so many ticks.
run::drawn run::draw(const site_record& site, double count) {
    const firing choice = act(site, evaluate(site, threshold_of(site)));
    if (!choice.fires)
        return {drawn::stays, count};
    if (choice.by != nullptr && choice.by->value) {
        report(to_string(site.kind), site, choice);
        return {drawn::given, *choice.by->value};
    }
    if (!(count > 0) || !std::isfinite(count))
        return {drawn::stays, count};
    return {drawn::scaled, count * factor_for(site, choice)};
}

long long run::draw_duration(const site_record& site, long long count) noexcept {
    const drawn to = draw(site, static_cast<double>(count));
    if (to.how == drawn::given)
        return static_cast<long long>(std::clamp(to.count, -9.2e18, 9.2e18));
    if (to.how == drawn::stays || to.count >= 9.2e18)
        return count;
    return std::max(1LL, static_cast<long long>(to.count));
}

double run::draw_duration(const site_record& site, double count) noexcept {
    return draw(site, count).count;
}

// Whether a knob is turned now. The knob of a run has one decision, index 0 of its stream, made at its first
// evaluation; one of each evaluation decides as a site does, and so does one with an override.
run::firing run::turn(const site_record& site, bool each) {
    cell& here = cell_of(site.index);
    if (each || here.state == overridden) {
        const bool on = std::exchange(sites_on_, sites_on_ || !each);  // configuration knows no phases
        const firing choice = evaluate(site, firing_threshold_);
        sites_on_ = on;
        return act(site, choice);
    }
    ++here.evaluated;
    const std::uint64_t stream = stream_key(site.id, knob_stream);
    if (here.state == unseen)
        here.state =
            options_.knobs && !vetoed(stream, 0) &&
                    squall::chance(mix(options_.seed, activation_stream, site.id), options_.activation)
                ? active
                : inactive;
    if (here.state != active)
        return {};
    return {true, stream, 0, nullptr};
}

bool run::knob(const site_record& site, bool each, unsigned long long width, unsigned long long* offset,
               double* value, bool* given) {
    const firing choice = turn(site, each);
    if (!choice.fires)
        return false;
    *given = choice.by != nullptr && choice.by->value;
    if (*given) {
        *value = *choice.by->value;
    } else {
        decision_stream draws(options_.seed, stream_key(choice.stream, knob_stream), choice.index << 8);
        *offset = width == ~0ull ? draws.next() : draws.below(width + 1);
    }
    cell& here = cell_of(site.index);
    const bool first = !each && here.state == active && here.fired++ == 0;
    if (each || first || here.state == overridden)
        report(to_string(site.kind), site, choice);
    return true;
}

bool run::knob_real(const site_record& site, bool each, double low, double high, double* value) {
    unsigned long long offset = 0;
    bool given = false;
    constexpr unsigned long long steps = 1ull << 53;
    if (!knob(site, each, steps, &offset, value, &given))
        return false;
    if (!given)
        *value = low + (high - low) * (static_cast<double>(offset) / static_cast<double>(steps));
    return true;
}

template <class Draw>
long long run::turned(const site_record& site, long long value, Draw draw) {
    const firing choice = turn(site, false);
    if (!choice.fires)
        return value;
    const long long to =
        choice.by != nullptr && choice.by->value
            ? static_cast<long long>(std::clamp(*choice.by->value, -9.2e18, 9.2e18))
            : draw(decision_stream(options_.seed, stream_key(choice.stream, knob_stream), choice.index << 8));
    cell& here = cell_of(site.index);
    if (here.state == overridden || here.fired++ == 0)
        report(to_string(site.kind), site, choice, " " + std::to_string(value) + " to " + std::to_string(to));
    return to;
}

long long run::capacity(const site_record& site, long long value) noexcept {
    // Each halving is as likely as the next: the smallest limits are the ones that nobody meets in a test.
    return turned(site, value, [&](decision_stream draws) {
        const auto halvings = std::bit_width(static_cast<unsigned long long>(value) - 1);
        return std::max(1LL, value >> (1 + draws.below(static_cast<std::uint64_t>(halvings))));
    });
}

long long run::setting(const site_record& site, long long value, long long low, long long high) noexcept {
    return turned(site, value, [&](decision_stream draws) {
        const auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        return static_cast<long long>(static_cast<std::uint64_t>(low) + draws.below(width + 1));
    });
}

long long run::fewer(const site_record& site, long long count) noexcept {
    const firing choice = act(site, evaluate(site, threshold_of(site)));
    if (!choice.fires)
        return count;
    decision_stream draws(options_.seed, stream_key(choice.stream, fewer_stream), choice.index << 8);
    const long long left =
        choice.by != nullptr && choice.by->value
            ? static_cast<long long>(std::clamp(*choice.by->value, 1.0, static_cast<double>(count)))
            : 1 + static_cast<long long>(draws.below(static_cast<std::uint64_t>(count) - 1));
    report(to_string(site.kind), site, choice,
           " " + std::to_string(left) + " of " + std::to_string(count) + " bytes");
    return left;
}

void run::delay(const site_record& site) noexcept {
    const firing choice = act(site, evaluate(site, threshold_of(site)));
    if (!choice.fires)
        return;
    using namespace std::chrono_literals;
    static constexpr std::array<std::chrono::microseconds, 8> delays{20us, 100us, 500us, 2ms,
                                                                     10ms, 50ms,  200ms, 1s};
    const auto by =
        delays[mix(options_.seed, stream_key(choice.stream, delay_stream), choice.index) % delays.size()];
    report(to_string(site.kind), site, choice, " by " + std::to_string(by.count()) + " us");
    if (observer_ != nullptr)
        observer_->on_delay(by);
    else
        std::this_thread::yield();
}

void run::count_assertion(std::uint32_t index, bool held) noexcept {
    cell& here = cell_of(index);
    here.state = assertion;
    if (held)
        ++here.evaluated;
    else
        ++here.fired;
}

void run::count_each(std::uint32_t index, std::string values) {
    combinations& all = each_[index];
    const auto known = all.seen.find(values);
    if (known != all.seen.end())
        ++known->second;
    else if (all.seen.size() < combinations_kept)
        all.seen.emplace(std::move(values), 1);
    else
        ++all.others;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): callers make it for this call
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
        if (here.state == inactive || here.state == active ||
            (here.state == overridden && here.evaluated > 0))
            all.push_back({index, here.evaluated, here.state != inactive, here.fired});
    }
    return all;
}

std::vector<assertion_tally> run::assertion_tallies() const {
    std::vector<assertion_tally> all;
    for (std::uint32_t index = 1; index < cells_.size(); ++index)
        if (cells_[index].state == assertion)
            all.push_back({index, cells_[index].evaluated, cells_[index].fired});
    return all;
}

std::vector<each_tally> run::each_tallies() const {
    std::vector<each_tally> all;
    for (const auto& [index, found] : each_) {
        for (const auto& [values, times] : found.seen)
            all.push_back({index, values, times});
        if (found.others != 0)
            all.push_back({index, "...", found.others});
    }
    return all;
}

run_scope::run_scope(run& bound) noexcept : previous_(std::exchange(squall_thread, bound.view())) {
    open_gate();
}

run_scope::~run_scope() {
    close_gate();
    squall_thread = previous_;
    if (run* outer = current_run())
        squall_thread = outer->view();
}

}  // namespace squall
