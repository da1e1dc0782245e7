// The lines that squall and a worker exchange. docs/reference/worker-protocol.md is the contract; this file
// reads and writes it.
#ifndef SQUALL_CLI_PROTOCOL_H
#define SQUALL_CLI_PROTOCOL_H

#include <squall/recorded_event.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace squall::cli {

inline constexpr int protocol_version = 1;

// How a run ended. The first seven come from the worker; the others squall concludes.
enum class verdict : unsigned char {
    passed,
    assertion,
    exception,
    deadlock,
    livelock,
    timeout,
    check,
    crash,           // ended by a signal, or with a sanitizer's report
    hang,            // no result within --hang-timeout of wall-clock time
    exit,            // ended the process in the middle of a run
    memory,          // more than --memory-limit
    protocol,        // sent what is no message
    nondeterminism,  // the same seed gave another digest in another process
};
std::string_view name(verdict v);
// The verdict of that name; throws std::invalid_argument.
verdict parse_verdict(std::string_view text);

// One entry of the catalog: a site, an assertion or a coverage mark.
struct catalog_record {
    std::uint32_t index = 0;  // what the worker's results call it
    std::string id;           // 16 hexadecimal digits
    std::string kind;         // as in squall/site.h: error_return, ..., sometimes
    std::string rule;
    std::string file;
    std::uint32_t line = 0;
    std::string function;
    std::string detail;
};

struct hello_message {
    int protocol = 0;
    std::string test;         // Suite.Name
    std::string simulation;   // name of the simulation within the test
    std::uint64_t seeds = 0;  // how many seeds the test runs by itself
};
struct catalog_message {
    std::vector<catalog_record> records;
    std::vector<std::string> errors;           // what is wrong with the records in the binary, in sentences
    std::vector<std::string> override_errors;  // the same of the overrides asked for: no run is to follow
};
struct start_message {
    std::uint64_t seed = 0;
};
// An event of a run that was asked for with `log`, as it happens.
struct log_message {
    std::string text;                             // a line
    std::optional<squall::recorded_event> event;  // what it tells of, from workers that say so
    bool first = false;  // the run begins, or begins anew: what was logged of the seed so far does not count
};
// A fault that happened, as it happens, in a run that was asked for with `faults`.
struct fault_message {
    std::string id;  // of the decision: 16 hexadecimal digits
    std::string kind;
    std::string process;  // whom it struck; empty: nobody in particular
    std::int64_t time_ns = 0;
    std::string detail;
};

struct site_count {
    std::uint32_t index;
    std::uint64_t evaluated;
    std::uint64_t activated;
    std::uint64_t fired;
};
struct assertion_count {
    std::uint32_t index;
    std::uint64_t times_true;
    std::uint64_t times_false;
};

// One combination of values of a sometimes-each.
struct each_count {
    std::uint32_t index;
    std::string values;
    std::uint64_t times;
};

struct run_result {
    std::uint64_t seed = 0;
    cli::verdict verdict = cli::verdict::passed;
    std::string message;
    std::string process;
    std::string place;
    std::int64_t virtual_ns = 0;
    std::uint64_t events = 0;
    std::string digest;
    std::string options;
    std::map<std::string, std::uint64_t> faults;
    std::vector<site_count> sites;
    std::vector<assertion_count> assertions;
    std::vector<each_count> each;
    std::vector<std::uint32_t> coverage;
    std::vector<std::string> tail;
    std::vector<std::pair<std::uint64_t, std::string>> checkpoints;  // (events so far, digest by then)

    // Not of the worker: what it wrote to stdout and stderr (crashes and the like only), and how long the run
    // took.
    std::string output;
    std::int64_t wall_us = 0;

    // Roughly, in memory.
    std::size_t bytes() const;
};

using worker_message =
    std::variant<hello_message, catalog_message, start_message, run_result, log_message, fault_message>;

class protocol_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Throws protocol_error.
worker_message parse_message(std::string_view line);

// The profile that leaves the choice to the simulation.
inline constexpr const char* own_profile = "own";

struct run_request {
    std::uint64_t seed = 0;
    std::vector<std::string> veto;
    std::string profile;
    bool log = false;
    bool faults = false;
};
std::string to_line(const run_request& request);
inline constexpr std::string_view skip_line = R"({"type":"skip"})";
inline constexpr std::string_view end_line = R"({"type":"end"})";

}  // namespace squall::cli

#endif  // SQUALL_CLI_PROTOCOL_H
