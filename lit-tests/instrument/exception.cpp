// A function throws what it throws itself, made again from what is known at its start.
// RUN: %rewrite %s %t --rules=exception | FileCheck %s
// RUN: %same %s %t --rules=exception
// RUN: %fires %s %t app::load --rules=exception | FileCheck %s --check-prefix=LOAD
// RUN: %fires %s %t app::file::file --rules=exception | FileCheck %s --check-prefix=FILE
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace app {
struct corrupt : std::runtime_error {
    corrupt(int page, const std::string& what) : std::runtime_error(what), page(page) {}
    int page;
};
// CHECK: int load(const std::string& path) { if (::squall::fire({{.*}}.head)) { throw ::std::runtime_error(::std::string("injected by squall")); }
int load(const std::string& path) {
    if (path.empty()) throw std::runtime_error("no such file: " + path);
    return 1;
}
struct file {
    // CHECK: explicit file(const char* path) { if (::squall::fire({{.*}}.head)) { throw ::std::runtime_error("injected by squall"); }
    explicit file(const char* path) {
        FILE* opened = std::fopen(path, "r");
        if (!opened) throw std::runtime_error("open failed");
        std::fclose(opened);
    }
    // CHECK: ~file() noexcept(false) {{{$}}
    ~file() noexcept(false) {
        if (errno == 12345) throw std::runtime_error("never");
    }
};
// The page is not known at the start.
// CHECK: int read_page(int page) {{{$}}
int read_page(int page) {
    if (page < 0) throw corrupt(page, "page");
    return page;
}
// A mistake of the caller's.
// CHECK: int parse(int n) {{{$}}
int parse(int n) {
    if (n < 0) throw std::invalid_argument("n");
    return n;
}
// Caught here, so that no caller ever meets it.
// CHECK: bool read_quietly(int n) {{{$}}
bool read_quietly(int n) {
    try {
        if (n < 0) throw std::runtime_error("n");
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}
// No test of a failure, and no name that has reasons to.
// CHECK: int half(int n) {{{$}}
int half(int n) {
    if (n % 2) throw std::runtime_error("odd");
    return n / 2;
}
// CHECK: int send(int n) noexcept {{{$}}
int send(int n) noexcept {
    if (n < 0) throw std::runtime_error("ends the program");
    return n;
}
}  // namespace app

int main() {
    try {
        std::printf("load %d\n", app::load("x"));
    } catch (const std::runtime_error& e) {
        std::printf("load threw %s\n", e.what());
    }
    try {
        app::file opened("/dev/null");
        std::printf("file opened\n");
    } catch (const std::runtime_error& e) {
        std::printf("file threw %s\n", e.what());
    }
    std::printf("%d %d %d %d %d\n", app::read_page(1), app::parse(2), app::read_quietly(3), app::half(4), app::send(5));
}
// LOAD: load threw injected by squall
// LOAD-NEXT: file opened
// FILE: load 1
// FILE-NEXT: file threw injected by squall
// CHECK: ---- summary
// CHECK: skipped 1, exception: its exceptions cannot be made at the start
