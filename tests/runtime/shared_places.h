// Places that two translation units share: an inline function, a template, a lambda, a class, each with an
// assertion, and a site as `squall instrument` writes it.
#ifndef SQUALL_TESTS_RUNTIME_SHARED_PLACES_H
#define SQUALL_TESTS_RUNTIME_SHARED_PLACES_H

#include <squall/assertions.h>

SQUALL_SITE(51a0000000000001, 64, 10, 1, "error-return\0shared_places.h\0shared_fire()\0\0")
SQUALL_COVERAGE_SITE(51a0000000000002, 64, 14, 3, "coverage\0shared_places.h\0shared_template()\0\0")

namespace places {

inline bool shared_fire() {
    return ::squall::fire(squall_site_51a0000000000001.head);
}

template <class T>
T shared_template(T value) {
    ::squall::reached(squall_count_51a0000000000002);
    SQUALL_SOMETIMES(value > T(1), "a shared template saw more than one");
    return value;
}

inline int shared_inline(int value) {
    SQUALL_ALWAYS(value != -1, "a shared inline function is never given -1", "value", value);
    return value + 1;
}

inline int shared_lambda(int value) {
    const auto inner = [](auto v) {
        SQUALL_REACHABLE("a shared lambda was called");
        return v;
    };
    return inner(value) + static_cast<int>(inner(static_cast<double>(value)));
}

template <class T>
struct shared_class {
    explicit shared_class(T v) : value(v) { SQUALL_REACHABLE("a shared class was made"); }
    T value;
};

// Both call everything above; each from its own translation unit.
int use_here(int value);
int use_there(int value);

// The addresses of the shared site as each translation unit has it.
const void* site_here();
const void* site_there();

}  // namespace places

#endif  // SQUALL_TESTS_RUNTIME_SHARED_PLACES_H
