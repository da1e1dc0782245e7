// A process of a test: started, killed, and never left behind.
#ifndef BANK_CHILD_H
#define BANK_CHILD_H

#include <string>
#include <vector>

#include <sys/types.h>

namespace bank {

class child {
public:
    child() = default;
    // Its standard output is read by line(). It is killed when this goes, or when the test's process does.
    // Throws std::system_error.
    explicit child(const std::vector<std::string>& command);
    ~child() { kill(); }
    child(child&& other) noexcept;
    child& operator=(child&& other) noexcept;

    // The next line, without its end; waits for it. Empty where there is none any more.
    std::string line();
    // SIGKILL, and waits until it is gone.
    void kill();
    // SIGTERM, and waits until it is gone. Its exit code, or -1 for a signal.
    int stop();

private:
    int wait();
    pid_t pid_ = 0;
    int out_ = -1;
};

}  // namespace bank

#endif  // BANK_CHILD_H
