// Failing seeds run again for their diagrams.
#include "report_diagram.h"

#include "error.h"
#include "report_events.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

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
                                      std::to_string(cause.seeds.front())};
    if (!request.memory_limit.empty()) {
        words.insert(words.end(), {"--memory-limit", request.memory_limit});
    }
    words.emplace_back("--");
    for (const std::string& word : request.command.empty() ? data.info.command : request.command) {
        if (!word.starts_with("--gtest_filter=")) {
            words.push_back(word);
        }
    }
    words.push_back("--gtest_filter=" + simulation.test);
    return words;
}

// Why a replay gives no diagram; empty if it does. Its own words are on the last line of stderr, behind the
// program's.
std::string why_not(const json& told, const std::string& err) {
    if (!told.is_object()) {
        const std::vector<std::string> last = last_lines(err, 1);
        return last.empty() ? "squall replay ended without a word" : last.front();
    }
    if (told.value("same", json(nullptr)) == json(false)) {
        return "not the execution that the campaign recorded: " + told.value("difference", "");
    }
    return "";
}

}  // namespace

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
    const json told = json::parse(content_of(files.file("out")), nullptr, false);
    const std::string missing = why_not(told, content_of(files.file("err")));
    if (!missing.empty()) {
        result["missing"] = missing;
        return result;
    }
    std::ifstream lines(record);
    result.update(events_of_record(lines));
    if (result["events"] == 0) {
        return {
            {"cause", cause},
            {"seed", result["seed"]},
            {"missing", "the worker told of no events (was the test binary built with an older squall?)"}};
    }
    if (what.tail.empty()) {
        result["tail"] = told.value("tail", json::array());
    }
    return result;
}

}  // namespace squall::cli
