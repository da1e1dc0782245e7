// Decisions of an overridden site, and the threads and operations that it holds.
#include "point.h"

#include "where.h"

#include <squall/decisions.h>

#include <algorithm>
#include <utility>

namespace squall::injection::detail {
namespace {

constexpr std::uint64_t injection_stream = stream_key("squall.injection");

std::optional<std::chrono::nanoseconds> limit_of(const override_term& term) {
    const bool limited = term.what == override_term::action::delay || term.limited;
    return limited ? std::optional(term.delay) : std::nullopt;
}

}  // namespace

thread_local int own_business::depth = 0;

void point::update_locked() {
    const std::uint64_t number = published_.number();
    if (number == number_)
        return;
    number_ = number;
    const auto now = published_.get();  // of this number or a later one
    const auto found = now->by_site.find(index_);
    auto by = found == now->by_site.end() ? nullptr : found->second;
    if (by == by_ && seed_ == now->seed)
        return;
    by_ = std::move(by);
    seed_ = now->seed;
    progress_.reset();
    if (by_ != nullptr)
        progress_.emplace(*by_);
    mixed_ = mix_stream(seed_, stream_key(id_, injection_stream));
    evaluations_ = 0;
    let_go(true);
}

const override_term* point::step() {
    update_locked();
    if (by_ == nullptr)
        return nullptr;
    ++evaluated_;
    const std::uint64_t bits = mix_index(mixed_, evaluations_++);
    const override_term* const term = progress_->step([&](double p) { return chance(bits, p); });
    if (term != nullptr)
        ++acted_;
    return term;
}

outcome point::evaluate() {
    const own_business ours;
    std::unique_lock lock(mutex_);
    const override_term* const term = step();
    if (term == nullptr)
        return {};
    switch (term->what) {
        case override_term::action::off:
            return {};
        case override_term::action::fire:
        case override_term::action::nth:
            return {true, term->value};
        case override_term::action::delay:
            hold(lock, false, limit_of(*term));
            return {};
        case override_term::action::wait:
            hold(lock, true, limit_of(*term));
            return {};
        case override_term::action::panic:
            lock.unlock();
            squall::detail::panic_at(index_);
    }
    return {};
}

std::shared_ptr<parked> point::evaluate_async(const asio::any_io_executor& executor) {
    const own_business ours;
    std::unique_lock lock(mutex_);
    const override_term* const term = step();
    if (term == nullptr)
        return nullptr;
    switch (term->what) {
        case override_term::action::off:
        case override_term::action::fire:
        case override_term::action::nth:
            return nullptr;
        case override_term::action::delay:
        case override_term::action::wait: {
            auto place = std::make_shared<parked>(*this, limit_of(*term), executor);
            operations_.push_back({place, term->what == override_term::action::wait});
            return place;
        }
        case override_term::action::panic:
            lock.unlock();
            squall::detail::panic_at(index_);
    }
    return nullptr;
}

void point::hold(std::unique_lock<std::mutex>& lock, bool waits,
                 std::optional<std::chrono::nanoseconds> limit) {
    held_thread here{.waits = waits};
    threads_.push_back(&here);
    const auto gone = [&] { return here.let_go; };
    if (!limit)
        changed_.wait(lock, gone);
    else
        changed_.wait_until(lock, std::chrono::steady_clock::now() + std::min(*limit, longest_hold), gone);
    if (!here.let_go)
        threads_.erase(std::find(threads_.begin(), threads_.end(), &here));
}

std::size_t point::let_go(bool sleepers_too) {
    std::size_t waiting = 0;
    std::erase_if(threads_, [&](held_thread* one) {
        waiting += one->waits ? 1u : 0u;
        one->let_go = one->waits || sleepers_too;
        return one->let_go;
    });
    std::erase_if(operations_, [&](const held_operation& one) {
        waiting += one.waits ? 1u : 0u;
        if (one.waits || sleepers_too)
            one.place->let_go();
        return one.waits || sleepers_too;
    });
    changed_.notify_all();
    return waiting;
}

void point::update() {
    const std::lock_guard lock(mutex_);
    update_locked();
}

std::size_t point::release() {
    const std::lock_guard lock(mutex_);
    return let_go(false);
}

void point::reset_counts() {
    const std::lock_guard lock(mutex_);
    evaluated_ = 0;
    acted_ = 0;
}

point_state point::state() {
    const std::lock_guard lock(mutex_);
    const auto waits = [](const auto& one) { return one.waits; };
    point_state now{evaluated_, acted_, 0, by_};
    now.waiting = static_cast<std::size_t>(
        std::count_if(threads_.begin(), threads_.end(), [](const held_thread* one) { return one->waits; }) +
        std::count_if(operations_.begin(), operations_.end(), waits));
    return now;
}

void point::forget(const parked* place) noexcept {
    const std::lock_guard lock(mutex_);
    std::erase_if(operations_, [&](const held_operation& one) { return one.place.get() == place; });
}

}  // namespace squall::injection::detail
