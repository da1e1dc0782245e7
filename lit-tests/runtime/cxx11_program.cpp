// A C++11 program with nothing but the headers and the library, with and without exceptions and RTTI, by each compiler
// that is there; and the same with SQUALL_DISABLED and no library. Code of a disabled program may use the C++20 headers.
// RUN: rm -rf %t && mkdir -p %t
// RUN: %gxx -std=c++11 -Wall -Wextra -Wpedantic -Werror -I %runtime_include %s %runtime_lib -o %t/g++ && %t/g++ | FileCheck %s
// RUN: %clangxx -std=c++11 -Wall -Wextra -Wpedantic -Werror -I %runtime_include %s %runtime_lib -o %t/clang && %t/clang | FileCheck %s
// RUN: %gxx -std=c++11 -O2 -fno-exceptions -fno-rtti -I %runtime_include %s %runtime_lib -o %t/bare && %t/bare | FileCheck %s
// RUN: %clangxx -std=c++11 -O2 -fno-exceptions -fno-rtti -I %runtime_include %s %runtime_lib -o %t/bare && %t/bare | FileCheck %s
// RUN: bash -c "! command -v clang++-14 || (clang++-14 -std=c++11 -I %runtime_include %s %runtime_lib -o %t/clang14 && %t/clang14 | FileCheck %s)"
// RUN: mkdir %t/guest && env ANTITHESIS_OUTPUT_DIR=%t/guest %t/g++ && FileCheck %s --check-prefix=GUEST < %t/guest/sdk.jsonl
// RUN: %gxx -std=c++11 -O2 -Wall -Wextra -Wpedantic -Werror -DSQUALL_DISABLED -I %runtime_include -c %s -o %t/off.o
// RUN: %gxx %t/off.o -o %t/off && %t/off | FileCheck %s
// RUN: llvm-nm %t/off.o | FileCheck %s --check-prefix=OFF --allow-empty
// RUN: llvm-readelf -S %t/off.o | FileCheck %s --check-prefix=OFF --allow-empty
// RUN: %clangxx -std=c++11 -O2 -Wall -Wextra -Wpedantic -Werror -DSQUALL_DISABLED -I %runtime_include -c %s -o %t/off.o
// RUN: llvm-nm %t/off.o | FileCheck %s --check-prefix=OFF --allow-empty
// RUN: %gxx -std=c++20 -Wall -Wextra -Wpedantic -Werror -DSQUALL_DISABLED -I %runtime_include -include squall/exhaust.h -include squall/results.h -include squall/run.h -fsyntax-only %s
// RUN: %clangxx -std=c++20 -Wall -Wextra -Wpedantic -Werror -DSQUALL_DISABLED -I %runtime_include -include squall/exhaust.h -include squall/results.h -include squall/run.h -fsyntax-only %s
#include <squall/assertions.h>
#include <squall/buggify.h>

#include <chrono>
#include <cstdio>

SQUALL_SITE(00000000000000f1, 64, 20, 1, "error-return\0program.cpp\0open_file()\0\0")
SQUALL_SITE(00000000000000f2, 64, 21, 2, "duration\0program.cpp\0open_file()\0\0")
SQUALL_COVERAGE_SITE(00000000000000f3, 64, 22, 3, "coverage\0program.cpp\0open_file()\0\0")

static int open_file(int n) {
    squall::reached(squall_count_00000000000000f3);
    if (squall::fire(squall_site_00000000000000f1.head))
        return -1;
    if (SQUALL_BUGGIFY() || SQUALL_BUGGIFY_NAMED("no such file") || SQUALL_BUGGIFY_P(0.5) || SQUALL_BUGGIFY_NAMED_P("busy", 0.1))
        return -2;
    const auto wait = squall::duration(squall_site_00000000000000f2.head, std::chrono::milliseconds(7));
    SQUALL_ALWAYS(n >= 0, "a descriptor is not negative", "n", n);
    SQUALL_ALWAYS_LE(n, 3u, "a descriptor is at most three");
    SQUALL_SOMETIMES_GT(n, 1.5, "a descriptor is above one and a half");
    SQUALL_SOMETIMES_EACH("each descriptor", "n", n);
    SQUALL_REACHABLE("a file was opened");
    return n + static_cast<int>(wait.count()) + SQUALL_KNOB(10, 1, 5) + SQUALL_KNOB_NAMED("extra", 100, 1, 5) +
           static_cast<int>(SQUALL_KNOB_EACH(1000.0, 1, 5)) + static_cast<int>(SQUALL_KNOB(std::chrono::seconds(0), std::chrono::seconds(1), std::chrono::seconds(2)).count());
}

int main() {
    const int one = open_file(1);
    std::printf("opened %d and %d\n", one, open_file(2));
    return 0;
}
// CHECK: opened 1118 and 1119
// GUEST: "antithesis_sdk"
// GUEST-DAG: "hit":false,"id":"a descriptor is not negative"
// GUEST-DAG: "details":{"n":1},"display_type":"Always","hit":true,"id":"a descriptor is not negative"
// GUEST-DAG: "guidance_data":{"left":2,"right":1.5
// OFF-NOT: squall_
