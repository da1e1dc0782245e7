// A program that looks to squall like a GoogleTest binary with simulations, and misbehaves on demand.
//
// It needs neither GoogleTest nor the simulator: it answers --gtest_list_tests, obeys --gtest_filter for
// whole names, and speaks the worker protocol. What a seed does is told by arguments, each
// "--WHAT=SEED[,SEED...]" or "--WHAT=%N+R" for the seeds that leave R when divided by N: fail, fail2, segv,
// needs (twelve faults, of which the third and the eighth make it fail; without the fifth there is a
// thirteenth), needs-crash (the same ends in abort()), abort, asan, hang, exit, eat, garbage, random, throw,
// log-for-ever, orphan, say. Others:
// --tests=N (that many tests with a simulation each, default 1), --no-simulation, --slow-us=N, --rare=SEED
// (the seed that makes the rare sometimes true; default none), --die-at-start, --child (a process of its
// own), --protocol=N, --print-args,
// --note-pid=FILE (in which each run appends its process), --parts-at=N (checkpoints and digest are others
// from event N on), --catalog-error=TEXT,
// --override-error=TEXT[@Suite.Name] (of that test alone), --record-from=FILE (what a logged run
// tells, as JSON Lines).
// --eat-mib=N (how much `eat` takes, default 512).
// SQUALL_FAULTS is in the options and the digest of a run; a "no_such" in it is an error.
#include "stack_on_quit.h"

#include <algorithm>
#include <cinttypes>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace {

std::map<std::string, std::string> options;
FILE* from_squall = nullptr;
FILE* to_squall = nullptr;

std::uint64_t number(const std::string& text) {
    return std::strtoull(text.c_str(), nullptr, 10);
}

bool applies(const char* what, std::uint64_t seed) {
    const auto found = options.find(what);
    if (found == options.end()) {
        return false;
    }
    const std::string& rule = found->second;
    if (rule.starts_with('%')) {
        return seed % number(rule.substr(1)) == number(rule.substr(rule.find('+') + 1));
    }
    for (std::size_t at = 0; at < rule.size();) {
        const std::size_t comma = std::min(rule.find(',', at), rule.size());
        if (number(rule.substr(at, comma - at)) == seed) {
            return true;
        }
        at = comma + 1;
    }
    return false;
}

// The option as a text of JSON, if it is given and for this test.
std::string quoted_option(const char* what, const std::string& test) {
    const auto found = options.find(what);
    if (found == options.end()) {
        return "";
    }
    const std::string& text = found->second;
    const std::size_t at = std::min(text.find('@'), text.size());
    if (at < text.size() && text.substr(at + 1) != test) {
        return "";
    }
    return "\"" + text.substr(0, at) + "\"";
}

std::string fault_changes() {
    const char* text = std::getenv("SQUALL_FAULTS");
    return text == nullptr ? "" : text;
}

std::string override_errors(const std::string& test) {
    if (fault_changes().find("no_such") != std::string::npos) {
        return "\"SQUALL_FAULTS: no fault value is called 'no_such'\"";
    }
    return quoted_option("override-error", test);
}

std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// What a stack of a wedged run is to name. A process-directed signal finds it in pause().
[[gnu::noinline]] void wedged_for_ever() {
    for (;;) {
        pause();
    }
}

