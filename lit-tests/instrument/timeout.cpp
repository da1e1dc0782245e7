// Durations that arm timers are changed where they are written, once, and nothing is left dangling.
// RUN: %rewrite %s %t --rules=timeout -pthread | FileCheck %s
// RUN: %same %s %t --rules=timeout -pthread
// RUN: %fires %s %t main --rules=timeout -pthread | FileCheck %s --check-prefix=FIRES
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto request_timeout = 30ms;
struct fake_timer {
    template <class R, class P>
    void expires_after(const std::chrono::duration<R, P>& d) { total += d; }
    std::chrono::nanoseconds total{};
};
struct options {
    milliseconds timeout = 5ms;
};
struct deadline_timer {
    explicit deadline_timer(std::chrono::seconds after) : after(after) {}
    std::chrono::seconds after;
};
milliseconds with_timeout(int, milliseconds timeout) {
    fake_timer t;
    // It comes in as a timeout: the caller has the site.
    // CHECK: t.expires_after(timeout);
    t.expires_after(timeout);
    return timeout;
}
milliseconds retry(int, const milliseconds& retry_delay = 7ms) { return retry_delay; }
milliseconds count(milliseconds elapsed) { return elapsed; }
const milliseconds& larger(const milliseconds& timeout, const milliseconds&) { return timeout; }
void set(milliseconds& timeout) { timeout = 1ms; }
milliseconds seldom(milliseconds little) { return little; }

int main() {
    fake_timer timer;
    options o;
    const milliseconds local = 4ms;
    // CHECK: timer.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, request_timeout));
    timer.expires_after(request_timeout);
    // CHECK: timer.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 2 * o.timeout + 1ms));
    timer.expires_after(2 * o.timeout + 1ms);
    // CHECK: auto a = with_timeout(1, ::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 20ms));
    auto a = with_timeout(1, 20ms);
    // CHECK: auto b = retry(1, ::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 2s)) + retry(2);
    auto b = retry(1, 2s) + retry(2);
    // An lvalue behind a reference might be kept.
    // CHECK: auto c = retry(1, local);
    auto c = retry(1, local);
    // CHECK: auto d = larger(local, 3ms);
    auto d = larger(local, 3ms);
    milliseconds e{};
    // CHECK: set(e);
    set(e);
    // CHECK: auto f = count(5ms) + seldom(6ms);
    auto f = count(5ms) + seldom(6ms);
    // CHECK: auto g = with_timeout(1, {});
    auto g = with_timeout(1, {});
    // CHECK: deadline_timer h(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 9s));
    deadline_timer h(9s);
    // CHECK: deadline_timer i{::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 9s)};
    deadline_timer i{9s};
    // CHECK: std::this_thread::sleep_for(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 1ms));
    std::this_thread::sleep_for(1ms);
    std::mutex m;
    std::condition_variable cv;
    std::unique_lock lock(m);
    // CHECK: cv.wait_for(lock, ::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 1ms), [] { return true; });
    cv.wait_for(lock, 1ms, [] { return true; });
    // CHECK: auto wait = [](milliseconds poll_interval) { return poll_interval; };
    auto wait = [](milliseconds poll_interval) { return poll_interval; };
    // CHECK: auto j = wait(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 8ms));
    auto j = wait(8ms);
    std::printf("%d %d %d\n", int(a.count()), int(b.count()), int(j.count()));
    std::printf("%d\n", int(c.count() + d.count() + e.count() + f.count() + g.count() + h.after.count() + i.after.count()));
}
// FIRES: 1 1007 1
// CHECK: ---- summary
// CHECK-DAG: skipped 1, timeout: braced initialiser
// CHECK-DAG: skipped 1, timeout: parameter passed on
// CHECK-DAG: skipped 3, timeout: reference may be kept or written to
