// An armed site makes the function fail as it fails itself, also as a coroutine.
// RUN: %fires %s %t app::put --rules=error-return | FileCheck %s --check-prefix=PUT
// RUN: %fires %s %t app::decode --rules=error-return | FileCheck %s --check-prefix=DECODE
// RUN: %fires %s %t app::parse --rules=error-return | FileCheck %s --check-prefix=PARSE
#include <cstdio>
#include <optional>
#include <system_error>

namespace app {
enum class status { ok, refused };
status put(int n) {
    if (n == 0) return status::refused;
    return status::ok;
}
std::optional<int> decode(int n) {
    if (n == 0) return std::nullopt;
    return n;
}
bool parse(int n, std::error_code& ec) {
    if (n == 0) {
        ec = std::make_error_code(std::errc::invalid_argument);
        return false;
    }
    return true;
}
}  // namespace app

int main() {
    std::error_code ec;
    std::printf("put %d\n", int(app::put(1)));
    std::printf("decode %d\n", app::decode(2).value_or(-1));
    const bool parsed = app::parse(3, ec);
    std::printf("parse %d %s\n", parsed, ec ? "error" : "well");
}
// PUT: put 1
// PUT-NEXT: decode 2
// PUT-NEXT: parse 1 well
// DECODE: put 0
// DECODE-NEXT: decode -1
// PARSE: decode 2
// PARSE-NEXT: parse 0 error
