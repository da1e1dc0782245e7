// What must be a constant stays one; constexpr functions may carry sites, which are nothing at compile time.
// RUN: %rewrite %s %t | FileCheck %s
// RUN: %same %s %t
// RUN: %same %s %t -std=c++17
#include <chrono>
#include <cstdio>
using namespace std::chrono_literals;
using std::chrono::milliseconds;

// CHECK: constexpr bool read(int n) { ::squall::reached({{.*}}{ return false; }
constexpr bool read(int n) {
    if (n == 0) return false;
    return true;
}
constexpr milliseconds nap(milliseconds delay) { return delay; }
// CHECK: static_assert(nap(3ms) == 3ms && read(1));
static_assert(nap(3ms) == 3ms && read(1));
// CHECK: constexpr auto wait = nap(4ms);
constexpr auto wait = nap(4ms);
// CHECK: int sized[nap(5ms).count()];
int sized[nap(5ms).count()];
template <int N>
constexpr int number = N;
// CHECK: enum { six = nap(6ms).count() };
enum { six = nap(6ms).count() };
struct bits {
    // CHECK: unsigned five : nap(5ms).count();
    unsigned five : nap(5ms).count();
    // CHECK: alignas(nap(8ms).count()) int aligned;
    alignas(nap(8ms).count()) int aligned;
};
// CHECK: const milliseconds start = nap(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 9ms));
const milliseconds start = nap(9ms);
#if __cplusplus >= 202002L
// CHECK: consteval bool write(int n) {{[{]$}}
consteval bool write(int n) {
    if (n == 0) return false;
    return true;
}
static_assert(write(1));
// CHECK: constinit milliseconds begin = nap(
constinit milliseconds begin = nap(10ms);
#endif

int main() {
    int n = int(start.count());
    switch (n) {
        // CHECK: case nap(9ms).count():{{$}}
        case nap(9ms).count():
            n += number<nap(2ms).count()>;
    }
    // CHECK: if constexpr (nap(1ms) == 1ms) { n += 1; } else { n += 2; }
    if constexpr (nap(1ms) == 1ms) { n += 1; } else { n += 2; }
    std::printf("%d %d %d\n", n, int(wait.count()) + six, int(sizeof sized + sizeof(bits)));
}
