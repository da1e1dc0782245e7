// Threads are given time before they meet at a lock or an atomic.
// RUN: %rewrite %s %t --rules=interleaving -pthread | FileCheck %s
// RUN: %same %s %t --rules=interleaving -pthread
// RUN: %fires %s %t guarded --rules=interleaving -pthread | FileCheck %s --check-prefix=FIRES
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <shared_mutex>

std::mutex mutex;
std::shared_mutex readers;
std::atomic<int> count{0};
int guarded() {
    // CHECK: std::lock_guard<std::mutex> lock((static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), mutex));
    std::lock_guard<std::mutex> lock(mutex);
    // CHECK: return (static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), count.fetch_add(1));
    return count.fetch_add(1);
}
int main() {
    // CHECK: (static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), mutex.lock());
    mutex.lock();
    // CHECK: mutex.unlock();
    mutex.unlock();
    // CHECK: std::shared_lock shared{(static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), readers)};
    std::shared_lock shared{readers};
    // CHECK: std::unique_lock<std::shared_mutex> none;
    std::unique_lock<std::shared_mutex> none;
    // CHECK: std::unique_lock<std::mutex> later(mutex, std::defer_lock);
    std::unique_lock<std::mutex> later(mutex, std::defer_lock);
    std::printf("%d\n", guarded());
    // CHECK: std::printf("%d\n", (static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), count.load()));
    std::printf("%d\n", count.load());
    // A weak pointer's lock is none that threads meet at.
    std::weak_ptr<int> weak;
    // CHECK: return weak.lock() ? 1 : 0;
    return weak.lock() ? 1 : 0;
}
// FIRES: (stands still)
// FIRES-NEXT: (stands still)
// FIRES-NEXT: 0
// FIRES-NEXT: 1
