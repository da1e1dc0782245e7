// Work done, answer lost: the failure is returned in place of the success at the end.
// RUN: %rewrite %s %t --rules=answer-lost | FileCheck %s
// RUN: %same %s %t --rules=answer-lost
// RUN: %fires %s %t app::send_all --rules=answer-lost | FileCheck %s --check-prefix=SEND
// RUN: %fires %s %t app::store --rules=answer-lost | FileCheck %s --check-prefix=STORE
// RUN: %fires %s %t app::put --rules=answer-lost | FileCheck %s --check-prefix=PUT
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

int sent = 0;
namespace app {
bool send(int n) {
    if (n < 0) return false;
    ++sent;
    return true;
}
enum class status { ok, io_error };
bool send_all(int n) {
    if (!send(n)) return false;
    // CHECK: return ::squall::fire({{.*}}.head) ? (false) : (true);
    return true;
}
status put(int n) {
    if (!send(n)) return status::io_error;
    // CHECK: return ::squall::fire({{.*}}.head) ? (::app::status::io_error) : (status::ok);
    return status::ok;
}
int flush(int n) {
    if (!send(n)) return -1;
    // CHECK: return ::squall::fire({{.*}}.head) ? (::squall::set_errno(5), -1) : (0);
    return 0;
}
// Nothing was done.
bool parse(int n) {
    if (n < 0) return false;
    // CHECK: return true;
    return true;
}
// Its name does not say that it leaves anything behind.
bool decode(int n) {
    if (!send(n)) return false;
    // CHECK: return true;
    return true;
}
// What success brings stands ready.
std::optional<int> store(int n) {
    if (!send(n)) return std::nullopt;
    int id = n + 1;
    // CHECK: if (::squall::fire({{.*}}.head)) { return ::std::nullopt; } return id;
    return id;
}
std::unique_ptr<int> create(int n) {
    auto made = std::make_unique<int>(n);
    if (!send(n)) return nullptr;
    // CHECK: if (::squall::fire({{.*}}.head)) { return nullptr; } return std::move(made);
    return std::move(made);
}
// The work is in the value; and nothing is no success.
std::optional<int> save(int n) {
    if (!send(n)) return std::nullopt;
    // CHECK: {{^    }}return n + send(n);
    return n + send(n);
}
std::optional<int> update(int n) {
    if (send(n)) return n;
    send(n);
    // CHECK: {{^    }}return std::nullopt;
    return std::nullopt;
}
// The answer is more than a success.
int write_some(int n) {
    if (!send(n)) return -1;
    // CHECK: return n;
    return n;
}
}  // namespace app

int main() {
    std::printf("send_all %d\n", app::send_all(1));
    std::printf("sent %d\n", sent);
    std::printf("put %d\n", int(app::put(1)));
    std::printf("sent %d\n", sent);
    std::printf("store %d\n", app::store(1).value_or(-1));
    std::printf("sent %d\n", sent);
    std::printf("%d %d\n", *app::create(2), app::save(3).value_or(0) + app::update(4).value_or(0));
    std::printf("%d %d %d\n", app::flush(1), app::parse(1), app::write_some(1) + (app::decode(1) ? 0 : 9));
}
// SEND: send_all 0
// SEND-NEXT: sent 1
// SEND-NEXT: put 0
// PUT: send_all 1
// PUT-NEXT: sent 1
// PUT-NEXT: put 1
// PUT-NEXT: sent 2
// PUT-NEXT: store 2
// STORE: sent 2
// STORE-NEXT: store -1
// STORE-NEXT: sent 3
