// A child process that squall talks to over two pipes, whose own output is caught, and which never outlives
// squall.
#ifndef SQUALL_CLI_WORKER_PROCESS_H
#define SQUALL_CLI_WORKER_PROCESS_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace squall::cli {

// A file descriptor that closes itself.
class unique_fd {
public:
    unique_fd() = default;
    explicit unique_fd(int fd) : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
    unique_fd& operator=(unique_fd&& other) noexcept;
    ~unique_fd();
    int get() const { return fd_; }
    int release();
    void reset();
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

// The program of a command line is found as a shell would. Throws error, in words for the user, if it cannot
// be run.
void check_command(const std::vector<std::string>& command);

class worker_process {
public:
    // What the child's own stdout and stderr are for.
    enum class output_use {
        keep_tail,     // the last 64 KiB are kept for output()
        pass_through,  // they go to squall's stderr
        terminal,  // none of squall's business, nor is stdin: the child has squall's terminal, for a debugger
    };

    // Starts the command in its own process group, with SQUALL_WORKER_IN and SQUALL_WORKER_OUT in its
    // environment, /dev/null as stdin and the variables taken away that would make GoogleTest leave tests
    // out. The kernel kills it when squall dies. Throws error if it cannot be started.
    explicit worker_process(const std::vector<std::string>& command, output_use use = output_use::keep_tail);

    // Kills the whole process group, if it is still there, and waits for the child.
    ~worker_process();
    worker_process(const worker_process&) = delete;
    worker_process& operator=(const worker_process&) = delete;

    pid_t pid() const { return pid_; }

    // Queues a line for the child and writes what its pipe takes. A child that has gone is no error here.
    void send(std::string_view line);
    void flush();
    bool wants_write() const { return to_child_ && !unsent_.empty(); }
    void close_input() { to_child_.reset(); }

    // Appends to `lines` the whole lines that have come, at most some 4 MiB, and takes in the output. Never
    // waits. Returns how many bytes it read.
    std::size_t receive(std::vector<std::string>& lines);

    // A line longer than this many bytes is cut there: no worker of ours sends one.
    static constexpr std::size_t line_bytes_max = std::size_t{64} << 20;

    // The wait status once the child has ended; takes in what it said last.
    std::optional<int> ended();

    // SIGKILL to the process group.
    void kill();

    // Resident bytes, 0 if unknown.
    std::uint64_t resident_bytes() const;

    // The last of what it wrote to stdout and stderr, at most 64 KiB.
    const std::string& output() const { return output_; }
    static constexpr std::size_t output_bytes_max = 64 << 10;

    int input_fd() const { return to_child_.get(); }
    int message_fd() const { return from_child_.get(); }
    int output_fd() const { return output_pipe_.get(); }

private:
    void receive_output();

    pid_t pid_ = -1;
    std::optional<int> status_;
    unique_fd to_child_;
    unique_fd from_child_;
    unique_fd output_pipe_;
    std::string unsent_;
    std::string partial_;
    std::string output_;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_WORKER_PROCESS_H
