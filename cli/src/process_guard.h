// What workers themselves started dies with squall too, even by SIGKILL.
//
// The kernel kills the workers when squall dies, but not the children of workers. A second process of squall,
// which does nothing but wait for the first to be gone, kills the process groups that are still on its list.
#ifndef SQUALL_CLI_PROCESS_GUARD_H
#define SQUALL_CLI_PROCESS_GUARD_H

#include <sys/types.h>

namespace squall::cli {

class process_guard {
public:
    // The one of this process, started at the first call. Where it cannot be started, the calls below do
    // nothing.
    static process_guard& of_this_process();

    // Puts a process group on the list. Async-signal-safe: the leader itself calls it between fork and exec.
    void add(pid_t group) const;

    // Takes it from the list, when nothing of it is left.
    void remove(pid_t group) const;

private:
    process_guard();
    ~process_guard();

    int to_guard_ = -1;
    pid_t pid_ = -1;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_PROCESS_GUARD_H
