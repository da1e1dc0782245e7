// What a program or workload of a simulation knows of itself and its surroundings.
#ifndef SQUALL_PROCESS_CONTEXT_H
#define SQUALL_PROCESS_CONTEXT_H

#include <squall/decisions.h>
#include <squall/report.h>
#include <squall/world.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {

class timer;

namespace simulator {
class one_run;
}

// A process of a run, as others know it.
struct peer {
    std::string name;   // "server/0"
    std::string group;  // "server"
    int index = 0;      // within its group
    asio::ip::address address;
    location where;
    std::map<std::string, std::string> tags;
};

// Who is who in a run: the groups and the workloads, in the order of the plan, and by index.
class topology {
public:
    const std::vector<peer>& all() const { return all_; }
    // Null where there is none.
    const peer* find(std::string_view name) const;
    const peer* at(const asio::ip::address& address) const;
    std::vector<const peer*> group(std::string_view name) const;
    std::vector<const peer*> in_zone(std::string_view zone) const;
    std::vector<const peer*> in_datacenter(std::string_view datacenter) const;
    std::vector<const peer*> on_machine(std::string_view machine) const;
    std::vector<const peer*> tagged(std::string_view key, std::string_view value) const;

private:
    friend class simulator::one_run;
    std::vector<peer> all_;
};

// What a program or workload knows of itself and its surroundings.
class process_context {
public:
    asio::any_io_executor executor() const { return process_->executor(); }
    const std::string& name() const { return process_->name(); }  // "server/0"
    int index() const { return index_; }                          // within its group
    std::uint32_t boot() const { return process_->boots(); }      // from 1
    asio::ip::address address() const { return process_->address(); }
    asio::ip::tcp::endpoint endpoint(std::uint16_t port) const { return {address(), port}; }
    // Addresses of a group's processes, by index; empty for an unknown group.
    const std::vector<asio::ip::address>& peers(const std::string& group) const;
    // Everybody, the workloads among them.
    const squall::topology& topology() const { return *topology_; }
    const std::string& group() const { return group_; }
    int group_size() const { return group_size_; }  // of workloads: how many of this name there are
    const location& where() const { return process_->where(); }
    // The faults of this run, for workloads that shape their load by them.
    const faults& options() const { return world_->options(); }
    squall::world& world() { return *world_; }
    // Whether faults may still happen; a workload that goes on until it is told may end once they may not.
    bool chaos() const { return *chaos_; }
    // Ends with chaos: at once if it is over, or has not begun.
    asio::awaitable<void> chaos_ended();
    // One more value of a metric, for the report; of all runs together.
    void measure(const std::string& name, double value) { (*metrics_)[name].add(value); }
    // The process's own choices, keyed by the seed and its name.
    decision_stream& random() { return random_; }
    // A line in the event record.
    void log(std::string_view text) { world_->log(text); }
    nanoseconds now() const { return world_->now(); }
    squall::process& process() const { return *process_; }
    // For partitions and rules (link_rule.h) of a scenario; its end is the simulation's affair.
    squall::world& world() const { return *world_; }
    // Ends when the process is asked to stop (process::stop()); it has its grace period from then on.
    asio::awaitable<void> stop_requested();
    bool stopping() const;
    // For invariants: see blackboard.h.
    template <class T>
    void publish(T value) {
        world_->published().put(name(), std::move(value));
    }

private:
    friend class simulator::one_run;
    squall::world* world_ = nullptr;
    squall::process* process_ = nullptr;
    int index_ = 0;
    decision_stream random_;
    const std::map<std::string, std::vector<asio::ip::address>>* groups_ = nullptr;
    const squall::topology* topology_ = nullptr;
    std::string group_;
    int group_size_ = 0;
    const bool* chaos_ = nullptr;
    std::vector<timer*>* chaos_waiters_ = nullptr;
    std::map<std::string, metric>* metrics_ = nullptr;
};

using workload_context = process_context;

}  // namespace squall

#endif  // SQUALL_PROCESS_CONTEXT_H
