// An edit has two ends; a directive between them could leave one behind. #line names the file that people edit.
// RUN: %rewrite %s %t -DEXTRA | FileCheck %s
// RUN: %same %s %t -DEXTRA
// RUN: FileCheck %s --check-prefix=SITES --input-file %t/out/squall-sites.json
#include <cstdio>

bool write(int n) {
    // CHECK: if (n == 0
    if (n == 0
#ifdef EXTRA
        || n == 7
#endif
    )
        return false;
    return true;
}
#ifdef EXTRA
// CHECK: bool read(int n) { ::squall::reached(
bool read(int n) {
#else
// CHECK: bool read(long n) {{[{]$}}
bool read(long n) {
#endif
    if (n == 0) return false;
    return true;
}
#line 500 "grammar.y"
// SITES: "file":"grammar.y","function":"parse",{{.*}}"line":501,
bool parse(int n) {
    if (n == 0) return false;
    return true;
}
int main() { std::printf("%d%d%d\n", write(1), read(2), parse(3)); }
// CHECK: ---- summary
// CHECK: coverage: preprocessor directive within
