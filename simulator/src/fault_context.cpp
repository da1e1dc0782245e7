// What injectors may do to a run.
#include "one_run.h"
#include "world_state.h"

#include <squall/injector.h>

#include <algorithm>

namespace squall {
namespace {
constexpr std::uint64_t injector_stream = stream_key("squall.injector");
}

fault_context::fault_context(simulator::one_run& run, std::string_view name)
    : run_(&run),
      stream_(stream_key(injector_stream, text_hash(name))) {}

squall::world& fault_context::world() const {
    return run_->world();
}
const faults& fault_context::options() const {
    return run_->world().options();
}
const std::vector<process*>& fault_context::processes() const {
    return run_->processes();
}
const std::vector<process*>& fault_context::everybody() const {
    return run_->everybody();
}

asio::awaitable<bool> fault_context::wait(nanoseconds time) {
    return run_->wait_in_chaos(time);
}

decision_stream fault_context::choices(std::uint64_t k) const {
    return decision_stream(run_->world().seed(), stream_key(stream_, k));
}

bool fault_context::strikes(std::string_view kind, std::uint64_t k, double p, const process& victim,
                            std::string detail) {
    return run_->world().strikes(kind, stream_key(stream_, text_hash(victim.name())), k, p, victim,
                                 std::move(detail));
}

bool fault_context::may_take_down(const std::vector<process*>& victims) const {
    return run_->may_take_down(victims);
}

void fault_context::crash(process& victim, bool silently, nanoseconds down) {
    victim.crash(silently);
    run_->start_after(victim, down);
}

void fault_context::stop(process& victim, nanoseconds grace, nanoseconds down) {
    victim.stop(grace);
    run_->start_after(victim, grace + down);
}

bool fault_context::may_wipe(const process& victim) const {
    return run_->world().may_wipe(victim);
}
void fault_context::wipe(process& victim) {
    victim.wipe();
}

}  // namespace squall
