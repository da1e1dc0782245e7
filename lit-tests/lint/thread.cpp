// RUN: %lint %s %t
#include <future>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

void* run(void*);
void a() {
    std::thread one([] {});                      // finds thread
    auto answer = std::async([] { return 1; });  // finds thread
    pthread_t raw;
    pthread_create(&raw, nullptr, run, nullptr);  // finds thread
    if (fork() == 0)                              // finds thread
        std::jthread([] {});                      // finds thread
}

// What must stay silent: handles that hold none, and moves.
struct pool {
    std::vector<std::thread> threads;
    std::thread none;
    void take(std::thread other) { threads.push_back(std::move(other)); }
};
