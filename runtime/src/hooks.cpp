// What sites and the macros call while the gate is open.
#include "antithesis_output.h"
#include "cell_state.h"
#include "detail_text.h"
#include "process_sites.h"
#include "registry.h"

#include <squall/assertions.h>
#include <squall/buggify.h>
#include <squall/run.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>
#include <utility>

namespace squall {
namespace {

std::atomic<process_sites*> installed{nullptr};

std::string place_of(const site_place& place) {
    return std::string(place.file) + ":" + std::to_string(place.line);
}

// Ends the run, or goes on, as its policy says.
void report_violation(const site_place& place, const std::string& message, std::string details) {
    run* const here = current_run();
    if (here == nullptr)
        return;
    std::string text = message;
    if (!details.empty())
        text += " (" + details + ")";
    const violation_policy policy = here->options().on_violation;
    here->violate({message, place_of(place), std::move(details)});
    if (policy == violation_policy::throws)
        throw assertion_violation(text.c_str());
    if (policy == violation_policy::aborts) {
        std::fprintf(stderr, "squall: %s: violated: %s\n", place_of(place).c_str(), text.c_str());
        std::abort();
    }
}

}  // namespace

void install_process_sites(process_sites* sites) noexcept {
    installed.store(sites, std::memory_order_release);
}
process_sites* installed_process_sites() noexcept {
    return installed.load(std::memory_order_acquire);
}

struct assertion_violation::shared_text {
    std::atomic<int> owners;
    std::string text;
};
assertion_violation::assertion_violation(const char* text) : text_(new shared_text{1, text}) {}
assertion_violation::assertion_violation(const assertion_violation& other) noexcept
    : std::exception(other),
      text_(other.text_) {
    ++text_->owners;
}
assertion_violation& assertion_violation::operator=(const assertion_violation& other) noexcept {
    assertion_violation copy(other);
    std::swap(text_, copy.text_);
    return *this;
}
assertion_violation::~assertion_violation() {
    if (--text_->owners == 0)
        delete text_;
}
const char* assertion_violation::what() const noexcept {
    return text_->text.c_str();
}

namespace detail {

void evaluated(site_place& place, bool held, const details& about) {
    const std::uint32_t index = index_of(place);
    if (index == 0)
        return;
    antithesis::evaluated(index, held, about);
    if (run* const here = current_run())
        here->count_assertion(index, held);
}

void checked(site_place& place, bool held, const details& about) {
    evaluated(place, held, about);
    if (!held && current_run() != nullptr)
        report_violation(place, place.detail, to_text(about));
}

void evaluated_each(site_place& place, const details& about) {
    evaluated(place, true, about);
    const std::uint32_t index = index_of(place);
    run* const here = current_run();
    if (index != 0 && here != nullptr)
        here->count_each(index, to_text(about));
}

void compared(site_place& place, double left, double right, bool maximise) {
    if (antithesis::on())
        antithesis::compared(index_of(place), left, right, maximise);
}

}  // namespace detail
}  // namespace squall

using squall::current_run;

namespace {

// The most frequent case, a site that is not active in its run, without a call.
bool passed_inactive(const squall::site_record& site) noexcept {
    const auto& view = squall_thread;
    if (site.index >= view.count)
        return false;
    auto& cell = view.cells[site.index];
    if (cell.state != squall::detail::inactive)
        return false;
    ++cell.evaluated;
    return true;
}

// What a thread without a run does.
bool process_fires(const squall::site_record& site) noexcept {
    auto* const process = squall::installed_process_sites();
    return process != nullptr && process->fire(site);
}
bool process_gives(const squall::site_record& site, double* value) noexcept {
    auto* const process = squall::installed_process_sites();
    return process != nullptr && process->value(site, value);
}

// What fault injection in production gives for a count, or the count.
long long process_count(const squall::site_record& site, long long otherwise) noexcept {
    double value = 0;
    return process_gives(site, &value) ? static_cast<long long>(std::clamp(value, -9.2e18, 9.2e18))
                                       : otherwise;
}

}  // namespace

bool squall_fire(squall::site_record* site) noexcept {
    if (passed_inactive(*site))
        return false;
    if (site->index == 0)
        return false;
    if (auto* const run = current_run())
        return run->fire(*site);
    return process_fires(*site);
}

long long squall_duration(squall::site_record* site, long long count) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return count;
    if (auto* const run = current_run())
        return run->draw_duration(*site, count);
    return process_count(*site, count);
}

double squall_duration_real(squall::site_record* site, double count) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return count;
    if (auto* const run = current_run())
        return run->draw_duration(*site, count);
    double value = 0;
    return process_gives(*site, &value) ? value : count;
}

long long squall_fewer(squall::site_record* site, long long count) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return count;
    if (auto* const run = current_run())
        return run->fewer(*site, count);
    double value = 0;
    return process_gives(*site, &value)
               ? static_cast<long long>(std::clamp(value, 1.0, static_cast<double>(count)))
               : count;
}

long long squall_capacity(squall::site_record* site, long long value) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return value;
    if (auto* const run = current_run())
        return run->capacity(*site, value);
    return process_count(*site, value);
}

long long squall_setting(squall::site_record* site, long long value, long long low, long long high) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return value;
    if (auto* const run = current_run())
        return run->setting(*site, value, low, high);
    return process_count(*site, value);
}

void squall_delay(squall::site_record* site) noexcept {
    if (passed_inactive(*site) || site->index == 0)
        return;
    if (auto* const run = current_run())
        run->delay(*site);
    else if (process_fires(*site))  // an override's delay(d) has slept by now
        std::this_thread::yield();
}

void squall_sometimes(squall::site_record* site) noexcept {
    if (site->index == 0)
        return;
    squall::antithesis::evaluated(site->index, true, squall::detail::detail_pairs<>());
    if (auto* const run = current_run())
        run->count_assertion(site->index, true);
}

void squall_set_errno(int value) noexcept {
    errno = value;
}

void squall_no_memory() {
    throw std::bad_alloc();
}

bool squall_buggify(squall::site_place* place, double probability) {
    const squall::site_record* site = __atomic_load_n(&place->record, __ATOMIC_ACQUIRE);
    if (site == nullptr)
        site = squall::record_of(*place);
    if (site == nullptr || passed_inactive(*site))
        return false;
    if (auto* const run = current_run()) {
        if (!(probability <= 1) || (probability < 0 && probability != -1.0)) {
            squall::report_violation(*place, "a probability outside [0, 1] for SQUALL_BUGGIFY",
                                     "probability=" + std::to_string(probability));
            return false;
        }
        return run->buggify(*site, probability);
    }
    return process_fires(*site);
}

bool squall_knob(squall::site_place* place, bool each, unsigned long long width, unsigned long long* offset,
                 double* value, bool* given) {
    const squall::site_record* const site = squall::record_of(*place);
    if (site == nullptr)
        return false;
    if (auto* const run = current_run())
        return run->knob(*site, each, width, offset, value, given);
    *given = process_gives(*site, value);
    return *given;
}

bool squall_knob_real(squall::site_place* place, bool each, double low, double high, double* value) {
    const squall::site_record* const site = squall::record_of(*place);
    if (site == nullptr)
        return false;
    if (auto* const run = current_run())
        return run->knob_real(*site, each, low, high, value);
    return process_gives(*site, value);
}
