// A file that is included twice is edited once.
// RUN: %same %s %t
// RUN: FileCheck %s --input-file %t/out/src/twice.inc
#include <cstdio>
namespace a {
#define FUNCTION write
#include "twice.inc"
#undef FUNCTION
}  // namespace a
namespace b {
#define FUNCTION read
#include "twice.inc"
#undef FUNCTION
}  // namespace b
int main() { std::printf("%d%d\n", a::write(1), b::read(2)); }
// CHECK: inline bool FUNCTION(int n) { ::squall::reached(::squall_count_{{[0-9a-f]+}}); if (::squall::fire(::squall_site_{{[0-9a-f]+}}.head)) { return false; }{{$}}
// CHECK-NEXT: if (::squall::taken(::squall_count_{{[0-9a-f]+}}, n == 0)) return false;
