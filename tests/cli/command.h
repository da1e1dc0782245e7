// Runs the squall executable as a user would, in a directory of its own, and keeps what it said.
#ifndef SQUALL_TESTS_CLI_COMMAND_H
#define SQUALL_TESTS_CLI_COMMAND_H

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace squall::cli::test {

struct command_result {
    int exit_code = -1;  // 128 + signal if it was killed
    std::string out;
    std::string err;
    nlohmann::json json() const { return nlohmann::json::parse(out); }
};

// Starts squall in the current directory of the test; `meanwhile` is called with its process id.
command_result squall_command(const std::vector<std::string>& arguments,
                              const std::map<std::string, std::string>& variables = {},
                              const std::function<void(pid_t)>& meanwhile = {});

// "run", the options, and the fake simulation with its options.
std::vector<std::string> run_fake(std::vector<std::string> options,
                                  const std::vector<std::string>& fake = {});

// Value of a query of one column and row in a campaign file.
std::string query(const std::string& file, const std::string& sql);

// Number of processes whose command line contains the text.
int processes_with(const std::string& text);

// Waits until the condition holds; false if it does not within ten seconds.
bool eventually(const std::function<bool()>& condition);

// A test in an empty directory, where it leaves nothing.
class in_directory : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

private:
    std::string directory_;
    std::string before_;
};

}  // namespace squall::cli::test

#endif  // SQUALL_TESTS_CLI_COMMAND_H
