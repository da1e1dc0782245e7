// Injectors: what does things to the cluster while chaos lasts, each a loop of its own beside the workloads.
//
// The built-in ones are named after their family of faults: attrition, partitions, clogging, disk_trouble,
// pauses, clock_trouble. A test adds its own with simulation::inject(), and takes any out by name with
// simulation::without().
//
//   class flaky_leader : public squall::injector {
//   public:
//       std::string name() const override { return "flaky_leader"; }
//       boost::asio::awaitable<void> run(squall::fault_context& chaos) override {
//           for (std::uint64_t k = 0; co_await chaos.wait(5s); ++k)
//               if (auto* leader = find_leader(chaos); chaos.strikes("leader-pause", k, 1.0, *leader))
//                   leader->pause(2s);
//       }
//   };
#ifndef SQUALL_INJECTOR_H
#define SQUALL_INJECTOR_H

#include <squall/decisions.h>
#include <squall/faults.h>
#include <squall/world.h>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

namespace simulator {
class one_run;
}

// What an injector knows of its run, and may do to it. Valid until its run() returns.
class fault_context {
public:
    squall::world& world() const;
    const faults& options() const;
    // The processes of the system under test, by group and index.
    const std::vector<process*>& processes() const;
    // Those, and then the workloads' own.
    const std::vector<process*>& everybody() const;

    // Waits. False if chaos has ended, and at once when it does: the injector is to return then.
    asio::awaitable<bool> wait(nanoseconds time);
    // The choices of this injector's k-th action: independent of all other actions and injectors.
    decision_stream choices(std::uint64_t k) const;
    // Whether the k-th action happens to this process, at probability p. If so it is recorded, and its
    // decision can be vetoed on replay; never once chaos has ended.
    bool strikes(std::string_view kind, std::uint64_t k, double p, const process& victim,
                 std::string detail = {});

    // Whether all of them may go down at once: all are up, and no group then has more than
    // attrition.max_dead down, or fewer up than keep_up() asks for. One with a lost disk counts as down.
    bool may_take_down(const std::vector<process*>& victims) const;
    // Takes a process down, and starts it again `down` later (at the end of chaos at the latest).
    void crash(process& victim, bool silently, nanoseconds down);
    // Asks it to stop, crashes it if it has not after `grace`, and starts it again `down` after that.
    void stop(process& victim, nanoseconds grace, nanoseconds down);
    // Whether one more process of its group may lose its disk in this run: see damaged_copies in faults.h.
    bool may_wipe(const process& victim) const;
    // Of a process that is down.
    void wipe(process& victim);

private:
    friend class simulator::one_run;
    fault_context(simulator::one_run& run, std::string_view name);
    simulator::one_run* run_;
    std::uint64_t stream_;
};

class injector {
public:
    virtual ~injector() = default;
    // Identity of its decisions; unique in a simulation.
    virtual std::string name() const = 0;
    // Begins with chaos; is to end when wait() returns false. An exception fails the run.
    virtual asio::awaitable<void> run(fault_context& chaos) = 0;
};

using injector_factory = std::function<std::unique_ptr<injector>()>;

}  // namespace squall

#endif  // SQUALL_INJECTOR_H
