// Until C++14 a constexpr function is one return statement, with nothing beside it.
// RUN: %rewrite %s %t -std=c++11 | FileCheck %s
// RUN: %same %s %t -std=c++11
#include <cstdio>

// CHECK: constexpr bool read(int n) { return n == 0 ? false : true; }
constexpr bool read(int n) { return n == 0 ? false : true; }
static_assert(read(1), "");
// CHECK: bool write(int n) { ::squall::reached({{.*}}{ return false; } return n == 0 ? false : true; }
bool write(int n) { return n == 0 ? false : true; }

int main() { std::printf("%d%d\n", read(1), write(1)); }
