// The real worlds: each is a context of Boost.Asio's with the machine's network and a directory under /tmp.
#ifndef SQUALL_TESTS_PROVIDERS_REAL_WORLD_H
#define SQUALL_TESTS_PROVIDERS_REAL_WORLD_H

#include "contract.h"

#include <string>
#include <vector>

namespace squall::contract {

// A directory of its own, removed with what is in it.
class scratch_directory {
public:
    scratch_directory();
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory();
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

// An io_context, a strand on one, and a thread_pool.
std::vector<world_kind> real_worlds();

}  // namespace squall::contract

#endif  // SQUALL_TESTS_PROVIDERS_REAL_WORLD_H
