// A coroutine leaves by co_return, with a value of the type that it gives; what only hands an awaitable on does not.
// RUN: %rewrite %s %t -pthread | FileCheck %s
// RUN: %same %s %t -pthread
// RUN: %fires %s %t app::receive -pthread | FileCheck %s --check-prefix=RECEIVE
// RUN: %fires %s %t app::connect -pthread | FileCheck %s --check-prefix=CONNECT
#include <boost/asio.hpp>
#include <cstdio>
#include <optional>
#include <string>

namespace app {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;

// CHECK: asio::awaitable<error_code> connect(int n) { ::squall::reached({{.*}}{ co_return ::boost::system::errc::make_error_code(::boost::system::errc::io_error); }
asio::awaitable<error_code> connect(int n) {
    asio::steady_timer t(co_await asio::this_coro::executor);
    // CHECK: t.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, std::chrono::milliseconds(n)));
    t.expires_after(std::chrono::milliseconds(n));
    auto [ec] = co_await t.async_wait(asio::as_tuple(asio::use_awaitable));
    // CHECK: if (::squall::taken(::squall_count_{{[0-9a-f]+}}, static_cast<bool>(ec))) co_return ec;
    if (ec) co_return ec;
    co_return error_code();
}
// CHECK: asio::awaitable<std::optional<std::string>> receive() { ::squall::reached({{.*}}{ co_return ::std::nullopt; }
asio::awaitable<std::optional<std::string>> receive() {
    if (auto ec = co_await connect(1); ec) co_return std::nullopt;
    co_return "message";
}
// CHECK: asio::awaitable<error_code> hand_on() { ::squall::reached(::squall_count_{{[0-9a-f]+}});{{$}}
asio::awaitable<error_code> hand_on() {
    return connect(2);
}
// What is awaited in a template may be known by name alone; a macro's argument may be awaited twice.
#define TWICE(x) ((x), (x))
template <class Stream>
asio::awaitable<int> drain(Stream& stream) {
    // CHECK: co_await (static_cast<void>(::squall::delay(::squall_site_{{[0-9a-f]+}}.head)), stream.next());
    co_await stream.next();
    // CHECK: TWICE(co_await stream.next());
    TWICE(co_await stream.next());
    co_return stream.count;
}
struct counted {
    int count = 0;
    asio::awaitable<void> next() {
        ++count;
        co_return;
    }
};
// CHECK: asio::awaitable<void> run() { ::squall::reached(::squall_count_{{[0-9a-f]+}});{{$}}
asio::awaitable<void> run() {
    auto text = co_await receive();
    auto ec = co_await hand_on();
    // CHECK: auto step = [](bool go) -> asio::awaitable<bool> { ::squall::reached({{.*}}{ co_return false; }
    auto step = [](bool go) -> asio::awaitable<bool> {
        if (co_await connect(1)) co_return false;
        co_return go;
    };
    counted stream;
    std::printf("%d ", co_await drain(stream));
    std::printf("%s %s %d\n", text ? text->c_str() : "nothing", ec ? "error" : "connected", co_await step(true));
}
}  // namespace app

int main() {
    boost::asio::io_context io;
    boost::asio::co_spawn(io, app::run(), boost::asio::detached);
    io.run();
}
// RECEIVE: 3 nothing connected 1
// CONNECT: 3 nothing error 0
