// What several verbs are told about their workers: how many there are, and what each may hold.
#ifndef SQUALL_CLI_WORKER_OPTIONS_H
#define SQUALL_CLI_WORKER_OPTIONS_H

#include <cstdint>
#include <string>

namespace squall::cli {

// --jobs: one for each core where it says nothing. Throws error.
unsigned jobs_of(const std::string& text);

// --memory-limit, in bytes of one worker; 0 for "none". Where it says nothing all workers together stay
// within three quarters of the machine. Throws error.
std::uint64_t memory_limit_of(const std::string& text, unsigned jobs);

}  // namespace squall::cli

#endif  // SQUALL_CLI_WORKER_OPTIONS_H
