// No memory: null where null is what the program would get, std::bad_alloc where it is that.
// RUN: %rewrite %s %t --rules=allocation | FileCheck %s
// RUN: %same %s %t --rules=allocation
// RUN: %fires %s %t c_way --rules=allocation | FileCheck %s --check-prefix=C
// RUN: %fires %s %t nothrow_way --rules=allocation | FileCheck %s --check-prefix=NOTHROW
// RUN: %fires %s %t throwing_way --rules=allocation | FileCheck %s --check-prefix=THROW
#include <cstdio>
#include <cstdlib>
#include <new>

bool c_way() {
    // CHECK: char* p = static_cast<char*>((::squall::fire(::squall_site_{{.*}}.head) ? nullptr : std::malloc(10)));
    char* p = static_cast<char*>(std::malloc(10));
    const bool got = p != nullptr;
    std::free(p);
    return got;
}
bool nothrow_way() {
    // CHECK: int* p = (::squall::fire(::squall_site_{{.*}}.head) ? nullptr : new (std::nothrow) int(3));
    int* p = new (std::nothrow) int(3);
    const bool got = p != nullptr;
    delete p;
    return got;
}
bool throwing_way() {
    try {
        // CHECK: int* p = (static_cast<void>(::squall::need_memory(::squall_site_{{.*}}.head)), new int[4]);
        int* p = new int[4];
        delete[] p;
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}
int main() {
    alignas(int) char place[sizeof(int)];
    // CHECK: int* here = new (place) int(1);
    int* here = new (place) int(1);
    std::printf("%d %d %d %d\n", c_way(), nothrow_way(), throwing_way(), *here);
}
// C: 0 1 1 1
// NOTHROW: 1 0 1 1
// THROW: 1 1 0 1
