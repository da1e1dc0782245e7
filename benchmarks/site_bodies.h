// Small functions with a site each, and one without: what the benchmark times and the gates count.
#ifndef SQUALL_BENCHMARKS_SITE_BODIES_H
#define SQUALL_BENCHMARKS_SITE_BODIES_H

#include <squall/assertions.h>
#include <squall/buggify.h>

SQUALL_SITE(0000000000be0001, 64, 1, 1, "error-return\0site_bodies.h\0bench\0\0")
SQUALL_COVERAGE_SITE(0000000000be0002, 64, 1, 3, "coverage\0site_bodies.h\0bench\0\0")

namespace bodies {

// What the bodies look at: in memory, so that no value is live across a site, which the compiler would have
// to keep in a register that calls preserve. Such a value is the code's and not the site's.
inline volatile int x = 1;

// Each is a call, so that all loops have the same frame around what is measured.
__attribute__((noinline)) inline bool empty() {
    return x > 0;
}
__attribute__((noinline)) inline bool with_site() {
    if (::squall::fire(::squall_site_0000000000be0001.head))
        return false;
    return x > 0;
}
__attribute__((noinline)) inline bool with_buggify() {
    if (SQUALL_BUGGIFY())
        return false;
    return x > 0;
}
__attribute__((noinline)) inline bool with_mark() {
    ::squall::reached(::squall_count_0000000000be0002);
    return x > 0;
}
inline unsigned char plain_counter = 0;
// What clang's -fsanitize-coverage=inline-8bit-counters puts at an edge.
__attribute__((noinline)) inline bool with_compiler_counter() {
#if defined(__x86_64__)
    __asm__ volatile("incb %0" : "+m"(plain_counter));
#else
    __atomic_store_n(&plain_counter, static_cast<unsigned char>(plain_counter + 1), __ATOMIC_RELAXED);
#endif
    return x > 0;
}
__attribute__((noinline)) inline bool with_always() {
    const int number = x;
    SQUALL_ALWAYS(number >= 0, "the benchmark's number is not negative", "number", number, "name", "x");
    return number > 0;
}
// What it would be without the macro.
__attribute__((noinline)) inline bool with_condition() {
    const int number = x;
    if (number < 0)
        __builtin_trap();
    return number > 0;
}

}  // namespace bodies

#endif  // SQUALL_BENCHMARKS_SITE_BODIES_H
