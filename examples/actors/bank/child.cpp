#include "bank/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bank {

child::child(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& each : command)
        arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        // From here on nothing but what may be called after a fork.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() == parent && ::dup2(ends[1], STDOUT_FILENO) >= 0)
            ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ends[0];
    if (pid_ < 0) {
        pid_ = 0;
        throw std::system_error(errno, std::generic_category(), "fork");
    }
}

child::child(child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      out_(std::exchange(other.out_, -1)) {}

child& child::operator=(child&& other) noexcept {
    if (this != &other) {
        kill();
        pid_ = std::exchange(other.pid_, 0);
        out_ = std::exchange(other.out_, -1);
    }
    return *this;
}

std::string child::line() {
    std::string read;
    char next = 0;
    while (::read(out_, &next, 1) == 1 && next != '\n')
        read += next;
    return read;
}

int child::wait() {
    int status = 0;
    while (pid_ != 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (out_ >= 0)
        ::close(std::exchange(out_, -1));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child::kill() {
    if (pid_ != 0)
        ::kill(pid_, SIGKILL);
    wait();
}

int child::stop() {
    if (pid_ != 0)
        ::kill(pid_, SIGTERM);
    return wait();
}

}  // namespace bank
