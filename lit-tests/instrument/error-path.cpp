// Error branches, handlers, default cases and retries ask to be reached; what follows success does not.
// RUN: %rewrite %s %t --rules=error-path | FileCheck %s
// RUN: %same %s %t --rules=error-path
// RUN: %fires %s %t store --rules=error-path | FileCheck %s --check-prefix=FIRES
#include <cstdio>
#include <stdexcept>
#include <system_error>

enum class status { ok, refused, failed };
bool send(int n) {
    if (n < 0) return false;
    return true;
}
int store(int n, std::error_code ec) {
    // CHECK: if (ec) { ::squall::sometimes(::squall_site_{{.*}}.head);
    if (ec) {
        return 1;
    }
    // CHECK: if (::squall::sometimes_if(::squall_site_{{.*}}.head, !send(n))) return 2;
    if (!send(n)) return 2;
    // CHECK: if (!ec) {{{$}}
    if (!ec) {
        n += 0;
    }
    // CHECK: if (n > 100) {{{$}}
    if (n > 100) {
        n = 100;
    }
    return 0;
}
int name(status s) {
    // CHECK: if (s != status::ok) { ::squall::sometimes(
    if (s != status::ok) { std::printf("bad\n"); }
    // CHECK: if (s == status::ok) { std
    if (s == status::ok) { std::printf("good\n"); }
    switch (s) {
        case status::ok:
            return 0;
        // CHECK: default: ::squall::sometimes(::squall_site_{{.*}}.head); return -1;
        default: return -1;
    }
}
int plain(int n) {
    switch (n) {
        case 1: return 2;
        // CHECK: default: return 3;
        default: return 3;
    }
}
int retried() {
    int n = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
        // CHECK: try {{{$}}
        try {
            if (n++ == 0) throw std::runtime_error("once");
            return n;
        // CHECK: } catch (const std::runtime_error&) { ::squall::sometimes(
        } catch (const std::runtime_error&) {
        }
    }
    return -1;
}
int main() {
    std::printf("store %d\n", store(-1, {}));
    std::printf("store %d\n", store(1, std::make_error_code(std::errc::io_error)));
    std::printf("%d %d\n", name(status::refused) + plain(1), retried());
}
// FIRES: (reached)
// FIRES-NEXT: store 2
// FIRES-NEXT: (reached)
// FIRES-NEXT: store 1
// FIRES-NEXT: bad
