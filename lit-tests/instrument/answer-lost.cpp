// Work done, answer lost: the failure is returned in place of the success at the end.
// RUN: %rewrite %s %t --rules=answer-lost | FileCheck %s
// RUN: %same %s %t --rules=answer-lost
// RUN: %fires %s %t app::send_all --rules=answer-lost | FileCheck %s --check-prefix=SEND
// RUN: %fires %s %t app::put --rules=answer-lost | FileCheck %s --check-prefix=PUT
#include <cstdio>
#include <cstdlib>

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
    std::printf("%d %d %d\n", app::flush(1), app::parse(1), app::write_some(1) + (app::decode(1) ? 0 : 9));
}
// SEND: send_all 0
// SEND-NEXT: sent 1
// SEND-NEXT: put 0
// PUT: send_all 1
// PUT-NEXT: sent 1
// PUT-NEXT: put 1
// PUT-NEXT: sent 2
// PUT-NEXT: 0 1 1
