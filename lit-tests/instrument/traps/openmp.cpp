// OpenMP wants the loops that it takes over in one form: conditions stay, and nothing stands between two that belong together.
// RUN: %rewrite %s %t -fopenmp --rules=all | FileCheck %s
// RUN: %gxx -std=c++20 -fopenmp -Wall -Wextra -Werror @%t/out/squall.flags -c %t/out/src/openmp.cpp -o %t/gcc.o
// RUN: %clangxx -std=c++20 -fopenmp -U_OPENMP -Wall -Wextra -Werror @%t/out/squall.flags -c %t/out/src/openmp.cpp -o %t/clang.o
// Who compiles without the flag has directives that mean nothing.
// RUN: %same %s %t --rules=all -Wno-unknown-pragmas
#include <cstdio>
#ifdef _OPENMP
#include <omp.h>  // gcc's, which clang cannot read
#endif
constexpr int max_items = 100;

int worked(int n) { return n % 3; }
int main() {
    int sum = 0;
#pragma omp parallel for reduction(+ : sum)
    // CHECK: for (int i = 0; i < {{.*}}max_items{{\)?}}; ++i) sum += worked(i);
    for (int i = 0; i < max_items; ++i) sum += worked(i);
#pragma omp parallel for reduction(+ : sum)
    // CHECK: for (int i = 0; i < {{.*}}max_items{{\)?}}; ++i) { ::squall::reached(
    for (int i = 0; i < max_items; ++i) {
        // CHECK: for (int j = 0; ::squall::taken({{.*}}, j < 3); ++j) sum += worked(j);
        for (int j = 0; j < 3; ++j) sum += worked(j);
    }
#pragma omp parallel for collapse(2) reduction(+ : sum)
    // CHECK: for (int i = 0; i < 4; ++i) {{[{]$}}
    for (int i = 0; i < 4; ++i) {
        // CHECK: for (int j = 0; j < 3; ++j) { ::squall::reached(
        for (int j = 0; j < 3; ++j) {
            sum += worked(j);
        }
    }
    if (sum > 3)
#pragma omp parallel sections reduction(+ : sum)
    // CHECK: {{^    [{]$}}
    {
#pragma omp section
        sum += worked(4);
#pragma omp section
        sum += worked(5);
    }
    std::printf("%d\n", sum);
}
