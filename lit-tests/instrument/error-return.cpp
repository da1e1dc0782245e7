// A function that fails in its own words returns what it returns itself, before it does anything.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t --rules=error-return
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace app {
enum class status { ok, not_found, timed_out, io_error };
enum class parse_error { none, odd, even };
enum plain_status { PLAIN_OK, PLAIN_FAILED };

// CHECK: bool write_all(int n) { if (::squall::fire(::squall_site_{{[0-9a-f]+}}.head)) { return false; }
bool write_all(int n) {
    if (n > 3) return false;
    return true;
}
// Behind the test of an error, the name does not matter.
// CHECK: bool bump(std::error_code ec) { if (::squall::fire({{.*}} { return false; }
bool bump(std::error_code ec) {
    if (ec)
        return false;
    return true;
}
// CHECK: bool adjust() { if (::squall::fire({{.*}} { return false; }
bool adjust() {
    if (!write_all(9)) { return false; }
    return true;
}
// CHECK: bool by_errno(int fd) { if (::squall::fire({{.*}} { return false; }
bool by_errno(int fd) {
    if (fd < 0 && errno != EAGAIN) return false;
    return fd > 0;
}
// CHECK: bool stream_works(const char* name) { if (::squall::fire({{.*}} { return false; }
bool stream_works(const char* name) {
    std::ifstream in(name);
    if (!in) return false;
    return true;
}
// CHECK: bool guarded(int n) { if (::squall::fire({{.*}} { return false; }
bool guarded(int n) {
    try {
        if (n == 1) throw n;
        return true;
    } catch (int) {
        return false;
    }
}
// CHECK: char* load_text(int n) { if (::squall::fire({{.*}} { return nullptr; }
char* load_text(int n) {
    static char text[] = "text";
    if (n == 0) return NULL;
    return text;
}
// CHECK: std::unique_ptr<int> make_or_open(int n) {{[{]$}}
std::unique_ptr<int> make_or_open(int n) {
    if (n == 0) return nullptr;
    return std::make_unique<int>(n);
}
// CHECK: std::unique_ptr<int> open_thing(int n) { if (::squall::fire({{.*}} { return nullptr; }
std::unique_ptr<int> open_thing(int n) {
    if (n == 0) return nullptr;
    return std::make_unique<int>(n);
}
// CHECK: std::optional<int> decode(int n) { if (::squall::fire({{.*}} { return ::std::nullopt; }
std::optional<int> decode(int n) {
    if (n == 0) return std::nullopt;
    return n;
}
// CHECK: std::optional<int> receive_number(int n) { if (::squall::fire({{.*}} { return ::std::nullopt; }
std::optional<int> receive_number(int n) { return n ? std::optional<int>(n) : std::nullopt; }

// The caller that looks at ec and not at the result finds an error there.
// CHECK: bool parse(int n, std::error_code& ec) { if (::squall::fire({{.*}} { ec = make_error_code(::std::errc::invalid_argument); return false; }
bool parse(int n, std::error_code& ec) {
    if (n == 0) {
        ec = std::make_error_code(std::errc::invalid_argument);
        return false;
    }
    return true;
}

// CHECK: std::error_code sync_all(int n) { if (::squall::fire({{.*}} { return make_error_code(::std::errc::no_space_on_device); }
std::error_code sync_all(int n) {
    if (n == 0) return make_error_code(std::errc::no_space_on_device);
    return {};
}
// CHECK: std::error_code by_number(int n) { if (::squall::fire({{.*}} { return ::std::make_error_code(::std::errc::io_error); }
std::error_code by_number(int n) {
    if (n == 0) return std::error_code(5, std::generic_category());
    return {};
}
// CHECK: std::error_code pass_on(int n) { if (::squall::fire({{.*}} { return ::std::make_error_code(::std::errc::io_error); }
std::error_code pass_on(int n) {
    std::error_code ec = by_number(n);
    return ec;
}

// The same failure that the body returns, and neither success nor absence.
// CHECK: status put(int n) { if (::squall::fire({{.*}} { return ::app::status::timed_out; }
status put(int n) {
    if (n == 0) return status::not_found;
    if (n == 1) return status::timed_out;
    if (n == 2) return status::io_error;
    return status::ok;
}
// CHECK: parse_error check_parity(int n) { if (::squall::fire({{.*}} { return ::app::parse_error::odd; }
parse_error check_parity(int n) {
    if (n % 2) return parse_error::odd;
    return n == 4 ? parse_error::even : parse_error::none;
}
// CHECK: plain_status old(int n) { if (::squall::fire({{.*}} { return ::app::PLAIN_FAILED; }
plain_status old(int n) { return n ? PLAIN_OK : PLAIN_FAILED; }

class connection {
public:
    enum class result { fine, refused };
    // CHECK: virtual result connect(int n) noexcept { if (::squall::fire({{.*}} { return ::app::connection::result::refused; }
    virtual result connect(int n) noexcept {
        if (n == 0) return result::refused;
        return result::fine;
    }
    virtual ~connection() = default;
};
}  // namespace app

int main() {
    using namespace app;
    std::error_code ec;
    connection c;
    // CHECK: auto step = [&](int n) -> bool { if (::squall::fire({{.*}} { return false; }
    auto step = [&](int n) -> bool {
        if (ec) return false;
        return n > 0;
    };
    std::printf("%d%d%d%d%d%d%d\n", write_all(1), bump(ec), adjust(), by_errno(3), stream_works("/"), guarded(1), step(1));
    std::printf("%s %d %d %d\n", load_text(1), *make_or_open(3) + *open_thing(2), *decode(4), *receive_number(5));
    std::printf("%d %d %d %d\n", parse(0, ec), sync_all(0).value(), by_number(1).value(), pass_on(0).value());
    std::printf("%d %d %d %d\n", int(put(1)), int(check_parity(4)), old(1), int(c.connect(0)));
}
