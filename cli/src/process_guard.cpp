// What workers themselves started dies with squall too.
#include "process_guard.h"

#include <cerrno>
#include <csignal>
#include <set>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace squall::cli {

namespace {

// Reads groups to add (positive) and to remove (negative) until squall's end of the pipe is closed.
[[noreturn]] void watch(int from_squall) {
    setsid();  // Ctrl-C is not for it
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
        std::signal(signal, SIG_IGN);
    }
    prctl(PR_SET_NAME, "squall-guard");
    // Nobody is to wait for the end of a pipe that this process happens to hold.
    dup2(from_squall, STDIN_FILENO);
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    close_range(STDERR_FILENO + 1, ~0u, 0);
    std::set<pid_t> groups;
    for (;;) {
        pid_t group = 0;
        const ssize_t got = read(STDIN_FILENO, &group, sizeof group);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got != sizeof group) {
            break;
        }
        if (group > 0) {
            groups.insert(group);
        } else {
            groups.erase(-group);
        }
    }
    for (const pid_t group : groups) {
        kill(-group, SIGKILL);
    }
    _exit(0);
}

void tell(int guard, pid_t group) {
    if (guard >= 0) {
        // A write of so few bytes to a pipe is whole or not at all.
        while (write(guard, &group, sizeof group) < 0 && errno == EINTR) {
        }
    }
}

}  // namespace

process_guard& process_guard::of_this_process() {
    static process_guard guard;
    return guard;
}

process_guard::process_guard() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    pid_ = fork();
    if (pid_ == 0) {
        close(ends[1]);
        watch(ends[0]);
    }
    close(ends[0]);
    if (pid_ < 0) {
        close(ends[1]);
        return;
    }
    to_guard_ = ends[1];
}

process_guard::~process_guard() {
    if (to_guard_ >= 0) {
        close(to_guard_);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
}

void process_guard::add(pid_t group) const {
    tell(to_guard_, group);
}

void process_guard::remove(pid_t group) const {
    tell(to_guard_, -group);
}

}  // namespace squall::cli
