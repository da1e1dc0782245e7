// A child process that squall talks to over two pipes.
#include "worker_process.h"

#include "error.h"
#include "process_guard.h"
#include "signals.h"
#include "text.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace squall::cli {

unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

unique_fd::~unique_fd() {
    reset();
}

int unique_fd::release() {
    return std::exchange(fd_, -1);
}

void unique_fd::reset() {
    if (fd_ >= 0) {
        close(fd_);
        fd_ = -1;
    }
}

namespace {

// What would make GoogleTest run other tests than asked, or write files that belong to the user's own runs.
constexpr std::string_view unset_in_workers[] = {"GTEST_SHARD_INDEX",
                                                 "GTEST_TOTAL_SHARDS",
                                                 "GTEST_SHARD_STATUS_FILE",
                                                 "GTEST_OUTPUT",
                                                 "GTEST_REPEAT",
                                                 "GTEST_SHUFFLE",
                                                 "GTEST_BREAK_ON_FAILURE",
                                                 "XML_OUTPUT_FILE",
                                                 "TEST_PREMATURE_EXIT_FILE",
                                                 "GTEST_COLOR",
                                                 "GTEST_BRIEF",
                                                 "SQUALL_WORKER_IN",
                                                 "SQUALL_WORKER_OUT",
                                                 "TESTBRIDGE_TEST_ONLY"};

struct pipe_pair {
    unique_fd read;
    unique_fd write;
};

pipe_pair make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        throw error(
            fmt::format("cannot make a pipe: {} (too many --jobs for ulimit -n?)", std::strerror(errno)));
    }
    return {unique_fd(ends[0]), unique_fd(ends[1])};
}

void make_nonblocking(const unique_fd& fd) {
    fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::vector<std::string> worker_environment(int in, int out) {
    std::vector<std::string> result;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const std::string_view name = text.substr(0, text.find('='));
        bool drop = false;
        for (const std::string_view unset : unset_in_workers) {
            drop = drop || name == unset;
        }
        if (!drop) {
            result.emplace_back(text);
        }
    }
    result.push_back(fmt::format("SQUALL_WORKER_IN={}", in));
    result.push_back(fmt::format("SQUALL_WORKER_OUT={}", out));
    result.emplace_back("GTEST_COLOR=no");
    result.emplace_back("GTEST_BRIEF=1");
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    result.reserve(strings.size() + 1);
    for (std::string& text : strings) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

[[noreturn]] void fail_in_child(int report) {
    const int code = errno;
    [[maybe_unused]] const ssize_t ignored = write(report, &code, sizeof code);
    _exit(127);
}

std::string exec_failure(const std::string& program, int code) {
    if (code == ENOENT && program.find('/') == std::string::npos) {
        struct stat status{};
        if (stat(program.c_str(), &status) == 0) {
            return fmt::format("no program '{}' in PATH (did you mean ./{}?)", printable(program),
                               printable(program));
        }
        return fmt::format("no program '{}' in PATH", printable(program));
    }
    struct stat status{};
    if (code == ENOENT && stat(program.c_str(), &status) != 0) {
        return fmt::format("no such file: {} (has it been built?)", printable(program));
    }
    if (code == ENOENT) {
        return fmt::format("{} cannot be started: its interpreter or loader is missing", printable(program));
    }
    if (stat(program.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return fmt::format("{} is a directory, not a test binary", printable(program));
    }
    if (code == EACCES) {
        return fmt::format("{} is not executable (a test binary is wanted here; chmod +x if it is one)",
                           printable(program));
    }
    if (code == ENOEXEC) {
        return fmt::format("{} is not a program that this machine can run", printable(program));
    }
    return fmt::format("cannot run {}: {}", printable(program), std::strerror(code));
}

}  // namespace

void check_command(const std::vector<std::string>& command) {
    if (command.empty() || command.front().empty()) {
        throw error("which test binary? Put it after --, as in: squall run -- ./my_test");
    }
}

worker_process::worker_process(const std::vector<std::string>& command, output_use use) {
    check_command(command);
    pipe_pair in = make_pipe();
    pipe_pair out = make_pipe();
    pipe_pair output = make_pipe();
    pipe_pair report = make_pipe();
    const unique_fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));

    std::vector<std::string> arguments = command;
    std::vector<std::string> variables = worker_environment(in.read.get(), out.write.get());
    std::vector<char*> argv = pointers(arguments);
    std::vector<char*> envp = pointers(variables);
    const process_guard& guard = process_guard::of_this_process();
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) {
        throw error(fmt::format("cannot start a worker process: {}", std::strerror(errno)));
    }
    const bool terminal = use == output_use::terminal;
    if (pid_ == 0) {
        if (!terminal) {
            setpgid(0, 0);
            guard.add(getpid());
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);  // squall died before the line above
        }
        const rlimit no_core = {0, 0};  // a campaign may crash thousands of times
        setrlimit(RLIMIT_CORE, &no_core);
        restore_signals_in_child();
        std::signal(SIGXFSZ, SIG_DFL);  // main() ignores it
        std::signal(SIGQUIT, SIG_DFL);  // a shell may have it ignored in what it puts into the background
        if (terminal) {
            std::signal(SIGINT, SIG_DFL);  // what squall itself ignores meanwhile
        }
        const int target = use == output_use::pass_through ? STDERR_FILENO : output.write.get();
        if ((!terminal && (dup2(null.get(), STDIN_FILENO) < 0 || dup2(target, STDOUT_FILENO) < 0 ||
                           dup2(target, STDERR_FILENO) < 0)) ||
            fcntl(in.read.get(), F_SETFD, 0) != 0 || fcntl(out.write.get(), F_SETFD, 0) != 0) {
            fail_in_child(report.write.get());
        }
        execvpe(argv[0], argv.data(), envp.data());
        fail_in_child(report.write.get());
    }
    if (!terminal) {
        setpgid(pid_, pid_);  // here as well: whoever comes first
    }
    report.write.reset();
    int code = 0;
    ssize_t got = 0;
    do {
        got = read(report.read.get(), &code, sizeof code);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof code) {
        int status = 0;
        waitpid(pid_, &status, 0);
        guard.remove(pid_);
        throw error(exec_failure(command.front(), code));
    }
    to_child_ = std::move(in.write);
    from_child_ = std::move(out.read);
    output_pipe_ = std::move(output.read);
    make_nonblocking(to_child_);
    make_nonblocking(from_child_);
    make_nonblocking(output_pipe_);
}

