// Runs the squall executable as a user would.
#include "command.h"

#include "sqlite.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace squall::cli::test {

namespace fs = std::filesystem;

namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

command_result squall_command(const std::vector<std::string>& arguments,
                              const std::map<std::string, std::string>& variables,
                              const std::function<void(pid_t)>& meanwhile) {
    std::vector<std::string> words = {SQUALL_EXECUTABLE};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        for (const char* name : {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", "SLURM_ARRAY_TASK_ID",
                                 "JOB_COMPLETION_INDEX", "SQUALL_OVERRIDES", "SQUALL_FAULTS"}) {
            unsetenv(name);
        }
        for (const auto& [name, value] : variables) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        const int out = open("stdout.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        const int err = open("stderr.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(126);
    }
    if (meanwhile) {
        meanwhile(child);
    }
    int status = 0;
    waitpid(child, &status, 0);
    command_result result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = contents("stdout.txt");
    result.err = contents("stderr.txt");
    return result;
}

std::vector<std::string> run_fake(std::vector<std::string> options, const std::vector<std::string>& fake) {
    options.insert(options.begin(), "run");
    options.insert(options.end(), {"--", FAKE_SIMULATION});
    options.insert(options.end(), fake.begin(), fake.end());
    return options;
}

std::string query(const std::string& file, const std::string& sql) {
    database db(file, database::mode::read_only);
    statement rows(db, sql);
    return rows.step() ? rows.text(0) : "";
}

int processes_with(const std::string& text) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos && name != std::to_string(getpid()) &&
            contents(entry.path() / "cmdline").find(text) != std::string::npos) {
            ++count;
        }
    }
    return count;
}

bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void in_directory::SetUp() {
    before_ = fs::current_path();
    std::string pattern = (fs::temp_directory_path() / "squall-cli-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    fs::current_path(directory_);
}

void in_directory::TearDown() {
    fs::current_path(before_);
    fs::remove_all(directory_);
}

}  // namespace squall::cli::test
