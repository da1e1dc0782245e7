// Declarations and statements that other traps leave over: loops over ranges, bindings, `if consteval`, naked functions, a try
// block that is a body, and code that runs before main().
// RUN: %rewrite %s %t -std=c++23 --rules=all | FileCheck %s
// RUN: %same %s %t -std=c++23 --rules=all
#include <array>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#if defined(__x86_64__)
// Its body is assembly alone: nothing may be put ahead of it.
// CHECK: __attribute__((naked)) int naked() { __asm__("movl $7, %eax\n\tret"); }
__attribute__((naked)) int naked() { __asm__("movl $7, %eax\n\tret"); }
#else
int naked() { return 7; }
#endif

constexpr int max_items = 3;
// CHECK: const int& reference = max_items;
const int& reference = max_items;
// CHECK: const int* pointer = &max_items;
const int* pointer = &max_items;

int checked(const std::string& name) {
    return name.empty() ? -1 : 0;
}
// CHECK: bool load(const std::string& name) try { ::squall::reached({{.*}} if (::squall::fire({{.*}}return false; }
bool load(const std::string& name) try {
    if (checked(name) != 0) return false;
    return std::stoi(name) > 0;
} catch (const std::exception&) {
    return false;
}
// The records are there before the first constructor runs.
struct early {
    early() : value(load("4") ? reference + *pointer : 0) {}
    int value;
};
early first;

constexpr int when(int n) {
    // CHECK: if consteval {{[{]}} return n; } else {{[{]}} return n + 1; }
    if consteval { return n; } else { return n + 1; }
}
std::array<int, 3> numbers() { return {1, 2, max_items}; }

int ranges(int sum) {
    // CHECK: for (int each : numbers()) sum += each;
    for (int each : numbers()) sum += each;
    // CHECK: for (std::map<int, int> m{{.*}}1, 2}}; auto& [key, value] : m) { ::squall::reached(
    for (std::map<int, int> m{{1, 2}}; auto& [key, value] : m) { sum += key + value; }
    // CHECK: auto [low, high] = std::pair(sum, sum + ::squall::capacity<int>(::squall_site_{{[0-9a-f]+}}.head, max_items));
    auto [low, high] = std::pair(sum, sum + max_items);
    // CHECK: auto&& [a, b, c] = numbers();
    auto&& [a, b, c] = numbers();
    return low + high + a + b + c;
}

int main() {
    std::printf("%d %d %d %d\n", naked(), first.value, ranges(0), when(1));
    static_assert(when(1) == 1);
}