void misbehave(std::uint64_t seed) {
    if (applies("say", seed)) {
        std::printf("the program says something about seed %" PRIu64 "\n", seed);
        std::fflush(stdout);
    }
    if (applies("segv", seed)) {
        std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's runtime would make an exit of it
        std::raise(SIGSEGV);
    }
    if (applies("abort", seed)) {
        std::fprintf(
            stderr,
            "fake_simulation: /src/kv/log.cpp:88: void kv::log::append(): Assertion `size > 0' failed.\n");
        std::abort();
    }
    if (applies("throw", seed)) {
        throw std::runtime_error("no such key");
    }
    if (applies("asan", seed)) {
        std::fprintf(
            stderr,
            "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1\n"
            "SUMMARY: AddressSanitizer: heap-use-after-free /src/kv/store.cpp:12:5 in kv::store::get\n");
        std::_Exit(1);
    }
    if (applies("hang", seed)) {
        wedged_for_ever();
    }
    if (applies("exit", seed)) {
        std::_Exit(7);
    }
    if (applies("orphan", seed)) {
        if (fork() == 0) {
            for (;;) {
                pause();
            }
        }
        std::raise(SIGKILL);
    }
    if (applies("log-for-ever", seed)) {
        for (;;) {
            std::fprintf(to_squall, "{\"type\":\"log\",\"event\":{\"time_ns\":5,\"kind\":\"sync\"}}\n");
        }
    }
    if (applies("eat", seed)) {
        // As fast as it can up to more than any test allows, and then no more: the machine is to survive.
        constexpr std::size_t piece = std::size_t{16} << 20;
        const std::size_t mib = options.contains("eat-mib") ? number(options["eat-mib"]) : 512;
        static char* volatile kept = nullptr;  // so that no compiler leaves it out
        for (std::size_t eaten = 0; eaten < mib; eaten += piece >> 20) {
            kept = static_cast<char*>(std::malloc(piece));
            std::memset(kept, 1, piece);
        }
        wedged_for_ever();
    }
    if (applies("garbage", seed)) {
        std::fprintf(to_squall, "what is this? \x1b[31m\n");
        std::fflush(to_squall);
        pause();
    }
}

// Where a debugger stops, as in the simulator.
extern "C" [[gnu::noinline]] void squall_failed(const char* message) {
    asm volatile("" : : "r"(message) : "memory");
}

// The faults of a run that needs some to fail: told if that was asked for. Whether it fails.
bool has_needed_faults(std::uint64_t seed, const std::string& line) {
    const auto happens = [&](int fault) {
        char id[32];
        std::snprintf(id, sizeof id, "\"00000000000000%02x\"", static_cast<unsigned>(fault));
        if (line.find(id) != std::string::npos) {
            return false;
        }
        if (line.find("\"faults\":true") != std::string::npos) {
            std::fprintf(to_squall,
                         "{\"type\":\"fault\",\"id\":%s,\"kind\":\"%s\",\"process\":\"server/%d\","
                         "\"time_ns\":%d000000,\"detail\":\"of seed %" PRIu64 "\"}\n",
                         id, fault % 4 == 0 ? "crash" : "clog", fault % 3, fault, seed);
        }
        return true;
    };
    bool third = false;
    bool fifth = false;
    bool eighth = false;
    for (int fault = 1; fault <= 12; ++fault) {
        const bool there = happens(fault);
        third = third || (fault == 3 && there);
        fifth = fifth || (fault == 5 && there);
        eighth = eighth || (fault == 8 && there);
    }
    if (!fifth) {
        happens(13);
    }
    std::fflush(to_squall);
    return third && eighth;
}

// What a run that is logged tells as it goes.
void log_events(std::uint64_t seed) {
    std::vector<std::string> events;
    if (const auto from = options.find("record-from"); from != options.end()) {
        std::ifstream source(from->second, std::ios::binary);
        for (std::string text; std::getline(source, text);) {
            events.push_back(text);
        }
    } else {
        for (int i = 0; i < 3; ++i) {
            const int number = i == 2 && applies("random", seed) ? static_cast<int>(getpid()) : i;
            events.push_back("{\"time_ns\":" + std::to_string(i * 1'000'000) +
                             ",\"kind\":\"log\",\"process\":\"client-1\",\"text\":\"event " +
                             std::to_string(number) + " of seed " + std::to_string(seed) + "\"}");
        }
    }
    for (const std::string& event : events) {
        std::fprintf(to_squall, "{\"type\":\"log\",\"event\":%s%s}\n", event.c_str(),
                     &event == &events.front() ? ",\"first\":true" : "");
    }
    std::fflush(to_squall);
}

