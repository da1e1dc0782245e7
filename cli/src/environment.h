// What workers inherit by way of this process's environment.
#ifndef SQUALL_CLI_ENVIRONMENT_H
#define SQUALL_CLI_ENVIRONMENT_H

#include <cstdlib>
#include <string>

namespace squall::cli {

// Not set and empty are the same to a worker.
inline void set_variable(const char* name, const std::string& text) {
    if (text.empty()) {
        unsetenv(name);
    } else {
        setenv(name, text.c_str(), 1);
    }
}

}  // namespace squall::cli

#endif  // SQUALL_CLI_ENVIRONMENT_H
