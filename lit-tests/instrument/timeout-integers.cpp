// Integers that count a unit of time are changed where their name says that they limit or space something.
// RUN: %rewrite %s %t --rules=timeout | FileCheck %s
// RUN: %same %s %t --rules=timeout -Wconversion -Wsign-conversion
// RUN: %same %s %t --rules=timeout -std=c++11
// RUN: %fires %s %t main --rules=timeout | FileCheck %s --check-prefix=FIRES
// RUN: %fires %s %t options::retry_delay_ms --rules=timeout | FileCheck %s --check-prefix=FIELD
// RUN: %fires %s %t client::client --rules=timeout | FileCheck %s --check-prefix=MEMBER
#include "time_settings.h"

#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdio>

constexpr int kConnectTimeoutMs = 3000;
const unsigned long flush_interval_us = 250;
static int idle_timeout_s = 60;
#define MACRO_TIMEOUT 5

enum class pace { slow_ms = 3 };
struct options {
    // CHECK: std::uint32_t retry_delay_ms = ::squall::duration_count<unsigned int>(::squall_site_{{[0-9a-f]+}}.head, 100);
    std::uint32_t retry_delay_ms = 100;
    // CHECK: short ttl_seconds{::squall::duration_count<short>(::squall_site_{{[0-9a-f]+}}.head, 30)};
    short ttl_seconds{30};
    // For ever, at once, and not set are no times.
    // CHECK: int session_timeout_ms = -1;
    int session_timeout_ms = -1;
    // CHECK: int poll_interval_ms = 0;
    int poll_interval_ms = 0;
    // CHECK: long lease_ttl_ms = LONG_MAX;
    long lease_ttl_ms = LONG_MAX;
    // Without the unit, or without the timeout, or as a measurement.
    // CHECK: int timeout = 5, size_ms = 5, avg_delay_ms = 5, timeouts_total = 5;
    int timeout = 5, size_ms = 5, avg_delay_ms = 5, timeouts_total = 5;
    // CHECK: bool delay_ms = true;
    bool delay_ms = true;
    // CHECK: double backoff_s = 0.5;
    double backoff_s = 0.5;
    // CHECK: unsigned short_delay_ms : 5;
    unsigned short_delay_ms : 5;
};
struct client {
    // CHECK: client() : request_timeout_ms_(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 700)) {}
    client() : request_timeout_ms_(700) {}
    // CHECK: void set_timeout_ms(int timeout_ms) { request_timeout_ms_ = timeout_ms; }
    void set_timeout_ms(int timeout_ms) { request_timeout_ms_ = timeout_ms; }
    int timeout_ms() const { return request_timeout_ms_; }
    int request_timeout_ms_;
};

unsigned connect(const char*, unsigned timeout_ms) { return timeout_ms; }
// What comes in has its site with the caller.
// CHECK: unsigned reconnect(unsigned retry_timeout_ms) { return connect("again", retry_timeout_ms); }
unsigned reconnect(unsigned retry_timeout_ms) { return connect("again", retry_timeout_ms); }
int sleep_ms(int n) { return n; }
// CHECK: int pause_millis(int n) { return sleep_ms(n); }
int pause_millis(int n) { return sleep_ms(n); }
// CHECK: int pause_s(int n) { return pause_millis(n * 1000); }
int pause_s(int n) { return pause_millis(n * 1000); }
void show(const char*, int value) { std::printf("%d ", value); }
int wait_until(long deadline_ms) { return static_cast<int>(deadline_ms % 1000); }
const int& keep(const int& timeout_ms) { return timeout_ms; }
void reset(int& timeout_ms) { timeout_ms = 9; }
int overloaded(int size) { return size; }
int overloaded(long timeout_ms) { return static_cast<int>(timeout_ms); }
template <class T>
T generic(T timeout_ms) { return timeout_ms; }
template <class T>
struct of_template {
    // CHECK: int delay_ms = ::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 11);
    int delay_ms = 11;
    // CHECK: T interval_ms = 12;
    T interval_ms = 12;
    // CHECK: unsigned go() { return connect("t", ::squall::duration_count<unsigned int>(::squall_site_{{[0-9a-f]+}}.head, 13)); }
    unsigned go() { return connect("t", 13); }
};
// CHECK: constexpr int doubled(int timeout_ms) { return 2 * timeout_ms; }
constexpr int doubled(int timeout_ms) { return 2 * timeout_ms; }
// CHECK: char room[doubled(4)];
char room[doubled(4)];
// CHECK: static_assert(doubled(2) == 4, "");
static_assert(doubled(2) == 4, "");