void run_seed(std::uint64_t seed, const std::string& line) {
    std::fprintf(to_squall, "{\"type\":\"start\",\"seed\":%" PRIu64 "}\n", seed);
    std::fflush(to_squall);
    if (options.contains("slow-us")) {
        usleep(static_cast<useconds_t>(number(options["slow-us"])));
    }
    if (options.contains("note-pid")) {
        std::FILE* notes = std::fopen(options["note-pid"].c_str(), "a");
        std::fprintf(notes, "%d\n", static_cast<int>(getpid()));
        std::fclose(notes);
    }
    if (line.find("\"log\":true") != std::string::npos) {
        log_events(seed);
    }
    misbehave(seed);
    const std::string faults = fault_changes();
    const bool vetoed = line.find("\"00000000000000f1\"") != std::string::npos;
    const bool calm = line.find("\"profile\":\"calm\"") != std::string::npos;
    const bool fails = (!vetoed && !calm && applies("fail", seed)) ||
                       (applies("needs", seed) && has_needed_faults(seed, line));
    if (applies("needs-crash", seed) && has_needed_faults(seed, line)) {
        std::abort();
    }
    if (fails) {
        squall_failed("an acknowledged write is found again");
    }
    const bool fails2 = applies("fail2", seed);
    const std::uint64_t digest =
        mix(seed + (calm ? 7 : 0) + (vetoed ? 9 : 0) + 11 * faults.size() + options.contains("parts-at")) ^
        (applies("random", seed) ? static_cast<std::uint64_t>(getpid()) : 0);
    std::string checkpoints;  // the digest by then is the number, until the runs part
    for (std::uint64_t event = 8; (fails || fails2) && event <= 40; event *= 2) {
        const bool parted = options.contains("parts-at") && event >= number(options["parts-at"]);
        char text[64];
        std::snprintf(text, sizeof text, "%s[%" PRIu64 ",\"%016" PRIx64 "\"]", checkpoints.empty() ? "" : ",",
                      event, parted ? event + 1 : event);
        checkpoints += text;
    }
    const char* verdict = fails ? "assertion" : fails2 ? "check" : "passed";
    const char* message = fails ? "an acknowledged write is found again" : fails2 ? "replicas agree" : "";
    std::fprintf(to_squall,
                 "{\"type\":\"result\",\"seed\":%" PRIu64
                 ",\"verdict\":\"%s\",\"message\":\"%s\",\"process\":\"%s\",\"place\":\"%s\","
                 "\"virtual_ns\":1500000000,\"events\":42,\"digest\":\"%016" PRIx64
                 "\",\"faults\":{\"crash\":%d,\"clog\":1},"
                 "\"options\":\"loss=0.1 "
                 "faults=%s\",\"sites\":[[1,4,%d,%d]],\"assertions\":[[2,1,0],[3,%d,1],[4,%d,%d]],"
                 "\"coverage\":[5],\"tail\":[\"0.000 boot\",\"1.500 end of seed %" PRIu64
                 "\"],\"checkpoints\":[%s]}\n",
                 seed, verdict, message, fails ? "client-1" : "", fails ? "kv/client.cpp:31" : "", digest,
                 seed % 3 == 0 ? 1 : 0, faults.c_str(), seed % 2 == 0 ? 1 : 0, seed % 4 == 0 ? 1 : 0,
                 applies("rare", seed) ? 1 : 0, fails ? 0 : 1, fails ? 1 : 0, seed, checkpoints.c_str());
    std::fflush(to_squall);
}

