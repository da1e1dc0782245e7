// The stacks of a wedged worker.
#include "stack_probe.h"

#include "error.h"

#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace squall::cli {

namespace {

using namespace std::chrono_literals;

// gdb reads the debug information of a big program in seconds; a process writes its stack at once.
constexpr auto gdb_time = 20s;
constexpr auto quit_time = 1s;
// The last line of what stack_on_quit.h writes.
constexpr std::string_view end_of_stack = "squall: end of the stack";

std::vector<std::string> gdb_command(pid_t pid) {
    return {"gdb",  "-q",
            "-nx",  "-batch",
            "-iex", "set debuginfod enabled off",
            "-iex", "set auto-load off",
            "-ex",  "set print address off",
            "-ex",  "set width 0",
            "-ex",  "thread apply all -q backtrace 40",
            "-p",   std::to_string(pid)};
}

}  // namespace

std::string stacks_of_gdb(std::string_view output) {
    std::string text;
    int threads = 0;
    while (!output.empty()) {
        const std::size_t end = std::min(output.find('\n'), output.size());
        const std::string_view line = output.substr(0, end);
        output.remove_prefix(std::min(end + 1, output.size()));
        if (line.starts_with("#0 ")) {
            ++threads;
            text += "thread " + std::to_string(threads) + ":\n";
        }
        if (threads > 0 && line.starts_with('#')) {
            text.append("  ").append(line).append("\n");
        }
    }
    return text;
}

stack_probe::stack_probe(worker_process& of, gdb_allowance& allowance, clock::time_point now)
    : of_(of),
      allowance_(allowance),
      took_(allowance.take()),
      deadline_(now + gdb_time) {
    if (!took_) {
        ask_the_process(now);
        return;
    }
    try {
        gdb_ = std::make_unique<worker_process>(gdb_command(of.pid()));
    } catch (const error&) {  // there is none
        ask_the_process(now);
    }
}

stack_probe::~stack_probe() {
    end_gdb();
}

void stack_probe::end_gdb() {
    gdb_.reset();
    if (std::exchange(took_, false)) {
        allowance_.give_back();
    }
}

void stack_probe::ask_the_process(clock::time_point now) {
    end_gdb();
    deadline_ = now + quit_time;
    ::kill(of_.pid(), SIGQUIT);
}

bool stack_probe::finished(clock::time_point now) {
    if (finished_) {
        return true;
    }
    if (!gdb_) {
        std::vector<std::string> messages;  // of a process that is given up
        of_.receive(messages);
        return finished_ = now >= deadline_ || of_.output().find(end_of_stack) != std::string::npos;
    }
    std::vector<std::string> none;
    gdb_->receive(none);
    if (!gdb_->ended() && now < deadline_) {
        return false;
    }
    text_ = stacks_of_gdb(gdb_->output());
    if (text_.empty() && now < deadline_) {
        ask_the_process(now);  // it may not attach
        return false;
    }
    end_gdb();
    return finished_ = true;
}

}  // namespace squall::cli
