// Branches of a test for failure that are taken when nothing failed ask for nothing, in whatever way they say so.
// RUN: %rewrite %s %t --rules=error-path | FileCheck %s
// RUN: %same %s %t --rules=error-path
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#define NO_FILE (-1)
#define CHECK_OR_DIE(c) \
    do {                \
        if (!(c)) abort(); \
    } while (false)

int open_one(int n) { return n < 0 ? -1 : n; }
int* allocate_one(int n) {
    static int one;
    return n < 0 ? nullptr : &one;
}
struct answer {
    std::errc ec;
};
answer parse_one(int n) { return {n < 0 ? std::errc::invalid_argument : std::errc{}}; }

int results(int n) {
    const int fd = open_one(n);
    // CHECK: if (fd != NO_FILE) {{{$}}
    if (fd != NO_FILE) {
        n += 1;
    }
    // CHECK: if (fd == NO_FILE) { ::squall::sometimes(
    if (fd == NO_FILE) {
        n += 2;
    }
    // CHECK: if (fd > 0) {{{$}}
    if (fd > 0) {
        n += 4;
    }
    // CHECK: if (0 <= fd) {{{$}}
    if (0 <= fd) {
        n += 4;
    }
    // CHECK: if (fd < 0) { ::squall::sometimes(
    if (fd < 0) {
        n += 8;
    }
    const int* memory = allocate_one(n);
    // CHECK: if (memory != nullptr) {{{$}}
    if (memory != nullptr) {
        n += 16;
    }
    // CHECK: if (memory == nullptr) { ::squall::sometimes(
    if (memory == nullptr) {
        n += 32;
    }
    return n;
}
int zero_is_well(const char* path) {
    struct stat found;
    // CHECK: if (!stat(path, &found)) {{{$}}
    if (!stat(path, &found)) {
        return 1;
    }
    // CHECK: if (stat(path, &found) == -1) { ::squall::sometimes(
    if (stat(path, &found) == -1) {
        return 2;
    }
    return 3;
}
int codes(int n) {
    const answer got = parse_one(n);
    // CHECK: if (got.ec == std::errc{}) {{{$}}
    if (got.ec == std::errc{}) {
        n += 1;
    }
    // CHECK: if (got.ec == std::errc()) {{{$}}
    if (got.ec == std::errc()) {
        n += 1;
    }
    // CHECK: if (got.ec != std::errc{}) { ::squall::sometimes(
    if (got.ec != std::errc{}) {
        n += 2;
    }
    return n;
}
int connecting(int n) {
    errno = n;
    // CHECK: if (errno == EINPROGRESS) {{{$}}
    if (errno == EINPROGRESS) {
        return 1;
    }
    // CHECK: if (errno == ECONNREFUSED) { ::squall::sometimes(
    if (errno == ECONNREFUSED) {
        return 2;
    }
    const int rc = open_one(n);
    // CHECK: if (rc == 0 || (rc < 0 && errno != EAGAIN)) {{{$}}
    if (rc == 0 || (rc < 0 && errno != EAGAIN)) {
        return 3;
    }
    // CHECK: if (n == 7 || rc < 0) { ::squall::sometimes(
    if (n == 7 || rc < 0) {
        return 4;
    }
    return 0;
}
int told(const std::function<int(int)>& on_error, int n) {
    // CHECK: if (on_error) {{{$}}
    if (on_error) {
        return on_error(n);
    }
    return n;
}
int pointed(const char* error) {
    // CHECK: if (error == nullptr) {{{$}}
    if (error == nullptr) {
        return 0;
    }
    // CHECK: if (error != nullptr) { ::squall::sometimes(
    if (error != nullptr) {
        return 1;
    }
    return 2;
}
bool flagged(const std::atomic<bool>& running) {
    // CHECK: if (!running.load()) {{{$}}
    if (!running.load()) {
        return false;
    }
    return true;
}
template <typename T>
T* popped(std::atomic<T*>& list) {
    T* first = list.load();
    // CHECK: if (first == nullptr) {{{$}}
    if (first == nullptr) {
        return nullptr;
    }
    return first;
}
bool try_acquire(int n) { return n > 0; }
int either(const std::atomic<bool>& shut_down, int n) {
    // CHECK: if (shut_down.load() || try_acquire(n)) {{{$}}
    if (shut_down.load() || try_acquire(n)) {
        return 1;
    }
    return 0;
}
#define SSL_ERROR_WANT_READ 2
#define SSL_ERROR_SYSCALL 5
enum class wait_status { no_timeout, timeout };
int not_yet(int err, wait_status status) {
    // CHECK: if (err == SSL_ERROR_WANT_READ) {{{$}}
    if (err == SSL_ERROR_WANT_READ) {
        return 1;
    }
    // CHECK: if (err == SSL_ERROR_SYSCALL) { ::squall::sometimes(
    if (err == SSL_ERROR_SYSCALL) {
        return 2;
    }
    // CHECK: if (status == wait_status::no_timeout) {{{$}}
    if (status == wait_status::no_timeout) {
        return 3;
    }
    // CHECK: if (status == wait_status::timeout) { ::squall::sometimes(
    if (status == wait_status::timeout) {
        return 4;
    }
    return 5;
}
int cases(int n) {
    switch (n) {
        case 1:
            return 1;
        // CHECK: default: {{{$}}
        default: {
            CHECK_OR_DIE(n < 100);
            if (n == 99) return -1;
            return n;
        }
    }
}
int main() {
    for (int n = -2; n < 3; ++n)
        std::printf("%d %d %d\n", results(n), codes(n), cases(n));
    std::printf("%d %d\n", zero_is_well("/"), zero_is_well(""));
    std::printf("%d %d %d\n", connecting(EINPROGRESS), connecting(ECONNREFUSED), connecting(0));
    std::printf("%d\n", told([](int n) { return n + 1; }, 1));
    std::printf("%d\n", flagged(std::atomic<bool>(true)));
    int one = 1;
    std::atomic<int*> list(&one);
    std::printf("%d %d %d\n", *popped(list), either(true, 0), not_yet(2, wait_status::timeout));
    std::printf("%d %d\n", pointed(nullptr), pointed("no"));
}
