// A seed in gdb.
#include "replay_gdb.h"

#include "error.h"
#include "replay_run.h"
#include "signals.h"
#include "text.h"
#include "worker.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdio>

#include <unistd.h>

namespace squall::cli {

namespace {

// A person thinks before the run goes on.
constexpr auto patience = std::chrono::hours(24 * 20);

std::vector<std::string> gdb_command(const std::vector<std::string>& ex, bool batch,
                                     const std::vector<std::string>& command) {
    std::vector<std::string> words = {"gdb", "-q", "-iex", "set debuginfod enabled off"};
    if (batch) {
        words.insert(words.end(), {"-nx", "-batch"});
    }
    for (const char* first : {"set breakpoint pending on", "set print thread-events off", "set confirm off",
                              "set pagination off"}) {
        words.insert(words.end(), {"-ex", first});
    }
    for (const std::string& one : ex) {
        words.insert(words.end(), {"-ex", one});
    }
    words.emplace_back("--args");
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

// The worker has done what it was there for, and would wait for more.
void let_go(worker_process& process) {
    process.send(end_line);
    process.close_input();
}

// How often an exception is thrown until the run fails; 0 if gdb does not tell. It is the same in each run of
// the seed, which is what makes the last one findable.
std::uint64_t exceptions_before_failure(const replay_run& run) {
    const std::vector<std::string> ex = {"catch throw", "ignore 1 1000000000", "break squall_failed", "run",
                                         "info breakpoints"};
    worker_process process(gdb_command(ex, true, pinned_command(run.command, run.simulation)),
                           worker_process::output_use::keep_tail);
    try {
        converse(run, process);
        let_go(process);
    } catch (const error&) {  // gdb ended, and took the run along
    }
    while (!process.ended()) {
        std::vector<pollfd> files = {{process.output_fd(), POLLIN, 0}};
        signal_watch::wait_for(files, std::chrono::milliseconds(100));
        std::vector<std::string> none;
        process.receive(none);
        if (signal_watch::interrupted()) {
            throw error("interrupted", exit_code::interrupted);
        }
    }
    static constexpr std::string_view mark = "already hit ";
    const std::string& output = process.output();
    const std::size_t at = output.find(mark);
    std::uint64_t count = 0;
    if (at != std::string::npos) {
        const char* begin = output.data() + at + mark.size();
        std::from_chars(begin, output.data() + output.size(), count);
    }
    return count;
}

std::string stop_text(const run_result& result, std::uint64_t exceptions) {
    switch (result.verdict) {
        case verdict::passed:
            return "it passes: nothing to stop at";
        case verdict::hang:
            return "interrupt it with Ctrl-C when it hangs";
        case verdict::memory:
            return "interrupt it with Ctrl-C before it has all memory: in gdb nobody limits it";
        case verdict::crash:
            return "gdb stops at the signal";
        case verdict::exit:
            return "gdb stops where it exits";
        case verdict::exception:
            return exceptions > 0 ? "gdb stops at the exception that was thrown last"
                                  : "gdb stops where that is noted";
        default:
            return "gdb stops there";
    }
}

}  // namespace

int replay_in_gdb(replay_plan& plan, const std::string& simulation, const replay_run& limits) {
    replay_run run = limits;
    std::uint64_t exceptions = 0;
    run_result result;
    {
        const signal_watch signals;
        choose_simulation(plan, simulation, run.hang_timeout);
        run.command = plan.command;
        run.simulation = plan.simulation;
        run.request = plan.request;
        result = run_once(run).result;
        if (result.verdict == verdict::exception) {
            run.hang_timeout *= 20;  // gdb stops at each
            exceptions = exceptions_before_failure(run);
        }
    }
    const bool endless = result.verdict == verdict::hang || result.verdict == verdict::memory;
    if (endless && isatty(STDIN_FILENO) == 0) {
        throw error(fmt::format("seed {}: {}: without a terminal nobody can interrupt gdb there ({})",
                                result.seed, result.message,
                                result.verdict == verdict::hang
                                    ? "squall replay without --gdb tells its stack"
                                    : "squall replay --log tells what it does"));
    }
    std::fprintf(stderr, "squall: seed %llu: %s%s%s\nsquall: %s; quit leaves gdb\n",
                 static_cast<unsigned long long>(result.seed), std::string(name(result.verdict)).c_str(),
                 result.message.empty() ? "" : ": ", printable(result.message).c_str(),
                 stop_text(result, exceptions).c_str());

    // Ctrl-C is for gdb, and must not end squall, which would take gdb along.
    std::signal(SIGINT, SIG_IGN);
    const signal_watch signals;
    std::vector<std::string> ex;
    if (exceptions > 0) {
        ex = {"catch throw", fmt::format("ignore 1 {}", exceptions - 1)};
    }
    if (result.verdict == verdict::exit) {
        ex = {"catch syscall exit_group"};
    }
    ex.insert(ex.end(), {"break squall_failed", "run", "backtrace 30"});
    worker_process process(gdb_command(ex, false, pinned_command(run.command, run.simulation)),
                           worker_process::output_use::terminal);
    run.hang_timeout = patience;
    try {
        converse(run, process);
        let_go(process);
    } catch (const error&) {  // left before the run was over
    }
    while (!process.ended() && !signal_watch::interrupted()) {
        std::vector<pollfd> none;
        signal_watch::wait_for(none, std::chrono::milliseconds(100));
    }
    return result.verdict == verdict::passed ? exit_code::passed : exit_code::failed;
}

}  // namespace squall::cli
