// A function that returns -1 and sets errno where something failed does both; so does one that returns -errno.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t --rules=error-return
// RUN: %fires %s %t app::open_log --rules=error-return | FileCheck %s --check-prefix=OPEN
// RUN: %fires %s %t app::close_log --rules=error-return | FileCheck %s --check-prefix=CLOSE
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace app {
// CHECK: int open_log(const char* path) { if (::squall::fire({{.*}}.head)) { ::squall::set_errno(5); return -1; }
int open_log(const char* path) {
    const int fd = ::open(path, O_RDONLY);
    if (fd < 0) return -1;
    return fd;
}
// CHECK: long close_log(int fd) { if (::squall::fire({{.*}}.head)) { return -5; }
long close_log(int fd) {
    if (::close(fd) != 0) return -errno;
    return 0;
}
// An answer below zero, and one that no test of a failure leads to.
// CHECK: int compare(int a, int b) {{{$}}
int compare(int a, int b) {
    if (a < b) return -1;
    return a > b;
}
// CHECK: int index_of(const char* text, char wanted) {{{$}}
int index_of(const char* text, char wanted) {
    for (int i = 0; text[i]; ++i)
        if (text[i] == wanted) return i;
    return -1;
}
// CHECK: unsigned read_unsigned(int fd) {{{$}}
unsigned read_unsigned(int fd) {
    char c = 0;
    if (::read(fd, &c, 1) < 0) return -1;
    return 1;
}
}  // namespace app

int main() {
    errno = 0;
    const int fd = app::open_log("/dev/null");
    std::printf("open %d %d\n", fd >= 0, errno);
    std::printf("close %ld\n", app::close_log(fd >= 0 ? fd : ::dup(0)));
    std::printf("%d %d\n", app::compare(1, 2), app::index_of("abc", 'c'));
}
// OPEN: open 0 5
// CLOSE: open 1 0
// CLOSE-NEXT: close -5
// CHECK: ---- summary
