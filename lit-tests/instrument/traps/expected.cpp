// Expected-like classes carry the failure as the body does: with the error that it returns, else one that is an error.
// RUN: %rewrite %s %t -std=c++23 --rules=error-return | FileCheck %s
// RUN: %same %s %t -std=c++23
// RUN: %fires %s %t app::open -std=c++23 | FileCheck %s --check-prefix=OPEN
#include <cstdio>
#include <exception>
#include <expected>
#include <string>
#include <system_error>

namespace app {
enum class errc { none, refused };
template <class T>
using result = std::expected<T, errc>;

// CHECK: result<int> open(int n) { if (::squall::fire({{.*}} { return ::std::expected<int, ::app::errc>(::std::expected<int, ::app::errc>::unexpected_type(::app::errc::refused)); }
result<int> open(int n) {
    if (n == 0) return std::unexpected(errc::refused);
    return n;
}
// CHECK: std::expected<void, std::string> say(int n) { if (::squall::fire({{.*}} { return ::squall::failure<{{.*}}>(); }
std::expected<void, std::string> say(int n) {
    if (n == 0) return std::unexpected(std::string("no"));
    return {};
}
// An error_code that says success would be no failure.
// CHECK: std::expected<int, std::error_code> load(int n) { if (::squall::fire({{.*}}unexpected_type(::std::make_error_code(::std::errc::io_error))); }
std::expected<int, std::error_code> load(int n) {
    if (n == 0) return std::unexpected(std::make_error_code(std::errc::timed_out));
    return n;
}
// A null exception_ptr cannot be thrown.
// CHECK: std::expected<int, std::exception_ptr> attempt(int n) {{[{]$}}
std::expected<int, std::exception_ptr> attempt(int n) {
    if (n == 0) return std::unexpected(std::make_exception_ptr(3));
    return n;
}
// Made by default, it says that all is well.
struct ended {
    int code = 0;
    bool is_ok() const { return code == 0; }
};
// CHECK: std::expected<int, ended> accept(int n) {{[{]$}}
std::expected<int, ended> accept(int n) {
    if (n == 0) return std::unexpected(ended{7});
    return n;
}
// CHECK: result<int> always(int n) {{[{]}} return n; }
result<int> always(int n) { return n; }
}  // namespace app

int main() {
    using namespace app;
    auto o = open(3);
    std::printf("%d %d\n", o ? *o : -1, o ? 0 : int(o.error()));
    std::printf("%d %d %d %d\n", say(0).has_value(), load(4).value_or(-1), attempt(5).value_or(-1), *always(6));
    std::printf("%d\n", accept(0).error().code);
}
// OPEN: -1 1
