// Function entries and branches are marked; a branch without braces keeps its form and its condition is extended.
// RUN: %rewrite %s %t --rules=coverage | FileCheck %s
// RUN: %same %s %t --rules=coverage
// CHECK-NOT: squall::fire
// CHECK-NOT: squall::duration
#include <cstdio>
#include <vector>

// CHECK: int branches(int n) { ::squall::reached(::squall_count_{{[0-9a-f]+}});
int branches(int n) {
    // CHECK: if (n == 1) { ::squall::reached(::squall_count_{{[0-9a-f]+}});
    if (n == 1) {
        return 1;
    // CHECK: } else { ::squall::reached(
    } else {
        --n;
    }
    // CHECK: if (::squall::taken(::squall_count_{{[0-9a-f]+}}, n > 10))
    if (n > 10)
        return 2;
    // CHECK: else if (::squall::taken(::squall_count_{{[0-9a-f]+}}, static_cast<bool>(n))) n += 1;
    else if (n) n += 1;
    // CHECK: while (::squall::taken(::squall_count_{{[0-9a-f]+}}, n > 8)) --n;
    while (n > 8) --n;
    // CHECK: for (int i = 0; i < 2; ++i) { ::squall::reached(
    for (int i = 0; i < 2; ++i) { n += i; }
    // CHECK: for (int i = 0; ::squall::taken(::squall_count_{{[0-9a-f]+}}, i < 2); ++i) n += i;
    for (int i = 0; i < 2; ++i) n += i;
    // CHECK: for (int i : std::vector<int>{1, 2}) { ::squall::reached(
    for (int i : std::vector<int>{1, 2}) { n += i; }
    // CHECK: for (int i : std::vector<int>{1, 2}) n += i;
    for (int i : std::vector<int>{1, 2}) n += i;
    // CHECK: do { ::squall::reached(
    do { --n; } while (n > 20);
    return n;
}

// CHECK: struct thing {
struct thing {
    // CHECK: thing() : value(3) { ::squall::reached(
    thing() : value(3) {}
    // CHECK: ~thing() { ::squall::reached(
    ~thing() { std::puts("gone"); }
    // CHECK: explicit operator bool() const { ::squall::reached(
    explicit operator bool() const { return value != 0; }
    thing(const thing&) = default;
    int value;
};

// CHECK: int main() { ::squall::reached(
int main() {
    // CHECK: auto twice = [](int x) { ::squall::reached({{.*}} return 2 * x; };
    auto twice = [](int x) { return 2 * x; };
    thing t;
    // An explicit conversion is one that a condition may make by itself and a function argument may not.
    // CHECK: if (::squall::taken(::squall_count_{{[0-9a-f]+}}, static_cast<bool>(t))) std::puts("thing");
    if (t) std::puts("thing");
    try {
        if (twice(2) == 4) throw 7;
    // CHECK: } catch (int e) { ::squall::reached(
    } catch (int e) {
        std::printf("%d\n", e + branches(1) + branches(5) + branches(30));
    }
    switch (twice(1)) {
        // CHECK: case 1:
        case 1:
        // CHECK: case 2: { ::squall::reached(
        case 2: { std::puts("two"); break; }
        default: break;
    }
}

// CHECK: ---- summary
// CHECK: sites: coverage {{[0-9]+}}; 1 skipped
// CHECK: skipped 1, coverage: no braces and no condition to extend
