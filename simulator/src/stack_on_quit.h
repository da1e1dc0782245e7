// A stack on stderr at SIGQUIT, for a worker that is wedged: `squall run` sends it where there is no gdb.
#ifndef SQUALL_SIMULATOR_STACK_ON_QUIT_H
#define SQUALL_SIMULATOR_STACK_ON_QUIT_H

#include <csignal>

#include <execinfo.h>
#include <unistd.h>

namespace squall::simulator {

// Frames of the thread that takes the signal, as `binary(+offset)`; what addr2line -Cfpie makes of them is
// names. Signal-safe once backtrace() has loaded what it needs.
inline void write_stack(int) {
    static constexpr char head[] = "squall: the stack (addr2line -Cfpie BINARY OFFSET... tells the names):\n";
    static constexpr char end[] = "squall: end of the stack\n";
    void* frames[64];
    const int count = backtrace(frames, 64);
    [[maybe_unused]] ssize_t written = write(STDERR_FILENO, head, sizeof head - 1);
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    written = write(STDERR_FILENO, end, sizeof end - 1);
}

// A handler that the program itself has stays.
inline void stack_on_quit() {
    void* frame = nullptr;
    backtrace(&frame, 1);
    struct sigaction before{};
    if (sigaction(SIGQUIT, nullptr, &before) != 0 || before.sa_handler != SIG_DFL)
        return;
    struct sigaction action{};
    action.sa_handler = write_stack;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGQUIT, &action, nullptr);
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_STACK_ON_QUIT_H
