// Records for the space-time diagram.
#include "report_diagram.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

// Texts by number, in the order in which they came.
class text_table {
public:
    std::int64_t number(const json& event, const char* field) {
        const auto found = event.find(field);
        if (found == event.end() || !found->is_string()) {
            return -1;
        }
        const auto [at, is_new] = numbers_.try_emplace(found->get_ref<const std::string&>(),
                                                       static_cast<std::int64_t>(texts_.size()));
        if (is_new) {
            texts_.push_back(at->first);
        }
        return at->second;
    }
    json take() { return std::move(texts_); }

private:
    std::unordered_map<std::string, std::int64_t> numbers_;
    std::vector<std::string> texts_;
};

// The last lines of the record, and how many were before them.
struct last_events {
    std::deque<std::string> lines;
    std::uint64_t left_out = 0;
};

last_events read_lines(std::istream& record, std::size_t most) {
    last_events result;
    for (std::string line; std::getline(record, line);) {
        if (line.empty()) {
            continue;
        }
        result.lines.push_back(std::move(line));
        if (result.lines.size() > most) {
            result.lines.pop_front();
            ++result.left_out;
        }
    }
    return result;
}

// A directory that goes away with everything in it.
class temporary_directory {
public:
    temporary_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "squall-report-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw error(fmt::format("cannot make a directory for records ({}): {} (is TMPDIR writable?)",
                                    printable(pattern), std::strerror(errno)));
        }
        path_ = pattern;
    }
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    std::string file(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

// Runs this executable, its stdout and stderr into files; the exit code, or -1 if it was killed.
int run_self(const std::vector<std::string>& arguments, const std::string& out, const std::string& err) {
    std::vector<char*> words;
    for (const std::string& argument : arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t child = -1;
    const int problem = posix_spawn(&child, "/proc/self/exe", &files, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (problem != 0) {
        throw error(fmt::format("cannot start squall replay: {}", std::strerror(problem)));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string content_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> replay_arguments(const report_data& data, const report_cause& cause,
                                          const diagram_request& request, const std::string& record) {
    const simulation_name& simulation = data.simulations[cause.simulation].name;
    std::vector<std::string> words = {"squall",
                                      "replay",
                                      "--json",
                                      "--campaign",
                                      data.campaign,
                                      "--simulation",
                                      simulation.simulation,
                                      "--record",
                                      record,
                                      "--hang-timeout",
                                      request.hang_timeout,
                                      std::to_string(cause.seeds.front()),
                                      "--"};
    for (const std::string& word : request.command.empty() ? data.info.command : request.command) {
        if (!word.starts_with("--gtest_filter=")) {
            words.push_back(word);
        }
    }
    words.push_back("--gtest_filter=" + simulation.test);
    return words;
}

// Why a replay gives no diagram; empty if it does.
std::string why_not(const std::string& out, const std::string& err, const std::string& record) {
    const json told = json::parse(out, nullptr, false);
    if (!told.is_object()) {
        const std::vector<std::string> last = last_lines(err, 1);
        return last.empty() ? "squall replay ended without a word" : last.front();
    }
    if (told.value("same", json(nullptr)) == json(false)) {
        return "not the execution that the campaign recorded: " + told.value("difference", "");
    }
    if (!std::filesystem::exists(record)) {
        return fmt::format("the run did not come to its end, so it left no record ({}: {})",
                           told.value("verdict", ""), told.value("message", ""));
    }
    return "";
}

}  // namespace

json diagram_json(std::istream& record, std::size_t events_max) {
    last_events events = read_lines(record, events_max);
    text_table kinds;
    text_table processes;
    text_table texts;
    json t = json::array();
    json k = json::array();
    json p = json::array();
    json q = json::array();
    json x = json::array();
    json b = json::array();
    std::vector<std::int64_t> m;
    std::unordered_map<std::string, std::int64_t> sent;
    std::int64_t before = 0;
    std::uint64_t damaged = 0;
    for (const std::string& line : events.lines) {
        const json event = json::parse(line, nullptr, false);
        if (!event.is_object() || !event.contains("time_ns") || !event["time_ns"].is_number_integer() ||
            !event.contains("kind") || !event["kind"].is_string()) {
            ++damaged;
            continue;
        }
        const auto at = event["time_ns"].get<std::int64_t>();
        t.push_back(at - before);
        before = at;
        k.push_back(kinds.number(event, "kind"));
        p.push_back(processes.number(event, "process"));
        q.push_back(processes.number(event, "peer"));
        x.push_back(texts.number(event, "text"));
        b.push_back(event.contains("bytes") && event["bytes"].is_number_unsigned()
                        ? event["bytes"].get<std::uint64_t>()
                        : 0);
        const auto number = static_cast<std::int64_t>(m.size());
        m.push_back(-1);
        if (const auto message = event.find("message"); message != event.end() && message->is_string()) {
            const auto [first, is_new] = sent.try_emplace(message->get<std::string>(), number);
            if (!is_new) {
                m.back() = first->second;
                if (m[static_cast<std::size_t>(first->second)] < 0) {
                    m[static_cast<std::size_t>(first->second)] = number;
                }
            }
        }
    }
    const std::size_t count = m.size();
    return {{"events", count},
            {"left_out", events.left_out},
            {"damaged", damaged},
            {"kinds", kinds.take()},
            {"processes", processes.take()},
            {"texts", texts.take()},
            {"t", std::move(t)},
            {"k", std::move(k)},
            {"p", std::move(p)},
            {"q", std::move(q)},
            {"x", std::move(x)},
            {"b", std::move(b)},
            {"m", std::move(m)}};
}

json replay_diagram(const report_data& data, std::size_t cause, const diagram_request& request) {
    const report_cause& what = data.causes[cause];
    json result = {{"cause", cause}, {"seed", std::to_string(what.seeds.front())}};
    const temporary_directory files;
    const std::string record = files.file("record.jsonl");
    const int code =
        run_self(replay_arguments(data, what, request, record), files.file("out"), files.file("err"));
    if (code == exit_code::interrupted) {
        throw error("interrupted", exit_code::interrupted);
    }
    const std::string missing = why_not(content_of(files.file("out")), content_of(files.file("err")), record);
    if (!missing.empty()) {
        result["missing"] = missing;
        return result;
    }
    std::ifstream lines(record);
    result.update(diagram_json(lines));
    return result;
}

}  // namespace squall::cli
