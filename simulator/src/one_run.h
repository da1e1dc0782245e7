// One seed from set-up to check: the director of a run.
#ifndef SQUALL_SIMULATOR_ONE_RUN_H
#define SQUALL_SIMULATOR_ONE_RUN_H

#include "kept_memory.h"
#include "recycling_scope.h"
#include "world_state.h"

#include <squall/injector.h>
#include <squall/simulation.h>
#include <squall/timer.h>

#include <deque>
#include <optional>

namespace squall::simulator {

// What is put in words of a run that passes: to do so takes longer than many a run. One that fails has both,
// and one with keep_log.
struct passing_words {
    bool options = true;  // the faults drawn
    bool tail = true;     // the last events
};

// As squall::run_seed().
run_result run_seed(const simulation::plan& plan, const run_request& request, passing_words words);

class one_run {
public:
    one_run(const simulation::plan& plan, const run_request& request);
    // Ends all processes while what their coroutines refer to is still there.
    ~one_run();
    run_result execute(passing_words words = {});
    world_state& inside() { return *world_.state_; }

    // For the injectors.
    squall::world& world() { return world_; }
    const std::vector<squall::process*>& processes() const { return processes_; }
    const std::vector<squall::process*>& everybody() const { return everybody_; }
    asio::awaitable<bool> wait_in_chaos(nanoseconds time);
    bool may_take_down(const std::vector<squall::process*>& victims) const;
    // Starts it then, unless it was started meanwhile.
    void start_after(squall::process& process, nanoseconds delay);

private:
    struct member {
        process_context context;
        std::size_t group = 0;  // index into the plan's
    };
    using step = asio::awaitable<void> (squall::workload::*)(workload_context&);
    struct client {
        process_context context;
        std::unique_ptr<squall::workload> work;
        step what = nullptr;
        const char* stage = "";      // what it is doing, for the verdict of a run that hangs
        std::optional<timer> next;   // cancelled when it is to go on
        std::uint32_t lives_in = 0;  // the boot of its coroutine
        bool busy = false;
    };
    // An injector, and what it knows of its run.
    struct engaged {
        engaged(one_run& run, std::unique_ptr<injector> one, std::string_view name);
        one_run* owner;
        std::unique_ptr<injector> who;
        fault_context context;
        world_event begins;  // of a built-in one: its first action
    };

    static world_options options_for(const simulation::plan& plan, const run_request& request);

    void add_groups();
    void add_clients();
    void prepare(process_context& context, squall::process& process, const std::string& group, int index,
                 int group_size);
    asio::awaitable<void> direct();
    void begin(step what, const char* stage);
    asio::awaitable<void> live(client& c);
    // Until no client is busy, or the time is up; true if none is.
    asio::awaitable<bool> all_done(nanoseconds within);
    void client_failed(client& c, const std::exception_ptr& error);
    void client_done(client& c);
    std::string who_is_busy() const;
    // Ends the run: the time for a stage is up and clients are still busy.
    void hung(const std::string& what);

    const member& member_of(const squall::process& process) const;
    void engage_injectors();
    void launch(engaged& one);
    void begin_chaos();
    void heal();
    // Until every eventually-condition holds, or the time is up, which fails the run.
    asio::awaitable<void> await_conditions(nanoseconds within);
    void exited(squall::process& process, const std::string* exception);

    const recycling_scope recycle_;  // first, so that all is made and ends within it
    const simulation::plan& plan_;
    squall::world world_;
    squall::process& director_;
    std::map<std::string, std::vector<asio::ip::address>> groups_;
    squall::topology topology_;
    std::vector<std::uint32_t> group_sizes_;  // by index into the plan's groups
    std::map<std::string, metric> metrics_;
    std::deque<member, kept_allocator<member>> members_;
    std::deque<client, kept_allocator<client>> clients_;
    std::vector<squall::process*> processes_;
    std::vector<squall::process*> everybody_;
    std::deque<engaged, kept_allocator<engaged>> injectors_;
    std::vector<timer*> waiting_;  // for the end of chaos
    std::optional<timer> done_;
    std::size_t busy_ = 0;
    bool faults_on_ = false;
    bool finished_ = false;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_ONE_RUN_H
