// Reads and writes transfer fewer bytes than asked for, where a stream may.
// RUN: %rewrite %s %t --rules=short-io | FileCheck %s
// RUN: %same %s %t --rules=short-io
// RUN: %fires %s %t write_once --rules=short-io | FileCheck %s --check-prefix=WRITE
// RUN: %fires %s %t gather --rules=short-io | FileCheck %s --check-prefix=GATHER
// RUN: %fires %s %t read_some_of --rules=short-io | FileCheck %s --check-prefix=READ
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <boost/asio/buffer.hpp>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

long write_once(int fd, const char* text) {
    // CHECK: return ::write(fd, text, ::squall::fewer<unsigned long>(::squall_site_{{.*}}.head, std::strlen(text)));
    return ::write(fd, text, std::strlen(text));
}
struct stream {
    int fd;
    template <class Buffer>
    long read_some(const Buffer& to) { return ::read(fd, to.data(), to.size()); }
    long write(const char*, int, int n) { return n; }
};
long read_some_of(int fd, char* to, std::size_t n) {
    stream from{fd};
    // CHECK: return from.read_some(::squall::fewer_bytes(::squall_site_{{.*}}.head, boost::asio::buffer(to, n)));
    return from.read_some(boost::asio::buffer(to, n));
}
long gather(int fd, ::iovec* pieces, int n) {
    // CHECK: return ::writev(fd, pieces, ::squall::fewer<int>(::squall_site_{{.*}}.head, n));
    return ::writev(fd, pieces, n);
}
long send_file(int to, int from) {
    // CHECK: return ::sendfile(to, from, nullptr, ::squall::fewer<unsigned long>(::squall_site_{{.*}}.head, 4096));
    return ::sendfile(to, from, nullptr, 4096);
}
void wake(int fd) {
    const std::uint64_t one = 1;
    // CHECK: (void)!::write(fd, &one, sizeof one);
    (void)!::write(fd, &one, sizeof one);
    // CHECK: (void)!::read(fd, const_cast<std::uint64_t*>(&one), 1);
    (void)!::read(fd, const_cast<std::uint64_t*>(&one), 1);
}
int main() {
    int ends[2];
    if (::pipe(ends) != 0) return 1;
    std::printf("wrote %ld\n", write_once(ends[1], "hello, world"));
    char text[32];
    std::printf("read %ld\n", read_some_of(ends[0], text, sizeof text));
    wake(-1);
    ::iovec pieces[2] = {{text, 2}, {text, 3}};
    std::printf("gathered %ld %ld\n", gather(ends[1], pieces, 2), send_file(-1, -1));
    // CHECK: std::printf("%ld\n", stream{0}.write("x", 1, 5));
    std::printf("%ld\n", stream{0}.write("x", 1, 5));
}
// WRITE: wrote 1
// WRITE-NEXT: read 1
// GATHER: gathered 2 -1
// READ: wrote 12
// READ-NEXT: read 1
// CHECK: ---- summary
// CHECK: skipped 1, short-io: 8 bytes of an integer, which go at once or not at all