worker_process::~worker_process() {
    kill();
    if (!status_) {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        process_guard::of_this_process().remove(pid_);
    }
}

void worker_process::kill() {
    if (!status_) {
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
    }
}

void worker_process::send(std::string_view line) {
    unsent_ += line;
    unsent_ += '\n';
    flush();
}

void worker_process::flush() {
    while (wants_write()) {
        const ssize_t done = write(to_child_.get(), unsent_.data(), unsent_.size());
        if (done > 0) {
            unsent_.erase(0, static_cast<std::size_t>(done));
        } else if (done < 0 && errno == EINTR) {
            continue;
        } else {
            if (done < 0 && errno != EAGAIN) {
                unsent_.clear();
                to_child_.reset();
            }
            return;
        }
    }
}

std::size_t worker_process::receive(std::vector<std::string>& lines) {
    receive_output();
    std::size_t total = 0;
    std::array<char, 1 << 16> buffer;
    // Bounded, so that one worker that floods squall does not keep it from the others.
    for (int round = 0; from_child_ && round < 64; ++round) {
        const ssize_t got = read(from_child_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        if (got <= 0) {
            from_child_.reset();
            break;
        }
        total += static_cast<std::size_t>(got);
        std::string_view text(buffer.data(), static_cast<std::size_t>(got));
        for (std::size_t newline = text.find('\n'); newline != std::string_view::npos;
             newline = text.find('\n')) {
            partial_ += text.substr(0, newline);
            lines.push_back(std::exchange(partial_, {}));
            text.remove_prefix(newline + 1);
        }
        partial_ += text;
        if (partial_.size() > line_bytes_max) {
            lines.push_back(std::exchange(partial_, {}));
        }
    }
    return total;
}

void worker_process::receive_output() {
    std::array<char, 1 << 16> buffer;
    for (int round = 0; output_pipe_ && round < 64; ++round) {
        const ssize_t got = read(output_pipe_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            break;
        }
        if (got <= 0) {
            output_pipe_.reset();
            break;
        }
        output_.append(buffer.data(), static_cast<std::size_t>(got));
        if (output_.size() > output_bytes_max) {
            output_.erase(0, output_.size() - output_bytes_max);
        }
    }
}

std::optional<int> worker_process::ended() {
    siginfo_t information = {};
    if (!status_ && waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        information.si_pid == pid_) {
        // What the child started goes with it, while its number cannot yet be another's.
        ::kill(-pid_, SIGKILL);
        int status = 0;
        waitpid(pid_, &status, 0);
        process_guard::of_this_process().remove(pid_);
        status_ = status;
        receive_output();
    }
    return status_;
}

std::uint64_t worker_process::resident_bytes() const {
    std::ifstream file(fmt::format("/proc/{}/statm", pid_));
    std::uint64_t total_pages = 0;
    std::uint64_t resident_pages = 0;
    if (!(file >> total_pages >> resident_pages)) {
        return 0;
    }
    return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace squall::cli
