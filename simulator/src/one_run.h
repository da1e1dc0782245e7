// One seed from set-up to check: the director of a run.
#ifndef SQUALL_SIMULATOR_ONE_RUN_H
#define SQUALL_SIMULATOR_ONE_RUN_H

#include "kept_memory.h"

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
    struct client {
        process_context context;
        std::unique_ptr<squall::workload> work;
        std::string stage;  // what it is doing, for the verdict of a run that hangs
        bool busy = false;
    };
    using step = asio::awaitable<void> (squall::workload::*)(workload_context&);

    static world_options options_for(const simulation::plan& plan, const run_request& request);

    void add_groups();
    void add_clients();
    void prepare(process_context& context, squall::process& process, const std::string& group, int index,
                 int group_size);
    asio::awaitable<void> direct();
    void begin(step what, const char* stage);
    // Until no client is busy, or the time is up; true if none is.
    asio::awaitable<bool> all_done(nanoseconds within);
    void client_done(client& c, std::exception_ptr error);
    std::string who_is_busy() const;
    // Ends the run: the time for a stage is up and clients are still busy.
    void hung(const std::string& what);
    void phase(const char* name);

    const member& member_of(const squall::process& process) const;
    void engage_injectors();
    void begin_chaos();
    void heal();
    // Until every eventually-condition holds, or the time is up, which fails the run.
    asio::awaitable<void> await_conditions(nanoseconds within);
    void exited(squall::process& process, const std::string* exception);

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
    std::vector<std::unique_ptr<injector>> injectors_;
    std::deque<fault_context, kept_allocator<fault_context>> contexts_;  // of the injectors
    std::vector<timer*> waiting_;                                        // for the end of chaos
    std::optional<timer> done_;
    std::size_t busy_ = 0;
    bool faults_on_ = false;
    bool finished_ = false;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_ONE_RUN_H
