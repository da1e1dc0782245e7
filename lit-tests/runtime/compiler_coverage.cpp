// The counters of clang's -fsanitize-coverage=inline-8bit-counters are read without a mark in the source, also beside a
// sanitizer, which has the callback too.
// RUN: %clangxx -std=c++20 -O0 -fsanitize-coverage=inline-8bit-counters -I %runtime_include %s %runtime_lib -o %t && %t | FileCheck %s
// RUN: %clangxx -std=c++20 -O0 -fsanitize-coverage=inline-8bit-counters -fsanitize=undefined -I %runtime_include %s %runtime_lib -o %t.ub && %t.ub | FileCheck %s
// RUN: %clangxx -std=c++20 -O0 -fsanitize-coverage=inline-8bit-counters -fsanitize=address -I %runtime_include %s %runtime_lib -o %t.as && %t.as | FileCheck %s
#include <squall/coverage.h>
#include <squall/site.h>

#include <cstdio>

__attribute__((noinline)) int branches(int n) {
    if (n > 2)
        return n * 3;
    return n == 1 ? 5 : 7;
}

int main(int argc, char**) {
    const auto size = squall::coverage_counters();
    std::printf("marks %zu, some edges: %s\n", size.marks, size.compiler_edges > 3 ? "yes" : "no");
    squall::coverage_map campaign;
    const auto news = [&](int n) {
        squall::coverage_reset();
        volatile int sink = branches(n * argc);
        (void)sink;
        return campaign.add(squall::coverage_counts()).edges > 0 ? "new" : "nothing new";
    };
    for (const int n : {1, 1, 3, 3})
        std::printf("%d: %s\n", n, news(n));
}
// CHECK: marks 0, some edges: yes
// CHECK-NEXT: 1: new
// CHECK-NEXT: 1: nothing new
// CHECK-NEXT: 3: new
// CHECK-NEXT: 3: nothing new
