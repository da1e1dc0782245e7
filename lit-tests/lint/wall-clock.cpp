// RUN: %lint %s %t
#include <chrono>
#include <ctime>
#include <sys/time.h>

using clock_type = std::chrono::steady_clock;
auto a = std::chrono::system_clock::now();  // finds wall-clock
auto b = clock_type::now();                 // finds wall-clock
long c() {
    timeval now;
    gettimeofday(&now, nullptr);               // finds wall-clock
    return std::time(nullptr) + std::clock();  // finds wall-clock wall-clock
}
#define NOW() std::chrono::steady_clock::now()
auto d = NOW();  // finds wall-clock

// What must stay silent: times that are made, and names that only look alike.
struct virtual_clock {
    static clock_type::time_point now() { return {}; }
};
namespace app {
int time(int n) {
    return n;
}
}  // namespace app
auto e = virtual_clock::now() + std::chrono::seconds(1);
int f = app::time(1);
using g = decltype(clock_type::now());
