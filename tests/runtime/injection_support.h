// What the tests of fault injection in a running program share.
#ifndef SQUALL_TESTS_INJECTION_SUPPORT_H
#define SQUALL_TESTS_INJECTION_SUPPORT_H

#include <squall/injection.h>

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

// Waits for what another thread does; false if it did not within a time that only a hang takes.
template <class Condition>
bool eventually(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(50);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::yield();
    }
    return true;
}

// Each test begins and ends without overrides.
class injection_fixture : public testing::Test {
public:
    injection_fixture() { start_anew(); }
    ~injection_fixture() override { start_anew(); }
    injection_fixture(const injection_fixture&) = delete;
    injection_fixture& operator=(const injection_fixture&) = delete;

    static void start_anew() {
        squall::injection::clear_overrides();
        squall::injection::set_seed(1);
        squall::injection::reset_counts();
    }
};

#endif  // SQUALL_TESTS_INJECTION_SUPPORT_H
