// Operands that are never evaluated carry no site.
// RUN: %rewrite %s %t --rules=timeout | FileCheck %s
// RUN: %same %s %t
// CHECK-NOT: squall::duration
#include <chrono>
#include <cstdio>
#include <typeinfo>
using namespace std::chrono_literals;
using std::chrono::milliseconds;

milliseconds nap(milliseconds delay) { return delay; }
template <class T>
concept naps = requires(T t) { nap(t + 1ms); };
template <class T>
    requires requires { nap(T(2)); }
auto doze(T t) noexcept(noexcept(nap(3ms))) -> decltype(nap(t + 4ms)) {
    return t;
}
static_assert(naps<milliseconds>);

int main() {
    const bool never = noexcept(nap(5ms));
    decltype(nap(6ms)) zero{};
    std::printf("%d %d %d\n", int(sizeof(nap(7ms))), never, int(zero.count()));
    std::printf("%d %d\n", typeid(nap(8ms)) == typeid(milliseconds), int(doze(milliseconds(1)).count()));
}
// CHECK: sites: timeout 0; {{[0-9]+}} skipped
