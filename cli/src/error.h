// The one exception of the command: what main() prints as "squall: <what>", and the code it exits with.
#ifndef SQUALL_CLI_ERROR_H
#define SQUALL_CLI_ERROR_H

#include <stdexcept>
#include <string>

namespace squall::cli {

// Exit codes, the same for every verb where they apply. docs/reference/cli.md.
namespace exit_code {
inline constexpr int passed = 0;
inline constexpr int failed = 1;          // failing seeds
inline constexpr int usage = 2;           // usage or environment
inline constexpr int nondeterminism = 3;  // one seed, two executions
inline constexpr int unmet = 4;           // passed, but what --until-sometimes asked for was not reached
inline constexpr int interrupted = 130;   // results kept
}  // namespace exit_code

class error : public std::runtime_error {
public:
    explicit error(const std::string& what, int code = exit_code::usage)
        : std::runtime_error(what),
          code_(code) {}
    int code() const { return code_; }

private:
    int code_;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_ERROR_H
