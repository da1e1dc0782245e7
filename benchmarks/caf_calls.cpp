#include "caf_calls.h"

#include <stdexcept>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace caf_calls {
namespace {

caf::behavior counter(caf::stateful_actor<std::int64_t>* self) {
    self->state = 0;
    return {[self](std::int64_t how_much) { return self->state += how_much; }};
}

void call(caf::event_based_actor* self, const caf::actor& callee, std::int64_t left, std::int64_t& last) {
    self->request(callee, caf::infinite, std::int64_t{1}).then([=, &last](std::int64_t sum) {
        last = sum;
        if (left > 1)
            call(self, callee, left - 1, last);
    });
}

void expect(std::int64_t last, std::int64_t count) {
    if (last != count)
        throw std::logic_error("CAF lost a call");
}

}  // namespace

void by_test_coordinator(std::int64_t count) {
    caf::actor_system_config config;
    config.set("scheduler.policy", caf::atom("testing"));
    caf::actor_system system(config);
    std::int64_t last = 0;
    const caf::actor callee = system.spawn(counter);
    system.spawn([&](caf::event_based_actor* self) { call(self, callee, count, last); });
    dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()).run();
    expect(last, count);
}

void scheduled(std::int64_t count) {
    caf::actor_system_config config;
    config.set("scheduler.max-threads", 1);
    std::int64_t last = 0;
    {
        caf::actor_system system(config);
        const caf::actor callee = system.spawn(counter);
        system.spawn(
            [&last, callee, count](caf::event_based_actor* self) { call(self, callee, count, last); });
    }  // waits for both
    expect(last, count);
}

}  // namespace caf_calls
