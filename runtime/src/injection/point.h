// One site that is or was overridden: its override, how far that got, and who is held there.
#ifndef SQUALL_INJECTION_POINT_H
#define SQUALL_INJECTION_POINT_H

#include <squall/async_wait_point.h>
#include <squall/overrides.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace squall::injection::detail {

// What was asked for, for all sites at once; never changed once it is published.
struct configuration {
    std::uint64_t seed = 1;
    std::vector<std::shared_ptr<const site_override>> all;  // in the order in which they were set
    // By site index. Two configurations share the object where an override goes on undisturbed.
    std::unordered_map<std::uint32_t, std::shared_ptr<const site_override>> by_site;
};

// The configuration in force.
class published_configuration {
public:
    std::uint64_t number() const noexcept { return number_.load(std::memory_order_acquire); }
    std::shared_ptr<const configuration> get() const {
        const std::lock_guard lock(mutex_);
        return now_;
    }
    void publish(std::shared_ptr<const configuration> next) {
        const std::lock_guard lock(mutex_);
        now_ = std::move(next);
        number_.fetch_add(1, std::memory_order_release);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const configuration> now_ = std::make_shared<configuration>();
    std::atomic<std::uint64_t> number_{0};
};

// What squall's own code evaluates on this thread (an instrumented operator new, say) does nothing while one
// of these lives.
class own_business {
public:
    own_business() noexcept { ++depth; }
    ~own_business() { --depth; }
    own_business(const own_business&) = delete;
    own_business& operator=(const own_business&) = delete;
    static bool under_way() noexcept { return depth != 0; }

private:
    static thread_local int depth;
};

// Limits beyond this one, which the clock could not reach, count as this.
constexpr std::chrono::nanoseconds longest_hold = std::chrono::hours(24 * 365 * 100);

// What a site is to do.
struct outcome {
    bool fires = false;
    std::optional<double> value = {};
};

struct point_state {
    std::uint64_t evaluated = 0;
    std::uint64_t acted = 0;
    std::size_t waiting = 0;
    std::shared_ptr<const site_override> by;
};

// Thread-safe. Lives as long as the process. Takes up a new configuration by itself when it is next
// evaluated, so that no thread sees a part of one and then a part of an older one.
class point {
public:
    point(std::uint32_t index, std::uint64_t id, const published_configuration& published)
        : index_(index),
          id_(id),
          published_(published) {}

    std::uint32_t index() const noexcept { return index_; }

    // May hold the calling thread for as long as the override says.
    outcome evaluate();
    // Null: the operation is to go on at once.
    std::shared_ptr<parked> evaluate_async(const asio::any_io_executor& executor);

    // Takes up the configuration in force now.
    void update();
    std::size_t release();
    void reset_counts();
    point_state state();
    void forget(const parked* place) noexcept;

private:
    // A thread that waits or sleeps.
    struct held_thread {
        bool let_go = false;
        bool waits;  // and does not sleep: a release is for it
    };
    struct held_operation {
        std::shared_ptr<parked> place;
        bool waits;
    };

    void update_locked();
    const override_term* step();
    void hold(std::unique_lock<std::mutex>& lock, bool waits, std::optional<std::chrono::nanoseconds> limit);
    std::size_t let_go(bool sleepers_too);

    const std::uint32_t index_;
    const std::uint64_t id_;
    const published_configuration& published_;

    std::mutex mutex_;  // of all below
    std::condition_variable changed_;
    std::uint64_t number_ = 0;  // of the configuration taken up last
    std::uint64_t seed_ = 0;
    std::shared_ptr<const site_override> by_;
    std::optional<override_progress> progress_;
    std::uint64_t mixed_ = 0;
    std::uint64_t evaluations_ = 0;  // under this override
    std::uint64_t evaluated_ = 0;    // since the last reset
    std::uint64_t acted_ = 0;
    std::vector<held_thread*> threads_;
    std::vector<held_operation> operations_;
};

}  // namespace squall::injection::detail

#endif  // SQUALL_INJECTION_POINT_H
