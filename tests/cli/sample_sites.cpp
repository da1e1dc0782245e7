// Compiled to an object file whose section squall_sites the tests read; nothing of it runs.
#include <squall/site.h>

SQUALL_SITE(00000000000000b1, 64, 12, 1, "error-return\0kv/log.cpp\0kv::log::sync\0return errc")
SQUALL_COVERAGE_SITE(00000000000000b2, 64, 40, 3, "coverage\0kv/log.cpp\0kv::log::append\0entry")

bool use_sites() {
    squall::reached(squall_count_00000000000000b2);
    return squall::fire(squall_site_00000000000000b1.head);
}
