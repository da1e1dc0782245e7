// The macros are the attributes while squall reads them and nothing to compilers, even with unknown ones as errors.
// RUN: %rewrite %s %t -I %runtime_include | FileCheck %s
// RUN: %same %s %t -I %runtime_include -Werror=attributes -Wpedantic -std=c++11
// RUN: %fires %s %t put -I %runtime_include | FileCheck %s --check-prefix=FIRES
#include <squall/annotations.h>

#include <cstdio>

enum class status { fine, refused };
SQUALL_KNOB_RANGE(1, 64) constexpr int batch = 32;
int kept = 0;
// CHECK: SQUALL_FALLIBLE_AS(status::refused) status put(int n) { ::squall::reached({{.*}} if (::squall::fire({{.*}} { return status::refused; }
SQUALL_FALLIBLE_AS(status::refused) status put(int n) {
    // CHECK: SQUALL_SKIPPABLE if (!::squall::fire({{.*}})) ++kept;
    SQUALL_SKIPPABLE ++kept;
    // CHECK: return n > ::squall::setting<int>({{.*}}, batch, 1, 64) ?
    return n > batch ? status::refused : status::fine;
}
// CHECK: SQUALL_FALLIBLE bool draw() { ::squall::reached({{.*}} if (::squall::fire(
SQUALL_FALLIBLE bool draw() { return true; }
// CHECK: SQUALL_IGNORED bool read(int n) {{{$}}
SQUALL_IGNORED bool read(int n) {
    return n == 0 ? false : true;
}
int main() {
    // CHECK: SQUALL_DELAYED ::squall::delay({{.*}}); std::printf("put
    SQUALL_DELAYED std::printf("put %d\n", int(put(1)));
    // CHECK: SQUALL_REACHED("end") ::squall::sometimes({{.*}}); std::printf(
    SQUALL_REACHED("end") std::printf("%d %d %d\n", draw(), read(1), kept);
}
// FIRES: put 1
// FIRES-NEXT: 1 1 0
