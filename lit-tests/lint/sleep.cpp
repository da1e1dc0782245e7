// RUN: %lint %s %t
#include <chrono>
#include <ctime>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
void a() {
    std::this_thread::sleep_for(1ms);                                      // finds sleep
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point());  // finds sleep
    usleep(5);                                                             // finds sleep
    sleep(1);                                                              // finds sleep
}

// What must stay silent.
struct bed {
    void sleep(int) {}
};
void b() {
    bed().sleep(1);
    std::this_thread::yield();
}
