// What comes out of a macro or goes into one is left alone, and counted.
// RUN: %rewrite %s %t | FileCheck %s
// RUN: %same %s %t
#include <chrono>
#include <cstdio>
#include <cstring>
#include <system_error>
using namespace std::chrono_literals;

#define TWICE(x) ((x), (x))
#define STR(x) #x
#define IF_EC if (ec)
#define OPEN {
#define CLOSE }
#define CHECK_EC(e) do { if (e) return false; } while (0)
#define THEN return false
#define BODY(name) bool name(std::error_code ec) { if (ec) return false; return true; }
#define WAIT 5ms
#define READ_NAME read_by_macro

std::chrono::milliseconds nap(std::chrono::milliseconds delay) { return delay; }

// CHECK: BODY(write_generated){{$}}
BODY(write_generated)
// CHECK: bool write_open(std::error_code ec) OPEN{{$}}
bool write_open(std::error_code ec) OPEN
    // CHECK: if (::squall::taken(::squall_count_{{[0-9a-f]+}}, static_cast<bool>(ec))) THEN;
    if (ec) THEN;
    return true;
CLOSE
// CHECK: bool READ_NAME(std::error_code ec) { ::squall::reached({{.*}} { return false; }
bool READ_NAME(std::error_code ec) {
    // CHECK: CHECK_EC(ec);
    CHECK_EC(ec);
    // CHECK: IF_EC return false;
    IF_EC return false;
    return true;
}

int main() {
    std::error_code ec;
    // CHECK: auto n = TWICE(nap(3ms));
    auto n = TWICE(nap(3ms));
    // CHECK: const char* text = STR(nap(3ms));
    const char* text = STR(nap(3ms));
    // CHECK: n += nap(WAIT);
    n += nap(WAIT);
    // CHECK: n += TWICE([] { return nap(1ms); }());
    n += TWICE([] { return nap(1ms); }());
    std::printf("%d %s %d\n", int(n.count()), text, write_generated(ec) + write_open(ec) + READ_NAME(ec));
}
// CHECK: ---- summary
// CHECK-DAG: coverage: macro argument
// CHECK-DAG: coverage: macro body
// CHECK-DAG: error-return: macro body
// CHECK-DAG: timeout: macro argument
// CHECK-DAG: timeout: macro body
