// RUN: %lint %s %t
#include <cstdlib>
#include <random>

int a() {
    std::random_device device;                         // finds random
    std::srand(1);                                     // finds random
    return std::rand() + static_cast<int>(random());  // finds random random
}
int seed() {
    return static_cast<int>(std::random_device()());  // finds random
}

// What must stay silent: engines with seeds, and what is passed on.
int b(std::random_device& device) {
    std::mt19937 engine(7);
    std::uniform_int_distribution<int> dice(1, 6);
    return dice(engine) + static_cast<int>(device());
}
