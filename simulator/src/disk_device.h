// A process's disk as a device: one queue, with a speed, and the times when it stands still or is gone.
//
// An access occupies the device for 1/iops and for its bytes at the bandwidth, after those before it, and
// answers a latency later; latencies overlap. What it does to the disk at its end (a sync) is its effect: it
// happens at that time even if the program has stopped waiting, but not once the boot is gone.
#ifndef SQUALL_SIMULATOR_DISK_DEVICE_H
#define SQUALL_SIMULATOR_DISK_DEVICE_H

#include "event_queue.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace squall::simulator {

class boot;
struct process_state;
using std::chrono::nanoseconds;

class disk_device {
public:
    // `answered`: the operation is about to complete, it was not cancelled.
    using effect = std::function<void(bool answered)>;

    explicit disk_device(process_state& owner) : process_(owner) {}

    // Completes `op`, which may be cancelled until then. `handle` names who may cancel it; null: nobody.
    void start(boot& owner, operation* op, const void* handle, nanoseconds latency, std::size_t bytes,
               effect at_the_end = {});
    // Ends what a handle has under way with operation_aborted.
    void cancel(const void* handle);

    // Nothing completes for this long; what is under way then goes on where it stood.
    void stall(nanoseconds time);
    // Accesses that start within `time` take `factor` times as long; at least 1.
    void slow(double factor, nanoseconds time);
    // Nothing completes until heal() or booted().
    void lose();
    bool lost() const noexcept { return lost_; }
    // Ends all of that.
    void heal();
    // A new boot finds an idle disk that answers; a stall goes on.
    void booted();

private:
    struct access {
        boot* owner;
        operation* op;
        event_ticket ticket;  // of op, while it waits
        const void* handle;
        effect at_the_end;  // empty once it has happened
        std::uint64_t due = 0;
        std::uint64_t service = 0;  // nanoseconds that it occupies the device, while held
        std::uint64_t latency = 0;
        bool held = false;
    };

    bool standing_still() const noexcept;
    void prune();
    void let_go(const std::shared_ptr<access>& a);
    void set_effect(const std::shared_ptr<access>& a);
    void hold_all();
    void release_all();
    void note(std::string text);

    process_state& process_;
    std::vector<std::shared_ptr<access>> under_way_;  // and some that have ended since
    std::size_t prune_at_ = 16;
    std::uint64_t free_at_ = 0;  // the device has served all before then; while still: what is left to serve
    std::uint64_t stalled_until_ = 0;  // 0: it is not
    std::uint64_t slow_until_ = 0;
    double slow_factor_ = 1;
    bool lost_ = false;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DISK_DEVICE_H
