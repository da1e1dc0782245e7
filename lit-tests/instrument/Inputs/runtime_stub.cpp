// Stands in for squall::runtime: no site is entered while nothing is armed; with ARMED, the sites of one function, or of one
// detail, fire.
#define SQUALL_DETAIL_NO_REGISTRATION
#include "squall/site.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#ifdef ARMED
__attribute__((constructor)) static void open_the_gate() { squall_gate = 1; }

static bool chosen(squall::site_record* site) {
    const char* rule = reinterpret_cast<const char*>(site + 1);
    const char* file = rule + std::strlen(rule) + 1;
    const char* function = file + std::strlen(file) + 1;
    const char* detail = function + std::strlen(function) + 1;
    const char* wanted = std::getenv("SQUALL_TEST_FUNCTION");
    return std::strcmp(function, wanted) == 0 || std::strcmp(detail, wanted) == 0;
}
bool squall_fire(squall::site_record* site) noexcept { return chosen(site); }
long long squall_duration(squall::site_record* site, long long count) noexcept { return chosen(site) ? 1 : count; }
double squall_duration_real(squall::site_record* site, double count) noexcept { return chosen(site) ? 1 : count; }
long long squall_fewer(squall::site_record* site, long long count) noexcept { return chosen(site) ? 1 : count; }
long long squall_capacity(squall::site_record* site, long long value) noexcept { return chosen(site) ? 1 : value; }
long long squall_setting(squall::site_record* site, long long value, long long low, long long) noexcept {
    return chosen(site) ? low : value;
}
void squall_delay(squall::site_record* site) noexcept {
    if (chosen(site)) std::puts("(stands still)");
}
void squall_sometimes(squall::site_record* site) noexcept {
    if (chosen(site)) std::puts("(reached)");
}
void squall_set_errno(int value) noexcept { errno = value; }
void squall_no_memory() { throw std::bad_alloc(); }
#else
static void never() {
    std::puts("a site was entered while the gate was shut");
    std::exit(99);
}
bool squall_fire(squall::site_record*) noexcept { return never(), false; }
long long squall_duration(squall::site_record*, long long) noexcept { return never(), 0; }
double squall_duration_real(squall::site_record*, double) noexcept { return never(), 0; }
long long squall_fewer(squall::site_record*, long long) noexcept { return never(), 0; }
long long squall_capacity(squall::site_record*, long long) noexcept { return never(), 0; }
long long squall_setting(squall::site_record*, long long, long long, long long) noexcept { return never(), 0; }
void squall_delay(squall::site_record*) noexcept { never(); }
void squall_sometimes(squall::site_record*) noexcept { never(); }
void squall_set_errno(int) noexcept { never(); }
void squall_no_memory() { never(); }
#endif
