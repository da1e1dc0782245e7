// Sites are read from objects, archives, shared libraries and programs of both compilers, without running them; places that two
// translation units share are listed once.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %gxx -std=c++17 -I %runtime_include -c %s -o %t/one.o
// RUN: %gxx -std=c++17 -I %runtime_include -DSECOND -c %s -o %t/two.o
// RUN: %clangxx -std=c++17 -I %runtime_include -c %s -o %t/clang.o
// RUN: ar rc %t/all.a %t/one.o %t/two.o
// RUN: %gxx -shared -fPIC -std=c++17 -I %runtime_include %s %runtime_lib -o %t/lib.so
// RUN: %gxx %t/one.o %t/two.o %runtime_lib -o %t/program
// RUN: %squall sites %t/one.o | FileCheck %s
// RUN: %squall sites %t/clang.o | FileCheck %s
// RUN: %squall sites %t/all.a | FileCheck %s --check-prefixes=CHECK,TOTAL
// RUN: %squall sites %t/lib.so | FileCheck %s
// RUN: %squall sites %t/program | FileCheck %s --check-prefixes=CHECK,TOTAL
// RUN: %squall sites %t/program --kind coverage --json | FileCheck %s --check-prefix=JSON
// RUN: strip %t/program
// RUN: %squall sites %t/program | FileCheck %s --check-prefixes=CHECK,TOTAL
// RUN: echo 'int main() { return 0; }' > %t/plain.cpp
// RUN: %gxx %t/plain.cpp -o %t/plain
// RUN: not %squall sites %t/plain 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: head -c 3000 %t/program > %t/cut
// RUN: not %squall sites %t/cut 2>&1 | FileCheck %s --check-prefix=CUT
// RUN: %gxx -std=c++17 -I %runtime_include -DTWICE -c %s -o %t/twice.o
// RUN: not %squall sites %t/twice.o 2>&1 | FileCheck %s --check-prefix=TWICE
#include <squall/site.h>

SQUALL_SITE(00000000000000d1, 64, 12, 1, "error-return\0kv/log.cpp\0kv::log::sync\0return errc")
SQUALL_COVERAGE_SITE(00000000000000d2, 64, 40, 3, "coverage\0kv/log.cpp\0kv::log::append\0entry")

inline bool shared_place() {
    squall::reached(squall_count_00000000000000d2);
    return squall::fire(squall_site_00000000000000d1.head);
}

#ifdef TWICE
#include <squall/buggify.h>
bool twice() { return SQUALL_BUGGIFY_NAMED("flush"); }
bool again() { return SQUALL_BUGGIFY_NAMED("flush"); }
// TWICE: squall: one message for two places: {{.*}}sites_of_binaries.cpp:{{[0-9]+}} and {{.*}}sites_of_binaries.cpp:{{[0-9]+}}: "flush"
#endif

#ifdef SECOND
bool use() { return shared_place(); }
#else
bool use();
int main() { return shared_place() ? 1 : 0; }
#endif

// CHECK: id kind rule place function detail
// CHECK: 00000000000000d1  error-return  error-return  kv/log.cpp:12  kv::log::sync    return errc
// CHECK: 00000000000000d2  coverage      coverage      kv/log.cpp:40  kv::log::append  entry
// TOTAL: 2 sites: 1 coverage, 1 error-return
// JSON: "total": 2
// JSON: "id": "00000000000000d2"
// JSON-NOT: 00000000000000d1
// NONE: squall: no sites in {{.*}}plain: it has no section squall_sites (was its source instrumented
// CUT: squall: {{.*}}cut is damaged at byte {{[0-9]+}}: section header 0 lies beyond the end of the file (truncated?)
