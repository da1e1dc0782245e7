// A template is edited once, whatever instances of it there are, and by its pattern alone.
// RUN: %rewrite %s %t | FileCheck %s
// RUN: %same %s %t
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
using namespace std::chrono_literals;

struct fake_timer {
    template <class D>
    void expires_after(const D& d) { total += d; }
    std::chrono::nanoseconds total{};
};

// CHECK: std::optional<T> decode(T value) { ::squall::reached(::squall_count_{{[0-9a-f]+}}); if (::squall::fire(::squall_site_{{[0-9a-f]+}}.head)) { return ::std::nullopt; }{{$}}
template <class T>
std::optional<T> decode(T value) {
    if (value == T()) return std::nullopt;
    return value;
}
// CHECK: std::unique_ptr<T> load(int n) { ::squall::reached({{.*}}{ return nullptr; }
template <class T>
std::unique_ptr<T> load(int n) {
    if (n == 0) return nullptr;
    return std::make_unique<T>(n);
}
template <class T>
int checked(const T& t) {
    return t == 0 ? -1 : 0;
}
// CHECK: T* open(T& t) { ::squall::reached({{.*}}{ return nullptr; }
template <class T>
T* open(T& t) {
    if (checked(t) != 0) return nullptr;
    return &t;
}
// What T is, nobody knows.
// CHECK: T read(T t) { ::squall::reached(::squall_count_{{[0-9a-f]+}});{{$}}
template <class T>
T read(T t) {
    if (t == 0) return false;
    return t;
}
// CHECK: void arm(Timer& t) { ::squall::reached(::squall_count_{{[0-9a-f]+}});{{$}}
template <class Timer>
void arm(Timer& t) {
    // CHECK: t.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, 7ms));
    t.expires_after(7ms);
}
// CHECK: void arm_with(Timer& t, D d) { ::squall::reached(
template <class Timer, class D>
void arm_with(Timer& t, D d) {
    // CHECK: t.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, d));
    t.expires_after(d);
}
template <class Rep, class Period>
void arm_dependent(fake_timer& t, std::chrono::duration<Rep, Period> d) {
    // CHECK: t.expires_after(::squall::duration(::squall_site_{{[0-9a-f]+}}.head, d + d));
    t.expires_after(d + d);
}

template <class T>
struct holder {
    // CHECK: bool write(int n) { ::squall::reached({{.*}}{ return false; }
    bool write(int n) {
        if (n == 0) return false;
        return n == T();
    }
    bool send(int n);
    enum class state { good, failed };
    // CHECK: state step(int n) { ::squall::reached(::squall_count_{{[0-9a-f]+}});{{$}}
    state step(int n) {
        if (n) return state::failed;
        return state::good;
    }
};
// CHECK: bool holder<T>::send(int n) { ::squall::reached({{.*}}{ return false; }
template <class T>
bool holder<T>::send(int n) {
    if (n == 0) return false;
    return n == T();
}
// CHECK: bool holder<long>::write(int n) { ::squall::reached({{.*}}{ return false; }
template <>
bool holder<long>::write(int n) {
    if (n == 1) return false;
    return true;
}
template struct holder<short>;

int main() {
    fake_timer t;
    arm(t);
    arm_with(t, 1ms);
    arm_with(t, 1s);
    arm_dependent(t, 3ms);
    int n = 3;
    std::printf("%d %d %s\n", *decode(2), int(*decode(2.5)), decode(std::string("x"))->c_str());
    std::printf("%d %d %d\n", *load<int>(3), int(*load<long>(4)), *open(n) + read(1) + int(read(2L)));
    std::printf("%d %d\n", holder<int>().write(1), holder<long>().write(2) + holder<short>().send(3));
    std::printf("%d %d\n", int(t.total.count()), int(holder<int>().step(1)));
}
