// SIGINT and SIGCHLD for a single-threaded event loop.
#include "signals.h"

#include <csignal>
#include <ctime>

namespace squall::cli {

namespace {

volatile std::sig_atomic_t interrupt_count = 0;
bool watching = false;
sigset_t mask_before;
struct sigaction before[5];
const int watched[5] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE};

void on_interrupt(int) {
    interrupt_count = 1;
}
void on_child(int) {}  // only there to end the wait

}  // namespace

signal_watch::signal_watch() {
    interrupt_count = 0;
    sigset_t held;
    sigemptyset(&held);
    for (int i = 0; i < 5; ++i) {
        struct sigaction action{};
        action.sa_handler = watched[i] == SIGPIPE ? SIG_IGN : watched[i] == SIGCHLD ? on_child : on_interrupt;
        sigemptyset(&action.sa_mask);
        sigaction(watched[i], &action, &before[i]);
        // nohup's SIGHUP, and the SIGINT of what a shell runs in the background, stay ignored.
        if (before[i].sa_handler == SIG_IGN && watched[i] != SIGCHLD) {
            sigaction(watched[i], &before[i], nullptr);
        }
        if (watched[i] != SIGPIPE) {
            sigaddset(&held, watched[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &held, &mask_before);
    watching = true;
}

signal_watch::~signal_watch() {
    watching = false;
    for (int i = 0; i < 5; ++i) {
        sigaction(watched[i], &before[i], nullptr);
    }
    sigprocmask(SIG_SETMASK, &mask_before, nullptr);
}

void signal_watch::wait_for(std::vector<pollfd>& files, std::chrono::milliseconds time) {
    sigset_t open = mask_before;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
        sigdelset(&open, signal);
    }
    const timespec limit = {static_cast<std::time_t>(time.count() / 1000),
                            static_cast<long>(time.count() % 1000 * 1000000)};
    if (ppoll(files.data(), files.size(), time.count() < 0 ? nullptr : &limit, &open) <= 0) {
        for (pollfd& file : files) {
            file.revents = 0;
        }
    }
}

bool signal_watch::interrupted() {
    return interrupt_count != 0;
}

void restore_signals_in_child() {
    if (!watching) {
        return;
    }
    for (int i = 0; i < 5; ++i) {
        sigaction(watched[i], &before[i], nullptr);
    }
    sigprocmask(SIG_SETMASK, &mask_before, nullptr);
}

}  // namespace squall::cli
