// What several verbs are told about their workers.
#include "worker_options.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include <unistd.h>

namespace squall::cli {

unsigned jobs_of(const std::string& text) {
    if (text.empty()) {
        return std::max(1u, std::thread::hardware_concurrency());
    }
    const auto value = parse_unsigned(text);
    if (!value || *value == 0 || *value > 1024) {
        throw error(
            fmt::format("--jobs: '{}' is not a number of worker processes (1 to 1024)", printable(text)));
    }
    return static_cast<unsigned>(*value);
}

std::uint64_t memory_limit_of(const std::string& text, unsigned jobs) {
    if (!text.empty()) {
        return text == "none" ? 0 : parse_size(text, "--memory-limit");
    }
    const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 4 * 3 / jobs;
}

}  // namespace squall::cli
