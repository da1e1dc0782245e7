// Functions that have no failure to return, or no body to enter.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t
#include <cstdio>
#include <cstdlib>
#include <functional>

#ifdef __clang__
#define FALLIBLE [[clang::annotate("squall::fallible")]]
#else
#define FALLIBLE
#endif
struct odd {
    // CHECK: FALLIBLE odd() {{[{]}}}
    FALLIBLE odd() {}
    // CHECK: FALLIBLE ~odd() {{[{]}} }
    FALLIBLE ~odd() { }
    FALLIBLE odd(const odd&) = default;
    FALLIBLE bool operator==(const odd&) const = default;
    FALLIBLE bool gone() = delete;
    // CHECK: FALLIBLE operator bool() const {{[{]}} return n; }
    FALLIBLE operator bool() const { return n; }
    // CHECK: FALLIBLE void nothing() {{[{]}} ++n; }
    FALLIBLE void nothing() { ++n; }
    // CHECK: FALLIBLE int number() {{[{]}} return n; }
    FALLIBLE int number() { return n; }
    // CHECK: FALLIBLE bool& reference(bool& b) {{[{]}} return b; }
    FALLIBLE bool& reference(bool& b) { return b; }
    // CHECK: FALLIBLE auto deduced() {{[{]}} return n > 0; }
    FALLIBLE auto deduced() { return n > 0; }
    // CHECK: FALLIBLE auto trailing() -> bool { if (::squall::fire({{.*}} return n > 0; }
    FALLIBLE auto trailing() -> bool { return n > 0; }
    // CHECK: FALLIBLE static bool still() noexcept { if (::squall::fire({{.*}} return true; }
    FALLIBLE static bool still() noexcept { return true; }
    // CHECK: FALLIBLE bool operator()(int i) { if (::squall::fire({{.*}} return i > n; }
    FALLIBLE bool operator()(int i) { return i > n; }
    int n = 1;
};
extern "C" {
// CHECK: FALLIBLE bool in_c(int n) { if (::squall::fire({{.*}} return n > 0; }
FALLIBLE bool in_c(int n) { return n > 0; }
}
// CHECK: FALLIBLE {{\[\[}}noreturn]] bool leave() {{[{]}} std::exit(3); }
FALLIBLE [[noreturn]] bool leave() { std::exit(3); }
// CHECK: FALLIBLE int main() {
FALLIBLE int main() {
    odd o;
    bool b = o;
    o.nothing();
    // CHECK: struct local { FALLIBLE bool inside() { if (::squall::fire({{.*}} return true; } };
    struct local { FALLIBLE bool inside() { return true; } };
    std::printf("%d%d%d%d%d%d\n", o.number(), o.reference(b), o.deduced(), o.trailing(), o.still(), o(4));
    std::printf("%d%d\n", in_c(3), local().inside());
    // CHECK: std::function<bool()> f = [] { return true; };
    std::function<bool()> f = [] { return true; };
    return f() - 1;
}
// CHECK: ---- summary
// CHECK-DAG: error-return: deduced return type
// CHECK-DAG: error-return: no failure value for this type
// CHECK-DAG: error-return: special function
