// RUN: %lint %s %t
#include <cstdint>
#include <iostream>

struct node {};
void a(node* n, const char* text) {
    auto number = reinterpret_cast<std::uintptr_t>(n);  // finds address
    std::cout << n;                                     // finds address
    // What must stay silent: text, comparisons, truth.
    std::cout << text << number << (n != nullptr) << bool(n);
}
