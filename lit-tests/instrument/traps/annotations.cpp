// [[squall::fallible]] stands where attributes may stand, and compilers that do not know it do not mind.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t -Wno-attributes -Wno-unknown-attributes
#include <cstdio>
#include <optional>

enum class level { low, high };
// On one declaration only.
[[squall::fallible]] bool declared_only(int n);
// CHECK: bool declared_only(int n) { if (::squall::fire({{.*}} { return false; }
bool declared_only(int n) {
    return n > 0;
}
struct shape {
    [[squall::fallible]] virtual bool draw();
    // CHECK: {{\[\[}}squall::fallible]] std::optional<int> area() const { if (::squall::fire({{.*}} { return ::std::nullopt; }
    [[squall::fallible]] std::optional<int> area() const { return 4; }
    virtual ~shape() = default;
};
// CHECK: bool shape::draw() { if (::squall::fire({{.*}} { return false; }
bool shape::draw() { return true; }
// An explicit specialisation has the attribute of its template's declaration.
template <class T>
struct box {
    [[squall::fallible]] bool put(T t);
};
template <class T>
bool box<T>::put(T) { return true; }
// CHECK: bool box<int>::put(int n) { if (::squall::fire({{.*}} { return false; }
template <>
bool box<int>::put(int n) { return n > 0; }
// The annotation says it: the first enumerator that is not success.
// CHECK: {{\[\[}}squall::fallible]] level rise(level l) { if (::squall::fire({{.*}} { return ::level::low; }
[[squall::fallible]] level rise(level l) { return l; }
// The annotation gives the value, in the words of the place where it stands.
enum class answer { yes, no, unknown };
// CHECK: answer ask(int n) { if (::squall::fire({{.*}} { return answer::unknown; }
[[squall::fallible(answer::unknown)]] answer ask(int n) { return n ? answer::yes : answer::no; }
// CHECK: int room(int n) { if (::squall::fire({{.*}} { return -1 - 1; }
[[squall::fallible(-1 - 1)]] int room(int n) { return n; }

int main() {
    std::printf("%d %d %d %d\n", declared_only(1), shape().draw(), *shape().area(), box<int>().put(2) + box<long>().put(3));
    std::printf("%d %d\n", int(rise(level::high)), room(1) + int(ask(0)));
}
