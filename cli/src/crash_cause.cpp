// What a worker process died of.
#include "crash_cause.h"

#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include <sys/wait.h>

namespace squall::cli {

namespace {

// The line around `at`.
std::string_view line_around(std::string_view text, std::size_t at) {
    const std::size_t before = text.rfind('\n', at);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    return text.substr(begin, std::min(text.find('\n', at), text.size()) - begin);
}

// "SUMMARY: AddressSanitizer: heap-use-after-free /src/a.cpp:12:5 in f(int)"
bool sanitizer(std::string_view output, cause& found) {
    static constexpr std::string_view mark = "SUMMARY: ";
    const std::size_t at = output.rfind(mark);
    if (at == std::string_view::npos) {
        return false;
    }
    std::string_view line = line_around(output, at);
    line.remove_prefix(std::min(line.find(mark) + mark.size(), line.size()));
    if (line.find("Sanitizer: ") == std::string_view::npos) {
        return false;
    }
    const std::size_t kind = line.find("Sanitizer: ") + std::strlen("Sanitizer: ");
    const std::size_t space = std::min(line.find(' ', kind), line.size());
    found.verdict = verdict::crash;
    found.message = line.substr(0, space);
    found.place = space < line.size() ? line.substr(space + 1) : std::string_view();
    return true;
}

// "kv_sim_test: /src/a.cpp:12: int f(): Assertion `x == 1' failed."
bool failed_assert(std::string_view output, cause& found) {
    const std::size_t at = output.rfind(": Assertion ");
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view line = line_around(output, at);
    const std::size_t assertion = line.find(": Assertion ");
    found.message = line.substr(assertion + 2);
    std::string_view head = line.substr(0, assertion);
    const std::size_t program = head.find(": ");
    if (program == std::string_view::npos) {
        return true;
    }
    head.remove_prefix(program + 2);
    const std::size_t end = head.find(": ");
    found.place = end == std::string_view::npos
                      ? std::string(head)
                      : fmt::format("{} in {}", head.substr(0, end), head.substr(end + 2));
    return true;
}

// "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no such key"
bool uncaught_exception(std::string_view output, cause& found) {
    static constexpr std::string_view mark = "terminate called after throwing an instance of ";
    const std::size_t at = output.rfind(mark);
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view line = line_around(output, at);
    found.message = fmt::format("uncaught {}", line.substr(line.find(mark) + mark.size()));
    const std::size_t what = output.find("what():  ", at);
    if (what != std::string_view::npos) {
        found.message +=
            fmt::format(": {}", line_around(output, what).substr(line_around(output, what).find("):  ") + 4));
    }
    return true;
}

}  // namespace

std::string status_text(int status) {
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        const char* description = sigdescr_np(signal);
        return fmt::format("signal {} ({})", signal, description != nullptr ? description : "unknown");
    }
    return fmt::format("exit code {}", WEXITSTATUS(status));
}

cause cause_of_end(int status, std::string_view output) {
    cause found{WIFSIGNALED(status) ? verdict::crash : verdict::exit, "", ""};
    if (sanitizer(output, found)) {
        return found;
    }
    if (WIFEXITED(status)) {
        found.message = fmt::format("ended with {} in the middle of the run", status_text(status));
        return found;
    }
    if (WTERMSIG(status) == SIGABRT && (failed_assert(output, found) || uncaught_exception(output, found))) {
        return found;
    }
    found.message = status_text(status);
    if (WTERMSIG(status) == SIGKILL) {
        found.message += ", not sent by squall: out of memory?";
    }
    return found;
}

}  // namespace squall::cli
