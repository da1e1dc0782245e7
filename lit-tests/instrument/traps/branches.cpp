// Branches of all forms, and all that hangs on where a statement ends.
// RUN: %rewrite %s %t --rules=coverage | FileCheck %s
// RUN: %same %s %t --rules=coverage
#include <cstdio>
#include <memory>

int next();
int state = 0;
int next() { return ++state; }

int dangling(int a, int b) {
    // CHECK: if (::squall::taken({{.*}}, static_cast<bool>(a)))
    if (a)
        // CHECK: if (::squall::taken({{.*}}, static_cast<bool>(b))) return 1;
        if (b) return 1;
        else return 2;
    return 3;
}
int with_goto(int n) {
    // CHECK: if (::squall::taken({{.*}}, n > 3)) goto out;
    if (n > 3) goto out;
    n = 9;
out:
    return n;
}
int declared(int n) {
    // CHECK: if (int m = n - 1) return m;
    if (int m = n - 1) return m;
    // CHECK: if (int m = n - 2) { ::squall::reached(
    if (int m = n - 2) { return m; }
    // CHECK: if (int m = n; ::squall::taken({{.*}}, m == 1)) return 7;
    if (int m = n; m == 1) return 7;
    // CHECK: while (int m = next()) if (::squall::taken({{.*}}, m > 5)) break;
    while (int m = next()) if (m > 5) break;
    return n;
}
int likely(int n) {
    // CHECK: if (n == 1) {{\[\[}}likely]] { ::squall::reached(
    if (n == 1) [[likely]] { return 1; }
    // CHECK: if (::squall::taken({{.*}}, n == 2)) {{\[\[}}unlikely]] return 2;
    if (n == 2) [[unlikely]] return 2;
    // An assignment asks for parentheses of its own, which a call would hide.
    int m;
    // CHECK: if ((m = n)) { ::squall::reached(
    if ((m = n)) { return m; }
    // CHECK: if (::squall::taken({{.*}}, static_cast<bool>((m = n + 1)))) return m;
    if ((m = n + 1)) return m;
    return 0;
}
int loops(int n) {
    int sum = 0;
    // CHECK: for (;;) if (::squall::taken({{.*}}, ++sum > n)) break;
    for (;;) if (++sum > n) break;
    // CHECK: do ++sum; while (sum < 3);
    do ++sum; while (sum < 3);
    // CHECK: while (::squall::taken({{.*}}, sum < 20)) ++sum;
    while (sum < 20) ++sum;
    // CHECK: for (int i = 0; ::squall::taken({{.*}}, i < 3 && (sum, true)); ++i, ++sum);
    for (int i = 0; i < 3 && (sum, true); ++i, ++sum);
    return sum;
}
int fall(int n) {
    switch (n) {
        // CHECK: case 1:{{$}}
        case 1:
        // CHECK: case 2: ++n; {{\[\[}}fallthrough]];
        case 2: ++n; [[fallthrough]];
        // CHECK: case 3: { ::squall::reached({{.*}} ++n; }
        case 3: { ++n; } [[fallthrough]];
        // CHECK: default: { ::squall::reached(
        default: { ++n; }
    }
    switch (int i = 0; n) case 9: while (++i < 2) ++n;
    return n;
}
// CHECK: int handlers(int n) try { ::squall::reached(
int handlers(int n) try {
    if (n) throw n;
    return 0;
// CHECK: } catch (int e) { ::squall::reached(
} catch (int e) {
    return e;
// CHECK: } catch (...) { ::squall::reached(
} catch (...) {
    return -1;
}
struct initialised {
    // CHECK: initialised(int n) try : m(n ? n : throw 1) { ::squall::reached(
    initialised(int n) try : m(n ? n : throw 1) {
    } catch (int) {
        throw 2;
    }
    int m;
};
struct pointing {
    std::unique_ptr<int> p = std::make_unique<int>(4);
    // CHECK: int get() { ::squall::reached({{.*}} if (::squall::taken({{.*}}, static_cast<bool>(p))) return *p; return 0; }
    int get() { if (p) return *p; return 0; }
};

int main() {
    std::printf("%d %d %d %d\n", dangling(1, 0), with_goto(2), declared(1), likely(2));
    std::printf("%d %d %d %d %d\n", loops(3), fall(1), handlers(5), initialised(3).m, pointing().get());
}
