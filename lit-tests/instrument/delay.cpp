// A coroutine stands still before what it awaits; what is no operation is let be.
// RUN: %rewrite %s %t --rules=delay -pthread | FileCheck %s
// RUN: %same %s %t --rules=delay -pthread
// RUN: %fires %s %t worker --rules=delay -pthread | FileCheck %s --check-prefix=FIRES
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
namespace asio = boost::asio;

asio::awaitable<int> answer(int n) {
    // CHECK: auto executor = co_await asio::this_coro::executor;
    auto executor = co_await asio::this_coro::executor;
    // CHECK: co_await (static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), asio::post(executor, asio::use_awaitable));
    co_await asio::post(executor, asio::use_awaitable);
    co_return n;
}
asio::awaitable<void> worker() {
    std::printf("before\n");
    // CHECK: const int a = co_await (static_cast<void>(::squall::delay(::squall_site_{{.*}}.head)), answer(42));
    const int a = co_await answer(42);
    auto held = answer(1);
    // CHECK: co_await std::move(held);
    (void)co_await std::move(held);
    std::printf("after %d\n", a);
}
int main() {
    asio::io_context context;
    asio::co_spawn(context, worker(), asio::detached);
    context.run();
}
// FIRES: before
// FIRES-NEXT: (stands still)
// FIRES-NEXT: after 42