// What squall::simulation::run() does where squall drives it.
void simulate(const std::string& test) {
    const std::string protocol = options.contains("protocol") ? options["protocol"] : "1";
    std::fprintf(to_squall,
                 "{\"type\":\"hello\",\"protocol\":%s,\"test\":\"%s\",\"simulation\":\"kv\",\"seeds\":50}\n",
                 protocol.c_str(), test.c_str());
    std::fprintf(
        to_squall,
        "{\"type\":\"catalog\",\"records\":["
        "{\"index\":1,\"id\":\"00000000000000a1\",\"kind\":\"error-return\",\"rule\":\"error-return\","
        "\"file\":\"kv/log.cpp\",\"line\":12,\"function\":\"kv::log::sync\",\"detail\":\"return errc\"},"
        "{\"index\":2,\"id\":\"00000000000000a2\",\"kind\":\"sometimes\",\"rule\":\"sometimes\",\"file\":"
        "\"kv/client.cpp\",\"line\":20,\"function\":\"\",\"detail\":\"a client retried\"},"
        "{\"index\":3,\"id\":\"00000000000000a3\",\"kind\":\"sometimes\",\"rule\":\"sometimes\",\"file\":"
        "\"kv/client.cpp\",\"line\":25,\"function\":\"\",\"detail\":\"the rare thing\"},"
        "{\"index\":4,\"id\":\"00000000000000a4\",\"kind\":\"always\",\"rule\":\"always\",\"file\":\"kv/"
        "client.cpp\",\"line\":31,\"function\":\"\",\"detail\":\"an acknowledged write is found again\"},"
        "{\"index\":5,\"id\":\"00000000000000a5\",\"kind\":\"coverage\",\"rule\":\"coverage\",\"file\":\"kv/"
        "log.cpp\",\"line\":11,\"function\":\"kv::log::sync\",\"detail\":\"entry\"},"
        "{\"index\":6,\"id\":\"00000000000000a6\",\"kind\":\"reachable\",\"rule\":\"reachable\",\"file\":"
        "\"kv/server.cpp\",\"line\":77,\"function\":\"\",\"detail\":\"a backup took over\"}"
        "],\"errors\":[%s],\"override_errors\":[%s]}\n",
        quoted_option("catalog-error", test).c_str(), override_errors(test).c_str());
    std::fflush(to_squall);
    char* line = nullptr;
    std::size_t size = 0;
    ssize_t length = 0;
    bool going = true;
    while (going && (length = getline(&line, &size, from_squall)) > 0) {
        const std::string text(line, static_cast<std::size_t>(length));
        const std::size_t seed = text.find("\"seed\":");
        if (text.find("\"type\":\"run\"") == std::string::npos || seed == std::string::npos) {
            going = false;
        } else {
            run_seed(std::strtoull(text.c_str() + seed + 7, nullptr, 10), text);
        }
    }
    std::free(line);
}

}  // namespace

int main(int argc, char** argv) {
    std::string filter = "*";
    bool list = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument.starts_with("--gtest_filter=")) {
            filter = argument.substr(argument.find('=') + 1);
        } else if (argument == "--gtest_list_tests") {
            list = true;
        } else if (argument.starts_with("--")) {
            const std::size_t equals = std::min(argument.find('='), argument.size());
            options[std::string(argument.substr(2, equals - 2))] =
                equals < argument.size() ? std::string(argument.substr(equals + 1)) : "";
        }
    }
    const std::uint64_t tests = options.contains("tests") ? number(options["tests"]) : 1;
    if (list) {
        std::printf("Fake.\n");
        for (std::uint64_t i = 1; i <= tests; ++i) {
            std::printf("  Test%" PRIu64 "\n", i);
        }
        return 0;
    }
    if (options.contains("print-args")) {
        for (int i = 1; i < argc; ++i) {
            std::fprintf(stderr, "argument: %s\n", argv[i]);
        }
    }
    if (const char* in = std::getenv("SQUALL_WORKER_IN");
        in != nullptr && !options.contains("no-simulation")) {
        from_squall = fdopen(std::atoi(in), "r");
        to_squall = fdopen(std::atoi(std::getenv("SQUALL_WORKER_OUT")), "w");
        squall::simulator::stack_on_quit();
    }
    for (std::uint64_t i = 1; to_squall != nullptr && i <= tests; ++i) {
        const std::string name = "Fake.Test" + std::to_string(i);
        if (filter == "*" || filter == name) {
            if (options.contains("child") && filter != "*" && fork() == 0) {
                wedged_for_ever();
            }
            if (options.contains("die-at-start") && filter != "*") {
                std::fprintf(stderr, "cannot open the database of tests\n");
                return 9;
            }
            simulate(name);
        }
    }
    return 0;
}
