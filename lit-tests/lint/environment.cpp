// RUN: %lint %s %t
#include <cstdlib>
#include <thread>
#include <unistd.h>

bool a() {
    const unsigned cores = std::thread::hardware_concurrency();    // finds environment
    const auto self = std::this_thread::get_id();                  // finds environment
    return std::getenv("HOME") != nullptr && getpid() > int(cores);  // finds environment environment
}
