// What each family of faults exists to find: a small system with one bug, and its twin in which it is mended.
//
// A case is tested three ways (families.cpp): under its family's faults and no others the bug is found within
// so many seeds; without them it is not; and the mended twin survives.
#ifndef SQUALL_TESTS_FAMILIES_FAMILIES_H
#define SQUALL_TESTS_FAMILIES_FAMILIES_H

#include "rpc.h"

#include <squall/assertions.h>
#include <squall/simulation.h>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <utility>

namespace squall::family_tests {

struct family_case {
    const char* name;
    // What stays on of the drawn faults; `all` is calm.
    void (*keep)(faults& all, const faults& drawn);
    // Called for each run, so that what its parts share is that run's alone.
    simulation::plan (*make)(bool fixed);
    const char* message;         // of the verdict
    std::uint64_t found_within;  // seeds: about five times what it takes on the average
    bool passes_calm = true;     // with the bug
    verdict how = verdict::assertion;
};
inline void PrintTo(const family_case& which, std::ostream* out) {
    *out << which.name;
}

class Family : public testing::TestWithParam<family_case> {};

inline std::string name_of_case(const testing::TestParamInfo<family_case>& info) {
    return info.param.name;
}

// A workload of two functions.
class client final : public workload {
public:
    using step = std::function<asio::awaitable<void>(workload_context&)>;
    explicit client(step run, step check = {}) : run_(std::move(run)), check_(std::move(check)) {}
    asio::awaitable<void> run(workload_context& self) override { return run_(self); }
    asio::awaitable<void> check(workload_context& self) override {
        if (check_)
            co_await check_(self);
    }

private:
    step run_, check_;
};
inline simulation::clients one_client(client::step run, client::step check = {}) {
    return {"client", 1, [=] { return std::make_unique<client>(run, check); }};
}

// Crashes the first process of the first group once it is told to, and says when that is done.
struct one_crash {
    bool wanted = false, done = false;
};
class crasher final : public injector {
public:
    explicit crasher(std::shared_ptr<one_crash> when) : when_(std::move(when)) {}
    std::string name() const override { return "crasher"; }
    asio::awaitable<void> run(fault_context& chaos) override {
        while (!when_->wanted) {
            const bool in_time = co_await chaos.wait(5ms);
            if (!in_time)
                co_return;
        }
        chaos.crash(*chaos.processes()[0], true, 20ms);
        when_->done = true;
    }

private:
    std::shared_ptr<one_crash> when_;
};

}  // namespace squall::family_tests

#endif  // SQUALL_TESTS_FAMILIES_FAMILIES_H