int main() {
    options o;
    client c;
    o.short_delay_ms = 1;
    // CHECK: unsigned a = connect("a", ::squall::duration_count<unsigned int>(::squall_site_{{[0-9a-f]+}}.head, 5000));
    unsigned a = connect("a", 5000);
    // CHECK: a += connect("b", ::squall::duration_count<unsigned int>(::squall_site_{{[0-9a-f]+}}.head, kConnectTimeoutMs));
    a += connect("b", kConnectTimeoutMs);
    // CHECK: a += connect("c", MACRO_TIMEOUT);
    a += connect("c", MACRO_TIMEOUT);
    // CHECK: a += connect("d", 0);
    a += connect("d", 0);
    // CHECK: o.retry_delay_ms = ::squall::duration_count<unsigned int>(::squall_site_{{[0-9a-f]+}}.head, 40);
    o.retry_delay_ms = 40;
    // CHECK: c.set_timeout_ms(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 8));
    c.set_timeout_ms(8);
    // CHECK: int b = sleep_ms(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 7));
    int b = sleep_ms(7);
    // The variable is changed where it is set.
    // CHECK: int backoff_ms = ::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 6);
    int backoff_ms = 6;
    // CHECK: b += sleep_ms(backoff_ms);
    b += sleep_ms(backoff_ms);
    // CHECK: b += sleep_ms(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, idle_timeout_s));
    b += sleep_ms(idle_timeout_s);
    // A constant gets no site itself; its uses do.
    // CHECK: const int grace_delay_ms = 9;
    const int grace_delay_ms = 9;
    // CHECK: b += sleep_ms(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, grace_delay_ms));
    b += sleep_ms(grace_delay_ms);
    // CHECK: std::chrono::microseconds d(::squall::duration_count<unsigned long>(::squall_site_{{[0-9a-f]+}}.head, flush_interval_us));
    std::chrono::microseconds d(flush_interval_us);
    // CHECK: auto e = std::chrono::milliseconds(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, c.timeout_ms()));
    auto e = std::chrono::milliseconds(c.timeout_ms());
    // Somebody wants to know it, not to wait.
    // CHECK: show("timeout", kConnectTimeoutMs);
    show("timeout", kConnectTimeoutMs);
    // A deadline may be a moment.
    long next_deadline_ms = a + 20;
    // CHECK: b += wait_until(next_deadline_ms);
    b += wait_until(next_deadline_ms);
    // CHECK: b += wait_until(::squall::duration_count<long>(::squall_site_{{[0-9a-f]+}}.head, 70));
    b += wait_until(70);
    // CHECK: b += keep(idle_timeout_s);
    b += keep(idle_timeout_s);
    // CHECK: reset(idle_timeout_s);
    reset(idle_timeout_s);
    // CHECK: b += overloaded(3) + overloaded(::squall::duration_count<long>(::squall_site_{{[0-9a-f]+}}.head, 4L));
    b += overloaded(3) + overloaded(4L);
    // CHECK: b += generic(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 15));
    b += generic(15);
    // CHECK: b += sizeof(connect("x", 9)) > 1;
    b += sizeof(connect("x", 9)) > 1;
    // CHECK: b += pause_millis(::squall::duration_count<int>(::squall_site_{{[0-9a-f]+}}.head, 9));
    b += pause_millis(9);
    b += pause_s(0);
    of_template<int> t;
    time_settings from_header;
    std::printf("%u %d %d %d %d\n", a, b, int(d.count()), int(e.count()), t.delay_ms + t.interval_ms);
    std::printf("%u %d %d %d\n", o.retry_delay_ms, backoff_ms, c.timeout_ms(), from_header.keepalive_interval_sec);
    options fresh;
    client other;
    std::printf("%u %d\n", fresh.retry_delay_ms, other.timeout_ms());
    (void)room;
}
// FIRES: 3000 7 99 1 1 23
// FIRES-NEXT: 1 1 1 25
// FIRES-NEXT: 100 700
// FIELD: {{^}}1 700
// MEMBER: 100 1
// CHECK: ---- summary
// CHECK-DAG: timeout: changed where it was set
// CHECK-DAG: timeout: deadline may be a point in time
// CHECK-DAG: timeout: macro body
// CHECK-DAG: timeout: no time to wait, or for ever
// CHECK-DAG: timeout: parameter passed on
