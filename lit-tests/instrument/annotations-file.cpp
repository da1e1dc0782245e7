// A file that is to be ignored has no site, whatever stands ahead of the annotation.
// RUN: %rewrite %s %t -std=c++17 | FileCheck %s
// CHECK: bool read(int n) {{{$}}
bool read(int n) {
    return n == 0 ? false : true;
}
[[squall::ignore]];
namespace app {
// CHECK: bool write(int n) {{{$}}
bool write(int n) {
    return n == 0 ? false : true;
}
}
// CHECK: ---- summary
// CHECK: 0 sites
