// What annotations ask for is done: statements left out, knobs turned, delays, names that must be reached, and
// nothing at all in what is to be ignored.
// RUN: %rewrite %s %t | FileCheck %s
// RUN: %same %s %t -Wno-attributes -Wno-unknown-attributes
// RUN: %fires %s %t save -Wno-attributes -Wno-unknown-attributes | FileCheck %s --check-prefix=SAVE
// RUN: %fires %s %t batch -Wno-attributes -Wno-unknown-attributes | FileCheck %s --check-prefix=BATCH
// RUN: %fires %s %t slow -Wno-attributes -Wno-unknown-attributes | FileCheck %s --check-prefix=SLOW
// RUN: %fires %s %t "log is full" -Wno-attributes -Wno-unknown-attributes | FileCheck %s --check-prefix=FULL
#include <cstdio>

[[squall::knob(1, 64)]] constexpr int batch = 32;
struct options {
    // CHECK: {{\[\[}}squall::knob(-5, 9)]] int level = ::squall::setting<int>(::squall_site_{{.*}}.head, 7, -5, 9);
    [[squall::knob(-5, 9)]] int level = 7;
};
int saved = 0;
void save(bool twice) {
    // CHECK: {{\[\[}}squall::skip]] if (!::squall::fire(::squall_site_{{.*}}.head)) ++saved;
    [[squall::skip]] ++saved;
    if (twice) {
        // CHECK: {{\[\[}}squall::skip]] if (!::squall::fire(::squall_site_{{.*}}.head)) {{{}}
        [[squall::skip]] {
            ++saved;
            ++saved;
        }
    } else {
        saved += 10;
    }
    // In no block: no text can be put ahead of it.
    // CHECK: ) {{\[\[}}squall::skip]] ++saved; else
    if (twice) [[squall::skip]] ++saved; else --saved;
}
// CHECK: void slow() { ::squall::reached({{.*}}); ::squall::delay(::squall_site_{{.*}}.head);
[[squall::delay]] void slow() {
    std::printf("slow\n");
    // CHECK: {{\[\[}}squall::delay]] ::squall::delay(::squall_site_{{.*}}.head); std::printf("slower{{.*}}");
    [[squall::delay]] std::printf("slower\n");
}
template <class T>
void write(T n) {
    if (n > 3) {
        // CHECK: {{\[\[}}squall::sometimes("log is full")]] ::squall::sometimes(::squall_site_{{.*}}.head); std::printf("full{{.*}}");
        [[squall::sometimes("log is full")]] std::printf("full\n");
    }
}
// CHECK: bool read_ignored(int n) {{{$}}
[[squall::ignore]] bool read_ignored(int n) {
    if (n == 0) return false;
    return true;
}
class [[squall::ignore]] legacy {
public:
    // CHECK: bool read(int n) {{{$}}
    bool read(int n) {
        return n > 0;
    }
    bool write(int n);
};
// CHECK: bool legacy::write(int n) {{{$}}
bool legacy::write(int n) {
    if (n == 0) return false;
    return true;
}
namespace [[squall::ignore]] old {
// CHECK: bool read(int n) {{{$}}
bool read(int n) {
    if (n == 0) return false;
    return true;
}
}
namespace old {
// CHECK: bool write(int n) { ::squall::reached(
bool write(int n) {
    if (n == 0) return false;
    return true;
}
}
int main() {
    save(true);
    std::printf("saved %d\n", saved);
    // CHECK: std::printf("batch %d level %d{{.*}}", ::squall::setting<int>(::squall_site_{{.*}}.head, batch, 1, 64), options().level);
    std::printf("batch %d level %d\n", batch, options().level);
    slow();
    write(4);
    std::printf("%d\n", read_ignored(1) + legacy().read(1) + legacy().write(1) + old::read(1) + old::write(1));
}
// SAVE: saved 1{{$}}
// BATCH: saved 4
// BATCH-NEXT: batch 1 level 7
// SLOW: (stands still)
// SLOW-NEXT: slow
// SLOW-NEXT: (stands still)
// SLOW-NEXT: slower
// FULL: (reached)
// FULL-NEXT: full
// CHECK: ---- summary
// CHECK-DAG: skipped 1, skip: annotated statement stands in no block
// CHECK-DAG: error-return: annotated to be ignored
