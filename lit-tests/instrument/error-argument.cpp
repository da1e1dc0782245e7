// A function that reports through an error_code& sets it as it does itself, and returns what it then returns.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t --rules=error-return
// RUN: %same %s %t --rules=error-return -std=c++17
// RUN: %fires %s %t app::send --rules=error-return | FileCheck %s --check-prefix=SEND
// RUN: %fires %s %t app::stop --rules=error-return | FileCheck %s --check-prefix=STOP
#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>

namespace app {
enum class net_errc { eof = 1, refused };
std::error_code make_error_code(net_errc e) { return {static_cast<int>(e), std::generic_category()}; }
}  // namespace app
template <>
struct std::is_error_code_enum<app::net_errc> : std::true_type {};

namespace app {
struct device {
    // CHECK: void close(std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::std::make_error_code(::std::errc::io_error); return; }
    void close(std::error_code& ec) { ec.assign(5, std::generic_category()); }
    // Only reports what was.
    // CHECK: void last(std::error_code& ec) const { ec = {}; }
    void last(std::error_code& ec) const { ec = {}; }
    // CHECK: void clear(std::error_code& ec) { ec.clear(); }
    void clear(std::error_code& ec) { ec.clear(); }
};
// CHECK: void send(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::app::net_errc::refused; return; }
void send(int n, std::error_code& ec) {
    if (n == 0)
        ec = net_errc::refused;
}
// CHECK: std::size_t transfer(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = make_error_code(::std::errc::timed_out); return 0; }
std::size_t transfer(int n, std::error_code& ec) {
    if (n == 0) {
        ec = make_error_code(std::errc::timed_out);
        return 0;
    }
    return 8;
}
// A predicate too, since the error_code tells it from an answer.
// CHECK: bool is_there(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = make_error_code(::std::errc::io_error); return false; }
bool is_there(int n, std::error_code& ec) {
    if (n == 0) {
        ec = make_error_code(std::errc::io_error);
        return false;
    }
    return n > 1;
}
// CHECK: std::string text(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::app::net_errc::eof; return {}; }
std::string text(int n, std::error_code& ec) {
    if (n == 0) {
        ec = net_errc::eof;
        return {};
    }
    return "text";
}
// What is returned along with it is not seen: nothing.
// CHECK: double measure(int n, std::error_code& ec) {{[{]$}}
double measure(int n, std::error_code& ec) {
    if (n == 0) ec = net_errc::eof;
    return n * 0.5;
}
// Whom it is handed to sets it.
// CHECK: void stop(device& d, std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::std::make_error_code(::std::errc::io_error); return; }
void stop(device& d, std::error_code& ec) {
    d.close(ec);
    if (ec) return;
    send(1, ec);
}
// CHECK: void guarded(std::error_code& code) { if (::squall::fire({{.*}} { code = ::std::make_error_code(::std::errc::io_error); return; }
void guarded(std::error_code& code) {
    try {
        throw std::system_error(std::make_error_code(std::errc::io_error));
    } catch (const std::system_error& e) {
        code = e.code();
    }
}
// A handler hands on what it was told.
// CHECK: void on_closed(device& d, std::error_code& ec) { d.close(ec); }
void on_closed(device& d, std::error_code& ec) { d.close(ec); }
// Reads it, or cannot write to it.
// CHECK: void report(std::error_code& ec) { std::printf("%d\n", ec.value()); }
void report(std::error_code& ec) { std::printf("%d\n", ec.value()); }
// CHECK: void print(const std::error_code& ec) { std::printf("%d\n", ec.value()); }
void print(const std::error_code& ec) { std::printf("%d\n", ec.value()); }
// CHECK: void handler(std::error_code ec) { ec = net_errc::eof; print(ec); }
void handler(std::error_code ec) { ec = net_errc::eof; print(ec); }
// CHECK: void succeed(std::error_code& ec) { ec = std::error_code(); }
void succeed(std::error_code& ec) { ec = std::error_code(); }
// CHECK: template <class Stream> void flush(Stream& s, std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::std::make_error_code(::std::errc::io_error); return; }
template <class Stream> void flush(Stream& s, std::error_code& ec) { s.close(ec); }
#define SET_ERROR(x) ec = (x)
// CHECK: void by_macro(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = ::app::net_errc::refused; return; }
void by_macro(int n, std::error_code& ec) {
    if (n == 0) SET_ERROR(net_errc::refused);
}
#define DEFINE_CLOSE(name) void name(std::error_code& ec) { ec = net_errc::eof; }
// CHECK: DEFINE_CLOSE(close_it){{$}}
DEFINE_CLOSE(close_it)
// Overloads: the one that throws has no error_code to set.
// CHECK: void shutdown(device& d, std::error_code& ec) { if (::squall::fire(
void shutdown(device& d, std::error_code& ec) { d.close(ec); }
// CHECK: void shutdown(device& d) {{[{]$}}
void shutdown(device& d) {
    std::error_code ec;
    shutdown(d, ec);
}
}  // namespace app

int main() {
    using namespace app;
    device d;
    std::error_code ec;
    send(1, ec);
    std::printf("send %d\n", ec.value());
    ec.clear();
    std::printf("transfer %zu %d %d %s\n", transfer(1, ec), is_there(2, ec), int(measure(3, ec)), text(1, ec).c_str());
    stop(d, ec);
    std::printf("stop %d\n", ec.value());
    guarded(ec);
    on_closed(d, ec);
    flush(d, ec);
    by_macro(0, ec);
    close_it(ec);
    shutdown(d);
    d.last(ec);
    d.clear(ec);
    succeed(ec);
    report(ec);
    handler(ec);
}
// SEND: send 2
// SEND-NEXT: transfer 8 1 1 text
// STOP: send 0
// STOP-NEXT: transfer 8 1 1 text
// STOP-NEXT: stop 5
