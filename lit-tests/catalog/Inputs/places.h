// Places of every kind, in code of every kind, that two translation units share. C++11.
#include <squall/assertions.h>
#include <squall/buggify.h>

SQUALL_SITE(00000000000000e1, 64, 5, 1, "error-return\0places.h\0inline_function()\0\0")
SQUALL_COVERAGE_SITE(00000000000000e2, 64, 6, 3, "coverage\0places.h\0inline_function()\0\0")

inline int inline_function(int n) {
    squall::reached(squall_count_00000000000000e2);
    if (squall::fire(squall_site_00000000000000e1.head))
        return -1;
    if (SQUALL_BUGGIFY())
        return -2;
    SQUALL_ALWAYS(n != 1000, "an inline function is never given 1000", "n", n);
    return n;
}

template <class T>
int function_template(T value) {
    if (SQUALL_BUGGIFY())
        return -1;
    if (SQUALL_BUGGIFY_P(0.5))
        return -2;
    const auto lambda = [&] {
        SQUALL_REACHABLE("a lambda in a template was called");
        return SQUALL_BUGGIFY_NAMED("in a lambda") ? 1 : 0;
    };
    return lambda() + static_cast<int>(SQUALL_KNOB(value, value, value));
}

template <class T>
struct class_template {
    explicit class_template(T v) : value(v) { SQUALL_SOMETIMES(v > T(2), "a class template holds more than two"); }
    int method() const { return SQUALL_KNOB_NAMED("method size", 5, 1, 10); }
    T value;
};

struct plain {
    plain() { SQUALL_SOMETIMES_EACH("each plain object", "this", "constructed"); }
    int operator()(int n) const { return SQUALL_BUGGIFY() ? n : -n; }
};

extern "C" inline int c_function(int n) {
    SQUALL_ALWAYS_LT(n, 1000, "a C function is given little");
    return n;
}

inline int use_all(int n) {
    int sum = inline_function(n) + inline_function(n + 1) + function_template(n) + function_template(1.5 * n);
    sum += class_template<int>(n).method() + class_template<long>(n).method() + plain()(n) + c_function(n);
    for (int i = 0; i < 4; ++i)  // for the optimisers to unroll
        sum += function_template(static_cast<short>(i)) + c_function(i);
    return sum;
}

int first(int n);
int second(int n);
