// SIGINT and SIGCHLD for a single-threaded event loop: they arrive only while it waits in wait_for().
#ifndef SQUALL_CLI_SIGNALS_H
#define SQUALL_CLI_SIGNALS_H

#include <chrono>
#include <vector>

#include <poll.h>

namespace squall::cli {

// From construction to destruction SIGINT, SIGTERM, SIGHUP and SIGCHLD are held back except in wait_for(),
// and SIGPIPE is ignored. One at a time in a process.
class signal_watch {
public:
    signal_watch();
    ~signal_watch();
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

    // poll(2) until something is ready, a signal came or the time is over. A negative time waits for ever.
    static void wait_for(std::vector<pollfd>& files, std::chrono::milliseconds time);

    // Whether SIGINT, SIGTERM or SIGHUP came.
    static bool interrupted();
};

// For a child between fork and exec: the dispositions and the mask that squall was started with.
void restore_signals_in_child();

}  // namespace squall::cli

#endif  // SQUALL_CLI_SIGNALS_H
