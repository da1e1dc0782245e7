// Finds the simulations in a GoogleTest binary.
#include "discovery.h"

#include "crash_cause.h"
#include "error.h"
#include "signals.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <sys/wait.h>

namespace squall::cli {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto listing_time_max = 20s;

std::string last_words(const std::string& output) {
    const std::vector<std::string> lines = last_lines(output, 1);
    return lines.empty() ? std::string() : fmt::format("; its last words: {}", printable(lines.front()));
}

// GoogleTest answers with the suites in the first column and the tests indented; other programs answer
// otherwise, or not at all.
void check_is_googletest(const std::vector<std::string>& command) {
    std::vector<std::string> listing = command;
    listing.emplace_back("--gtest_list_tests");
    worker_process process(listing);
    conversation talk(process);
    const clock::time_point deadline = clock::now() + listing_time_max;
    std::optional<worker_event> event;
    try {
        do {
            event = talk.next(deadline);
        } while (std::holds_alternative<worker_message>(*event));
    } catch (const protocol_error&) {
        event = time_out{};
    }
    if (std::holds_alternative<interruption>(*event)) {
        throw error("interrupted", exit_code::interrupted);
    }
    const std::string shown = printable(command.front());
    const auto* end = std::get_if<process_end>(&*event);
    if (end == nullptr) {
        throw error(
            fmt::format("{} is not a GoogleTest program: it does not answer --gtest_list_tests", shown));
    }
    if (!WIFEXITED(end->status) || WEXITSTATUS(end->status) != 0) {
        throw error(fmt::format("{} is not a GoogleTest program: with --gtest_list_tests it ended with {}{}",
                                shown, status_text(end->status), last_words(process.output())));
    }
    const std::string& output = process.output();
    if (output.find(".\n  ") == std::string::npos && output.find(".  # ") == std::string::npos) {
        const bool filtered = std::any_of(command.begin(), command.end(), [](const std::string& argument) {
            return argument.starts_with("--gtest_filter");
        });
        throw error(
            filtered ? fmt::format("no test of {} matches its --gtest_filter", shown)
                     : fmt::format(
                           "{} is not a GoogleTest program, or has no tests: --gtest_list_tests lists none{}",
                           shown, last_words(output)));
    }
}

void add_once(std::vector<std::string>& lines, std::string line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
        lines.push_back(std::move(line));
    }
}

std::string no_simulation(const std::string& program, const process_end& end, const std::string& output) {
    if (WIFSIGNALED(end.status)) {
        return fmt::format("no simulation in {}: it ended with {} before one began{}", program,
                           status_text(end.status), last_words(output));
    }
    return fmt::format(
        "no simulation in {}: none of its tests called squall::simulation::run() (is it linked with "
        "squall::simulator? does --gtest_filter leave them out?)",
        program);
}

}  // namespace

worker_event conversation::next(clock::time_point deadline) {
    for (;;) {
        if (used_ < lines_.size()) {
            return parse_message(lines_[used_++]);
        }
        lines_.clear();
        used_ = 0;
        process_.flush();
        const bool got = process_.receive(lines_) > 0;
        if (!lines_.empty() || got) {
            continue;
        }
        if (status_) {
            return process_end{*status_};
        }
        status_ = process_.ended();
        if (status_) {
            continue;  // once more for what it said last
        }
        if (signal_watch::interrupted()) {
            return interruption{};
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
        if (left <= 0ms) {
            return time_out{};
        }
        std::vector<pollfd> files = {{process_.message_fd(), POLLIN, 0},
                                     {process_.output_fd(), POLLIN, 0},
                                     {process_.wants_write() ? process_.input_fd() : -1, POLLOUT, 0}};
        signal_watch::wait_for(files, std::min(left, std::chrono::milliseconds(1000)));
    }
}

void check_overrides(const catalog_message& catalog) {
    if (!catalog.override_errors.empty()) {
        throw error(printable(catalog.override_errors.front()));
    }
}

discovery discover(const std::vector<std::string>& command, std::chrono::milliseconds silence) {
    check_is_googletest(command);
    worker_process process(command);
    conversation talk(process);
    const std::string shown = printable(command.front());
    discovery found;
    for (;;) {
        std::optional<worker_event> event;
        try {
            event = talk.next(clock::now() + silence);
        } catch (const protocol_error& problem) {
            throw error(fmt::format("{} does not speak the worker protocol: {}", shown, problem.what()));
        }
        if (const auto* message = std::get_if<worker_message>(&*event)) {
            if (const auto* catalog = std::get_if<catalog_message>(message)) {
                check_overrides(*catalog);
                for (const std::string& problem : catalog->errors) {
                    add_once(found.notes,
                             fmt::format("the site records of {}: {}", shown, printable(problem)));
                }
            }
            const auto* hello = std::get_if<hello_message>(message);
            if (hello == nullptr) {
                continue;
            }
            if (hello->protocol != protocol_version) {
                throw error(
                    fmt::format("{} speaks worker protocol {}, this squall {}: build both from one version",
                                shown, hello->protocol, protocol_version));
            }
            if (hello->test.empty()) {
                throw error(
                    fmt::format("the simulation '{}' in {} does not know which test it is in (include "
                                "gtest/gtest.h in its source, or give run() the name Suite.Name)",
                                printable(hello->simulation), shown));
            }
            const simulation_name name{hello->test, hello->simulation};
            if (std::find(found.simulations.begin(), found.simulations.end(), name) ==
                found.simulations.end()) {
                found.simulations.push_back(name);
            }
            process.send(skip_line);
        } else if (std::holds_alternative<interruption>(*event)) {
            throw error("interrupted", exit_code::interrupted);
        } else if (std::holds_alternative<time_out>(*event)) {
            if (found.simulations.empty()) {
                throw error(fmt::format(
                    "no simulation in {}: none began within {} (--gtest_filter can leave slow tests out, "
                    "--hang-timeout gives more time){}",
                    shown, duration_text(silence), last_words(process.output())));
            }
            found.notes.push_back(
                fmt::format("{} was still busy {} after its last simulation; later ones are not run "
                            "(--gtest_filter can leave slow tests out)",
                            shown, duration_text(silence)));
            return found;
        } else {
            const process_end& end = std::get<process_end>(*event);
            if (found.simulations.empty()) {
                throw error(no_simulation(shown, end, process.output()));
            }
            if (WIFSIGNALED(end.status)) {
                found.notes.push_back(
                    fmt::format("{} ended with {} while its tests were looked through; simulations in later "
                                "tests are not run{}",
                                shown, status_text(end.status), last_words(process.output())));
            }
            return found;
        }
    }
}

}  // namespace squall::cli
