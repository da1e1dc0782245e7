// squall/site.h as rewritten code of any standard includes it, ahead of everything: compiled, not run, as
// C++11 and later, without exceptions, RTTI or a standard library. Fails to compile if the header needs more.
#include <squall/site.h>

SQUALL_SITE(51c0000000000001, 64, 8, 1, "error-return\0site_cxx11.cpp\0open()\0\0")
SQUALL_SITE(51c0000000000002, 64, 9, 2, "duration\0site_cxx11.cpp\0wait()\0\0")
SQUALL_COVERAGE_SITE(51c0000000000003, 64, 9, 3, "coverage\0site_cxx11.cpp\0wait()\0\0")

namespace {

struct milliseconds {  // stands in for std::chrono
    typedef long rep;
    constexpr explicit milliseconds(rep n) : count_(n) {}
    constexpr rep count() const { return count_; }
    rep count_;
};
struct seconds {
    typedef double rep;
    constexpr explicit seconds(rep n) : count_(n) {}
    constexpr rep count() const { return count_; }
    rep count_;
};

}  // namespace

int open_file(int descriptor) {
    if (::squall::fire(squall_site_51c0000000000001.head))
        return -1;
    return descriptor;
}

constexpr int answer() {
    return ::squall::fire(squall_site_51c0000000000001.head) ? -1 : 42;
}

double wait(long count) {
    ::squall::reached(squall_count_51c0000000000003);
    if (::squall::taken(squall_count_51c0000000000003, count > 3))
        count = 3;
    return static_cast<double>(
               ::squall::duration(squall_site_51c0000000000002.head, milliseconds(count)).count()) +
           ::squall::duration(squall_site_51c0000000000002.head, seconds(0.5)).count() +
           ::squall::duration_count<int>(squall_site_51c0000000000002.head, 0) + answer();
}

constexpr int limit() {
    return ::squall::capacity<int>(squall_site_51c0000000000001.head, 3) +
           ::squall::setting<int>(squall_site_51c0000000000001.head, 3, 1, 9);
}
static_assert(limit() == 6, "constant where it must be");

int transfer(unsigned long count) {
    ::squall::delay(squall_site_51c0000000000001.head);
    ::squall::sometimes(squall_site_51c0000000000001.head);
    if (::squall::sometimes_if(squall_site_51c0000000000001.head, count == 0))
        ::squall::set_errno(5);
    static_cast<void>(::squall::need_memory(squall_site_51c0000000000001.head));
    return static_cast<int>(::squall::fewer<unsigned long>(squall_site_51c0000000000001.head, count));
}
