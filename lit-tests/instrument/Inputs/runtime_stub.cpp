// Stands in for squall::runtime: no site is entered while nothing is armed; with ARMED, the sites of one function fire.
#define SQUALL_DETAIL_NO_REGISTRATION
#include "squall/site.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#ifdef ARMED
__attribute__((constructor)) static void open_the_gate() { squall_gate = 1; }

static bool chosen(squall::site_record* site) {
    const char* rule = reinterpret_cast<const char*>(site + 1);
    const char* file = rule + std::strlen(rule) + 1;
    const char* function = file + std::strlen(file) + 1;
    return std::strcmp(function, std::getenv("SQUALL_TEST_FUNCTION")) == 0;
}
bool squall_fire(squall::site_record* site) noexcept { return chosen(site); }
long long squall_duration(squall::site_record* site, long long count) noexcept { return chosen(site) ? 1 : count; }
double squall_duration_real(squall::site_record* site, double count) noexcept { return chosen(site) ? 1 : count; }
#else
static void never() {
    std::puts("a site was entered while the gate was shut");
    std::exit(99);
}
bool squall_fire(squall::site_record*) noexcept { return never(), false; }
long long squall_duration(squall::site_record*, long long) noexcept { return never(), 0; }
double squall_duration_real(squall::site_record*, double) noexcept { return never(), 0; }
#endif
